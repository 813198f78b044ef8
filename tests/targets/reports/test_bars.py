"""Lengths of the small bars; the target is at 100, the end of the drawing at 120."""

from decimal import Decimal

import pytest

from targets.reports.bars import Bar, bar, lengths, pieces


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
