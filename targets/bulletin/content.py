"""What a bulletin holds: targets with their areas, the ranking, the sentences; all of it goes into JSON and back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.utils import translation

from registry.models import District
from registry.past import as_known_at
from targets import ranking
from targets.bulletin import sentences
from targets.choices import Interval
from targets.measure.bridge import COUNTED, all_bridges
from targets.models import Plan
from targets.reports import words
from targets.series import before
from targets.standings import Standing, known_targets, place_of, standings_on

# How many of the changes are explained by their causes.
EXPLAINED = 8


@dataclass(frozen=True)
class Line:
    """A target: money and counts in its unit, completion, expected and lead as fractions of 1, areas by their code."""

    code: str
    name: str
    section: str
    quote: str
    unit: str
    wanted: str
    target: Decimal
    value: Decimal | None
    before: Decimal | None
    completion: Decimal | None
    expected: Decimal
    lead: Decimal | None
    state: str
    data_date: dt.date | None
    areas: dict[str, Decimal]
    rule: str
    official: Decimal | None
    official_day: dt.date | None
    source: str
    causes: dict[str, int]

    @property
    def change(self) -> Decimal | None:
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def moved(self) -> Decimal:
        """How far it changed, either way, as a fraction of the target."""
        return abs(self.change or Decimal(0)) / self.target


@dataclass(frozen=True)
class Ranked:
    """The place of an area by the mean of its places in all targets, by its numbers or its quotas."""

    code: str
    name: str
    place: int
    before: int | None
    mean: Decimal
    firsts: int
    targets: int
    by_quota: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A heading with the text under it."""

    heading: str
    text: str


@dataclass(frozen=True)
class Bulletin:
    """Everything that stands in the documents; `since` is the day that the changes are told from."""

    plan: str
    plan_code: str
    kind: str
    day: dt.date
    since: dt.date
    known_at: dt.datetime | None
    title: str
    areas: dict[str, str]
    lines: tuple[Line, ...]
    ranked: tuple[Ranked, ...]
    paragraphs: tuple[Paragraph, ...] = ()


def since(kind: str, day: dt.date) -> dt.date:
    """Up to which day the bulletin before this one went: the end of the month, the quarter or the year before."""
    return before(day, Interval(kind))


def bulletin(plan: Plan, day: dt.date, kind: str, *, known_at: dt.datetime | None = None) -> Bulletin:
    """The bulletin of a plan for a day, in Chinese; not to be asked within `as_known_at`."""
    earlier = since(kind, day)
    with translation.override("zh-hans"):
        with as_known_at(known_at):
            both = standings_on(known_targets(plan), [earlier, day])
            now = sorted(both[day], key=lambda one: place_of(one.target))
            then = {one.target.code: one for one in both[earlier]}
            districts = list(District.objects.in_use_on(day).order_by("position", "code"))
        lines = tuple(_line(one, then.get(one.target.code), districts) for one in now)
        found = Bulletin(
            plan=plan.name,
            plan_code=plan.code,
            kind=kind,
            day=day,
            since=earlier,
            known_at=known_at,
            title=sentences.title(plan.name, kind, day),
            areas={one.code: one.name for one in districts},
            lines=_explained(lines, now, earlier, day, known_at),
            ranked=tuple(_ranked(one) for one in ranking.ranked(now, both[earlier], districts)),
        )
        told = [Paragraph(heading, text) for heading, text in sentences.paragraphs(found)]
    return replace(found, paragraphs=tuple(told))


def _line(one: Standing, earlier: Standing | None, districts: list[District]) -> Line:
    reading, judged = one.reading, one.verdict
    section = one.target.section
    return Line(
        code=one.target.code,
        name=one.target.name,
        section=(section.parent or section).name,
        quote=one.target.quote,
        unit=one.target.unit,
        wanted=words.wanted(one),
        target=one.terms.value,
        value=one.value,
        before=earlier.value if earlier else None,
        completion=judged.completion,
        expected=judged.expected,
        lead=judged.lead,
        state=judged.state.value,
        data_date=one.data_date,
        areas={area.code: own for area in districts if (own := reading.by_district.get(area.pk)) is not None},
        rule=one.rule_text,
        official=reading.official.value if reading.official else None,
        official_day=reading.official.as_of if reading.official else None,
        source=reading.official.source if reading.official else "",
        causes={},
    )


def _explained(
    lines: tuple[Line, ...],
    now: list[Standing],
    earlier: dt.date,
    day: dt.date,
    known_at: dt.datetime | None,
) -> tuple[Line, ...]:
    """The lines, those that changed most with the causes of it."""
    counted = [
        (line, one) for line, one in zip(lines, now, strict=True) if line.change and one.spec.feed in COUNTED
    ]
    counted.sort(key=lambda pair: pair[0].moved, reverse=True)
    with as_known_at(known_at):
        found = all_bridges([one.spec for _line, one in counted[:EXPLAINED]], earlier, day)
    causes = {
        code: {cause.value: number for cause, number in bridge.causes.items()}
        for code, bridge in found.items()
    }
    return tuple(replace(line, causes=causes.get(line.code, {})) for line in lines)


def _ranked(one: ranking.Ranked) -> Ranked:
    place, before = one.now, one.before
    return Ranked(
        one.district.code,
        one.district.name,
        place.place,
        before.place if before else None,
        place.mean,
        place.firsts,
        place.targets,
        one.by_quota,
    )


# To JSON and back


def to_json(found: Bulletin) -> dict[str, Any]:
    """Numbers with full precision and days as texts, absent as null; mappings as pairs, as JSON keeps no order."""
    return {one.name: _plain(getattr(found, one.name)) for one in fields(found)}


def _plain(value: Any) -> Any:
    if isinstance(value, Line | Ranked | Paragraph):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return [[key, _plain(one)] for key, one in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):  # moments too
        return value.isoformat()
    return value


def from_json(plain: Mapping[str, Any]) -> Bulletin:
    """The very bulletin that `to_json` was given."""
    data = dict(plain)
    data["day"], data["since"] = dt.date.fromisoformat(data["day"]), dt.date.fromisoformat(data["since"])
    data["known_at"] = dt.datetime.fromisoformat(data["known_at"]) if data["known_at"] else None
    data["areas"] = dict(data["areas"])
    data["lines"] = tuple(_of(Line, one) for one in data["lines"])
    data["ranked"] = tuple(_of(Ranked, one) for one in data["ranked"])
    data["paragraphs"] = tuple(Paragraph(**one) for one in data["paragraphs"])
    return Bulletin(**data)


def _of(kind: Any, data: Mapping[str, Any]) -> Any:
    """A line or a place: its numbers and days by the types that the fields declare."""
    made: dict[str, Any] = {}
    for one in fields(kind):
        value, declared = data[one.name], str(one.type)
        if value is None:
            made[one.name] = None
        elif one.name == "areas":
            made[one.name] = {code: Decimal(number) for code, number in value}
        elif one.name == "causes":
            made[one.name] = dict(value)
        elif "Decimal" in declared:
            made[one.name] = Decimal(value)
        elif "date" in declared:
            made[one.name] = dt.date.fromisoformat(value)
        else:
            made[one.name] = value
    return kind(**made)
