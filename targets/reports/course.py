"""The page of a target through time (走势)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _

from registry.models import District
from targets.choices import Interval
from targets.models import Plan, Target
from targets.reports import bars, charts, words
from targets.reports.question import BadQuestion, Question, day_of
from targets.rules import ADDITIVE
from targets.series import Point, before, last_days, series, year_before
from targets.standings import known_targets, standings_on

OWN = ("from", "step", "areas")
MAX_POINTS = 240
MAX_YEARS = 20
USUAL = Interval.QUARTER
WIDE, NARROW = (1120, 320), (310, 230)


@dataclass(frozen=True)
class Wish:
    """From which day on, how far apart, and whether each area is told."""

    first: dt.date
    step: Interval
    areas: bool


@dataclass(frozen=True)
class Course:
    """The points of a target, and their drawings for wide and narrow screens."""

    wish: Wish
    points: list[Point]
    question: Question

    @property
    def last(self) -> Point:
        return self.points[-1]

    @cached_property
    def wide(self) -> charts.Chart | None:
        return charts.chart(self.points, *WIDE)

    @cached_property
    def narrow(self) -> charts.Chart | None:
        return charts.chart(self.points, *NARROW)

    @property
    def steps(self) -> list[Interval]:
        return list(Interval)

    @property
    def additive(self) -> bool:
        return self.last.standing.spec.feed in ADDITIVE

    @property
    def shares(self) -> list[tuple[Point, Decimal | None]]:
        """The points with the area's part of the registry's number for the city."""
        return [(point, self._share(point)) for point in self.points]

    def _share(self, point: Point) -> Decimal | None:
        own, whole = point.standing.value, point.standing.reading.registry.value
        return own / whole if self.additive and own is not None and whole else None

    @property
    def by_area(self) -> list[tuple[Point, list[Decimal | None]]]:
        """For each point the number of each area of the question."""
        keys = [district.pk for district in self.question.districts]
        return [(one, [one.standing.reading.by_district.get(key) for key in keys]) for one in self.points]


def wish_of(query: QueryDict, target: Target, question: Question) -> Wish:
    """What the address asks of the series; from the target's baseline date on if it names no day."""
    step = query.get("step") or USUAL
    if step not in Interval.values:
        raise BadQuestion(_("“%(text)s” is no step: month, quarter or year.") % {"text": step[:20]})
    given = query.get("from")
    first = day_of(given) if given else min(target.starts_on, question.day)
    if first > question.day:
        raise BadQuestion(_("The first day must not lie after %(day)s.") % {"day": question.day})
    return Wish(first, Interval(step), bool(query.get("areas")))


def usual(target: Target, question: Question) -> Wish:
    """The whole course by quarters; of a target that began long ago the last years that have room."""
    first = min(target.starts_on, question.day)
    earliest = question.day.replace(year=question.day.year - MAX_YEARS, day=1)
    return Wish(max(first, earliest), USUAL, areas=False)


def days_of(question: Question, wish: Wish) -> set[dt.date]:
    """The days on which a course measures, those that it compares with included."""
    days = last_days(wish.first, question.day, wish.step)
    return {other for day in days for other in (day, year_before(day), before(day, wish.step))}


def course(target: Target, question: Question, wish: Wish) -> Course:
    points = len(last_days(wish.first, question.day, wish.step))
    if points > MAX_POINTS:
        message = _(
            "That makes %(points)d points, more than %(most)d. Choose a later first day or a longer step."
        )
        raise BadQuestion(message % {"points": points, "most": MAX_POINTS})
    district: District | None = question.district
    found = series(target, wish.first, question.day, wish.step, district=district)
    return Course(wish, found, question)


# The small pictures of all targets


@dataclass(frozen=True)
class Small:
    """The course of one target by years, with what it says in words."""

    spark: bars.Spark
    text: str


def small(question: Question) -> dict[str, Small]:
    """Of each target with two numbers and more, by its code; the city's, all years in one question to the facts."""
    days = years_of(question.plan, question.day)
    on_days = standings_on(known_targets(question.plan), days)
    values = [{one.target.code: one.value for one in on_days[day]} for day in days]
    found = {}
    for one in on_days[question.day]:
        points = [(day, of_day.get(one.target.code)) for day, of_day in zip(days, values, strict=True)]
        spark = bars.spark(points, one.terms.value)
        if spark is not None:
            told = (f"{day.year} {words.amount(value, one.target.unit)}" for day, value in points)
            found[one.target.code] = Small(spark, _(", ").join(told))
    return found


def years_of(plan: Plan, day: dt.date) -> list[dt.date]:
    """The days of the small pictures: the plan's baseline, the last day of each year since, and the day itself."""
    first = max(plan.baseline_date, dt.date(day.year - 10, 12, 31))
    return last_days(min(first, day), day, Interval.YEAR)
