"""The enterprises and clusters whose yearly figures or roles make up a number, and those that it leaves out."""

import datetime as dt
from typing import Any

from registry.models import Cluster
from registry.reading import connection
from targets.choices import Exclusion
from targets.measure.columns import Columns
from targets.measure.days import Days
from targets.measure.figures import (
    EVERYWHERE,
    INSIDE,
    clusters_in_use,
    columns,
    in_figure_unit,
    limits,
    yearly_figures,
)
from targets.measure.pages import (
    BY_AREA,
    BY_NAME,
    Page,
    Record,
    Window,
    cut,
    order_by,
    page_of,
    reason_of,
    window_parameters,
)
from targets.measure.places import DURING, existing, member
from targets.rules import Spec

MEMBERS = """
    WITH {existing}, {member},
    wanted AS (
        SELECT existing.id, existing.district_id, enterprise.name, enterprise.uscc, member.cluster_id, figures.source,
               named.value,
               CASE WHEN %(district)s::bigint IS NOT NULL AND existing.district_id IS DISTINCT FROM %(district)s::bigint
                    THEN '{other_area}'
                    {conditions}
                    END AS reason
          FROM existing
          JOIN registry_enterprise enterprise ON enterprise.id = existing.id
          JOIN registry_annualfigures figures ON figures.enterprise_id = existing.id AND figures.year = %(year)s
         CROSS JOIN LATERAL (VALUES {columns}) AS named(figure, value)
          LEFT JOIN member ON member.enterprise_id = existing.id
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
     ORDER BY {order}
    OFFSET %(offset)s LIMIT %(limit)s
"""

USUAL = "wanted.reason, wanted.value DESC NULLS LAST, wanted.id"
ORDERS = {
    "name": BY_NAME.format(enterprise="wanted.id"),
    "area": BY_AREA.format(place="wanted.district_id"),
    "cluster": "cluster.position",
    "value": "wanted.value",
    "reason": "wanted.reason",
}

MEMBER_ONLY = f"""
    WHEN %(members_only)s AND wanted_member.cluster_id IS NULL THEN '{Exclusion.NOT_A_MEMBER}'
    WHEN named.value IS NULL THEN '{Exclusion.NO_FIGURE}'
""".replace("wanted_member", "member")

IN_BAND = f"""
    WHEN named.value IS NULL THEN '{Exclusion.NO_FIGURE}'
    WHEN NOT ({INSIDE.format(value="named.value", lower="%(lower)s", upper="%(upper)s")})
         THEN '{Exclusion.OUT_OF_BAND}'
    WHEN enterprise.parent_id IS NOT NULL THEN '{Exclusion.SUBSIDIARY}'
"""


def of_members(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    (yearly,) = yearly_figures(Columns(), Days([day]), [spec])
    scope = yearly.scope(spec)
    scopes = [scope]
    if spec.denominator_kind:
        scopes.append(yearly.scope(spec, spec.denominator_kind))
    return _of_year(spec, day, window, counted, yearly.newest_year(spec, *scopes), scope, MEMBER_ONLY)


def of_band(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    (yearly,) = yearly_figures(Columns(), Days([day]), [spec])
    year = yearly.newest_year(spec, [EVERYWHERE])
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
    days = Days([day])
    sql = MEMBERS.format(
        existing=existing(days),
        member=member(days),
        columns=columns([spec.figure]),
        conditions=conditions,
        other_area=Exclusion.OTHER_AREA,
        order=order_by(window, ORDERS, USUAL),
    )
    lower, upper = limits(spec)
    parameters = {
        **window_parameters(window),
        **days.parameters,
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
    return page_of(rows, lambda row: _member(row, year, spec))


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
        reason=reason_of(reason),
    )


def of_clusters(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    (yearly,) = yearly_figures(Columns(), Days([day]), [spec])
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
    return cut([record for record in records if (record.reason is None) == counted], window)


LEADERS = """
    WITH {existing},
    link AS (
        SELECT DISTINCT ON (existing.id, membership.cluster_id)
               existing.id, enterprise.name, enterprise.uscc, existing.district_id, membership.cluster_id,
               cluster.name AS cluster_name, cluster.position
          FROM registry_membership membership
          JOIN existing ON existing.id = membership.enterprise_id
          JOIN registry_enterprise enterprise ON enterprise.id = existing.id
          JOIN registry_cluster cluster ON cluster.id = membership.cluster_id
         WHERE membership.kind = %(kind)s AND membership.role = %(role)s AND {during}
           AND cluster.id = ANY(%(clusters)s::bigint[])
    )
    SELECT id, name, uscc, district_id, cluster_id, cluster_name FROM link ORDER BY position, cluster_id, id
"""


def of_leaders(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    """The leaders of the smallest group (the first of several) are the number; those of the others are not."""
    (in_use,) = clusters_in_use(Days([day]))
    groups = in_use[spec.cluster_kind]
    days = Days([day])
    parameters: dict[str, Any] = {
        **days.parameters,
        "kind": spec.cluster_kind,
        "role": spec.role,
        "clusters": groups,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            LEADERS.format(existing=existing(days), during=DURING.format(table="membership")), parameters
        )
        rows = cursor.fetchall()
    here = [row for row in rows if window.district is None or row[3] == window.district]
    sizes = {group: sum(row[4] == group for row in here) for group in groups}
    smallest = min(groups, key=lambda group: sizes[group], default=None)
    records = [_leader(row, smallest, window) for row in (here if window.within else rows)]
    return cut([record for record in records if (record.reason is None) == counted], window)


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
