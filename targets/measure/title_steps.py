"""The steps of a bridge for counts of titles: who was gained and lost between two days, and through which title."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Q, Value

from registry import validity
from registry.querysets import IsAnyOf
from targets.choices import Cause, Feed
from targets.measure import title_counts, titles
from targets.measure.days import Days
from targets.measure.places import MOVED, member, placed
from targets.rules import Spec

# On each of the two days whether a holder counts; `kept` says that one and the same title carries it over.
COUNTS = {
    Feed.STOCK: ("bool_or(on_first)", "bool_or(on_last)", "bool_or(on_first AND on_last)"),
    Feed.NEW: (
        "min(valid_from) > %(since)s AND min(valid_from) <= %(first)s",
        "min(valid_from) > %(since)s",
        "min(valid_from) > %(since)s AND min(valid_from) <= %(first)s",
    ),
    Feed.YEARLY: (
        "min(valid_from) > %(since)s AND min(valid_from) <= %(first)s",
        "min(valid_from) > %(year_before_last)s",
        "min(valid_from) > %(year_before_last)s AND min(valid_from) <= %(first)s",
    ),
}

STEPS = """
    fact AS MATERIALIZED (
        SELECT fact.id, fact.enterprise_id, fact.district_id, fact.valid_from, fact.until, fact.ended_on, fact.term_end,
               {thing} AS thing, {thing_scheme} AS thing_scheme,
               {valid_first} AS on_first, {valid_last} AS on_last
          FROM {asked} JOIN ({fact}) fact ON fact.scheme_id = asked.scheme_id AND fact.level = asked.level
         WHERE {feeds}
    ),
    holder AS (
        SELECT enterprise_id, district_id, thing, thing_scheme, min(valid_from) AS awarded_first,
               coalesce({was}, false) AS was, coalesce({remains}, false) AS remains, coalesce({kept}, false) AS kept
          FROM fact GROUP BY 1, 2, 3, 4
    ),
    changed AS (
        SELECT row_number() OVER () AS number, holder.* FROM holder
         WHERE (was OR remains) AND NOT kept
    ),
    -- of the others nothing is told: where they are need not be known
    concerned AS (SELECT enterprise_id FROM changed UNION ALL {moved}),
    {placed}, {member},
    -- the last title to go, and the first to come
    gone AS (
        SELECT DISTINCT ON (changed.number) changed.*, fact.id AS designation_id,
               CASE WHEN {yearly} THEN '{year_over}'
                    WHEN fact.term_end = fact.until THEN '{expired}'
                    WHEN fact.ended_on = fact.until THEN '{ended}'
                    ELSE '{closed}' END AS cause
          FROM changed JOIN fact ON {same_holder} AND (fact.on_first OR NOT {stock})
         WHERE changed.was
         ORDER BY changed.number, CASE WHEN {stock} THEN fact.until END DESC NULLS FIRST, fact.valid_from, fact.id
    ),
    come AS (
        SELECT DISTINCT ON (changed.number) changed.*, fact.id AS designation_id,
               CASE WHEN changed.awarded_first <= %(first)s THEN '{renewed}' ELSE '{granted}' END AS cause
          FROM changed JOIN fact ON {same_holder} AND (fact.on_last OR NOT {stock})
         WHERE changed.remains
         ORDER BY changed.number, fact.valid_from, fact.id
    ),
    -- who stays counted in another place
    stayed AS (
        SELECT holder.enterprise_id, holder.thing, before.district_id AS from_district_id,
               after.district_id AS to_district_id
          FROM holder
          JOIN placed before ON before.id = holder.enterprise_id AND before.bits0 & 1 <> 0
          JOIN placed after ON after.id = holder.enterprise_id AND after.bits0 & 2 <> 0
         WHERE holder.kept AND before.bits0 <> 3
    ),
    step AS (
        SELECT enterprise_id, thing, {place_first} AS district_id, designation_id, cause, -1 AS amount,
               NULL::numeric AS value
          FROM gone LEFT JOIN placed ON placed.id = gone.enterprise_id AND placed.bits0 & 1 <> 0
         UNION ALL
        SELECT enterprise_id, thing, {place_last}, designation_id, cause, 1, NULL
          FROM come LEFT JOIN placed ON placed.id = come.enterprise_id AND placed.bits0 & 2 <> 0
         UNION ALL
        SELECT enterprise_id, thing, from_district_id, NULL, '{moved_out}', -1, NULL FROM stayed
         WHERE from_district_id IS DISTINCT FROM to_district_id
         UNION ALL
        SELECT enterprise_id, thing, to_district_id, NULL, '{moved_in}', 1, NULL FROM stayed
         WHERE from_district_id IS DISTINCT FROM to_district_id
    ),
    -- who stays counted and has left or entered a cluster, with the area of the day on which it was in it
    cluster_move AS (
        SELECT member.cluster_id, holder.enterprise_id, holder.thing, placed.district_id, member.bits0
          FROM holder JOIN member USING (enterprise_id)
          JOIN placed ON placed.id = holder.enterprise_id AND placed.bits0 & member.bits0 <> 0
         WHERE holder.kept AND member.bits0 IN (1, 2)
    ),
    cluster_step AS (
        SELECT cluster_id, cause, -1 AS amount
          FROM gone JOIN member USING (enterprise_id) WHERE member.bits0 & 1 <> 0
         UNION ALL
        SELECT cluster_id, cause, 1
          FROM come JOIN member USING (enterprise_id) WHERE member.bits0 & 2 <> 0
         UNION ALL
        SELECT cluster_id, CASE bits0 WHEN 1 THEN '{moved_out}' ELSE '{moved_in}' END,
               CASE bits0 WHEN 1 THEN -1 ELSE 1 END
          FROM cluster_move
    )
"""

CONCERNED = "SELECT enterprise_id FROM concerned"

# Equal, and not "not distinct": only that can be joined by hashing. What is empty is so for all titles of a holder.
SAME_HOLDER = """
    coalesce(fact.enterprise_id, 0) = coalesce(changed.enterprise_id, 0)
    AND coalesce(fact.district_id, 0) = coalesce(changed.district_id, 0)
    AND coalesce(fact.thing, '') = coalesce(changed.thing, '')
    AND coalesce(fact.thing_scheme, 0) = coalesce(changed.thing_scheme, 0)
"""


def _concerned(spec: Spec, days: Days) -> list[int]:
    columns = title_counts.columns_of(spec)
    ids: list[int] = title_counts.concerned(columns, spec, days.first, days.last).tolist()
    return ids


def steps(spec: Spec, days: Days) -> tuple[str, dict[str, Any]]:
    """The tables `step` and `cluster_step` of a rule of titles between two days, with their parameters."""
    asked = titles.parameters_of(spec)
    among = IsAnyOf("enterprise", Value(_concerned(spec, days), ArrayField(BigIntegerField())))
    more = ("id", "ended_on", "term_end")
    fact, parameters = titles.confirmed_facts(asked["scheme"], *more, among=Q(among) | Q(enterprise=None))
    was, remains, kept = COUNTS[spec.feed]
    sql = STEPS.format(
        moved=MOVED,
        placed=placed(days, chosen=CONCERNED),
        member=member(days, chosen=CONCERNED),
        thing=titles.THING,
        thing_scheme=titles.THING_SCHEME,
        valid_first=validity.VALID.format(day="%(first)s"),
        valid_last=validity.VALID.format(day="%(last)s"),
        asked=titles.ASKED,
        fact=fact,
        feeds=titles.FEEDS,
        was=was,
        remains=remains,
        kept=kept,
        same_holder=SAME_HOLDER,
        stock=str(spec.feed == Feed.STOCK).lower(),
        yearly=str(spec.feed == Feed.YEARLY).lower(),
        place_first=titles.PLACE.format(holder="gone"),
        place_last=titles.PLACE.format(holder="come"),
        **{cause.name.lower(): cause.value for cause in Cause},
    )
    years = {
        "since": titles.awarded_after(spec, days.first),
        "year_before_last": titles.awarded_after(spec, days.last),
    }
    return sql, {**asked, **parameters, **days.parameters, **years}
