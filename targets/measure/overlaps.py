"""How many enterprises two rules count both: each rule is the set of the enterprises behind its number on a day.

A thing that a rule counts stands for its enterprise; a thing of no enterprise is in no set. What a rule counts is
decided where it is counted, by `titles` and `figures`: here the sets are only laid upon each other. A title at a level
is a rule like any other: its stock.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry import names
from registry.choices import Unit
from registry.reading import connection
from targets.choices import Feed, Part
from targets.measure import titles
from targets.measure.days import Days
from targets.measure.figures import EVERYWHERE, INSIDE, columns, limits, yearly_figures
from targets.measure.places import existing, placed
from targets.measure.planning import whole_sets
from targets.measure.records import Page, Record, Window
from targets.measure.sight import as_seen
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
    numbers: dict[int | None, dict[tuple[bool, bool], int]] = defaultdict(dict)
    for place, in_first, in_second, number in _ask([first, second], day, BY_PLACE, {}):
        numbers[place][in_first, in_second] = number
    by_district = {place: _overlap_of(found) for place, found in numbers.items()}
    return Overlaps(_sum(by_district.values()), by_district)


def enterprises(
    first: Spec, second: Spec, day: dt.date, part: Part = Part.BOTH, window: Window | None = None
) -> Page:
    """The enterprises that two rules count both on a day, or that one counts alone; see Window for who may see them."""
    return as_seen(window or Window(), lambda window: _in_part(first, second, day, part, window))


def _in_part(first: Spec, second: Spec, day: dt.date, part: Part, window: Window) -> Page:
    key = names.key(window.search)
    parameters = {
        "in_first": part != Part.SECOND,
        "in_second": part != Part.FIRST,
        "anywhere": window.district is None and not window.within,
        "district": window.district,
        "search": key,
        "pattern": f"%{key}%",
        "offset": window.offset,
        "limit": window.limit,
    }
    rows = _ask([first, second], day, NAMES, parameters)
    fields = ("enterprise_id", "enterprise", "uscc", "district_id")
    records = [Record(**dict(zip(fields, row, strict=False))) for row in rows]
    return Page(records, rows[0][-1] if rows else 0)


def counted_in(specs: Sequence[Spec], day: dt.date, enterprise: int) -> set[int]:
    """The places in the list of the rules that count an enterprise on a day; in one statement for all of them."""
    if not specs:
        return set()
    return {place for (place,) in _ask(specs, day, OF_ENTERPRISE, {"enterprise": enterprise})}


def matrix(specs: Sequence[Spec], day: dt.date, *, district: int | None = None) -> Matrix:
    """How many enterprises of the city or an area each rule counts on a day, and each two of them."""
    found = Matrix([0] * len(specs))
    for one, other, number in _ask(specs, day, *_everywhere_or_in(district, PAIRS)):
        if one == other:
            found.sizes[one] = number
        else:
            found.both[one, other] = number
    return found


def together(specs: Sequence[Spec], day: dt.date, *, district: int | None = None) -> Together:
    """How many enterprises several rules count on a day, added up and each once."""
    ((added, once),) = _ask(specs, day, *_everywhere_or_in(district, UNION))
    return Together(added, once)


def _overlap_of(numbers: dict[tuple[bool, bool], int]) -> Overlap:
    return Overlap(
        only_first=numbers.get((True, False), 0),
        only_second=numbers.get((False, True), 0),
        both=numbers.get((True, True), 0),
    )


def _sum(overlaps: Iterable[Overlap]) -> Overlap:
    """An enterprise is in one area on a day, so that the city is the sum of its areas and of what lies in none."""
    found = list(overlaps)
    return Overlap(
        sum(one.only_first for one in found),
        sum(one.only_second for one in found),
        sum(one.both for one in found),
    )


# The statements: `counted` are the enterprises behind each rule, by the place of the rule in the list

SETS = "WITH counted AS ({counted}), {placed}"

# Where enterprises are on the day, and how they are called.
LOCATED = """
    located AS (
        SELECT holder.*, placed.district_id AS place, enterprise.name, enterprise.name_key, enterprise.uscc
          FROM holder
          JOIN placed ON placed.id = holder.enterprise_id
          JOIN registry_enterprise enterprise ON enterprise.id = holder.enterprise_id
    )
"""
BOTH_SIDES = f"""
    , holder AS (
        SELECT enterprise_id, bool_or(key = 0) AS in_first, bool_or(key = 1) AS in_second
          FROM counted GROUP BY enterprise_id
    ), {LOCATED}
"""
BY_PLACE = f"{BOTH_SIDES} SELECT place, in_first, in_second, count(*) FROM located GROUP BY 1, 2, 3"

NAMES = f"""
    {BOTH_SIDES}
    SELECT enterprise_id, name, uscc, place, count(*) OVER ()
      FROM located
     WHERE in_first = %(in_first)s AND in_second = %(in_second)s
       AND (%(anywhere)s OR place = %(district)s::bigint)
       AND (%(search)s = '' OR name_key LIKE %(pattern)s OR uscc LIKE upper(%(pattern)s))
     ORDER BY enterprise_id
    OFFSET %(offset)s LIMIT %(limit)s
"""

OF_ENTERPRISE = " SELECT key FROM counted WHERE enterprise_id = %(enterprise)s"
HERE = f"""
    , holder AS (SELECT key, enterprise_id FROM counted),
    {LOCATED},
    here AS (SELECT key, enterprise_id FROM located WHERE place = %(district)s)
"""
PAIRS = """
    SELECT one.key, other.key, count(*)
      FROM {source} one JOIN {source} other ON other.enterprise_id = one.enterprise_id AND other.key >= one.key
     GROUP BY 1, 2
"""
UNION = "SELECT count(*), count(DISTINCT enterprise_id) FROM {source}"


def _everywhere_or_in(district: int | None, statement: str) -> tuple[str, dict[str, Any]]:
    """A statement over the enterprises of the city, or of one area; where each is need not be asked for the city."""
    if district is None:
        return statement.format(source="counted"), {}
    return HERE + statement.format(source="here"), {"district": district}


def _ask(
    specs: Sequence[Spec], day: dt.date, statement: str, parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    for spec in specs:
        if not counts_enterprises(spec):
            raise ValueError(f"{spec.code} does not count enterprises")
    with whole_sets():
        found = [_titled(specs, day), _banded(specs, day)]
        counted = " UNION ALL ".join(sql for sql, _own in found if sql) or NOBODY
        days = Days([day])
        given = days.parameters | found[0][1] | found[1][1] | parameters
        with connection.cursor() as cursor:
            cursor.execute(SETS.format(counted=counted, placed=placed(days)) + statement, given)
            return list(cursor.fetchall())


# The sets: rows (key, enterprise_id), each once

NOBODY = "SELECT NULL::int AS key, NULL::bigint AS enterprise_id WHERE false"

TITLED = """
    SELECT {distinct} (%(places)s::int[])[key + 1] AS key, enterprise_id
      FROM (WITH {holder} SELECT * FROM holder) holder
     WHERE enterprise_id IS NOT NULL
"""

# As `figures.IN_BAND` counts them.
BANDED = """
    SELECT band.key, band.enterprise_id
      FROM (WITH {existing}
            SELECT asked.key, existing.id AS enterprise_id
              FROM unnest(%(band)s::int[], %(year)s::int[], %(figure)s::text[], %(lower)s::numeric[],
                          %(upper)s::numeric[]) AS asked(key, year, figure, lower, upper)
              JOIN registry_annualfigures figures ON figures.year = asked.year
              JOIN existing ON existing.id = figures.enterprise_id
              JOIN registry_enterprise enterprise ON enterprise.id = existing.id AND enterprise.parent_id IS NULL
             CROSS JOIN LATERAL (VALUES {columns}) AS named(figure, value)
             WHERE named.figure = asked.figure AND {inside}) band
"""


def _titled(specs: Sequence[Spec], day: dt.date) -> tuple[str, dict[str, Any]]:
    places = [place for place, spec in enumerate(specs) if spec.feed in TITLES]
    asked: dict[str, Any] = titles.parameters_of(titles.question(specs[place], day) for place in places)
    if not asked["key"]:
        return "", {}
    fact, fact_parameters = titles.confirmed_facts(asked["scheme"])
    by_item = any(specs[place].unit == Unit.ITEM for place in places)
    sql = TITLED.format(
        # several things of one enterprise are one enterprise
        distinct="DISTINCT" if by_item else "",
        holder=titles.holder(Days([day]), fact),
    )
    return sql, asked | fact_parameters | {"places": places}


def _banded(specs: Sequence[Spec], day: dt.date) -> tuple[str, dict[str, Any]]:
    asked = _bands(specs, day)
    if not asked:
        return "", {}
    sql = BANDED.format(
        existing=existing(Days([day])),
        columns=columns(sorted({spec.figure for _place, spec, _year in asked})),
        inside=INSIDE.format(value="named.value", lower="asked.lower", upper="asked.upper"),
    )
    return sql, {
        "band": [place for place, _spec, _year in asked],
        "year": [year for _place, _spec, year in asked],
        "figure": [spec.figure for _place, spec, _year in asked],
        "lower": [limits(spec)[0] for _place, spec, _year in asked],
        "upper": [limits(spec)[1] for _place, spec, _year in asked],
    }


def _bands(specs: Sequence[Spec], day: dt.date) -> list[tuple[int, Spec, int]]:
    """The bands among the rules by their places, each with the year whose figures it counts."""
    of_bands = [(place, spec) for place, spec in enumerate(specs) if spec.feed == Feed.BAND]
    (yearly,) = yearly_figures(Days([day]), [spec for _place, spec in of_bands])
    found = []
    for place, spec in of_bands:
        year = yearly.newest_year(spec, [EVERYWHERE])
        if year is not None:
            found.append((place, spec, year))
    return found
