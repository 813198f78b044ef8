"""All targets at once: what each is on a day, for the city, each area and each cluster."""

import copyreg
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from targets.choices import Feed, Official
from targets.measure import published
from targets.measure.counts import Count
from targets.measure.days import Days
from targets.measure.facts import Facts, gather
from targets.measure.figures import EVERYWHERE, in_figure_unit
from targets.measure.memory import Question, remembered
from targets.measure.published import CITY, Published
from targets.rules import PERCENT, Spec

Areas = Mapping[int | None, Decimal | None]
ELSEWHERE = None  # the key of what lies in no area


def _fixed(mapping: Mapping[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(dict(mapping))


# Answers are remembered, so that many get the same one: nobody may change it, here or after it was stored.
copyreg.pickle(MappingProxyType, lambda mapping: (_fixed, (dict(mapping),)))


@dataclass(frozen=True)
class Number:
    """A number in the target's unit with the day that its data are of; None where there are none."""

    value: Decimal | None = None
    data_date: dt.date | None = None
    by_district: Areas = field(default_factory=dict)
    by_cluster: Mapping[int, Decimal] = field(default_factory=dict)
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_district", _fixed(self.by_district))
        object.__setattr__(self, "by_cluster", _fixed(self.by_cluster))


@dataclass(frozen=True)
class Reading:
    """What a target is on a day.

    `value` is the official one: the registry's, or the published one where the rule says so. `registry` is always
    the registry's own number, `official` the newest published figure up to the day, `difference` the registry's number
    less the published one where both are of the same day. Areas are by the id of the district.
    """

    code: str
    as_of: dt.date
    value: Decimal | None
    data_date: dt.date | None
    basis: Official
    registry: Number
    official: Published | None = None
    difference: Decimal | None = None
    by_district: Areas = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_district", _fixed(self.by_district))

    @property
    def by_cluster(self) -> Mapping[int, Decimal]:
        return self.registry.by_cluster


class Measurement:
    """The answers for a set of rules on a day, from what was gathered for it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.day = facts.day
        self.districts = facts.districts
        self.yearly = facts.yearly

    # One method a feed: the registry's number for a rule.

    def number(self, spec: Spec) -> Number:
        answers: dict[Feed, Callable[[Spec], Number]] = {
            Feed.STOCK: self._titles,
            Feed.NEW: self._titles,
            Feed.YEARLY: self._titles,
            Feed.BAND: self._band,
            Feed.SUM: self._sum,
            Feed.RATIO: self._ratio,
            Feed.CLUSTERS_OVER: self._clusters_over,
            Feed.MULTIPLE: self._multiple,
            Feed.LEAST: self._least,
            Feed.STATISTIC: self._statistic,
        }
        return answers[spec.feed](spec)

    def _titles(self, spec: Spec) -> Number:
        return self._counted(self.facts.counts[spec.code], self.day)

    def _counted(self, count: Count, data_date: dt.date) -> Number:
        districts = [*self.districts, ELSEWHERE] if count.by_district.get(ELSEWHERE) else self.districts
        return Number(
            value=Decimal(count.total),
            data_date=data_date,
            by_district={district: Decimal(count.by_district.get(district, 0)) for district in districts},
            by_cluster={cluster: Decimal(number) for cluster, number in count.by_cluster.items()},
        )

    def _band(self, spec: Spec) -> Number:
        year = self.yearly.newest_year(spec, [EVERYWHERE])
        return Number() if year is None else self._counted(self.yearly.in_band(year, spec), _last_day(year))

    def _sum(self, spec: Spec) -> Number:
        scope = self.yearly.scope(spec)
        year = self.yearly.newest_year(spec, scope)
        if year is None:
            return Number()
        areas = self.yearly.by_district(year, spec, scope)
        clusters = self.yearly.by_cluster(year, spec, scope)
        return Number(
            value=sum(areas.values(), Decimal(0)) / spec.divisor,
            data_date=_last_day(year),
            by_district=self._areas({district: total / spec.divisor for district, total in areas.items()}),
            by_cluster={cluster: total / spec.divisor for cluster, total in clusters.items()},
        )

    def _areas(self, found: dict[int | None, Decimal]) -> Areas:
        districts = [*self.districts, ELSEWHERE] if ELSEWHERE in found else self.districts
        return {district: found.get(district) for district in districts}

    def _ratio(self, spec: Spec) -> Number:
        parts = self.yearly.scope(spec, spec.cluster_kind)
        whole = self.yearly.scope(spec, spec.denominator_kind)
        year = self.yearly.newest_year(spec, parts, whole)
        if year is None:
            return Number()
        above = self.yearly.by_district(year, spec, parts)
        below = self.yearly.by_district(year, spec, whole)
        numerator = sum(above.values(), Decimal(0)) if above else None
        denominator = sum(below.values(), Decimal(0)) if below else None
        return Number(
            value=_share(numerator, denominator, spec),
            data_date=_last_day(year),
            by_district=self._areas({d: _share(above.get(d), below.get(d), spec) for d in {*above, *below}}),  # type: ignore[misc]
            numerator=numerator,
            denominator=denominator,
        )

    def _clusters_over(self, spec: Spec) -> Number:
        scope = self.yearly.scope(spec, spec.cluster_kind)
        year = self.yearly.newest_year(spec, scope)
        if year is None or spec.lower is None:
            return Number()
        threshold = in_figure_unit(spec.lower)
        sums = self.yearly.by_cluster(year, spec, scope)
        by_area = self.yearly.by_cluster_and_district(year, spec, scope)
        over = {
            area: Decimal(sum(total > threshold for total in of.values())) for area, of in by_area.items()
        }
        return Number(
            value=Decimal(sum(total > threshold for total in sums.values())),
            data_date=_last_day(year),
            by_district=self._areas(over),
            by_cluster={cluster: Decimal(total > threshold) for cluster, total in sums.items()},
        )

    def _multiple(self, spec: Spec) -> Number:
        now, then = self._now_and_then(spec)
        if spec.baseline_value is not None:
            then = Number(value=spec.baseline_value)
        areas = {d: _quotient(value, then.by_district.get(d)) for d, value in now.by_district.items()}
        return Number(
            value=_quotient(now.value, then.value),
            data_date=now.data_date,
            by_district=areas,
            numerator=now.value,
            denominator=then.value,
        )

    def _now_and_then(self, spec: Spec) -> tuple[Number, Number]:
        if spec.schemes:
            now, then = self.facts.counts[spec.code], self.facts.baseline_counts[spec.code]
            return self._counted(now, self.day), self._counted(then, spec.starts_on)
        return self._statistic(spec), self._on_baseline(spec)

    def _on_baseline(self, spec: Spec) -> Number:
        assert spec.series is not None
        return _number_of(self.facts.baselines[spec.starts_on].get(spec.series, {}), self.districts)

    def _least(self, spec: Spec) -> Number:
        groups = self.yearly.clusters[spec.cluster_kind]
        if not groups:
            return Number()
        by_area = self.facts.roles[spec.cluster_kind, spec.role]
        city = {group: sum(area.get(group, 0) for area in by_area.values()) for group in groups}
        return Number(
            value=Decimal(min(city.values())),
            data_date=self.day,
            by_district={
                district: Decimal(min(by_area.get(district, {}).get(group, 0) for group in groups))
                for district in self.districts
            },
            by_cluster={group: Decimal(number) for group, number in city.items()},
        )

    def _statistic(self, spec: Spec) -> Number:
        assert spec.series is not None
        return _number_of(self.facts.published.get(spec.series, {}), self.districts)

    # Both numbers side by side

    def reading(self, spec: Spec) -> Reading:
        number = self.number(spec)
        official = self._official(spec)
        reading = Reading(
            code=spec.code,
            as_of=self.day,
            value=number.value,
            data_date=number.data_date,
            basis=Official.REGISTRY,
            registry=number,
            official=official,
            difference=_difference(number, official),
            by_district=number.by_district,
        )
        if spec.feed == Feed.STATISTIC:
            return replace(reading, basis=Official.PUBLISHED, difference=None)
        return _judged_by_published(reading) if spec.official == Official.PUBLISHED else reading

    def _official(self, spec: Spec) -> Published | None:
        if spec.series is None:
            return None
        found = self.facts.published.get(spec.series, {}).get(CITY)
        if found is None or spec.feed != Feed.MULTIPLE:
            return found
        base = spec.baseline_value
        if base is None:
            base = self._on_baseline(spec).value
        ratio = _quotient(found.value, base)
        if ratio is None:
            return None
        return Published(ratio, found.as_of, found.source, found.source_kind, found.note)


def measure(specs: Iterable[Spec], day: dt.date) -> dict[str, Reading]:
    """The readings of rules on a day, by code."""
    (readings,) = measure_on(specs, [day])
    return readings


def measure_on(specs: Iterable[Spec], days: Iterable[dt.date]) -> list[dict[str, Reading]]:
    """The readings of rules on each of some days, in their order, each once; many days are one question to the facts.

    What was read before of the same facts is not counted again.
    """
    wanted, asked = list(specs), Days(days).days
    readings = remembered([(spec, day) for day in asked for spec in wanted], count)
    return [{spec.code: readings[spec, day] for spec in wanted} for day in asked]


def count(questions: Iterable[Question]) -> dict[Question, Reading]:
    """The readings themselves, from the facts: rules that are asked about the same days together."""
    days_of: dict[Spec, list[dt.date]] = defaultdict(list)
    for spec, day in questions:
        days_of[spec].append(day)
    alike: dict[tuple[dt.date, ...], list[Spec]] = defaultdict(list)
    for spec, days in days_of.items():
        alike[tuple(days)].append(spec)
    found: dict[Question, Reading] = {}
    for same_days, specs in alike.items():
        for facts in gather(specs, Days(same_days)):
            measurement = Measurement(facts)
            found |= {(spec, facts.day): measurement.reading(spec) for spec in specs}
    return found


def _judged_by_published(reading: Reading) -> Reading:
    """A registry that does not keep what is counted says 0: that is no number to judge a target or an area by."""
    if not reading.registry.value:
        reading = replace(reading, by_district=dict.fromkeys(reading.by_district))
    if reading.official is not None:
        official = reading.official
        return replace(reading, basis=Official.PUBLISHED, value=official.value, data_date=official.as_of)
    return reading if reading.value else replace(reading, value=None)


def _last_day(year: int) -> dt.date:
    return dt.date(year, 12, 31)


def _quotient(above: Decimal | None, below: Decimal | None) -> Decimal | None:
    return above / below if above is not None and below else None


def _share(above: Decimal | None, below: Decimal | None, spec: Spec) -> Decimal | None:
    quotient = _quotient(above, below)
    return quotient * PERCENT if quotient is not None and spec.target_unit == "%" else quotient


def _number_of(values: published.Values, districts: list[int]) -> Number:
    city = values.get(CITY)
    areas: Areas = {
        district: values[district].value if district in values else None for district in districts
    }
    if city is None:
        return Number(by_district=areas)
    return Number(value=city.value, data_date=city.as_of, by_district=areas)


def _difference(number: Number, official: Published | None) -> Decimal | None:
    if official is None or number.value is None or number.data_date != official.as_of:
        return None
    return number.value - official.value
