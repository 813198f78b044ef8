"""Counts of titles: stock, new, yearly, and the two counts of a multiple, all rules in one statement.

A holder is an enterprise, or for rules that count things a named thing under its scheme (two centres of an enterprise
under two schemes are two, named or not). A holder is in one area on a day, so that the
city is the sum of its areas and of what lies in none.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from registry import validity
from registry.choices import Unit
from registry.models import Designation
from targets.choices import Feed
from targets.rules import Spec

STOCK = "stock"
FIRST = "first"


@dataclass(frozen=True)
class Question:
    """Count a rule's holders: those valid on `day` (stock), or those first awarded after `after` up to `day` (first)."""

    key: str
    spec: Spec
    day: dt.date
    mode: str = STOCK
    after: dt.date | None = None


@dataclass
class Count:
    """How many, by the id of the area (None: in no area) and by the id of the main cluster of each kind."""

    by_district: dict[int | None, int] = field(default_factory=lambda: defaultdict(int))
    by_cluster: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        return sum(self.by_district.values())


def question(spec: Spec, day: dt.date, *, key: str = "") -> Question:
    """What a rule of titles asks on a day."""
    key = key or spec.code
    if spec.feed == Feed.NEW:
        return Question(key, spec, day, FIRST, spec.starts_on)
    if spec.feed == Feed.YEARLY:
        return Question(key, spec, day, FIRST, dt.date(day.year - 1, 12, 31))
    return Question(key, spec, day)


ASKED = """
    asked AS (
        SELECT * FROM unnest(
            %(key)s::int[], %(scheme)s::bigint[], %(level)s::text[], %(applies_from)s::date[], %(applies_to)s::date[],
            %(by_item)s::boolean[], %(stock)s::boolean[], %(day)s::date[], %(after)s::date[]
        ) AS asked(key, scheme_id, level, applies_from, applies_to, by_item, stock, day, after)
    ),
    asked_day AS (SELECT DISTINCT day FROM asked),
    moved AS ({moved})
"""

# A holder that a rule counts, once. What stands in `fact` is decided by registry.validity alone. An enterprise is told
# by its number alone: grouping by the text of a name costs several times as much.
HOLDER = """
    holder AS (
        SELECT asked.key, fact.enterprise_id, min(asked.day) AS day, fact.district_id
          FROM asked JOIN ({fact}) fact ON fact.scheme_id = asked.scheme_id AND fact.level = asked.level
         WHERE {condition}
         GROUP BY asked.key, fact.enterprise_id, fact.district_id,
                  CASE WHEN asked.by_item OR fact.enterprise_id IS NULL THEN lower(fact.item) END,
                  CASE WHEN asked.by_item THEN fact.scheme_id END
        HAVING bool_or(asked.stock) OR min(fact.valid_from) > min(asked.after)
    )
"""
FEEDS = """
    fact.valid_from <= asked.day
    AND (asked.applies_from IS NULL OR fact.valid_from >= asked.applies_from)
    AND (asked.applies_to IS NULL OR fact.valid_from <= asked.applies_to)
    AND (NOT asked.stock OR fact.until IS NULL OR fact.until > asked.day)
"""

# Where holders are on their day: an enterprise where it then was, a thing of no enterprise where it is entered.
PLACE = """
    CASE WHEN {holder}.enterprise_id IS NULL THEN {holder}.district_id
         WHEN moved.enterprise_id IS NOT NULL THEN moved.district_id
         ELSE enterprise.district_id END
"""

COUNTS = """
    WITH {asked}, {holder}
    SELECT holder.key, {place} AS district_id, NULL::bigint AS cluster_id, count(*)
      FROM holder
      LEFT JOIN registry_enterprise enterprise ON enterprise.id = holder.enterprise_id
      LEFT JOIN moved ON moved.enterprise_id = holder.enterprise_id AND moved.day = holder.day
     GROUP BY 1, 2
     UNION ALL
    SELECT holder.key, NULL, member.cluster_id, count(*)
      FROM holder
      JOIN registry_membership member ON member.enterprise_id = holder.enterprise_id AND member.main
       AND (member.since IS NULL OR member.since <= holder.day)
       AND (member.until IS NULL OR member.until > holder.day)
     GROUP BY 1, 3
"""


def count(questions: Iterable[Question]) -> dict[str, Count]:
    """The counts of all questions, by key, in one statement; a question that nothing answers counts 0."""
    asked = list(questions)
    counts = {one.key: Count() for one in asked}
    parameters = parameters_of(asked)
    if not parameters["key"]:
        return counts
    fact, fact_parameters = confirmed_facts()
    sql = COUNTS.format(
        asked=ASKED.format(moved=validity.MOVED_SINCE),
        holder=HOLDER.format(fact=fact, condition=FEEDS),
        place=PLACE.format(holder="holder"),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters | fact_parameters)
        for place, district, cluster, number in cursor.fetchall():
            if cluster is None:
                counts[asked[place].key].by_district[district] += number
            else:
                counts[asked[place].key].by_cluster[cluster] += number
    return counts


def confirmed_facts() -> tuple[str, dict[str, Any]]:
    """The confirmed titles with `until`, as SQL with named parameters."""
    facts: QuerySet[Any] = Designation.objects.with_until().filter(state=validity.CONFIRMED)
    return named(
        facts.order_by().values(
            "scheme_id", "level", "enterprise_id", "item", "district_id", "valid_from", "until"
        )
    )


def named(queryset: Any, prefix: str = "fact") -> tuple[str, dict[str, Any]]:
    """A queryset's SQL with its parameters by name, to stand within a larger statement."""
    sql, values = queryset.query.sql_with_params()
    names = [f"{prefix}_{place}" for place in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def parameters_of(questions: Iterable[Question]) -> dict[str, list[Any]]:
    """One row for each question (by its place in the list), scheme and level, column by column."""
    rows = [
        (
            place,
            term.id,
            str(level),
            term.applies_from,
            term.applies_to,
            one.spec.unit == Unit.ITEM,
            one.mode == STOCK,
            one.day,
            one.after,
        )
        for place, one in enumerate(questions)
        for term in one.spec.schemes
        for level in one.spec.levels
    ]
    names = ("key", "scheme", "level", "applies_from", "applies_to", "by_item", "stock", "day", "after")
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    return {name: list(column) for name, column in zip(names, columns, strict=True)}
