"""How many enterprises two rules count both: each rule is the set of the enterprises behind its number on a day.

A thing that a rule counts stands for its enterprise; a thing of no enterprise is in no set. What a rule counts is
decided where it is counted, by `title_counts` and `figures`: here the sets are only laid upon each other. A title at
a level is a rule like any other: its stock.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations

import numpy as np
import numpy.typing as npt

from registry import names
from registry.reading import connection
from targets.choices import Feed, Part
from targets.measure import amounts, holders
from targets.measure import enterprises as all_enterprises
from targets.measure.amounts import Amounts
from targets.measure.columns import Chosen, Columns, Numbers
from targets.measure.days import Days
from targets.measure.enterprises import Enterprises, Indices, Situation, Situations
from targets.measure.figures import EVERYWHERE, within_band, yearly_figures
from targets.measure.holders import Holders
from targets.measure.lanes import side_by_side
from targets.measure.planning import whole_sets
from targets.measure.records import Page, Record, Window
from targets.measure.sight import as_seen
from targets.measure.title_counts import counting
from targets.rules import TITLES, Spec

COUNTING = (*TITLES, Feed.BAND)


@dataclass(frozen=True)
class Overlap:
    """Two sets of enterprises laid upon each other: how many are in the one alone, in the other alone, in both."""

    only_first: int = 0
    only_second: int = 0
    both: int = 0

    @property
    def first(self) -> int:
        return self.only_first + self.both

    @property
    def second(self) -> int:
        return self.only_second + self.both

    @property
    def either(self) -> int:
        return self.only_first + self.only_second + self.both

    def number(self, part: Part) -> int:
        return {Part.BOTH: self.both, Part.FIRST: self.only_first, Part.SECOND: self.only_second}[part]


@dataclass(frozen=True)
class Overlaps:
    """The overlap of two rules on a day: the city's, and by the id of the area (None: in no area)."""

    city: Overlap
    by_district: dict[int | None, Overlap]


@dataclass
class Matrix:
    """How many enterprises each of several rules counts, and each two of them; by their places in the list."""

    sizes: list[int]
    both: dict[tuple[int, int], int] = field(default_factory=dict)

    def overlap(self, first: int, second: int) -> Overlap:
        both = self.both.get((min(first, second), max(first, second)), 0)
        return Overlap(self.sizes[first] - both, self.sizes[second] - both, both)


@dataclass(frozen=True)
class Together:
    """Several sets: what their sizes add up to, and how many enterprises there really are."""

    added: int
    once: int

    @property
    def again(self) -> int:
        """How many times an enterprise is counted that has been counted already."""
        return self.added - self.once


def counts_enterprises(spec: Spec) -> bool:
    """Whether enterprises stand behind the number of a rule, each counted once or by its things."""
    return spec.feed in COUNTING


# The questions


def overlap(first: Spec, second: Spec, day: dt.date) -> Overlaps:
    """How many enterprises two rules count both on a day, and each alone: the city and every area."""
    laid = _laid([first, second], day)
    areas = laid.situation.enterprises.districts
    parts = {part: areas.counted(laid.areas(laid.part(part))) for part in Part}
    by_district = {
        place: Overlap(*(parts[part].get(place, 0) for part in (Part.FIRST, Part.SECOND, Part.BOTH)))
        for place in {place for found in parts.values() for place in found}
    }
    return Overlaps(_sum(by_district.values()), by_district)


def enterprises(
    first: Spec, second: Spec, day: dt.date, part: Part = Part.BOTH, window: Window | None = None
) -> Page:
    """The enterprises that two rules count both on a day, or that one counts alone; see Window for who may see them."""
    return as_seen(window or Window(), lambda window: _in_part(first, second, day, part, window))


def _in_part(first: Spec, second: Spec, day: dt.date, part: Part, window: Window) -> Page:
    with whole_sets():
        laid = _laid([first, second], day)
        found = laid.part(part)
        if window.district is not None or window.within:
            found = found[laid.within(window.district)[found]]
        key = names.key(window.search)
        parameters = {
            "ids": laid.situation.enterprises.ids[found].tolist(),
            "search": key,
            "pattern": f"%{key}%",
            "offset": window.offset,
            "limit": window.limit,
        }
        with connection.cursor() as cursor:
            cursor.execute(NAMES, parameters)
            rows = cursor.fetchall()
    places = laid.situation.areas_of(np.array([row[0] for row in rows], np.int64))
    records = [
        Record(enterprise_id=pk, enterprise=name, uscc=uscc, district_id=place)
        for (pk, name, uscc, _total), place in zip(rows, places, strict=True)
    ]
    return Page(records, rows[0][-1] if rows else 0)


def counted_in(specs: Sequence[Spec], day: dt.date, enterprise: int) -> set[int]:
    """The places in the list of the rules that count an enterprise on a day."""
    if not specs:
        return set()
    laid = _laid(specs, day, only=enterprise)
    return {place for place, found in enumerate(laid.sets) if len(found)}


def matrix(specs: Sequence[Spec], day: dt.date, *, district: int | None = None) -> Matrix:
    """How many enterprises of the city or an area each rule counts on a day, and each two of them."""
    laid = _laid(specs, day).here(district)
    both = np.zeros((len(specs), len(specs)))
    for start in range(0, len(laid.situation.enterprises), AT_ONCE):
        inside = laid.flags(start, start + AT_ONCE)
        both += inside @ inside.T
    numbers = both.astype(np.int64).tolist()
    pairs = {(one, other): numbers[one][other] for one, other in combinations(range(len(specs)), 2)}
    return Matrix(
        [numbers[place][place] for place in range(len(specs))],
        {pair: number for pair, number in pairs.items() if number},
    )


def together(specs: Sequence[Spec], day: dt.date, *, district: int | None = None) -> Together:
    """How many enterprises several rules count on a day, added up and each once."""
    laid = _laid(specs, day).here(district)
    once = np.unique(np.concatenate([np.empty(0, np.int64), *laid.sets]))
    return Together(sum(len(found) for found in laid.sets), len(once))


def _sum(overlaps: Iterable[Overlap]) -> Overlap:
    """An enterprise is in one area on a day, so that the city is the sum of its areas and of what lies in none."""
    found = list(overlaps)
    return Overlap(
        sum(one.only_first for one in found),
        sum(one.only_second for one in found),
        sum(one.both for one in found),
    )


NAMES = """
    SELECT enterprise.id, enterprise.name, enterprise.uscc, count(*) OVER ()
      FROM unnest(%(ids)s::bigint[]) AS found(id) JOIN registry_enterprise enterprise USING (id)
     WHERE %(search)s = '' OR enterprise.name_key LIKE %(pattern)s OR enterprise.uscc LIKE upper(%(pattern)s)
     ORDER BY enterprise.id
    OFFSET %(offset)s LIMIT %(limit)s
"""

# The sets

# How many enterprises are compared by all rules at a time: so many numbers for each rule lie in memory.
AT_ONCE = 50_000


@dataclass(frozen=True)
class _Laid:
    """The enterprises behind each of some rules, by their places in their order, laid upon each other."""

    situation: Situation
    sets: list[Numbers]

    def part(self, part: Part) -> Numbers:
        """Of two sets what is in both, or in one alone."""
        first, second = self.sets
        if part == Part.BOTH:
            return np.intersect1d(first, second, assume_unique=True)
        one, other = (first, second) if part == Part.FIRST else (second, first)
        return np.setdiff1d(one, other, assume_unique=True)

    def areas(self, places: Numbers) -> Indices:
        return self.situation.districts[places]

    def within(self, district: int | None) -> Chosen:
        """Of every enterprise whether it is in an area, or in none."""
        (area,) = self.situation.enterprises.districts.of(np.array([district or 0]))
        found: Chosen = self.situation.districts == area
        return found

    def here(self, district: int | None) -> "_Laid":
        """The same of an area alone; None: of the whole city."""
        if district is None:
            return self
        within = self.within(district)
        return replace(self, sets=[found[within[found]] for found in self.sets])

    def flags(self, start: int, end: int) -> npt.NDArray[np.float32]:
        """Of the enterprises between two places, rule by rule, 1 where it counts them."""
        flags = np.zeros((len(self.sets), end - start), np.float32)
        for number, found in enumerate(self.sets):
            flags[number, found[(found >= start) & (found < end)] - start] = 1
        return flags


def _laid(specs: Sequence[Spec], day: dt.date, *, only: int | None = None) -> _Laid:
    """Of all enterprises, or `only` of one."""
    for spec in specs:
        if not counts_enterprises(spec):
            raise ValueError(f"{spec.code} does not count enterprises")
    with whole_sets():
        everything = Columns()
        bands = [spec for spec in specs if spec.feed == Feed.BAND]
        (yearly,) = yearly_figures(everything, Days([day]), bands)
        years = {spec: yearly.newest_year(spec, [EVERYWHERE]) for spec in bands}
        columns = everything if only is None else Columns(only)
        works = holders.read(columns, [spec for spec in specs if spec.feed in TITLES])
        for spec, year in years.items():
            works += amounts.read(columns, [year] if year else [], [spec.figure])
        side_by_side([*works, *all_enterprises.read(columns)])
        return all_enterprises.placed(columns, partial(_sets, columns, specs, day, years))


def _sets(
    columns: Columns, specs: Sequence[Spec], day: dt.date, years: dict[Spec, int | None], among: Enterprises
) -> _Laid:
    situation = Situations(columns).of(among, day)

    def behind(spec: Spec) -> Numbers:
        if spec not in years:
            of = Holders(spec, columns, among)
            # several things of one enterprise are one enterprise
            return np.unique(of.enterprises(counting(of, spec, day)))
        year = years[spec]
        if year is None:
            return np.empty(0, np.int64)
        figures: Amounts = columns[amounts.source(year, spec.figure)]
        return np.sort(figures.places(among)[within_band(figures, spec, situation)])

    return _Laid(situation, [behind(spec) for spec in specs])
