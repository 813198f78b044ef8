"""How far the areas are with what the plan wants of each (任务分解)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from targets.areas import Inside, added_up
from targets.choices import Comparator, Feed
from targets.measure import measure
from targets.models import Quota, Target
from targets.progress import Terms, Verdict, expected_on, verdict
from targets.rules import ADDITIVE
from targets.standings import Standing, terms_on, thresholds_of

QUOTIENTS = ("%", "倍")

# The quotas of an area for a target: (day, value) in the order of days; and those of all areas.
Days = tuple[tuple[dt.date, Decimal], ...]
Schedules = Mapping[int, Days]


@dataclass(frozen=True)
class Assigned:
    """What an area is to have of a target by a day, and how its own number stands to that.

    Of an area that is to have none nothing is wanted, and there is no verdict.
    """

    value: Decimal
    due_on: dt.date
    verdict: Verdict | None


def assigned(standings: Iterable[Standing], inside: Inside | None = None) -> dict[tuple[int, int], Assigned]:
    """By (target, district) for the standings of the city on one day; nothing where an area has no quota.

    An area is judged by the same rules as the city: on the straight line, or by its quotas of the years between. Where
    the city begins from a baseline, the area begins from its own number of that day. With `inside` the quotas of inner
    areas are added to those of the outer ones, as the numbers of the standings are.
    """
    found, inside = list(standings), inside or {}
    divided = _divided((one.target.pk for one in found), inside)
    judged = [one for one in found if one.target.pk in divided]
    begun = _baselines(judged, inside)
    return {
        (one.target.pk, area): _judge(one, area, days, begun.get(one.target.pk, {}))
        for one in judged
        for area, days in divided[one.target.pk].items()
    }


def completions(
    standings: Iterable[Standing], inside: Inside | None = None
) -> dict[int, dict[int, Decimal | None]]:
    """By target and area the number as a fraction of the quota, on the day of the standings; the divided targets only."""
    found = list(standings)
    divided = _divided((one.target.pk for one in found), inside or {})
    return {
        one.target.pk: {area: _completion(one, area, days) for area, days in divided[one.target.pk].items()}
        for one in found
        if one.target.pk in divided
    }


def _completion(one: Standing, area: int, days: Days) -> Decimal | None:
    _due_on, value = _last(one, days)
    number = one.reading.by_district.get(area)
    return None if number is None or not value else number / value


def adds_up(target: Target, feed: Feed) -> bool:
    """Whether the quotas of the areas add up to what the city wants: not those of shares and multiples."""
    return feed in ADDITIVE or (feed == Feed.STATISTIC and target.unit not in QUOTIENTS)


def whole_on(target: Target, feed: Feed, day: dt.date) -> Decimal:
    """What the plan wants of the city by a day, to which the quotas of that day add up.

    Between the target's own steps and its last day: what is due on the straight line, in whole numbers.
    """
    terms = terms_on(target, feed, day)
    if terms.each_year or day >= terms.due_on:
        return terms.value
    due = terms.value * expected_on(terms, day)
    return due if terms.steps else due.to_integral_value()


def days_to_divide(target: Target) -> list[dt.date]:
    """The days for which a target can be divided: the ends of its years, its steps and its last day."""
    first, last = target.starts_on, target.due_on
    ends = [dt.date(year, 12, 31) for year in range(first.year, last.year + 1)]
    steps = [step.day for step in target.steps.all()]
    return sorted({day for day in [*ends, *steps] if first < day < last} | {last})


def _divided(targets: Iterable[int], inside: Inside) -> dict[int, Schedules]:
    sums: dict[int, dict[int, dict[dt.date, Decimal]]] = {}
    rows = Quota.objects.filter(target__in=list(targets)).order_by("day")
    for target, area, day, value in rows.values_list("target_id", "district_id", "day", "value"):
        of_area = sums.setdefault(target, {}).setdefault(inside.get(area, area), {})
        of_area[day] = of_area.get(day, Decimal(0)) + value
    return {
        target: {area: tuple(days.items()) for area, days in of_target.items()}
        for target, of_target in sums.items()
    }


def _baselines(standings: list[Standing], inside: Inside) -> dict[int, Mapping[int | None, Decimal | None]]:
    """The areas' numbers on the day on which the city has a baseline, by target; one question for each such day."""
    begin = [one for one in standings if one.terms.baseline is not None]
    found: dict[int, Mapping[int | None, Decimal | None]] = {}
    for day in sorted({one.terms.starts_on for one in begin}):
        of_day = {one.spec.code: one for one in begin if one.terms.starts_on == day}
        readings = measure([one.spec for one in of_day.values()], day)
        found.update(
            {one.target.pk: added_up(readings[code].by_district, inside) for code, one in of_day.items()}
        )
    return found


def _judge(
    one: Standing,
    area: int,
    days: Days,
    begun: Mapping[int | None, Decimal | None],
) -> Assigned:
    due_on, value = _last(one, days)
    own = replace(
        one.terms,
        comparator=Comparator.GTE,
        value=value,
        due_on=due_on,
        steps=() if one.terms.each_year else days[:-1],
        baseline=None if one.terms.baseline is None else begun.get(area) or Decimal(0),
    )
    return Assigned(value, due_on, _verdict(own, one, area) if value else None)


def _last(one: Standing, days: Days) -> tuple[dt.date, Decimal]:
    """The quota that is judged: the last, of a yearly target that of the year: the first still to come, else the last."""
    if not one.terms.each_year:
        return days[-1]
    return next((found for found in days if one.reading.as_of <= found[0]), days[-1])


def _verdict(terms: Terms, one: Standing, area: int) -> Verdict:
    return verdict(
        terms,
        one.reading.by_district.get(area),
        as_of=one.reading.as_of,
        data_date=one.reading.registry.data_date,
        thresholds=thresholds_of(one.target.plan),
    )
