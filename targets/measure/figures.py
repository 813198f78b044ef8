"""Numbers from yearly figures: sums, shares, bands, clusters over a threshold.

A yearly figure belongs to the last day of its year: on 2025-12-31 the figures of 2025 are asked, on 2025-12-30 those of
2024; where the members of a rule have none at all for that year, the newest year before it that has.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection

from registry import validity
from registry.choices import Figure
from registry.models import AnnualFigures, Cluster, Membership
from targets.rules import PER_HUNDRED_MILLION, Spec

EVERYWHERE = None  # the cell of all enterprises, members of a cluster or not


@dataclass(frozen=True)
class Cell:
    """What a figure adds up to in a year, for one area of one main cluster (or of all enterprises), in 万元 or pieces."""

    total: Decimal
    enterprises: int


Cells = dict[tuple[int | None, int | None], Cell]  # (cluster or EVERYWHERE, district)

BASE = f"""
    asked_day AS (SELECT %(day)s::date AS day),
    moved AS ({validity.MOVED_SINCE}),
    placed AS (
        SELECT enterprise.id, enterprise.name, enterprise.uscc, enterprise.parent_id,
               CASE WHEN moved.enterprise_id IS NOT NULL THEN moved.district_id ELSE enterprise.district_id END
               AS district_id
          FROM registry_enterprise enterprise LEFT JOIN moved ON moved.enterprise_id = enterprise.id
         WHERE enterprise.closed_on IS NULL OR enterprise.closed_on > %(day)s
    ),
    member AS (
        SELECT enterprise_id, cluster_id, kind FROM registry_membership
         WHERE main AND (since IS NULL OR since <= %(day)s) AND (until IS NULL OR until > %(day)s)
    )
"""

CELLS = """
    WITH {base},
    value AS (
        SELECT figures.enterprise_id, placed.district_id, {columns}
          FROM registry_annualfigures figures JOIN placed ON placed.id = figures.enterprise_id
         WHERE figures.year = %(year)s
    )
    SELECT NULL::bigint AS cluster_id, district_id, {sums} FROM value GROUP BY 2
     UNION ALL
    SELECT member.cluster_id, district_id, {sums} FROM value JOIN member USING (enterprise_id) GROUP BY 1, 2
"""

BANDS = """
    WITH {base},
    asked AS (
        SELECT * FROM unnest(%(key)s::text[], %(year)s::int[], %(figure)s::text[], %(lower)s::numeric[],
                             %(upper)s::numeric[]) AS asked(key, year, figure, lower, upper)
    ),
    inside AS (
        SELECT asked.key, figures.enterprise_id, placed.district_id
          FROM asked
          JOIN registry_annualfigures figures ON figures.year = asked.year
          JOIN placed ON placed.id = figures.enterprise_id AND placed.parent_id IS NULL
         CROSS JOIN LATERAL (VALUES {columns}) AS named(figure, value)
         WHERE named.figure = asked.figure
           AND (asked.lower IS NULL OR named.value >= asked.lower)
           AND (asked.upper IS NULL OR named.value < asked.upper)
           AND named.value IS NOT NULL
    )
    SELECT key, district_id, NULL::bigint, count(*) FROM inside GROUP BY 1, 2
     UNION ALL
    SELECT key, NULL, member.cluster_id, count(*) FROM inside JOIN member USING (enterprise_id) GROUP BY 1, 3
"""


def columns(figures: list[str]) -> str:
    """The wanted columns of the yearly figures as rows (name, value); the names come from a closed vocabulary."""
    return ", ".join(
        f"('{Figure(figure).value}', figures.{Figure(figure).value}::numeric)" for figure in figures
    )


def closed_year(day: dt.date) -> int:
    """The newest year that has ended on a day."""
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


class YearlyFigures:
    """What the yearly figures say on a day; years are fetched when a rule asks for them, each once."""

    def __init__(self, day: dt.date, figures: set[str]) -> None:
        self.day = day
        self.figures = sorted(figures)
        self._years: dict[int, dict[str, Cells]] = {}

    @cached_property
    def years(self) -> list[int]:
        """The years that have figures, the newest closed one first."""
        years = AnnualFigures.objects.filter(year__lte=closed_year(self.day)).order_by("-year")
        return list(years.values_list("year", flat=True).distinct())

    @cached_property
    def clusters(self) -> dict[str, list[int]]:
        """The clusters in use on the day, by kind."""
        by_kind: dict[str, list[int]] = defaultdict(list)
        for pk, kind in Cluster.objects.in_use_on(self.day).order_by("position").values_list("pk", "kind"):
            by_kind[kind].append(pk)
        return by_kind

    @cached_property
    def populated(self) -> set[int | None]:
        """The clusters that have main members on the day; only for them is it worth looking through the years."""
        members = Membership.objects.on(self.day).filter(main=True).order_by()
        return {EVERYWHERE, *members.values_list("cluster", flat=True).distinct()}

    def cells(self, year: int, figure: str) -> Cells:
        if year not in self._years:
            self._years[year] = self._fetch(year)
        return self._years[year].get(figure, {})

    def _fetch(self, year: int) -> dict[str, Cells]:
        found: dict[str, Cells] = defaultdict(dict)
        named = [Figure(figure).value for figure in self.figures]
        sums = ", ".join(f"sum({figure}), count({figure})" for figure in named)
        with connection.cursor() as cursor:
            sql = CELLS.format(base=BASE, columns=", ".join(named), sums=sums)
            cursor.execute(sql, {"day": self.day, "year": year})
            for cluster, district, *totals in cursor.fetchall():
                for figure, total, number in zip(named, totals[::2], totals[1::2], strict=True):
                    if number:
                        found[figure][cluster, district] = Cell(Decimal(total), number)
        return found

    def scope(self, spec: Spec, kind: str | None = None) -> list[int | None]:
        """The clusters whose members a rule adds up; `[EVERYWHERE]` for all enterprises."""
        if kind is not None:
            return list(self.clusters[kind])
        if spec.clusters:
            return [term.id for term in spec.clusters]
        return list(self.clusters[spec.cluster_kind]) if spec.cluster_kind else [EVERYWHERE]

    def newest_year(self, spec: Spec, *scopes: list[int | None]) -> int | None:
        """The newest closed year in which some member of the scopes has the figure."""
        wanted = {cluster for scope in scopes for cluster in scope} & self.populated
        for year in self.years if wanted else []:
            if any(cluster in wanted for cluster, _district in self.cells(year, spec.figure)):
                return year
        return None

    def by_district(self, year: int, spec: Spec, scope: list[int | None]) -> dict[int | None, Decimal]:
        """Sums by area over a scope, in 万元 or pieces; an area without any figure is absent."""
        sums: dict[int | None, Decimal] = {}
        for (cluster, district), cell in self.cells(year, spec.figure).items():
            if cluster in scope:
                sums[district] = sums.get(district, Decimal(0)) + cell.total
        return sums

    def by_cluster(self, year: int, spec: Spec, scope: list[int | None]) -> dict[int, Decimal]:
        """Sums by main cluster, in 万元 or pieces, for the clusters of the scope (all, where it is everywhere)."""
        sums: dict[int, Decimal] = {}
        for (cluster, _district), cell in self.cells(year, spec.figure).items():
            if cluster is not None and (cluster in scope or EVERYWHERE in scope):
                sums[cluster] = sums.get(cluster, Decimal(0)) + cell.total
        return sums

    def by_cluster_and_district(
        self, year: int, spec: Spec, scope: list[int | None]
    ) -> dict[int | None, dict[int, Decimal]]:
        """For each area (None: in none) the sums by cluster."""
        sums: dict[int | None, dict[int, Decimal]] = defaultdict(dict)
        for (cluster, district), cell in self.cells(year, spec.figure).items():
            if cluster is not None and cluster in scope:
                sums[district][cluster] = cell.total
        return sums


def in_figure_unit(threshold: Decimal) -> Decimal:
    """A threshold of a rule (亿元) in the unit of the figures (万元)."""
    return threshold * PER_HUNDRED_MILLION


def limits(spec: Spec) -> tuple[Decimal | None, Decimal | None]:
    """The thresholds of a band in the unit of the figures; None where it is open."""
    lower, upper = (None if limit is None else in_figure_unit(limit) for limit in (spec.lower, spec.upper))
    return lower, upper


def count_bands(day: dt.date, bands: list[tuple[Spec, int]]) -> list[tuple[str, int | None, int | None, int]]:
    """For each band and its year: (code, district, None, number) by area and (code, None, cluster, number) by cluster."""
    if not bands:
        return []
    parameters: dict[str, Any] = {
        "day": day,
        "key": [spec.code for spec, _year in bands],
        "year": [year for _spec, year in bands],
        "figure": [spec.figure for spec, _year in bands],
        "lower": [limits(spec)[0] for spec, _year in bands],
        "upper": [limits(spec)[1] for spec, _year in bands],
    }
    figures = sorted({spec.figure for spec, _year in bands})
    with connection.cursor() as cursor:
        cursor.execute(BANDS.format(base=BASE, columns=columns(figures)), parameters)
        return list(cursor.fetchall())
