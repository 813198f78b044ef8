"""A target through time: the days of a series, 同比 and 环比, and each point judged by what was wanted on it."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from targets.choices import Interval, State
from targets.models import Revision, Target
from targets.series import Point, before, change, last_days, series, year_before
from targets.standings import targets_of
from tests.factories import designation, district, enterprise, relocation, scheme, statistic, target_with_rule

D = dt.date
MONTH, QUARTER, YEAR = Interval.MONTH, Interval.QUARTER, Interval.YEAR


@pytest.mark.parametrize(
    ("first", "last", "interval", "days"),
    [
        # whole months; February of a leap year
        (D(2024, 1, 31), D(2024, 3, 31), MONTH, [D(2024, 1, 31), D(2024, 2, 29), D(2024, 3, 31)]),
        # from within a month to within a month: the last one ends on the day asked about
        (D(2024, 1, 15), D(2024, 3, 5), MONTH, [D(2024, 1, 31), D(2024, 2, 29), D(2024, 3, 5)]),
        # over new year
        (D(2023, 12, 1), D(2024, 1, 1), MONTH, [D(2023, 12, 31), D(2024, 1, 1)]),
        # one day alone, within a month and at its end
        (D(2024, 2, 10), D(2024, 2, 10), MONTH, [D(2024, 2, 10)]),
        (D(2024, 2, 29), D(2024, 2, 29), MONTH, [D(2024, 2, 29)]),
        (D(2023, 11, 1), D(2024, 4, 1), QUARTER, [D(2023, 12, 31), D(2024, 3, 31), D(2024, 4, 1)]),
        (D(2024, 4, 1), D(2024, 9, 30), QUARTER, [D(2024, 6, 30), D(2024, 9, 30)]),
        (D(2020, 12, 31), D(2022, 6, 30), YEAR, [D(2020, 12, 31), D(2021, 12, 31), D(2022, 6, 30)]),
    ],
)
def test_last_days(first: dt.date, last: dt.date, interval: Interval, days: list[dt.date]) -> None:
    assert last_days(first, last, interval) == days


@pytest.mark.parametrize(
    ("day", "then"),
    [
        (D(2023, 6, 15), D(2022, 6, 15)),
        # the last day of a month is compared with the last day
        (D(2025, 2, 28), D(2024, 2, 29)),
        (D(2024, 2, 29), D(2023, 2, 28)),
        # the day before it is not
        (D(2024, 2, 28), D(2023, 2, 28)),
        (D(2025, 2, 27), D(2024, 2, 27)),
        (D(2024, 12, 31), D(2023, 12, 31)),
        (D(2024, 1, 1), D(2023, 1, 1)),
    ],
)
def test_year_before(day: dt.date, then: dt.date) -> None:
    assert year_before(day) == then


@pytest.mark.parametrize(
    ("day", "interval", "then"),
    [
        (D(2024, 3, 31), MONTH, D(2024, 2, 29)),
        (D(2023, 3, 1), MONTH, D(2023, 2, 28)),
        (D(2024, 1, 31), MONTH, D(2023, 12, 31)),
        # a period that is not over is compared with the last one that is
        (D(2024, 3, 5), MONTH, D(2024, 2, 29)),
        (D(2024, 5, 10), QUARTER, D(2024, 3, 31)),
        (D(2024, 6, 30), QUARTER, D(2024, 3, 31)),
        (D(2024, 2, 1), QUARTER, D(2023, 12, 31)),
        (D(2024, 12, 31), YEAR, D(2023, 12, 31)),
        (D(2024, 1, 1), YEAR, D(2023, 12, 31)),
    ],
)
def test_before(day: dt.date, interval: Interval, then: dt.date) -> None:
    assert before(day, interval) == then


@pytest.mark.parametrize(
    ("unit", "earlier", "later", "difference", "share"),
    [
        ("家", "4", "5", "1", "0.25"),
        ("家", "5", "4", "-1", "-0.2"),
        ("家", "4", "4", "0", "0"),
        # of nothing there is no share
        ("家", "0", "3", "3", None),
        # percentages differ by percentage points
        ("%", "40", "43", "3", None),
    ],
)
def test_changes(unit: str, earlier: str, later: str, difference: str, share: str | None) -> None:
    found = change(_standing(earlier, unit), _standing(later, unit))
    assert found is not None
    assert (found.value, found.difference) == (Decimal(earlier), Decimal(difference))
    assert found.share == (Decimal(share) if share is not None else None)


@pytest.mark.parametrize(("earlier", "later"), [(None, "3"), ("3", None), (None, None)])
def test_without_one_of_two_values_there_is_no_change(earlier: str | None, later: str | None) -> None:
    assert change(_standing(earlier), _standing(later)) is None


def _standing(value: str | None, unit: str = "家") -> Any:
    return SimpleNamespace(value=Decimal(value) if value else None, target=SimpleNamespace(unit=unit))


# Of facts


@pytest.fixture
def green(db: None) -> Target:
    """One factory of 2022 that moved from Wujin to Liyang in 2024, one of 2023 whose term ends on 30 June 2024."""
    moved = enterprise("甲厂", district=district("320481"))
    relocation(moved, D(2024, 5, 1), district("320412"), district("320481"))
    designation(moved, D(2022, 6, 1))
    designation(enterprise("乙厂", district=district("320412")), D(2023, 7, 1), valid_to=D(2024, 6, 30))
    made = target_with_rule("green", schemes=(scheme(),), value=Decimal(4))
    return targets_of(made.plan).get(code="green")


def values(points: list[Point]) -> list[tuple[dt.date, Any, Any, Any]]:
    def of(one: Any) -> Any:
        return one and one.difference

    return [
        (one.standing.reading.as_of, one.standing.value, of(one.year_on_year), of(one.on_last))
        for one in points
    ]


def test_points_with_their_changes(green: Target) -> None:
    found = series(green, D(2024, 3, 31), D(2024, 7, 1), Interval.QUARTER)
    assert values(found) == [
        (D(2024, 3, 31), 2, 1, 0),
        # the last day of the term counts
        (D(2024, 6, 30), 2, 1, 0),
        # the quarter has begun; a year before, the second had just been granted
        (D(2024, 7, 1), 1, -1, -1),
    ]


def test_of_an_area(green: Target) -> None:
    wujin = district("320412")
    found = series(green, D(2024, 4, 30), D(2024, 7, 31), Interval.MONTH, district=wujin)
    assert [(day, value) for day, value, *_ in values(found)] == [
        (D(2024, 4, 30), 2),
        (D(2024, 5, 31), 1),
        (D(2024, 6, 30), 1),
        (D(2024, 7, 31), 0),
    ]
    # the city's reading stands behind each of them
    assert [one.standing.reading.value for one in found] == [2, 2, 2, 1]


def test_each_point_is_judged_by_what_was_wanted_then(green: Target) -> None:
    Revision.objects.create(
        target=green, day=D(2024, 6, 1), value_before=Decimal(2), comparator_before="gte", reason="中期调整"
    )
    green = targets_of(green.plan).get(code="green")
    found = series(green, D(2024, 5, 31), D(2024, 6, 30), Interval.MONTH)
    assert [(one.standing.terms.value, one.standing.verdict.state == State.REACHED) for one in found] == [
        (2, True),
        (4, False),
    ]


def test_what_is_not_known_has_no_change(db: None) -> None:
    made = statistic("trained", D(2023, 12, 31), "1200")
    target = target_with_rule("trained", feed="statistic", series=made.series, value=Decimal(2000))
    found = series(targets_of(target.plan).get(), D(2023, 11, 30), D(2024, 1, 31), Interval.MONTH)
    assert values(found) == [
        (D(2023, 11, 30), None, None, None),
        (D(2023, 12, 31), 1200, None, None),
        (D(2024, 1, 31), 1200, None, 0),
    ]


def test_a_long_series_asks_no_more_than_a_point(green: Target) -> None:
    def queries(first: dt.date, interval: Interval) -> int:
        with CaptureQueriesContext(connection) as caught:
            series(green, first, D(2025, 12, 31), interval)
        return len(caught)

    assert queries(D(2015, 1, 31), Interval.MONTH) == queries(D(2025, 12, 31), Interval.YEAR)
