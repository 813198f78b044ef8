"""What runs out within a year, and what that does to a target (到期断崖).

If nothing is renewed, the number of a coming day is what the facts of today give for that day: terms end by themselves,
so that it is measured as any other. All renewed, it stays; with the usual share it lies between.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from targets.choices import Feed, Interval
from targets.measure.reviews import share_passed
from targets.models import Target
from targets.reports.pictures import Picture, Series
from targets.reports.question import LAST_DAY, Question
from targets.reports.rows import Row
from targets.series import last_days
from targets.standings import Standing, course


@dataclass(frozen=True)
class Lapses:
    """The numbers a year ahead; `share` is that of passed re-reviews, None where there were none."""

    last: dt.date
    now: Decimal
    none_renewed: Decimal
    usual: Decimal | None
    share: Decimal | None
    reviews: int
    target: Decimal
    picture: Picture

    @property
    def lost(self) -> Decimal:
        return self.now - self.none_renewed


def year_ahead(day: dt.date) -> list[dt.date]:
    """The day itself, the ends of the months after it, and the same day a year later."""
    last = day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
    return [day, *last_days(day + dt.timedelta(days=1), last, Interval.MONTH)]


def days_ahead(target: Target, question: Question) -> list[dt.date]:
    """The days on which the number of a target is looked at ahead; none where it is no stock of titles."""
    if target.rule.feed != Feed.STOCK or question.day.year + 2 > LAST_DAY.year:
        return []
    return year_ahead(question.day)


def lapses(row: Row, question: Question) -> Lapses | None:
    """None where the number is no stock of titles, or nothing of it runs out."""
    standing = row.standing
    days = days_ahead(standing.target, question)
    if not days:
        return None
    ahead = course(standing.target, days, district=question.district)
    values = [_own(one) for one in ahead]
    now, last = values[0], values[-1]
    if now is None or last is None or min(value for value in values if value is not None) >= now:
        return None
    share, reviews = share_passed([term.id for term in standing.spec.schemes], question.day)
    usual = [None if share is None else _between(now, value, share) for value in values]
    series = [
        Series(_("All renewed"), [now] * len(days), muted=True),
        Series(_("None renewed"), values, kind="step"),
    ]
    if share is not None:
        series.insert(1, Series(_("Usual share renewed"), usual, kind="step"))
    wanted = standing.terms.value if question.district is None else None
    labels = [str(day) for day in days]
    picture = Picture(_("Within a year"), standing.target.unit, labels, series, target=wanted)
    return Lapses(days[-1], now, last, usual[-1], share, reviews, standing.terms.value, picture)


def _own(standing: Standing) -> Decimal | None:
    """The registry's own number: what was published says nothing of days to come."""
    reading, district = standing.reading, standing.district
    return reading.registry.value if district is None else reading.by_district.get(district.pk)


def _between(now: Decimal, value: Decimal | None, share: Decimal) -> Decimal | None:
    return None if value is None else min(now, value + (now - value) * share)
