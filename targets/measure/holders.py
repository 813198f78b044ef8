"""Titles as columns, and the holders that a rule counts by them on a day.

A holder is an enterprise, or for rules that count things a named thing under its scheme (two centres of an enterprise
under two schemes are two, named or not). A thing of no enterprise is told by its name and the area that it is entered
in. What stands in the columns is decided by `registry.validity` alone.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from django.db.models import Q

from registry import past, state, validity
from registry.choices import Unit
from registry.models import Designation, Scheme
from targets.measure import since
from targets.measure.columns import (
    DAY,
    NEVER,
    UNTIL,
    Chosen,
    Columns,
    Numbers,
    Positions,
    Source,
    apart,
    ask,
    both,
    column,
)
from targets.measure.enterprises import Enterprises, Indices, Placed, Situation
from targets.measure.planning import can_export_snapshot
from targets.measure.titles import as_subquery
from targets.rules import SchemeTerm, Spec

# Of fewer schemes than that the index finds the titles.
MANY = 12

NO_ENTERPRISE = -1
NOT_HERE = -1  # the number of a thing that is none of these

# Of a thing its enterprise and area (0: none), and its name.
Thing = tuple[int, int, str]

# Of a scheme: the titles of enterprises; those of things of no enterprise; all of them, told by things.
HELD, LOOSE, ITEMS = "held", "loose", "items"


SPAN = both(DAY.format(day="fact.valid_from"), UNTIL.format(day="fact.own_until"))
OF_ENTERPRISES = f"""
    SELECT fact.scheme_id, fact.level, {column(SPAN)}, {column("fact.enterprise_id")}
      FROM ({{fact}}) fact GROUP BY 1, 2
"""
EACH = f"""
    SELECT fact.scheme_id, fact.level, fact.enterprise_id, {SPAN}, lower(fact.item), fact.district_id
      FROM ({{fact}}) fact
"""
OF_THINGS = f"""
    SELECT fact.scheme_id, fact.level, {column(SPAN)}, {column("coalesce(fact.enterprise_id, 0)")},
           {column("coalesce(fact.district_id, 0)")}, array_agg(lower(fact.item))
      FROM ({{fact}}) fact GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Held:
    """Titles of one scheme and level: of each the enterprise, or the number of the thing, and the days that it covers.

    `until` is `registry.validity.own_until`: whether an enterprise was closed is asked of the enterprise.
    """

    of: Numbers
    begun: Positions
    until: Positions

    @property
    def nbytes(self) -> int:
        return self.of.nbytes + self.begun.nbytes + self.until.nbytes

    def without(self, gone: "Held") -> "Held | None":
        """Each of some titles taken away once; None where one is not here."""
        lacking = Counter(gone.rows())
        near = np.flatnonzero(np.isin(self.of, gone.of))
        places = []
        for place, title in zip(near.tolist(), self._at(near).rows(), strict=True):
            if lacking[title]:
                lacking[title] -= 1
                places.append(place)
        if lacking.total():
            return None
        left = np.ones(len(self.of), np.bool_)
        left[places] = False
        return self._at(left)

    def plus(self, more: "Held") -> "Held":
        return Held(
            np.concatenate([self.of, more.of]),
            np.concatenate([self.begun, more.begun]),
            np.concatenate([self.until, more.until]),
        )

    def rows(self) -> Iterator[tuple[int, int, int]]:
        return zip(self.of.tolist(), self.begun.tolist(), self.until.tolist(), strict=True)

    def _at(self, places: Any) -> "Held":
        return Held(self.of[places], self.begun[places], self.until[places])


NOTHING = Held(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))


def _by_level(titles: list[Any]) -> dict[str, Held]:
    levels: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for level, enterprise, span, *_more in titles:
        levels[level].append((enterprise, span))
    found = {}
    for level, rows in levels.items():
        of, spans = np.array(rows, np.int64).T
        found[level] = Held(of, *apart(spans))
    return found


def _exchanged(levels: dict[str, Held], without: list[Any], plus: list[Any]) -> dict[str, Held] | None:
    """Some titles (level, holder, span …) taken away, and others added; None where one to take is not here."""
    less, more = _by_level(without), _by_level(plus)
    found = {}
    for level in levels.keys() | less.keys() | more.keys():
        left = levels.get(level, NOTHING).without(less.get(level, NOTHING))
        if left is None:
            return None
        found[level] = left.plus(more.get(level, NOTHING))
    return found


@dataclass
class OfEnterprises:
    """The titles of a scheme that enterprises hold, by level."""

    levels: dict[str, Held]

    def __post_init__(self) -> None:
        self._places = {level: Placed(held.of) for level, held in self.levels.items()}

    def exchanged(self, without: list[Any], plus: list[Any]) -> "OfEnterprises | None":
        """Some titles (see EACH) taken away, and others added; None where one to take is not here."""
        levels = _exchanged(self.levels, without, plus)
        return None if levels is None else OfEnterprises(levels)

    def places(self, level: str, among: Enterprises) -> Positions:
        """The places of the holders."""
        return self._places[level].among(among)

    @property
    def nbytes(self) -> int:
        return sum(held.nbytes + held.begun.nbytes for held in self.levels.values())


@dataclass
class OfThings:
    """The titles of a scheme that things hold, by level; of each thing its enterprise and area (0: none) and name."""

    levels: dict[str, Held]
    enterprise: Numbers
    district: Numbers
    names: list[str]

    def __post_init__(self) -> None:
        self._held = Placed(self.enterprise[self.enterprise != 0])

    def exchanged(self, without: list[Any], plus: list[Any]) -> "OfThings | None":
        """Some titles (see EACH) taken away, and others added; None where one to take is not here."""
        told = zip(self.enterprise.tolist(), self.district.tolist(), self.names, strict=True)
        numbers = {thing: number for number, thing in enumerate(told)}
        for title in plus:
            numbers.setdefault(_thing(title), len(numbers))
        numbered = [
            [(title[0], numbers.get(_thing(title), NOT_HERE), title[2]) for title in titles]
            for titles in (without, plus)
        ]
        levels = _exchanged(self.levels, *numbered)
        return None if levels is None else _of_used(levels, list(numbers))

    def places(self, among: Enterprises) -> Positions:
        """Of each the place of its enterprise, or `NO_ENTERPRISE`."""
        found = np.full(len(self.enterprise), NO_ENTERPRISE, np.int32)
        found[self.enterprise != 0] = self._held.among(among)
        return found

    @property
    def nbytes(self) -> int:
        rows = sum(held.nbytes for held in self.levels.values())
        return rows + self.enterprise.nbytes + self.district.nbytes + 100 * len(self.names)


class Holders:
    """The holders that a rule may count, by numbers: enterprises by their places, then things."""

    def __init__(self, spec: Spec, columns: Columns, among: Enterprises) -> None:
        self.among = among
        self._titles: list[tuple[Positions, Held]] = []
        self._size = len(self.among)
        self._enterprise_of, self._area_of = np.empty(0, np.int32), np.empty(0, np.int16)
        loose: dict[tuple[int, str], int] = {}
        for term in spec.schemes:
            if spec.unit == Unit.ITEM:
                things: OfThings = columns[ITEMS, term.id]
                numbers = self._add(things.places(self.among), things.district)
            else:
                self._take_enterprises(columns[HELD, term.id], term, spec.levels)
                things = columns[LOOSE, term.id]
                numbers = self._numbers_of(things, loose)
            for level in things.levels.keys() & set(spec.levels):
                held = things.levels[level]
                self._take(numbers[held.of], held, term)

    def _take_enterprises(self, of: OfEnterprises, term: SchemeTerm, levels: Iterable[str]) -> None:
        for level in of.levels.keys() & set(levels):
            self._take(of.places(level, self.among), of.levels[level], term)

    def _take(self, numbers: Positions, held: Held, term: SchemeTerm) -> None:
        """Titles that were awarded when the rule has them awarded."""
        if term.applies_from is None and term.applies_to is None:
            self._titles.append((numbers, held))
            return
        first, last = term.applies_from or dt.date.min, term.applies_to or dt.date.max
        fits = (held.begun >= first.toordinal()) & (held.begun <= last.toordinal())
        self._titles.append((numbers[fits], Held(held.of[fits], held.begun[fits], held.until[fits])))

    def _add(self, places: Positions, district: Numbers) -> Positions:
        """Things as further holders, and their numbers."""
        self._enterprise_of = np.concatenate([self._enterprise_of, places])
        self._area_of = np.concatenate([self._area_of, self.among.districts.of(district)])
        numbers = np.arange(self._size, self._size + len(places), dtype=np.int32)
        self._size += len(places)
        return numbers

    def _numbers_of(self, things: OfThings, known: dict[tuple[int, str], int]) -> Positions:
        """Of things of no enterprise, which may be `known` from another scheme of the rule."""
        told = list(zip(things.district.tolist(), things.names, strict=True))
        new = [one for one in told if one not in known]
        nowhere = np.full(len(new), NO_ENTERPRISE, np.int32)
        numbers = self._add(nowhere, np.array([one[0] for one in new], np.int64))
        known |= dict(zip(new, numbers.tolist(), strict=True))
        return np.array([known[one] for one in told], np.int32)

    # On a day

    def valid(self, day: int, until: int | None = None) -> Numbers:
        """The numbers of those that hold a title on a day, in their order; enterprises that are closed hold none.

        With `until`: that hold one and the same on another day, too.
        """
        last = day if until is None else until
        found = np.zeros(self._size, np.bool_)
        for numbers, held in self._titles:
            found[numbers[(held.begun <= day) & (last < held.until)]] = True
        counted = np.flatnonzero(found)
        return counted[self._closed(counted) > last]

    def _closed(self, numbers: Numbers) -> Numbers:
        """Of some holders the day on which their enterprise was closed."""
        if not len(self._enterprise_of):
            return self.among.closed[numbers]
        closed = np.full(len(self._enterprise_of), NEVER, np.int64)
        held = self._enterprise_of != NO_ENTERPRISE
        closed[held] = self.among.closed[self._enterprise_of[held]]
        return np.concatenate([self.among.closed, closed])[numbers]

    @cached_property
    def first_awards(self) -> Positions:
        """Of each the day of its first title, whether that is valid or not."""
        first = np.full(self._size, NEVER, np.int32)
        for numbers, held in self._titles:
            np.minimum.at(first, numbers, held.begun)
        return first

    def first_awarded(self, after: int, day: int) -> Numbers:
        """The numbers of those whose first title was awarded after a day and up to another, in their order."""
        return np.flatnonzero((self.first_awards > after) & (self.first_awards <= day))

    def titles(self, chosen: Chosen) -> int:
        """How many titles some holders have, whether they are valid or not."""
        return sum(int(np.count_nonzero(chosen[numbers])) for numbers, _held in self._titles)

    def areas(self, situation: Situation) -> Indices:
        """Of every holder the index of its area: of its enterprise, or where a thing of none is entered."""
        if not len(self._area_of):
            return situation.districts
        things = self._area_of.copy()
        held = self._enterprise_of != NO_ENTERPRISE
        things[held] = situation.districts[self._enterprise_of[held]]
        return np.concatenate([situation.districts, things])

    def enterprises(self, numbers: Numbers) -> Numbers:
        """The places of the enterprises of holders, one as often as it stands for one."""
        things = numbers[numbers >= len(self.among)] - len(self.among)
        of = self._enterprise_of[things]
        return np.concatenate([numbers[: len(numbers) - len(things)], of[of != NO_ENTERPRISE]])


# Reading them


def read(columns: Columns, specs: Iterable[Spec]) -> list[Callable[[], None]]:
    """Pieces of work after which all that rules of titles count is among the columns; see `Holders`."""
    sources = {}
    for spec in specs:
        for term in spec.schemes:
            for what in (ITEMS,) if spec.unit == Unit.ITEM else (HELD, LOOSE):
                sources[what, term.id] = parts_of((what, term.id))
    _take_from_now(columns, sources)
    missing: dict[str, list[int]] = {HELD: [], LOOSE: [], ITEMS: []}
    for what, scheme in columns.missing(sources):
        missing[what].append(scheme)
    works: list[Callable[[], None]] = [partial(_read_held, columns, half) for half in halves(missing[HELD])]
    if missing[LOOSE] or missing[ITEMS]:
        works.append(partial(_read_things, columns, missing[LOOSE], missing[ITEMS]))
    return works


def _take_from_now(columns: Columns, sources: dict[Source, tuple[str, ...]]) -> None:
    """As known at a moment, what is made of the columns of now without reading more than has changed since."""
    kept = columns.of_now(sources)
    graced = past.changed_since(Scheme, len(kept)) if kept else None
    if graced is None:
        return
    kept = {source: of for source, of in kept.items() if source[1] not in graced}
    schemes = {scheme for _what, scheme in kept}

    def titles(changed: Q) -> list[tuple[Any, ...]]:
        fact, parameters = _facts(columns, schemes, changed)
        return ask(EACH.format(fact=fact), parameters)

    versions = since.versions(Designation, titles)
    if versions is None:
        return
    now, then = map(Counter, versions)
    # what was corrected of most is nothing that a column holds
    gone, come = _by_scheme(now - then), _by_scheme(then - now)
    of_then = {
        (what, scheme): _then(what, of, gone[scheme], come[scheme]) for (what, scheme), of in kept.items()
    }
    columns.take({source: of for source, of in of_then.items() if of is not None}, parts_of)


def _by_scheme(titles: Counter[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for scheme, *title in titles.elements():
        found[scheme].append(tuple(title))
    return found


def _then(what: str, of: Any, gone: list[Any], come: list[Any]) -> Any:
    """The titles of a scheme as they were known; None where they have to be read."""
    if what != ITEMS:
        gone, come = (
            [one for one in titles if (one[1] is None) == (what == LOOSE)] for titles in (gone, come)
        )
    return of.exchanged(gone, come) if gone or come else of


def parts_of(source: Source) -> tuple[str, ...]:
    """Of which also the grace of the scheme is."""
    return (state.EVERYTHING, state.of_scheme(source[1]))


def halves(schemes: list[int]) -> list[list[int]]:
    """Of many schemes two lists whose titles are about as many, to be read side by side."""
    if len(schemes) >= MANY and can_export_snapshot():
        return [schemes[::2], schemes[1::2]]
    return [schemes] if schemes else []


def _read_held(columns: Columns, schemes: list[int]) -> None:
    levels: dict[int, dict[str, Held]] = {scheme: {} for scheme in schemes}
    fact, parameters = _facts(columns, schemes, Q(enterprise__isnull=False))
    for scheme, level, spans, of in ask(OF_ENTERPRISES.format(fact=fact), parameters):
        levels[scheme][level] = Held(of, *apart(spans))
    columns.take({(HELD, scheme): OfEnterprises(found) for scheme, found in levels.items()}, parts_of)


def _read_things(columns: Columns, loose: list[int], items: list[int]) -> None:
    """One statement for both: what no enterprise holds is rare, and looked for among all."""
    among = Q(scheme__in=items) | Q(enterprise__isnull=True)
    fact, parameters = _facts(columns, [*loose, *items], among)
    rows = ask(OF_THINGS.format(fact=fact), parameters)
    found: dict[Source, OfThings] = {}
    for what, schemes in ((LOOSE, loose), (ITEMS, items)):
        for scheme in schemes:
            found[what, scheme] = _things([row[1:] for row in rows if row[0] == scheme], what == LOOSE)
    columns.take(found, parts_of)


def _facts(columns: Columns, schemes: Iterable[int], among: Q) -> tuple[str, dict[str, Any]]:
    """The confirmed titles of some schemes, as SQL with named parameters."""
    if columns.only is not None:
        among &= Q(enterprise=columns.only)
    facts = Designation.objects.annotate(own_until=validity.own_until()).filter(among)
    wanted = facts.filter(state=validity.CONFIRMED, scheme__in=sorted(set(schemes))).order_by()
    fields = ("scheme_id", "level", "enterprise_id", "item", "district_id", "valid_from", "own_until")
    return as_subquery(wanted.values(*fields))


def _things(rows: list[tuple[Any, ...]], of_none: bool) -> OfThings:
    """Rows of a scheme by level as titles of numbered things; with `of_none` those of no enterprise alone."""
    known: dict[Thing, int] = {}
    levels: dict[str, Held] = {}
    for level, spans, enterprise, district, names in rows:
        chosen = np.flatnonzero(enterprise == 0) if of_none else np.arange(len(enterprise))
        things = list(zip(enterprise.tolist(), district.tolist(), names, strict=True))
        numbers = [known.setdefault(things[place], len(known)) for place in chosen.tolist()]
        levels[level] = Held(np.array(numbers, np.int64), *apart(spans[chosen]))
    return _of_things(levels, list(known))


def _of_things(levels: dict[str, Held], things: list[Thing]) -> OfThings:
    return OfThings(
        levels,
        np.array([enterprise for enterprise, _district, _name in things], np.int64),
        np.array([district for _enterprise, district, _name in things], np.int64),
        [name for _enterprise, _district, name in things],
    )


def _of_used(levels: dict[str, Held], things: list[Thing]) -> OfThings:
    """Without the things that have no title."""
    used = np.zeros(len(things), np.bool_)
    for held in levels.values():
        used[held.of] = True
    numbers = np.cumsum(used) - 1
    left = [thing for thing, has_one in zip(things, used.tolist(), strict=True) if has_one]
    renumbered = {level: Held(numbers[held.of], held.begun, held.until) for level, held in levels.items()}
    return _of_things(renumbered, left)


def _thing(title: Any) -> Thing:
    _level, enterprise, _span, item, district = title
    return enterprise or 0, district or 0, item
