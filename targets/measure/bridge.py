"""Why a count changed between two days: what was gained and lost by cause, for the city, each area and each cluster.

A holder that is counted on the earlier day and not on the later is lost, by what ended the last of its titles; one that
is counted on the later day only is granted, or renewed where it had held a title of the rule before. A holder whose
titles of the earlier day are all over, and that has a new one, is lost and renewed: the bridge shows how many ran out and
how many came back. Who is counted on both days and has moved is a loss here and a gain there, and nothing to the city.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from registry.reading import connection
from targets.choices import Cause, Feed
from targets.measure import band_steps, title_steps
from targets.measure.days import Days
from targets.measure.lanes import side_by_side
from targets.measure.memory import Question, remembered
from targets.measure.pages import Page, Record, Window, page_of, window_parameters
from targets.measure.planning import whole_sets
from targets.measure.readings import Number, measure_on
from targets.measure.sight import as_seen
from targets.rules import TITLES, Spec

COUNTED = (*TITLES, Feed.BAND)

Causes = dict[Cause, int]


@dataclass(frozen=True)
class Bridge:
    """Gains (positive) and losses (negative) by cause between two values; each place adds up by itself.

    Areas are by the id of the district (None: in no area), clusters by their id.
    """

    spec: Spec
    first: dt.date
    last: dt.date
    start: int
    end: int
    causes: Causes = field(default_factory=dict)
    by_district: dict[int | None, Causes] = field(default_factory=dict)
    by_cluster: dict[int, Causes] = field(default_factory=dict)


class NoBridge(ValueError):
    """A rule whose number is no count of holders."""


MOVES = (Cause.MOVED_IN, Cause.MOVED_OUT)

SUMS = """
    WITH {steps}
    SELECT cause, district_id, NULL::bigint, sum(amount) FROM step GROUP BY 1, 2
     UNION ALL
    SELECT cause, NULL, cluster_id, sum(amount) FROM cluster_step GROUP BY 1, 3
"""

# Of a cluster: what its members gained and lost, and who came and went; who moves between areas has not moved here.
OF_CLUSTER = """,
    told AS (
        SELECT step.* FROM step JOIN member ON member.enterprise_id = step.enterprise_id
         WHERE member.cluster_id = %(cluster)s AND member.bits0 & CASE WHEN step.amount < 0 THEN 1 ELSE 2 END <> 0
           AND step.cause NOT IN ('{moved_in}', '{moved_out}')
         UNION ALL
        SELECT enterprise_id, thing, district_id, NULL, CASE bits0 WHEN 1 THEN '{moved_out}' ELSE '{moved_in}' END,
               CASE bits0 WHEN 1 THEN -1 ELSE 1 END, NULL
          FROM cluster_move WHERE cluster_id = %(cluster)s
    )
"""
EVERYWHERE = """,
    told AS (
        SELECT * FROM step WHERE cause NOT IN ('{moved_in}', '{moved_out}') OR %(district)s::bigint IS NOT NULL
    )
"""

RECORDS = """
    WITH {steps}{told}
    SELECT step.enterprise_id, coalesce(enterprise.name, ''), enterprise.uscc, step.district_id, step.designation_id,
           coalesce(designation.item, step.thing, ''), coalesce(scheme.name, ''), coalesce(designation.level, ''),
           coalesce(designation.batch, ''), coalesce(designation.document, ''), designation.valid_from,
           designation.valid_to, designation.ended_on, step.value, step.cause, step.amount, count(*) OVER ()
      FROM told step
      LEFT JOIN registry_enterprise enterprise ON enterprise.id = step.enterprise_id
      LEFT JOIN registry_designation designation ON designation.id = step.designation_id
      LEFT JOIN registry_scheme scheme ON scheme.id = designation.scheme_id
     WHERE (%(reason)s = '' OR step.cause = %(reason)s)
       AND (%(district)s::bigint IS NULL OR step.district_id = %(district)s)
       AND (%(search)s = '' OR enterprise.name_key LIKE %(pattern)s OR enterprise.uscc LIKE upper(%(pattern)s)
            OR registry_name_key(coalesce(designation.item, step.thing, '')) LIKE %(pattern)s)
     ORDER BY step.amount, step.cause, designation.valid_from DESC NULLS LAST, step.enterprise_id, step.designation_id
    OFFSET %(offset)s LIMIT %(limit)s
"""

RECORD_FIELDS = (
    *(
        "enterprise_id",
        "enterprise",
        "uscc",
        "district_id",
        "designation_id",
        "item",
        "scheme",
        "level",
        "batch",
    ),
    *("document", "valid_from", "valid_to", "ended_on", "value"),
)


def bridge(spec: Spec, first: dt.date, last: dt.date) -> Bridge:
    """What was gained and lost between two days, remembered. NoBridge where the number is no count of holders."""
    return all_bridges([spec], first, last)[spec.code]


def all_bridges(specs: Iterable[Spec], first: dt.date, last: dt.date) -> dict[str, Bridge]:
    """The bridges of several rules by their code; what is not remembered is asked side by side."""
    wanted = list(specs)
    for spec in wanted:
        _check(spec, first, last)
    asked = {spec.code: (spec, last, "bridge", first) for spec in wanted}
    found = remembered(asked.values(), partial(_bridges, Days([first, last])))
    return {code: found[one] for code, one in asked.items()}


def _bridges(days: Days, questions: list[Question]) -> dict[Question, Bridge]:
    works = [partial(_bridge, spec, days) for spec, *_rest in questions]
    return dict(zip(questions, side_by_side(works), strict=True))


def _bridge(spec: Spec, days: Days) -> Bridge:
    with whole_sets(), connection.cursor() as cursor:
        start, end = _numbers(spec, days)
        statement, parameters = _steps(spec, days, (start, end))
        cursor.execute(SUMS.format(steps=statement), parameters)
        rows = cursor.fetchall()
    return _told(Bridge(spec, days.first, days.last, int(start.value or 0), int(end.value or 0)), rows)


def _told(empty: Bridge, rows: Iterable[tuple[str, int | None, int | None, int]]) -> Bridge:
    causes: Causes = defaultdict(int)
    by_district: dict[int | None, Causes] = defaultdict(dict)
    by_cluster: dict[int, Causes] = defaultdict(dict)
    for name, district, cluster, amount in rows:
        cause, number = Cause(name), int(amount)
        if cluster is not None:
            by_cluster[cluster][cause] = number
        else:
            by_district[district][cause] = number
            causes[cause] += number if cause not in MOVES else 0
    found = {cause: causes[cause] for cause in Cause if causes.get(cause)}
    return Bridge(
        empty.spec,
        empty.first,
        empty.last,
        empty.start,
        empty.end,
        found,
        dict(by_district),
        dict(by_cluster),
    )


def steps(spec: Spec, first: dt.date, last: dt.date, window: Window | None = None) -> Page:
    """The records behind a bridge, losses first; `window.reason` is a cause.

    Moves are told of an area or a cluster alone: in an area those between areas, in a cluster those of members.
    """
    return as_seen(window or Window(), lambda window: _records(spec, first, last, window))


def _records(spec: Spec, first: dt.date, last: dt.date, window: Window) -> Page:
    days = _between(spec, first, last)
    with whole_sets(), connection.cursor() as cursor:
        statement, parameters = _steps(spec, days, _numbers(spec, days) if spec.feed == Feed.BAND else ())
        told = EVERYWHERE if window.cluster is None else OF_CLUSTER
        sql = RECORDS.format(
            steps=statement, told=told.format(moved_in=Cause.MOVED_IN, moved_out=Cause.MOVED_OUT)
        )
        cursor.execute(sql, {**parameters, **window_parameters(window)})
        return page_of(cursor.fetchall(), lambda row: _record(row, spec.shown_divisor))


def _record(row: tuple[Any, ...], divisor: Decimal) -> Record:
    values = dict(zip(RECORD_FIELDS, row, strict=False))
    if values["value"] is not None:
        values["value"] /= divisor
    return Record(**values, cause=Cause(row[-3]), amount=int(row[-2]))


def _between(spec: Spec, first: dt.date, last: dt.date) -> Days:
    _check(spec, first, last)
    return Days([first, last])


def _check(spec: Spec, first: dt.date, last: dt.date) -> None:
    if spec.feed not in COUNTED:
        raise NoBridge(spec.feed)
    if first >= last:
        raise ValueError("a bridge leads from one day to a later one")


def _numbers(spec: Spec, days: Days) -> tuple[Number, ...]:
    found = measure_on([spec], days.days)
    return tuple(readings[spec.code].registry for readings in found)


def _steps(spec: Spec, days: Days, numbers: tuple[Number, ...]) -> tuple[str, dict[str, Any]]:
    """The tables `step` and `cluster_step` (cause, amount, area or cluster) with their parameters."""
    if spec.feed == Feed.BAND:
        first, last = (number.data_date.year if number.data_date else None for number in numbers)
        return band_steps.steps(spec, days, first, last)
    return title_steps.steps(spec, days)
