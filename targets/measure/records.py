"""The records behind a number: those that it counts, and those of the same schemes that it does not, with the reason.

Both come from one statement, so that each record of a rule's schemes is either counted or excluded, never both.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from registry import names, validity
from registry.choices import Level
from registry.models import Cluster, Designation, District
from targets.choices import Exclusion, Feed
from targets.measure import published, titles
from targets.measure.figures import BASE, EVERYWHERE, YearlyFigures, columns, in_figure_unit, limits
from targets.measure.planning import whole_sets
from targets.rules import Spec


@dataclass(frozen=True)
class Record:
    """One record behind a number; what does not apply is None or empty. For `value` see Spec.shown_divisor."""

    enterprise_id: int | None = None
    enterprise: str = ""
    uscc: str | None = None
    district_id: int | None = None
    designation_id: int | None = None
    item: str = ""
    scheme: str = ""
    level: str = ""
    batch: str = ""
    document: str = ""
    announced_on: dt.date | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    ended_on: dt.date | None = None
    cluster: str = ""
    year: int | None = None
    value: Decimal | None = None
    source: str = ""
    reason: Exclusion | None = None


@dataclass(frozen=True)
class Page:
    """Some of the records, and how many there are in all."""

    records: list[Record]
    total: int


@dataclass(frozen=True)
class Window:
    """Which records are wanted.

    `district` is the area asked about (its id; None for the city). With `within` nothing of other areas is shown, for
    people who may not see them. `search` looks into names, items and codes.
    """

    district: int | None = None
    within: bool = False
    search: str = ""
    reason: str = ""
    offset: int = 0
    limit: int | None = None


def contributors(spec: Spec, day: dt.date, window: Window | None = None) -> Page:
    """The records that make up the number of a rule on a day."""
    return _records(spec, day, window or Window(), counted=True)


def exclusions(spec: Spec, day: dt.date, window: Window | None = None) -> Page:
    """The records of the same schemes, figures or groups that are not counted, each with the first reason to."""
    return _records(spec, day, window or Window(), counted=False)


def _records(spec: Spec, day: dt.date, window: Window, *, counted: bool) -> Page:
    ways: dict[Feed, Callable[..., Page]] = {
        Feed.BAND: _of_band,
        Feed.SUM: _of_members,
        Feed.RATIO: _of_members,
        Feed.CLUSTERS_OVER: _of_clusters,
        Feed.LEAST: _of_leaders,
        Feed.STATISTIC: _of_statistics,
    }
    way = ways.get(spec.feed)
    if way is None:
        way = _of_titles if spec.schemes else _of_statistics
    with whole_sets():
        return way(spec, day, window, counted)


# Titles

REASONS = f"""
    CASE WHEN fact.state = 'announced' THEN '{Exclusion.ANNOUNCED}'
         WHEN fact.state <> '{validity.CONFIRMED}' THEN '{Exclusion.NOT_CONFIRMED}'
         WHEN fact.valid_from > %(as_of)s THEN '{Exclusion.NOT_BEGUN}'
         WHEN %(is_stock)s AND fact.term_end <= %(as_of)s THEN '{Exclusion.EXPIRED}'
         WHEN %(is_stock)s AND fact.ended_on <= %(as_of)s THEN '{Exclusion.ENDED}'
         WHEN %(is_stock)s AND fact.until <= %(as_of)s THEN '{Exclusion.CLOSED}'
         WHEN %(district)s::bigint IS NOT NULL AND {{place}} IS DISTINCT FROM %(district)s::bigint
              THEN '{Exclusion.OTHER_AREA}'
         WHEN asked.key IS NULL THEN '{Exclusion.LOWER_LEVEL}'
         WHEN asked.applies_from > fact.valid_from OR asked.applies_to < fact.valid_from
              THEN '{Exclusion.OTHER_RULE}'
    END
"""

TITLES = """
    WITH {asked}, fact AS ({fact}),
    sorted AS (
        SELECT fact.*, {place} AS place, {reasons} AS reason,
               array_position(%(ranks)s::text[], fact.level::text) AS rank,
               CASE WHEN %(items)s OR fact.enterprise_id IS NULL THEN lower(fact.item) ELSE '' END AS thing,
               CASE WHEN %(items)s THEN fact.scheme_id END AS thing_scheme
          FROM fact
          LEFT JOIN asked ON asked.scheme_id = fact.scheme_id AND asked.level = fact.level
          LEFT JOIN registry_enterprise enterprise ON enterprise.id = fact.enterprise_id
          LEFT JOIN moved ON moved.enterprise_id = fact.enterprise_id
    ),
    told AS (
        SELECT sorted.*,
               CASE WHEN reason IS NOT NULL THEN reason
                    WHEN first_value(valid_from) OVER first <= %(since)s::date THEN '{before}'
                    WHEN row_number() OVER best = 1 THEN NULL
                    WHEN first_value(rank) OVER best < rank THEN '{higher}'
                    ELSE '{already}' END AS verdict
          FROM sorted
        WINDOW best AS (PARTITION BY reason IS NULL, enterprise_id, thing, thing_scheme, district_id
                            ORDER BY CASE WHEN %(is_stock)s THEN rank END, valid_from, id),
               first AS (PARTITION BY reason IS NULL, enterprise_id, thing, thing_scheme, district_id
                             ORDER BY valid_from, id)
    )
    SELECT told.enterprise_id, coalesce(enterprise.name, ''), enterprise.uscc, told.place, told.id, told.item,
           scheme.name, told.level, told.batch, told.document, told.announced_on, told.valid_from, told.valid_to,
           told.ended_on, told.source, told.verdict, count(*) OVER ()
      FROM told
      JOIN registry_scheme scheme ON scheme.id = told.scheme_id
      LEFT JOIN registry_enterprise enterprise ON enterprise.id = told.enterprise_id
     WHERE (told.verdict IS NULL) = %(counted)s
       AND (NOT %(within)s OR told.place = %(district)s)
       AND (%(reason)s = '' OR told.verdict = %(reason)s)
       AND (%(search)s = '' OR enterprise.name_key LIKE %(pattern)s OR registry_name_key(told.item) LIKE %(pattern)s
            OR enterprise.uscc LIKE upper(%(pattern)s))
     ORDER BY told.verdict, told.valid_from DESC NULLS LAST, told.id
    OFFSET %(offset)s LIMIT %(limit)s
"""

TITLE_FIELDS = (
    "enterprise_id",
    "enterprise",
    "uscc",
    "district_id",
    "designation_id",
    "item",
    "scheme",
    "level",
    "batch",
    "document",
    "announced_on",
    "valid_from",
    "valid_to",
    "ended_on",
    "source",
)


def _of_titles(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    question = titles.question(spec, day)
    fact, fact_parameters = _facts(spec)
    place = titles.PLACE.format(holder="fact")
    sql = TITLES.format(
        asked=titles.ASKED.format(moved=validity.MOVED_SINCE),
        fact=fact,
        place=place,
        reasons=REASONS.format(place=place),
        before=Exclusion.BEFORE_BASELINE,
        higher=Exclusion.COUNTED_HIGHER,
        already=Exclusion.COUNTED_ALREADY,
    )
    parameters = {
        **titles.parameters_of([question]),
        **fact_parameters,
        **_window_parameters(window),
        "as_of": day,
        "is_stock": question.mode == titles.STOCK,
        "since": question.after,
        "items": spec.unit == "item",
        "ranks": [str(level) for level in Level],
        "counted": counted,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return _page(
        rows, lambda row: Record(**dict(zip(TITLE_FIELDS, row, strict=False)), reason=_reason(row[-2]))
    )


def _facts(spec: Spec) -> tuple[str, dict[str, Any]]:
    """Every title of the rule's schemes, whatever its level and state."""
    queryset = Designation.objects.with_until().annotate(term_end=validity.term_end())
    wanted = queryset.filter(scheme__in=[term.id for term in spec.schemes]).order_by()
    fields = (
        "id",
        "scheme_id",
        "level",
        "enterprise_id",
        "item",
        "district_id",
        "batch",
        "document",
        "source",
    )
    days = ("announced_on", "valid_from", "valid_to", "ended_on", "state", "term_end", "until")
    return titles.named(wanted.values(*fields, *days))


def _window_parameters(window: Window) -> dict[str, Any]:
    key = names.key(window.search)
    return {
        "district": window.district,
        "within": window.within,
        "reason": window.reason,
        "search": key,
        "pattern": f"%{key}%",
        "offset": window.offset,
        "limit": window.limit,
    }


def _reason(code: str | None) -> Exclusion | None:
    return None if code is None else Exclusion(code)


def _page(rows: list[tuple[Any, ...]], record: Callable[[tuple[Any, ...]], Record]) -> Page:
    return Page([record(row) for row in rows], rows[0][-1] if rows else 0)


# Yearly figures

MEMBERS = """
    WITH {base},
    wanted AS (
        SELECT placed.*, member.cluster_id, figures.id AS figures_id, figures.source, named.value,
               CASE WHEN %(district)s::bigint IS NOT NULL AND placed.district_id IS DISTINCT FROM %(district)s::bigint
                    THEN '{other_area}'
                    {conditions}
                    END AS reason
          FROM placed
          JOIN registry_annualfigures figures ON figures.enterprise_id = placed.id AND figures.year = %(year)s
         CROSS JOIN LATERAL (VALUES {columns}) AS named(figure, value)
          LEFT JOIN member ON member.enterprise_id = placed.id
           AND ((%(kind)s <> '' AND member.kind = %(kind)s) OR member.cluster_id = ANY(%(clusters)s::bigint[]))
    )
    SELECT wanted.id, wanted.name, wanted.uscc, wanted.district_id, coalesce(cluster.name, ''), wanted.value,
           wanted.source, wanted.reason, count(*) OVER ()
      FROM wanted LEFT JOIN registry_cluster cluster ON cluster.id = wanted.cluster_id
     WHERE (wanted.reason IS NULL) = %(counted)s
       AND (NOT %(within)s OR wanted.district_id = %(district)s)
       AND (%(reason)s = '' OR wanted.reason = %(reason)s)
       AND (%(search)s = '' OR registry_name_key(wanted.name) LIKE %(pattern)s
            OR wanted.uscc LIKE upper(%(pattern)s))
     ORDER BY wanted.reason, wanted.value DESC NULLS LAST, wanted.id
    OFFSET %(offset)s LIMIT %(limit)s
"""

MEMBER_ONLY = f"""
    WHEN %(members_only)s AND wanted_member.cluster_id IS NULL THEN '{Exclusion.NOT_A_MEMBER}'
    WHEN named.value IS NULL THEN '{Exclusion.NO_FIGURE}'
""".replace("wanted_member", "member")

IN_BAND = f"""
    WHEN named.value IS NULL THEN '{Exclusion.NO_FIGURE}'
    WHEN named.value < %(lower)s::numeric OR named.value >= %(upper)s::numeric THEN '{Exclusion.OUT_OF_BAND}'
    WHEN placed.parent_id IS NOT NULL THEN '{Exclusion.SUBSIDIARY}'
"""


def _of_members(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    yearly = YearlyFigures(day, {spec.figure})
    scope = yearly.scope(spec)
    scopes = [scope]
    if spec.denominator_kind:
        scopes.append(yearly.scope(spec, spec.denominator_kind))
    return _of_year(spec, day, window, counted, yearly.newest_year(spec, *scopes), scope, MEMBER_ONLY)


def _of_band(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    year = YearlyFigures(day, {spec.figure}).newest_year(spec, [EVERYWHERE])
    return _of_year(spec, day, window, counted, year, [EVERYWHERE], IN_BAND)


def _of_year(
    spec: Spec,
    day: dt.date,
    window: Window,
    counted: bool,
    year: int | None,
    scope: list[int | None],
    conditions: str,
) -> Page:
    if year is None:
        return Page([], 0)
    sql = MEMBERS.format(
        base=BASE, columns=columns([spec.figure]), conditions=conditions, other_area=Exclusion.OTHER_AREA
    )
    lower, upper = limits(spec)
    parameters = {
        **_window_parameters(window),
        "day": day,
        "year": year,
        "kind": "",
        "clusters": [cluster for cluster in scope if cluster is not EVERYWHERE],
        "members_only": scope != [EVERYWHERE],
        "lower": lower,
        "upper": upper,
        "counted": counted,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return _page(rows, lambda row: _member(row, year, spec))


def _member(row: tuple[Any, ...], year: int, spec: Spec) -> Record:
    enterprise_id, name, uscc, district_id, cluster, value, source, reason, _total = row
    return Record(
        enterprise_id=enterprise_id,
        enterprise=name,
        uscc=uscc,
        district_id=district_id,
        cluster=cluster,
        year=year,
        value=None if value is None else value / spec.shown_divisor,
        source=source,
        reason=_reason(reason),
    )


def _of_clusters(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    yearly = YearlyFigures(day, {spec.figure})
    scope = yearly.scope(spec, spec.cluster_kind)
    year = yearly.newest_year(spec, scope)
    if year is None or spec.lower is None:
        return Page([], 0)
    if window.district is None:
        sums = yearly.by_cluster(year, spec, scope)
    else:
        sums = yearly.by_cluster_and_district(year, spec, scope)[window.district]
    cluster_names = dict(Cluster.objects.values_list("pk", "name"))
    records = [
        Record(
            cluster=cluster_names[cluster],
            year=year,
            value=total / spec.shown_divisor,
            reason=None if total > in_figure_unit(spec.lower) else Exclusion.NOT_OVER,
        )
        for cluster, total in sorted(sums.items(), key=lambda item: -item[1])
    ]
    return _cut([record for record in records if (record.reason is None) == counted], window)


def _cut(records: list[Record], window: Window) -> Page:
    end = None if window.limit is None else window.offset + window.limit
    return Page(records[window.offset : end], len(records))


# Leaders of chains

LEADERS = """
    WITH {base},
    link AS (
        SELECT DISTINCT ON (placed.id, membership.cluster_id)
               placed.*, membership.cluster_id, cluster.name AS cluster_name, cluster.position
          FROM registry_membership membership
          JOIN placed ON placed.id = membership.enterprise_id
          JOIN registry_cluster cluster ON cluster.id = membership.cluster_id
         WHERE membership.kind = %(kind)s AND membership.role = %(role)s
           AND (membership.since IS NULL OR membership.since <= %(day)s)
           AND (membership.until IS NULL OR membership.until > %(day)s)
           AND cluster.id = ANY(%(clusters)s::bigint[])
    )
    SELECT id, name, uscc, district_id, cluster_id, cluster_name FROM link ORDER BY position, cluster_id, id
"""


def _of_leaders(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    """The leaders of the smallest group (the first of several) are the number; those of the others are not."""
    groups = YearlyFigures(day, set()).clusters[spec.cluster_kind]
    parameters: dict[str, Any] = {
        "day": day,
        "kind": spec.cluster_kind,
        "role": spec.role,
        "clusters": groups,
    }
    with connection.cursor() as cursor:
        cursor.execute(LEADERS.format(base=BASE), parameters)
        rows = cursor.fetchall()
    here = [row for row in rows if window.district is None or row[3] == window.district]
    sizes = {group: sum(row[4] == group for row in here) for group in groups}
    smallest = min(groups, key=lambda group: sizes[group], default=None)
    records = [_leader(row, smallest, window) for row in (here if window.within else rows)]
    return _cut([record for record in records if (record.reason is None) == counted], window)


def _leader(row: tuple[Any, ...], smallest: int | None, window: Window) -> Record:
    enterprise_id, name, uscc, district_id, cluster_id, cluster = row
    reason = None
    if window.district is not None and district_id != window.district:
        reason = Exclusion.OTHER_AREA
    elif cluster_id != smallest:
        reason = Exclusion.OTHER_GROUP
    return Record(
        enterprise_id=enterprise_id,
        enterprise=name,
        uscc=uscc,
        district_id=district_id,
        cluster=cluster,
        reason=reason,
    )


# Published figures


def _of_statistics(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    """The published value itself; a statistic opens to its source, there are no enterprises behind it here."""
    if spec.series is None or not counted:
        return Page([], 0)
    value = published.newest([spec.series], day).get(spec.series, {}).get(window.district)
    if value is None:
        return Page([], 0)
    record = Record(
        district_id=window.district, valid_from=value.as_of, value=value.value, source=value.source
    )
    return Page([record], 1)


def district_names() -> dict[int, str]:
    """Names of the areas by id, for whoever shows records."""
    return dict(District.objects.values_list("pk", "name"))
