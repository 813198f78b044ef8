"""What statements about the titles of a rule have in common.

A holder is an enterprise, or for rules that count things a named thing under its scheme (two centres of an enterprise
under two schemes are two, named or not). A holder is in one area on a day, so that the city is the sum of its areas and
of what lies in none.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from registry import validity
from registry.choices import Unit
from registry.models import Designation, Relocation
from targets.choices import Feed
from targets.rules import Spec


def awarded_after(spec: Spec, day: dt.date) -> dt.date | None:
    """The day after which a holder's first award has to lie; None for a rule that counts who holds a valid title.

    New is what is first awarded in the plan's period, in a year what is first awarded in it.
    """
    if spec.feed == Feed.NEW:
        return spec.starts_on
    if spec.feed == Feed.YEARLY:
        return dt.date(day.year - 1, 12, 31)
    return None


# Not a common table expression: one of those shuts parallel workers out.
ASKED = """
    unnest(
        %(scheme)s::bigint[], %(level)s::text[], %(applies_from)s::date[], %(applies_to)s::date[],
        %(by_item)s::boolean[]
    ) AS asked(scheme_id, level, applies_from, applies_to, by_item)
"""

# Awarded by the last of the days, and when the rule has its titles awarded.
FEEDS = f"""
    {validity.BEGUN.format(day="%(last)s")}
    AND (asked.applies_from IS NULL OR fact.valid_from >= asked.applies_from)
    AND (asked.applies_to IS NULL OR fact.valid_from <= asked.applies_to)
"""

# What tells holders apart, beside the enterprise and the area of things of none. An enterprise is told by its number
# alone: grouping by the text of a name costs several times as much.
THING = "CASE WHEN asked.by_item OR fact.enterprise_id IS NULL THEN lower(fact.item) END"
THING_SCHEME = "CASE WHEN asked.by_item THEN fact.scheme_id END"

# An enterprise is where it then was, a thing of no enterprise where it is entered.
PLACE = "CASE WHEN {holder}.enterprise_id IS NULL THEN {holder}.district_id ELSE placed.district_id END"


def confirmed_facts(schemes: Iterable[int], *more: str, among: Q | None = None) -> tuple[str, dict[str, Any]]:
    """The confirmed titles of schemes with `until` and more columns, as SQL with named parameters."""
    facts: QuerySet[Any] = Designation.objects.with_until().annotate(term_end=validity.term_end())
    if among is not None:
        facts = facts.filter(among)
    wanted = facts.filter(state=validity.CONFIRMED, scheme__in=sorted(set(schemes))).order_by()
    fields = ("scheme_id", "level", "enterprise_id", "item", "district_id", "valid_from", "until", *more)
    return as_subquery(wanted.values(*fields))


def ever_in(district: int) -> Q:
    """Titles of holders that are in an area today, or have ever moved: nobody else was there on any day."""
    moved = Relocation.objects.order_by().values("enterprise")
    return Q(enterprise__district=district) | Q(enterprise__in=moved) | Q(enterprise=None, district=district)


def as_subquery(queryset: Any, prefix: str = "fact") -> tuple[str, dict[str, Any]]:
    """A queryset's SQL with its parameters by name, to stand within a larger statement."""
    sql, values = queryset.query.sql_with_params()
    names = [f"{prefix}_{place}" for place in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def parameters_of(spec: Spec) -> dict[str, list[Any]]:
    """What a rule asks for, column by column: one row for each scheme and level."""
    rows = [
        (term.id, str(level), term.applies_from, term.applies_to, spec.unit == Unit.ITEM)
        for term in spec.schemes
        for level in spec.levels
    ]
    names = ("scheme", "level", "applies_from", "applies_to", "by_item")
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    return {name: list(column) for name, column in zip(names, columns, strict=True)}
