"""An area (板块): how far it is with its part of each target, its place, what it holds and what runs out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from registry.models import Cluster, Designation, District, Enterprise, User
from registry.paging import in_order
from registry.sight import still_seen
from targets.areas import Inside, inside_of, outer, with_inner
from targets.choices import Interval
from targets.measure.members import Members, members
from targets.measure.memory import remembered
from targets.measure.planning import few_rows
from targets.quotas import Assigned, assigned
from targets.ranking import Ranked, compared, places_of, ranked
from targets.reports import bars
from targets.reports.held import Held, held_in
from targets.reports.overview import StateCount, count_states
from targets.reports.pictures import Picture, Series
from targets.reports.question import BadQuestion, Question
from targets.reports.rows import Row
from targets.rules import ADDITIVE
from targets.series import before
from targets.sides import every_title
from targets.standings import Standing, known_targets, place_of, standings_on

OWN = ("way",)
# The way of counting in which areas hold those inside them; each by itself is the usual one.
WITH_INNER = "with_inner"
WITHIN_A_YEAR = 365
MOST = 20


@dataclass(frozen=True)
class Line:
    """A target as the area has its part in it; places are among the areas, `before` at the end of the month before."""

    row: Row
    value: Decimal | None
    before: Decimal | None
    place: int | None
    place_before: int | None
    quota: Assigned | None

    @property
    def change(self) -> Decimal | None:
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def risen(self) -> int:
        """By how many places it has risen; negative where it fell."""
        return self.place_before - self.place if self.place and self.place_before else 0

    @property
    def share(self) -> Decimal | None:
        """Its part of the city's number."""
        whole = self.row.standing.reading.registry.value
        return self.value / whole if self.row.additive and whole and self.value is not None else None

    @property
    def bar(self) -> bars.Bar | None:
        """How far it is with its quota."""
        verdict = self.quota.verdict if self.quota else None
        return bars.bar(verdict.completion, verdict.expected) if verdict else None


@dataclass(frozen=True)
class Told:
    """What the page of an area tells at once; `includes` are the areas inside it whose numbers are in its own."""

    district: District
    includes: list[District]
    other_way: bool
    ranked: list[Ranked]
    own: Ranked | None
    lines: list[Line]
    states: list[StateCount]
    divided: int


@dataclass(frozen=True)
class Holdings:
    """What the enterprises of an area hold, where they belong, and what they lose: the lower half of its page.

    What runs out within a year is None for people of other areas.
    """

    held: list[Held]
    clusters: list[tuple[Cluster, Members]]
    expiring: list[Designation] | None


def told(district: District, question: Question) -> Told:
    known, inside = _inside(district, question)
    includes = _included(district, question, inside)
    areas = outer(question.districts) if inside else list(question.districts)
    now, then = (with_inner(found, inside) if inside else found for found in _both(question))
    in_order = (_places(now, areas, inside), _places(then, areas, inside))
    lines = _lines(district, now, then, assigned(now, inside), in_order)
    judged = [line.quota.verdict for line in lines if line.quota and line.quota.verdict]
    places = ranked(now, then, areas, inside)
    return Told(
        district=district,
        includes=includes,
        other_way=any(district.pk in pair for pair in known.items()),
        ranked=places,
        own=next((one for one in places if one.district == district), None),
        lines=lines,
        states=count_states(one.state for one in judged),
        divided=len(judged),
    )


def holdings(district: District, question: Question, user: User) -> Holdings:
    _known, inside = _inside(district, question)
    keys = [district.pk, *(one.pk for one in _included(district, question, inside))]
    return Holdings(
        held=held_in(question, keys),
        clusters=_clusters(question, keys),
        expiring=_expiring(keys, question, user) if user.district_id in (None, *keys) else None,
    )


def _inside(district: District, question: Question) -> tuple[Inside, Inside]:
    """Which areas lie in others, and of them what is counted so: one that lies in another has a page of its own, and is
    compared with all.
    """
    known = inside_of(question.districts)
    return known, known if is_with_inner(question) and district.pk not in known else {}


def _included(district: District, question: Question, inside: Inside) -> list[District]:
    return [one for one in question.districts if inside.get(one.pk) == district.pk]


def is_with_inner(question: Question) -> bool:
    way = question.own.get("way", "")
    if way not in ("", WITH_INNER):
        raise BadQuestion(_("“%(text)s” is no way of counting areas.") % {"text": way[:20]})
    return way == WITH_INNER


def ranking_on(question: Question) -> list[Ranked]:
    """The areas in their order on the day."""
    return ranked(*_both(question), question.districts)


def picture(places: list[Ranked]) -> Picture:
    """Mean ranks: the shorter the bar, the better."""
    return Picture(
        _("Mean place of each area"),
        _("place"),
        [one.district.short_name for one in places],
        [Series(_("Mean place"), [one.now.mean for one in places], kind="bar")],
        horizontal=True,
    )


def _both(question: Question) -> tuple[list[Standing], list[Standing]]:
    """Where the targets stand on the day, and at the end of the month before."""
    earlier = before(question.day, Interval.MONTH)
    both = standings_on(known_targets(question.plan), [earlier, question.day])
    return both[question.day], both[earlier]


# By target the places of the areas, by what they are compared in the ranking.
Places = Mapping[int, Mapping[int, int]]


def _places(standings: list[Standing], areas: list[District], inside: Inside) -> Places:
    keys = [one.pk for one in areas]
    numbers, _by_quota = compared(standings, keys, inside)
    return {target: places_of(values, keys) for target, values in numbers.items()}


def _lines(
    district: District,
    now: list[Standing],
    then: list[Standing],
    quotas: Mapping[tuple[int, int], Assigned],
    places: tuple[Places, Places],
) -> list[Line]:
    """The targets of which areas have a part, or a quota, in the order of the plan."""
    was = {one.target.pk: one.reading.by_district.get(district.pk) for one in then}
    place_now, place_before = places
    lines = []
    for one in sorted(now, key=lambda standing: place_of(standing.target)):
        target = one.target.pk
        quota = quotas.get((target, district.pk))
        if one.spec.feed not in ADDITIVE and quota is None:
            continue
        lines.append(
            Line(
                row=Row(one, district),
                value=one.reading.by_district.get(district.pk),
                before=was.get(target),
                place=place_now.get(target, {}).get(district.pk),
                place_before=place_before.get(target, {}).get(district.pk),
                quota=quota,
            )
        )
    return lines


def _clusters(question: Question, districts: list[int]) -> list[tuple[Cluster, Members]]:
    """The clusters with members here, in their order."""
    counts = members(question.day, districts=districts)
    known = Cluster.objects.in_use_on(question.day).filter(pk__in=counts)
    return [(one, counts[one.pk]) for one in known.order_by("kind", "position", "code")]


def _expiring(districts: list[int], question: Question, user: User) -> list[Designation]:
    """What the area's enterprises lose within a year unless it is renewed: the first of it."""
    own = Enterprise.objects.visible_to(user).filter(district__in=districts)
    titles = Designation.objects.filter(enterprise__in=own)
    asked = (every_title(question.day), question.day, "first to run out", tuple(districts), user.district_id)

    def find(_asked: list[Any]) -> dict[Any, list[int]]:
        if question.known_at:
            return {asked: titles.first_expiring(question.day, WITHIN_A_YEAR, MOST)}
        with few_rows():
            found = titles.expiring(question.day, WITHIN_A_YEAR).order_by("valid_to", "pk")
            return {asked: list(found.values_list("pk", flat=True)[:MOST])}

    first = remembered([asked], find)[asked]
    rows = in_order(Designation.objects.select_related("scheme").prefetch_related("enterprise"), first)
    return still_seen(rows, user, "enterprise_id")
