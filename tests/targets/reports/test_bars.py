"""Lengths of the small bars; the target is at 100, the end of the drawing at 120."""

import datetime as dt
from decimal import Decimal

import pytest

from targets.reports.bars import Bar, Spark, bar, lengths, pieces, spark


@pytest.mark.parametrize(
    ("values", "target", "drawn"),
    [
        ([None, None], 10, None),
        ([None, 5], 10, None),
        # from the lower left to half the height, the target at the top
        ([0, 5], 10, Spark("M2 16L58 9", ("58", "9"), "2")),
        # beyond the target the value is the highest
        ([0, 20], 10, Spark("M2 16L58 2", ("58", "2"), "9")),
        # what is not known has no place, what lies below 0 stays in the box
        ([None, 5, -5], 10, Spark("M30 9L58 16", ("58", "16"), "2")),
    ],
)
def test_the_small_picture_of_a_course(values: list[int | None], target: int, drawn: Spark | None) -> None:
    days = [dt.date(2021, 1, 1) + dt.timedelta(days=10 * place) for place in range(len(values))]
    points = [
        (day, None if value is None else Decimal(value)) for day, value in zip(days, values, strict=True)
    ]
    assert spark(points, Decimal(target)) == drawn


def fraction(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(
    ("completion", "expected", "share", "drawn"),
    [
        (None, "1", None, Bar(None, "100")),
        ("0", "0", None, Bar("0", "0")),
        ("0.8", "0.4", None, Bar("80", "40")),
        ("0.8123", "0.4", "0.25", Bar("81.2", "40", "20.3")),
        ("1.2", "1", None, Bar("120", "100")),
        # what does not fit is cut and ends in an arrow; the area's part is cut with it
        ("2.43", "1", "0.6", Bar("120", "100", "120", beyond=True)),
        # a sum may be negative; a bar is not
        ("-0.1", "0.5", None, Bar("0", "50")),
    ],
)
def test_bar(completion: str | None, expected: str, share: str | None, drawn: Bar) -> None:
    assert bar(fraction(completion), Decimal(expected), fraction(share)) == drawn


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], []),
        ([None, None], [None, None]),
        (["0", None], [None, None]),
        (["4", "1", None, "0"], ["100", "25", None, "0"]),
    ],
)
def test_lengths(values: list[str | None], drawn: list[str | None]) -> None:
    assert lengths([fraction(value) for value in values], 100) == drawn


def test_pieces_fill_the_bar() -> None:
    assert pieces([1, 0, 3], 1000) == [("0", "250"), ("250", "0"), ("250", "750")]
    assert pieces([0, 0], 1000) == [("0", "0"), ("0", "0")]
