"""Yearly figures as columns, and their exact sums.

An amount is kept as a whole number of its smallest unit (of 万元 the fourth place), as PostgreSQL's numeric is exact.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from registry import state
from registry.choices import Figure
from registry.models import AnnualFigures
from targets.measure import since
from targets.measure.columns import Chosen, Columns, Numbers, Positions, Source, ask, column
from targets.measure.enterprises import Enterprises, Placed

AMOUNTS = "amounts"

OF_A_YEAR = "SELECT {columns} FROM registry_annualfigures WHERE year = %(year)s AND {only}"

# Of a number the upper and the lower half, whose sums a float holds exactly: there is no bincount of whole numbers.
HALF = 32
LOWER = 2**HALF - 1


@dataclass
class Amounts:
    """What enterprises have for one figure of a year, as whole numbers of 10 to the power of -`decimals`."""

    of: Numbers
    values: Numbers
    decimals: int

    def __post_init__(self) -> None:
        self._places = Placed(self.of)

    def places(self, among: Enterprises) -> Positions:
        """The places of the enterprises."""
        return self._places.among(among)

    def between(self, lower: Decimal | None, upper: Decimal | None) -> Chosen:
        """Those within a band: its lower threshold belongs to it, its upper one to the next; empty is open."""
        inside = np.ones(len(self.values), np.bool_)
        if lower is not None:
            inside &= self.values >= self._whole(lower)
        if upper is not None:
            inside &= self.values < self._whole(upper)
        return inside

    def _whole(self, threshold: Decimal) -> int:
        """The smallest number that is not below a threshold."""
        return int(threshold.scaleb(self.decimals).to_integral_value(ROUND_CEILING))

    def sums(self, chosen: Chosen, groups: npt.NDArray[Any], number: int) -> list[tuple[Decimal, int]]:
        """For each of a number of groups what the chosen ones in it add up to, exactly, and how many they are."""
        values, groups = self.values[chosen], groups[chosen]
        counts = np.bincount(groups, minlength=number)
        upper = np.bincount(groups, values >> HALF, minlength=number)
        lower = np.bincount(groups, values & LOWER, minlength=number)
        return [
            (Decimal((int(high) << HALF) + int(low)).scaleb(-self.decimals), int(count))
            for high, low, count in zip(upper, lower, counts, strict=True)
        ]

    @property
    def nbytes(self) -> int:
        return 3 * self.of.nbytes


def source(year: int, figure: str) -> Source:
    return AMOUNTS, year, Figure(figure).value


def parts_of(one: Source) -> tuple[str, ...]:
    return (state.EVERYTHING, state.of_year(one[1]))


def read(columns: Columns, years: Iterable[int], figures: Collection[str]) -> list[Callable[[], None]]:
    """Pieces of work, one a year, after which the figures are among the columns."""
    every = [source(year, figure) for year in years for figure in figures]
    sources = {one: parts_of(one) for one in every}
    _take_from_now(columns, sources)
    missing: dict[int, list[str]] = {}
    for _amounts, year, figure in columns.missing(sources):
        missing.setdefault(year, []).append(figure)
    return [partial(_read, columns, year, wanted) for year, wanted in missing.items()]


def _take_from_now(columns: Columns, sources: dict[Source, tuple[str, ...]]) -> None:
    """As known at a moment, the columns of now of the years of which no figure has changed since."""
    kept = columns.of_now(sources)
    versions = since.versions(AnnualFigures, _years) if kept else None
    if versions is not None:
        changed = {year for rows in versions for year in rows}
        columns.take({one: of for one, of in kept.items() if one[1] not in changed}, parts_of)


def _years(changed: Q) -> Iterable[int]:
    return AnnualFigures.objects.filter(changed).order_by().values_list("year", flat=True)


def _read(columns: Columns, year: int, figures: list[str]) -> None:
    decimals = {figure: _decimals(figure) for figure in figures}
    told = []
    for figure in figures:
        for value in ("enterprise_id", f"{figure} * {10 ** decimals[figure]}"):
            told.append(column(value, f"{figure} IS NOT NULL"))
    (found,) = ask(
        OF_A_YEAR.format(columns=", ".join(told), only=columns.only_of("enterprise_id")), {"year": year}
    )
    read = {
        source(year, figure): Amounts(of, values, decimals[figure])
        for figure, of, values in zip(figures, found[::2], found[1::2], strict=True)
    }
    columns.take(read, parts_of)


def _decimals(figure: str) -> int:
    """How many decimals the column of a figure keeps."""
    return getattr(AnnualFigures._meta.get_field(figure), "decimal_places", 0)
