"""What is true on a day, said once.

A designation counts on day D when it is confirmed, `valid_from` ≤ D, and D < its *until*: the first day on which it no
longer holds, the earliest of

- the day after `valid_to` plus the grace of its scheme (the last day counts; an empty `valid_to` never runs out),
- `ended_on` (failed re-review, revocation, removal …: on that day it no longer holds),
- `closed_on` of its enterprise.

The district of D is the present one, unless a later relocation says which it was: the `from_district` of the first
relocation after D. A membership holds from `since` (empty: always has) to the day before `until` (empty: still does).
Sources: 优质中小企业梯度培育管理办法, 绿色工厂梯度培育及管理暂行办法 and the city's practice, see DOMAIN of the project.
"""

import datetime as dt
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    Exists,
    Expression,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Least

from registry.choices import DesignationState

CONFIRMED = DesignationState.CONFIRMED


class NextDay(Func):
    """The day after a day."""

    template = "(%(expressions)s + 1)"
    output_field = DateField()


class NextDayAfterMonths(Func):
    """The day after a day plus a number of months; the 31st plus a month is that month's last day."""

    template = "(%(expressions)s, days => 1))::date"
    arg_joiner = " + make_interval(months => "
    output_field = DateField()


def term_end() -> Case:
    """The first day after the term and its grace; NULL without a term. For querysets of Designation."""
    last, grace = F("valid_to"), F("scheme__grace_months")
    # most schemes have no grace, and a day is added ten times as cheaply as an interval
    return Case(
        When(scheme__grace_months=0, then=NextDay(last)),
        default=NextDayAfterMonths(last, grace),
        output_field=DateField(),
    )


def own_until() -> Least:
    """The first day on which a designation no longer holds by itself, whether its enterprise is closed or not.

    NULL when it holds for good: PostgreSQL's LEAST passes over NULLs. For querysets of Designation.
    """
    return Least(term_end(), F("ended_on"), output_field=DateField())


def until() -> Least:
    """The first day on which a designation no longer holds; NULL when it holds for good.

    For querysets of Designation, see `DesignationQuerySet.with_until`.
    """
    return Least(own_until(), F("closed_enterprise__closed_on"), output_field=DateField())


def begun_and_not_over(day: dt.date, *, start: str, end: str) -> Q:
    """`start` ≤ day < `end`, where an empty start has always been and an empty end never comes."""
    return (Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": day})) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": day})
    )


def designation_counts(day: dt.date) -> Q:
    """Designations that count on a day; wants the annotation `until`."""
    return Q(state=CONFIRMED, valid_from__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))


def enterprise_exists(day: dt.date, prefix: str = "") -> Q:
    """Enterprises founded by a day (or at an unknown time) and not yet closed on it."""
    return begun_and_not_over(day, start=f"{prefix}founded_on", end=f"{prefix}closed_on")


def district_on(
    day: dt.date, relocations: QuerySet[Any], *, enterprise: str = "pk", present: str = "district"
) -> Expression:
    """The id of the district in which an enterprise was on a day, for querysets; NULL where unknown."""
    later = relocations.filter(enterprise=OuterRef(enterprise), day__gt=day).order_by("day")
    then = Subquery(later.values("from_district_id")[:1], output_field=BigIntegerField())
    # not COALESCE: an enterprise that came from outside was in no area of the city before
    return Case(When(Exists(later), then=then), default=F(f"{present}_id"), output_field=BigIntegerField())


# The same for whole sets, as SQL: of confirmed titles `fact` with their `until` (see `designation_counts`) …
BEGUN = "fact.valid_from <= {day}"
NOT_OVER = "(fact.until IS NULL OR fact.until > {day})"
VALID = f"{BEGUN} AND {NOT_OVER}"

# … and of places (see `district_on`): the stays of enterprises that ever moved, each from `since` (empty: always had been
# there) to the day before `until` (empty: still is); of the last one the area is the present one.
STAYS = """
    SELECT enterprise_id, from_district_id AS district_id, false AS present,
           lag(day) OVER (PARTITION BY enterprise_id ORDER BY day) AS since, day AS until
      FROM registry_relocation
     UNION ALL
    SELECT enterprise_id, NULL, true, max(day), NULL FROM registry_relocation GROUP BY enterprise_id
"""
