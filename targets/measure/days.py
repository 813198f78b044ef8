"""The days of a question as bits, so that one statement answers for many days.

A fact that holds from `since` to the day before `until` covers a run of the days asked about: a bit each. Those of one
holder are united with OR, what restricts them (the area, the cluster) is applied with AND, and holders with the same
bits are counted together. A question about a single day needs no bits: its conditions have sifted the facts already.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

# PostgreSQL's bigint has a sign, and a run of all bits is told as the next power of two less one.
BITS_OF_A_COLUMN = 62


class Days:
    """Days in their order, each once; `columns` are the columns that hold their bits."""

    def __init__(self, days: Iterable[dt.date]) -> None:
        self.days = tuple(sorted(set(days)))
        if not self.days:
            raise ValueError("a question needs a day")
        width = 0 if len(self.days) == 1 else -(-len(self.days) // BITS_OF_A_COLUMN)
        self.columns = tuple(f"bits{number}" for number in range(width))

    def __len__(self) -> int:
        return len(self.days)

    @property
    def first(self) -> dt.date:
        return self.days[0]

    @property
    def last(self) -> dt.date:
        return self.days[-1]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements of this package call the days."""
        years = [dt.date(day.year, 1, 1) for day in self.days]
        return {"first": self.first, "last": self.last, "days": list(self.days), "years_begun": years}

    def covered(self, since: str, until: str | None, *, within_year: bool = False) -> list[str]:
        """SQL for the bits of the days from `since` to the day before `until`; an empty end is open.

        `within_year`: to the last day of the year of `since`.
        """
        start = f"coalesce(width_bucket({since} - 1, %(days)s::date[]), 0)"
        end = (
            f"coalesce(width_bucket({until} - 1, %(days)s::date[]), {len(self)})" if until else str(len(self))
        )
        if within_year:  # the days whose year has begun by then are those of this year and of those before
            end = f"width_bucket({since}, %(years_begun)s::date[])"
        return [
            self._up_to(end, place) + " & ~" + self._up_to(start, place)
            for place, _ in enumerate(self.columns)
        ]

    def _up_to(self, number: str, place: int) -> str:
        """SQL for the first so many bits, as far as they lie in a column."""
        if len(self.columns) > 1:
            number = f"least(greatest({number} - {place * BITS_OF_A_COLUMN}, 0), {BITS_OF_A_COLUMN})"
        return f"((1::bigint << {number}) - 1)"

    def of(self, table: str) -> list[str]:
        """The columns of bits of a table."""
        return [f"{table}.{column}" for column in self.columns]

    def on_each(self, amounts: Iterable[tuple[Sequence[int], Any]], nothing: Any = 0) -> list[Any]:
        """The sum of the amounts on each day, from (bits, amount)."""
        changes = [nothing] * (len(self) + 1)
        for bits, amount in amounts:
            for start, end in runs(tuple(bits)) if self.columns else ((0, 1),):
                changes[start] += amount
                changes[end] -= amount
        return list(accumulate(changes))[:-1]


@lru_cache(maxsize=100_000)
def runs(bits: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The runs of set bits, from the first to the one after the last."""
    whole = sum(column << (place * BITS_OF_A_COLUMN) for place, column in enumerate(bits))
    found = []
    start = 0
    while whole:
        gap = (whole & -whole).bit_length() - 1
        whole >>= gap
        length = (~whole & (whole + 1)).bit_length() - 1
        whole >>= length
        found.append((start + gap, start + gap + length))
        start += gap + length
    return tuple(found)


def both(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """SQL for the bits that are set in both."""
    return [f"{first} & coalesce({second}, -1)" for first, second in zip(one, other, strict=True)]


def also(expressions: Iterable[str]) -> str:
    """Further columns of a SELECT."""
    return "".join(f", {expression}" for expression in expressions)


def named(expressions: Iterable[str], names: Iterable[str]) -> list[str]:
    return [f"{expression} AS {name}" for expression, name in zip(expressions, names, strict=True)]
