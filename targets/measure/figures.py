"""Numbers from yearly figures: sums, shares, bands, clusters over a threshold.

A yearly figure belongs to the last day of its year: on 2025-12-31 the figures of 2025 are asked, on 2025-12-30 those of
2024; where the members of a rule have none at all for that year, the newest year before it that has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from registry.choices import Figure
from registry.models import AnnualFigures, Cluster, Membership
from targets.choices import Feed
from targets.measure.counts import Count
from targets.measure.days import Days, also, both
from targets.measure.places import existing, member
from targets.rules import PER_HUNDRED_MILLION, Spec

EVERYWHERE = None  # the cell of all enterprises, members of a cluster or not


@dataclass(frozen=True)
class Cell:
    """What a figure adds up to in a year, for one area of one main cluster (or of all enterprises), in 万元 or pieces."""

    total: Decimal
    enterprises: int

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.total + other.total, self.enterprises + other.enterprises)

    def __sub__(self, other: "Cell") -> "Cell":
        return Cell(self.total - other.total, self.enterprises - other.enterprises)


NOTHING = Cell(Decimal(0), 0)


Cells = dict[tuple[int | None, int | None], Cell]  # (cluster or EVERYWHERE, district)

CELLS = """
    WITH {existing}, {member},
    subsidiary AS (SELECT id FROM registry_enterprise WHERE parent_id IS NOT NULL),
    value AS (
        SELECT figures.enterprise_id, figures.year, existing.district_id, subsidiary.id IS NULL AS heads_a_group,
               {columns}{bits}
          FROM registry_annualfigures figures
          JOIN existing ON existing.id = figures.enterprise_id
          LEFT JOIN subsidiary ON subsidiary.id = figures.enterprise_id
         WHERE figures.year = ANY(%(years)s::int[])
    )
    SELECT year, NULL::bigint, district_id, {sums}{value_bits} FROM value GROUP BY 1, 2, 3{grouping}
     UNION ALL
    SELECT year, member.cluster_id, district_id, {sums}{member_bits}
      FROM value JOIN member USING (enterprise_id) GROUP BY 1, 2, 3{grouping}
"""
# Within a band: its lower threshold belongs to it, its upper one to the next; empty is open.
INSIDE = "{value} >= coalesce({lower}::numeric, {value}) AND ({upper}::numeric IS NULL OR {value} < {upper}::numeric)"
IN_BAND = f"""
    0, count(*) FILTER (WHERE heads_a_group
                          AND {INSIDE.format(value="{figure}", lower="%(lower{place})s", upper="%(upper{place})s")})
"""


def columns(figures: list[str]) -> str:
    """The wanted columns of the yearly figures as rows (name, value); the names come from a closed vocabulary."""
    return ", ".join(
        f"('{Figure(figure).value}', figures.{Figure(figure).value}::numeric)" for figure in figures
    )


def closed_year(day: dt.date) -> int:
    """The newest year that has ended on a day."""
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


class CellsOverDays:
    """The cells of every year on each of some days; the years that end in their course are fetched together.

    Cells are by figure; those of a band by the code of its rule, with the number of enterprises and no total.
    """

    def __init__(self, days: Days, figures: Iterable[str], bands: Iterable[Spec] = ()) -> None:
        self._days = days
        self._figures = [Figure(figure).value for figure in sorted(set(figures))]
        self._bands = list(bands)
        self._years: dict[int, list[dict[str, Cells]]] = {}

    @cached_property
    def years(self) -> list[int]:
        """The years of the figures, the newest closed one first."""
        closed = AnnualFigures.objects.filter(year__lte=closed_year(self._days.last))
        ends = closed.aggregate(newest=Max("year"), oldest=Min("year"))
        return list(range(ends["newest"], ends["oldest"] - 1, -1)) if ends["newest"] else []

    @cached_property
    def populated(self) -> set[int | None]:
        """The clusters that have or had main members; only for them is it worth looking through the years."""
        members = Membership.objects.filter(main=True).order_by()
        return {EVERYWHERE, *members.values_list("cluster", flat=True).distinct()}

    def on(self, place: int, year: int) -> dict[str, Cells]:
        """Figure → cells of a year, on the day at a place among the days."""
        if year not in self._years:
            ending = [one for one in self.years if one >= closed_year(self._days.first)]
            self._fetch(ending if year in ending else [year])
        return self._years[year][place]

    def _fetch(self, years: list[int]) -> None:
        amounts: dict[tuple[int, str, int | None, int | None], list[tuple[list[int], Cell]]] = defaultdict(
            list
        )
        names = [*self._figures, *(band.code for band in self._bands)]
        width = 2 * len(names)
        for year, cluster, district, *rest in self._rows(years, width):
            totals, bits = rest[:width], rest[width:]
            for name, total, number in zip(names, totals[::2], totals[1::2], strict=True):
                if number:
                    amounts[year, name, cluster, district].append((bits, Cell(Decimal(total), number)))
        for year in years:
            self._years[year] = [defaultdict(dict) for _ in self._days.days]
        for (year, name, cluster, district), found in amounts.items():
            for on_the_day, cell in zip(self._years[year], self._days.on_each(found, NOTHING), strict=True):
                if cell.enterprises:
                    on_the_day[name][cluster, district] = cell

    def _rows(self, years: list[int], width: int) -> list[tuple[Any, ...]]:
        days = self._days
        parameters: dict[str, Any] = {**days.parameters, "years": years}
        sums = [f"sum({figure}), count({figure})" for figure in self._figures]
        for place, band in enumerate(self._bands):
            parameters[f"lower{place}"], parameters[f"upper{place}"] = limits(band)
            sums.append(IN_BAND.format(figure=Figure(band.figure).value, place=place))
        sql = CELLS.format(
            existing=existing(days),
            member=member(days),
            columns=", ".join(self._figures),
            sums=", ".join(sums),
            bits=also(days.of("existing")),
            value_bits=also(days.of("value")),
            member_bits=also(both(days.of("value"), days.of("member"))),
            grouping=also(str(4 + width + number) for number, _ in enumerate(days.columns)),
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())


class YearlyFigures:
    """What the yearly figures say on one of some days, of the clusters then in use."""

    def __init__(self, over: CellsOverDays, place: int, day: dt.date, clusters: dict[str, list[int]]) -> None:
        self.clusters = clusters
        self._over = over
        self._place = place
        self._closed = closed_year(day)

    def cells(self, year: int, figure: str) -> Cells:
        return self._over.on(self._place, year).get(figure, {})

    def scope(self, spec: Spec, kind: str | None = None) -> list[int | None]:
        """The clusters whose members a rule adds up; `[EVERYWHERE]` for all enterprises."""
        if kind is not None:
            return list(self.clusters[kind])
        if spec.clusters:
            return [term.id for term in spec.clusters]
        return list(self.clusters[spec.cluster_kind]) if spec.cluster_kind else [EVERYWHERE]

    def newest_year(self, spec: Spec, *scopes: list[int | None]) -> int | None:
        """The newest closed year in which some member of the scopes has the figure."""
        wanted = {cluster for scope in scopes for cluster in scope} & self._over.populated
        for year in self._over.years if wanted else []:
            if year <= self._closed and any(
                cluster in wanted for cluster, _district in self.cells(year, spec.figure)
            ):
                return year
        return None

    def in_band(self, year: int, spec: Spec) -> Count:
        """The enterprises whose figure lies in the band of a rule."""
        count = Count()
        for (cluster, district), cell in self.cells(year, spec.code).items():
            if cluster is EVERYWHERE:
                count.by_district[district] = cell.enterprises
            else:
                count.by_cluster[cluster] = count.by_cluster.get(cluster, 0) + cell.enterprises
        return count

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


def clusters_in_use(days: Days) -> list[dict[str, list[int]]]:
    """The clusters in use on each of the days, by kind, in their order."""
    rows = list(Cluster.objects.order_by("position").values_list("pk", "kind", "retired_on"))
    found: list[dict[str, list[int]]] = []
    for day in days.days:
        by_kind: dict[str, list[int]] = defaultdict(list)
        for pk, kind, retired_on in rows:
            if retired_on is None or retired_on > day:
                by_kind[kind].append(pk)
        found.append(by_kind)
    return found


def yearly_figures(days: Days, specs: Iterable[Spec]) -> list[YearlyFigures]:
    """What the yearly figures say on each of the days, as far as rules ask."""
    asking = [spec for spec in specs if spec.figure]
    bands = [spec for spec in asking if spec.feed == Feed.BAND]
    over = CellsOverDays(days, {spec.figure for spec in asking}, bands)
    in_use = clusters_in_use(days)
    return [YearlyFigures(over, place, day, in_use[place]) for place, day in enumerate(days.days)]
