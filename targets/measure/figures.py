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

import numpy as np

from registry.choices import Figure
from registry.models import AnnualFigures, Cluster
from targets.choices import Feed
from targets.measure import amounts, enterprises
from targets.measure.amounts import Amounts
from targets.measure.columns import Chosen, Columns
from targets.measure.counts import Count
from targets.measure.days import Days
from targets.measure.enterprises import MEMBERS, Enterprises, Members, Situation, Situations
from targets.measure.planning import as_usual
from targets.rules import PER_HUNDRED_MILLION, Spec

EVERYWHERE = None  # the cell of all enterprises, members of a cluster or not


@dataclass(frozen=True)
class Cell:
    """What a figure adds up to in a year, for one area of one main cluster (or of all enterprises), in 万元 or pieces."""

    total: Decimal
    enterprises: int


Cells = dict[tuple[int | None, int | None], Cell]  # (cluster or EVERYWHERE, district)

# Within a band: its lower threshold belongs to it, its upper one to the next; empty is open.
INSIDE = "{value} >= coalesce({lower}::numeric, {value}) AND ({upper}::numeric IS NULL OR {value} < {upper}::numeric)"


def columns(figures: list[str]) -> str:
    """The wanted columns of the yearly figures as rows (name, value); the names come from a closed vocabulary."""
    return ", ".join(
        f"('{Figure(figure).value}', figures.{Figure(figure).value}::numeric)" for figure in figures
    )


def closed_year(day: dt.date) -> int:
    """The newest year that has ended on a day."""
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


def years_up_to(day: dt.date) -> list[int]:
    """The years of which there are figures and which are over on a day, the newest first."""
    closed = AnnualFigures.objects.filter(year__lte=closed_year(day)).values_list("year", flat=True)
    # not their maximum: to the first in an order an index leads also where it is asked what was known
    with as_usual():
        ends = list(closed.order_by("year")[:1].union(closed.order_by("-year")[:1]))
    return list(range(max(ends), min(ends) - 1, -1)) if ends else []


class CellsOverDays:
    """The cells of years on each of some days.

    Cells are by figure; those of a band by the code of its rule, with the number of enterprises and no total. They are
    of the kinds of clusters that rules name, of every kind where one asks for all enterprises.
    """

    def __init__(self, columns: Columns, days: Days, specs: Iterable[Spec]) -> None:
        asking = [spec for spec in specs if spec.figure]
        self._columns = columns
        self._situations = Situations(columns)
        self._days = days
        self._figures = sorted({Figure(spec.figure) for spec in asking})
        self._bands = [spec for spec in asking if spec.feed == Feed.BAND]
        everywhere = any(spec.feed == Feed.BAND or is_everywhere(spec) for spec in asking)
        self._kinds = None if everywhere else _kinds_of(asking)
        self._found: dict[tuple[dt.date, int], dict[str, Cells]] = {}

    @cached_property
    def years(self) -> list[int]:
        return years_up_to(self._days.last)

    @cached_property
    def populated(self) -> set[int | None]:
        """The clusters that have or had members; only for them is it worth looking through the years."""
        for work in enterprises.read(self._columns):
            work()
        members: Members = self._columns[MEMBERS]
        return {EVERYWHERE, *members.clusters.ids.tolist()}

    @property
    def ahead(self) -> list[Callable[[], None]]:
        """What will be read first of all, as pieces of work: for each day the newest year of those that have figures."""
        newest = self.years[0] if self._figures and self.years else None
        if newest is None:
            return []
        years = {min(closed_year(day), newest) for day in self._days.days}
        return amounts.read(self._columns, years, self._figures)

    def on(self, day: dt.date, year: int) -> dict[str, Cells]:
        """Figure → cells of a year, on one of the days."""
        if (day, year) not in self._found:
            for work in amounts.read(self._columns, [year], self._figures):
                work()
            self._found[day, year] = enterprises.placed(self._columns, partial(self._cells, day, year))
        return self._found[day, year]

    def _cells(self, day: dt.date, year: int, among: Enterprises) -> dict[str, Cells]:
        situation = self._situations.of(among, day)
        found: dict[str, Cells] = {}
        for figure in self._figures:
            of: Amounts = self._columns[amounts.source(year, figure)]
            found[figure] = self._added_up(of, situation.exists[of.places(among)], situation)
            for band in self._bands:
                if band.figure == figure:
                    found[band.code] = self._added_up(of, within_band(of, band, situation), situation)
        return found

    def _added_up(self, of: Amounts, chosen: Chosen, situation: Situation) -> Cells:
        places = of.places(situation.enterprises)
        areas, clusters = situation.enterprises.districts, situation.members.clusters
        by_area = situation.districts[places]
        cells: Cells = {}
        if self._kinds is None:
            for area, (total, number) in enumerate(of.sums(chosen, by_area, len(areas))):
                if number:
                    cells[EVERYWHERE, areas.id_of(area)] = Cell(total, number)
        for kind, of_kind in situation.clusters.items():
            if self._kinds is not None and kind not in self._kinds:
                continue
            by_cluster = of_kind[places]
            both = by_cluster.astype(np.int32) * len(areas) + by_area
            sums = of.sums(chosen & (by_cluster > 0), both, len(clusters) * len(areas))
            for place, (total, number) in enumerate(sums):
                if number:
                    cluster, area = divmod(place, len(areas))
                    cells[clusters.id_of(cluster), areas.id_of(area)] = Cell(total, number)
        return cells


def within_band(of: Amounts, band: Spec, situation: Situation) -> Chosen:
    """Of each amount whether a band counts it: within its limits, of one that exists and whom no other heads."""
    among = situation.enterprises
    places = of.places(among)
    return situation.exists[places] & among.heads_a_group[places] & of.between(*limits(band))


def is_everywhere(spec: Spec) -> bool:
    """Whether a rule of figures asks for all enterprises, members of a cluster or not."""
    return not spec.clusters and not spec.cluster_kind


def _kinds_of(specs: Iterable[Spec]) -> set[str]:
    """The kinds of the clusters that rules name, by themselves or by their kind."""
    kinds = {kind for spec in specs for kind in (spec.cluster_kind, spec.denominator_kind)}
    return kinds | {term.kind for spec in specs for term in spec.clusters}


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


def yearly_figures(columns: Columns, days: Days, specs: Iterable[Spec]) -> list[YearlyFigures]:
    """What the yearly figures say on each of the days, as far as rules ask."""
    in_use = clusters_in_use(days)
    over = CellsOverDays(columns, days, specs)
    return [YearlyFigures(over, day, in_use[place]) for place, day in enumerate(days.days)]


def figures_ahead(yearly: Iterable[YearlyFigures]) -> list[Callable[[], None]]:
    """Pieces of work that read what will be asked first of the figures."""
    return [work for over in {id(one.over): one.over for one in yearly}.values() for work in over.ahead]
