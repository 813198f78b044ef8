"""A target through time: on the last day of each month, quarter or year, with 同比 and 环比."""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from registry.models import District
from targets.choices import Interval
from targets.models import Target
from targets.standings import Standing, course

MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}


@dataclass(frozen=True)
class Change:
    """From an earlier value to a later one: the difference in the target's unit, and its share of the earlier one.

    A share of nothing is None; so is that of a percentage, whose change is told in percentage points.
    """

    value: Decimal
    difference: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Point:
    """A target on one day of a series, with its change from a year before (同比) and from the point before (环比)."""

    standing: Standing
    year_on_year: Change | None
    on_last: Change | None


def series(
    target: Target, first: dt.date, last: dt.date, interval: Interval, *, district: District | None = None
) -> list[Point]:
    """The points from a day to a day; a period that is not over by `last` ends there."""
    days = last_days(first, last, interval)
    compared = {day for one in days for day in (year_before(one), before(one, interval))}
    at = {one.reading.as_of: one for one in course(target, {*days, *compared}, district=district)}
    return [
        Point(at[day], change(at[year_before(day)], at[day]), change(at[before(day, interval)], at[day]))
        for day in days
    ]


def last_days(first: dt.date, last: dt.date, interval: Interval) -> list[dt.date]:
    """The last days of the periods that end from `first` on, and `last` for the period that it lies in."""
    return [min(end, last) for end in _ends(first, last, MONTHS[interval])]


def _ends(first: dt.date, last: dt.date, months: int) -> Iterator[dt.date]:
    end = end_of_period(first, months)
    while True:
        yield end
        if end >= last:
            return
        end = end_of_period(end + dt.timedelta(days=1), months)


def end_of_period(day: dt.date, months: int) -> dt.date:
    """The last day of the month, quarter or year (1, 3 or 12 months) in which a day lies."""
    month = -(-day.month // months) * months
    return dt.date(day.year, month, calendar.monthrange(day.year, month)[1])


def year_before(day: dt.date) -> dt.date:
    """The same day of the year before; of the last day of a month the last day."""
    length = calendar.monthrange(day.year - 1, day.month)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return dt.date(day.year - 1, day.month, length if is_last else min(day.day, length))


def before(day: dt.date, interval: Interval) -> dt.date:
    """The last day of the period before that of a day."""
    months = MONTHS[interval]
    first_month = end_of_period(day, months).month - months + 1
    return dt.date(day.year, first_month, 1) - dt.timedelta(days=1)


def change(earlier: Standing, later: Standing) -> Change | None:
    """None where one of the two is not known."""
    if earlier.value is None or later.value is None:
        return None
    difference = later.value - earlier.value
    has_share = earlier.value and later.target.unit != "%"
    return Change(earlier.value, difference, difference / earlier.value if has_share else None)
