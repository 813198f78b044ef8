"""Numbers from yearly figures: sums, shares, bands, clusters over a threshold.

A yearly figure belongs to the last day of its year: on 2025-12-31 the figures of 2025 are asked, on 2025-12-30 those of
2024; where the members of a rule have none at all for that year, the newest year before it that has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.db.models import Max, Min

from registry.choices import Figure
from registry.models import AnnualFigures, Cluster, Membership
from registry.reading import connection
from targets.choices import Feed
from targets.measure.counts import Count
from targets.measure.days import Days, also, both
from targets.measure.places import existing, member
from targets.measure.planning import can_export_snapshot
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
    WITH {existing}, {member}{subsidiary},
    value AS (
        SELECT figures.enterprise_id, existing.district_id, {columns}{heads_a_group}{bits}
          FROM registry_annualfigures figures
          JOIN existing ON existing.id = figures.enterprise_id{join_subsidiary}
         WHERE figures.year = %(year)s
    )
"""
EVERY_ENTERPRISE = """
    SELECT NULL::bigint, district_id, {sums}{bits} FROM value GROUP BY 1, 2{grouping}
"""
OF_CLUSTERS = """
    SELECT member.cluster_id, district_id, {sums}{bits}
      FROM value JOIN member USING (enterprise_id)
     WHERE %(clusters)s::bigint[] IS NULL OR member.cluster_id = ANY(%(clusters)s)
     GROUP BY 1, 2{grouping}
"""
# Those in whose head a group stands: asked of bands alone.
SUBSIDIARY = ", subsidiary AS (SELECT id FROM registry_enterprise WHERE parent_id IS NOT NULL)"
JOIN_SUBSIDIARY = " LEFT JOIN subsidiary ON subsidiary.id = figures.enterprise_id"
HEADS_A_GROUP = ", subsidiary.id IS NULL AS heads_a_group"
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
    """The cells of years on each of some days. Days by which the same year is the newest closed one ask it together.

    Cells are by figure; those of a band by the code of its rule, with the number of enterprises and no total. They are
    of the clusters that rules name, and of all enterprises where one asks for these.
    """

    def __init__(self, days: Days, specs: Iterable[Spec], in_use: list[dict[str, list[int]]]) -> None:
        asking = [spec for spec in specs if spec.figure]
        self._days = days
        self._figures = [Figure(figure).value for figure in sorted({spec.figure for spec in asking})]
        self._bands = [spec for spec in asking if spec.feed == Feed.BAND]
        self._everywhere = any(spec.feed == Feed.BAND or is_everywhere(spec) for spec in asking)
        self._clusters = None if self._everywhere else sorted(_named(asking, in_use))
        self._closing: dict[int, list[dt.date]] = defaultdict(list)
        for day in days.days:
            self._closing[closed_year(day)].append(day)
        self._fetched: dict[tuple[int, int, tuple[str, ...]], list[dict[str, Cells]]] = {}
        self._found: dict[tuple[int, int], list[dict[str, Cells]]] = {}

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

    def on(self, day: dt.date, year: int) -> dict[str, Cells]:
        """Figure → cells of a year, on one of the days."""
        closed = closed_year(day)
        if (closed, year) not in self._found:
            for part in self._parts():
                self._fetch_part(closed, year, part)
            self._found[closed, year] = _united([self._fetched[closed, year, part] for part in self._parts()])
        return self._found[closed, year][self._closing[closed].index(day)]

    @property
    def ahead(self) -> list[Callable[[], object]]:
        """What will be asked first of all, as pieces of work: for each day the newest year of those that have figures."""
        newest = self.years[0] if self._figures and self.years else None
        if newest is None:
            return []
        years = {(closed, min(closed, newest)) for closed in self._closing}
        return [
            partial(self._fetch_part, *one, part)
            for one in sorted(years, reverse=True)
            for part in self._parts()
        ]

    def _parts(self) -> list[tuple[str, ...]]:
        """What is asked in one statement: both at once, or each by itself where they can be asked side by side."""
        wanted = (OF_CLUSTERS, EVERY_ENTERPRISE) if self._everywhere else (OF_CLUSTERS,)
        return [(one,) for one in wanted] if can_export_snapshot() else [wanted]

    def _fetch_part(self, closed: int, year: int, part: tuple[str, ...]) -> None:
        if (closed, year, part) not in self._fetched:
            self._fetched[closed, year, part] = self._fetch(year, Days(self._closing[closed]), part)

    def _fetch(self, year: int, days: Days, part: tuple[str, ...]) -> list[dict[str, Cells]]:
        amounts: dict[tuple[str, int | None, int | None], list[tuple[list[int], Cell]]] = defaultdict(list)
        names = [*self._figures, *(band.code for band in self._bands)]
        width = 2 * len(names)
        for cluster, district, *rest in self._rows(year, days, width, part):
            totals, bits = rest[:width], rest[width:]
            for name, total, number in zip(names, totals[::2], totals[1::2], strict=True):
                if number:
                    amounts[name, cluster, district].append((bits, Cell(Decimal(total), number)))
        cells: list[dict[str, Cells]] = [defaultdict(dict) for _ in days.days]
        for (name, cluster, district), found in amounts.items():
            for on_the_day, cell in zip(cells, days.on_each(found, NOTHING), strict=True):
                if cell.enterprises:
                    on_the_day[name][cluster, district] = cell
        return cells

    def _rows(self, year: int, days: Days, width: int, part: tuple[str, ...]) -> list[tuple[Any, ...]]:
        parameters: dict[str, Any] = {**days.parameters, "year": year, "clusters": self._clusters}
        sums = [f"sum({figure}), count({figure})" for figure in self._figures]
        for place, band in enumerate(self._bands):
            parameters[f"lower{place}"], parameters[f"upper{place}"] = limits(band)
            sums.append(IN_BAND.format(figure=Figure(band.figure).value, place=place))
        values = CELLS.format(
            existing=existing(days),
            member=member(days),
            columns=", ".join(self._figures),
            bits=also(days.of("existing")),
            subsidiary=SUBSIDIARY if self._bands else "",
            join_subsidiary=JOIN_SUBSIDIARY if self._bands else "",
            heads_a_group=HEADS_A_GROUP if self._bands else "",
        )
        grouping = also(str(3 + width + number) for number, _ in enumerate(days.columns))
        bits_of = {
            OF_CLUSTERS: both(days.of("value"), days.of("member")),
            EVERY_ENTERPRISE: days.of("value"),
        }
        cells = [one.format(sums=", ".join(sums), bits=also(bits_of[one]), grouping=grouping) for one in part]
        with connection.cursor() as cursor:
            cursor.execute(values + " UNION ALL ".join(cells), parameters)
            return list(cursor.fetchall())


def _united(parts: list[list[dict[str, Cells]]]) -> list[dict[str, Cells]]:
    """The cells of several statements, day by day: no two of them tell the same."""
    united: list[dict[str, Cells]] = [defaultdict(dict) for _ in parts[0]]
    for part in parts:
        for on_the_day, found in zip(united, part, strict=True):
            for name, cells in found.items():
                on_the_day[name] = {**on_the_day[name], **cells}
    return united


def is_everywhere(spec: Spec) -> bool:
    """Whether a rule of figures asks for all enterprises, members of a cluster or not."""
    return not spec.clusters and not spec.cluster_kind


def _named(specs: Iterable[Spec], in_use: list[dict[str, list[int]]]) -> set[int]:
    """The clusters that rules name, by themselves or by their kind on any of the days."""
    named: set[int] = set()
    for spec in specs:
        named |= {term.id for term in spec.clusters}
        for kind in {spec.cluster_kind, spec.denominator_kind} - {"", None}:
            named.update(*(by_kind[kind] for by_kind in in_use))
    return named


class YearlyFigures:
    """What the yearly figures say on one of some days, of the clusters then in use."""

    def __init__(self, over: CellsOverDays, day: dt.date, clusters: dict[str, list[int]]) -> None:
        self.clusters = clusters
        self.over = over
        self._day = day

    def cells(self, year: int, figure: str) -> Cells:
        return self.over.on(self._day, year).get(figure, {})

    def scope(self, spec: Spec, kind: str | None = None) -> list[int | None]:
        """The clusters whose members a rule adds up; `[EVERYWHERE]` for all enterprises."""
        if kind is not None:
            return list(self.clusters[kind])
        if spec.clusters:
            return [term.id for term in spec.clusters]
        return [EVERYWHERE] if is_everywhere(spec) else list(self.clusters[spec.cluster_kind])

    def newest_year(self, spec: Spec, *scopes: list[int | None]) -> int | None:
        """The newest closed year in which some member of the scopes has the figure."""
        wanted = {cluster for scope in scopes for cluster in scope} & self.over.populated
        for year in self.over.years if wanted else []:
            if year <= closed_year(self._day) and any(
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
    in_use = clusters_in_use(days)
    over = CellsOverDays(days, specs, in_use)
    return [YearlyFigures(over, day, in_use[place]) for place, day in enumerate(days.days)]


def cells_ahead(yearly: Iterable[YearlyFigures]) -> list[Callable[[], object]]:
    """The pieces of work by which what will be asked first of the figures is found."""
    return [work for over in {id(one.over): one.over for one in yearly}.values() for work in over.ahead]
