"""Counts of titles: stock, new, yearly, and the two counts of a multiple, all rules in one statement.

A holder is an enterprise, or for rules that count things a named thing under its scheme (two centres of an enterprise
under two schemes are two, named or not). A holder is in one area on a day, so that the
city is the sum of its areas and of what lies in none.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from registry import validity
from registry.choices import Unit
from registry.models import Designation, Enterprise, Relocation
from registry.reading import connection
from targets.choices import Feed
from targets.measure.counts import Count, tally
from targets.measure.days import Days, also, both, named
from targets.measure.lanes import side_by_side
from targets.measure.places import HALF, member, placed
from targets.measure.planning import can_export_snapshot
from targets.rules import Spec

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Question:
    """Count a rule's holders: those valid on the day, or (`first`) those whose first award lies after `after`.

    With `yearly` a first award counts to the end of its calendar year.
    """

    key: str
    spec: Spec
    first: bool = False
    yearly: bool = False
    after: dt.date | None = None


def question(spec: Spec, day: dt.date, *, key: str = "") -> Question:
    """What a rule of titles asks on a day, or on days of which it is the first."""
    key = key or spec.code
    if spec.feed == Feed.NEW:
        return Question(key, spec, first=True, after=spec.starts_on)
    if spec.feed == Feed.YEARLY:
        return Question(key, spec, first=True, yearly=True, after=dt.date(day.year - 1, 12, 31))
    return Question(key, spec)


# Of fewer schemes and levels than that the index finds the titles.
MANY = 12

# Not a common table expression: one of those shuts parallel workers out.
ASKED = """
    unnest(
        %(key)s::int[], %(scheme)s::bigint[], %(level)s::text[], %(applies_from)s::date[], %(applies_to)s::date[],
        %(by_item)s::boolean[], %(stock)s::boolean[]
    ) AS asked(key, scheme_id, level, applies_from, applies_to, by_item, stock)
"""

# Awarded by the last of the days, and when the rule has its titles awarded.
FEEDS = f"""
    {validity.BEGUN.format(day="%(last)s")}
    AND (asked.applies_from IS NULL OR fact.valid_from >= asked.applies_from)
    AND (asked.applies_to IS NULL OR fact.valid_from <= asked.applies_to)
"""
NOT_OVER = f"(NOT asked.stock OR {validity.NOT_OVER.format(day='%(first)s')})"

# What tells holders apart, beside the enterprise and the area of things of none. An enterprise is told by its number
# alone: grouping by the text of a name costs several times as much.
THING = "CASE WHEN asked.by_item OR fact.enterprise_id IS NULL THEN lower(fact.item) END"
THING_SCHEME = "CASE WHEN asked.by_item THEN fact.scheme_id END"

# A holder that a rule counts, once. What stands in `fact` is decided by registry.validity alone.
HOLDER = """
    holder AS (
        SELECT asked.key, fact.enterprise_id, fact.district_id{bits}
          FROM {asked} JOIN ({fact}) fact ON fact.scheme_id = asked.scheme_id AND fact.level = asked.level
         WHERE {feeds} AND {not_over}
         GROUP BY asked.key, fact.enterprise_id, fact.district_id, {thing}, {thing_scheme}
        HAVING {is_stock} OR min(fact.valid_from) > {after}
    )
"""
# What is the same for all titles of a question is looked up once for each holder.
OF_QUESTION = "(%({name})s::{type}[])[asked.key + 1]"
IS_STOCK, IS_YEARLY, AFTER = (
    OF_QUESTION.format(name=name, type=type_)
    for name, type_ in (("stocks", "boolean"), ("yearlies", "boolean"), ("afters", "date"))
)

# An enterprise is where it then was, a thing of no enterprise where it is entered.
PLACE = "CASE WHEN {holder}.enterprise_id IS NULL THEN {holder}.district_id ELSE placed.district_id END"

# Every enterprise once for its area and once for each of its main clusters: all of it is counted in one pass.
IN_CLUSTERS = " UNION ALL SELECT enterprise_id, NULL, cluster_id{bits} FROM member"
COUNTS = """
    WITH {placed}, {member},
    spot AS (
        SELECT id AS enterprise_id, district_id, NULL::bigint AS cluster_id{bits} FROM placed{in_clusters}
    ),
    {holder}
    SELECT holder.key, CASE WHEN holder.enterprise_id IS NULL THEN holder.district_id ELSE spot.district_id END,
           spot.cluster_id, count(*){both}
      FROM holder LEFT JOIN spot ON spot.enterprise_id = holder.enterprise_id
     GROUP BY 1, 2, 3{grouping}
"""


def count(questions: Iterable[Question], days: Days) -> dict[str, list[Count]]:
    """The counts of all questions on each of the days, by key, asked together; nothing found counts 0."""
    asked = list(questions)
    return counted(asked, side_by_side(pieces(asked, days)), days)


def counted(asked: Iterable[Question], found: Iterable[Rows], days: Days) -> dict[str, list[Count]]:
    """The same from what the `pieces` have found."""
    return tally([one.key for one in asked], chain.from_iterable(found), days)


def rows_of(asked: list[Question], days: Days, *, among: Q | None = None, clusters: bool = True) -> Rows:
    """Holders by (key, district, cluster, number, bits …); each row names an area or a cluster, and several may be added.

    With `among` only the titles of some holders are looked at: rows of places where there are others are not whole.
    """
    return [
        row for found in side_by_side(pieces(asked, days, among=among, clusters=clusters)) for row in found
    ]


def pieces(
    asked: list[Question], days: Days, *, among: Q | None = None, clusters: bool = True
) -> list[Callable[[], Rows]]:
    """What together finds `rows_of`: of many rules two pieces, each of half of the enterprises, where these can be asked
    side by side.
    """
    parameters = parameters_of(asked)
    if not parameters["key"]:
        return []
    fact, fact_parameters = confirmed_facts(parameters["scheme"], among=among)
    given = parameters | fact_parameters | days.parameters

    def find(half: int | None) -> Rows:
        sql = _statement(days, fact, clusters=clusters, half=half is not None)
        with connection.cursor() as cursor:
            cursor.execute(sql, given if half is None else given | {"half": half})
            return [(asked[place].key, *row) for place, *row in cursor.fetchall()]

    large = among is None and len(parameters["key"]) >= MANY
    halves: tuple[int | None, ...] = (0, 1) if large and can_export_snapshot() else (None,)
    return [partial(find, half) for half in halves]


def _statement(days: Days, fact: str, *, clusters: bool, half: bool) -> str:
    bits = also(days.columns)
    return COUNTS.format(
        placed=placed(days, half=half),
        member=member(days, half=half),
        bits=bits,
        in_clusters=IN_CLUSTERS.format(bits=bits) if clusters else "",
        holder=holder(days, fact, half=half),
        both=also(both(days.of("holder"), days.of("spot"))),
        grouping=also(str(number + 5) for number, _ in enumerate(days.columns)),
    )


def holder(days: Days, fact: str, *, half: bool = False) -> str:
    """The common table expression of holders with the days on which each counts."""
    feeds = f"{FEEDS} AND {HALF.format(enterprise='fact.enterprise_id')}" if half else FEEDS
    stock = days.covered("fact.valid_from", "fact.until")
    first = days.covered("min(fact.valid_from)", None)
    in_year = days.covered("min(fact.valid_from)", None, within_year=True)
    bits = [
        f"CASE WHEN {IS_STOCK} THEN bit_or({one}) FILTER (WHERE asked.stock) "
        f"WHEN {IS_YEARLY} THEN {of_year} ELSE {ever} END"
        for one, ever, of_year in zip(stock, first, in_year, strict=True)
    ]
    return HOLDER.format(
        asked=ASKED,
        fact=fact,
        feeds=feeds,
        not_over=NOT_OVER,
        thing=THING,
        thing_scheme=THING_SCHEME,
        is_stock=IS_STOCK,
        after=AFTER,
        bits=also(named(bits, days.columns)),
    )


def confirmed_facts(schemes: Iterable[int], *more: str, among: Q | None = None) -> tuple[str, dict[str, Any]]:
    """The confirmed titles of schemes with `until` and more columns, as SQL with named parameters."""
    facts: QuerySet[Any] = Designation.objects.with_until().annotate(term_end=validity.term_end())
    if among is not None:
        facts = facts.filter(among)
    wanted = facts.filter(state=validity.CONFIRMED, scheme__in=sorted(set(schemes))).order_by()
    fields = ("scheme_id", "level", "enterprise_id", "item", "district_id", "valid_from", "until", *more)
    return as_subquery(wanted.values(*fields))


def ever_in(districts: Collection[int], *, first_of_them: bool = False) -> Q:
    """Titles of holders that are in some areas today, or have ever moved: nobody else was there on any day.

    Where only the `first_of_them` in an order are wanted each is looked up; else the areas' enterprises are one set, by
    which titles are sifted where they are read.
    """
    moved = Relocation.objects.order_by().values("enterprise")
    here = Q(enterprise__district__in=districts)
    if not first_of_them:
        here = Q(enterprise__in=Enterprise.objects.filter(district__in=districts).order_by().values("pk"))
    return here | Q(enterprise__in=moved) | Q(enterprise=None, district__in=districts)


def as_subquery(queryset: Any, prefix: str = "fact") -> tuple[str, dict[str, Any]]:
    """A queryset's SQL with its parameters by name, to stand within a larger statement."""
    sql, values = queryset.query.sql_with_params()
    names = [f"{prefix}_{place}" for place in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def parameters_of(questions: Iterable[Question]) -> dict[str, list[Any]]:
    """One row for each question (by its place in the list), scheme and level, column by column; and of each question
    what its holders are looked up by.
    """
    asked = list(questions)
    rows = [
        (
            place,
            term.id,
            str(level),
            term.applies_from,
            term.applies_to,
            one.spec.unit == Unit.ITEM,
            not one.first,
        )
        for place, one in enumerate(asked)
        for term in one.spec.schemes
        for level in one.spec.levels
    ]
    names = ("key", "scheme", "level", "applies_from", "applies_to", "by_item", "stock")
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    return {
        **{name: list(column) for name, column in zip(names, columns, strict=True)},
        "stocks": [not one.first for one in asked],
        "yearlies": [one.yearly for one in asked],
        "afters": [one.after for one in asked],
    }
