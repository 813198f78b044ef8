"""The days of a question; as bits, so that one statement answers for both days of a bridge.

A fact that holds from `since` to the day before `until` covers a run of the days asked about: a bit each. Those of one
holder are united with OR, what restricts them (the area, the cluster) is applied with AND. A question about a single day
needs no bits: its conditions have sifted the facts already.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any


class Days:
    """Days in their order, each once; `columns` are the columns of a statement that hold their bits: none or one."""

    def __init__(self, days: Iterable[dt.date]) -> None:
        self.days = tuple(sorted(set(days)))
        if not self.days:
            raise ValueError("a question needs a day")
        self.columns = () if len(self.days) == 1 else ("bits0",)

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
        return {"first": self.first, "last": self.last, "days": list(self.days)}

    def covered(self, since: str, until: str) -> list[str]:
        """SQL for the bits of the days from `since` to the day before `until`; an empty end is open."""
        start = f"coalesce(width_bucket({since} - 1, %(days)s::date[]), 0)"
        end = f"coalesce(width_bucket({until} - 1, %(days)s::date[]), {len(self)})"
        return [f"((1::bigint << {end}) - 1) & ~((1::bigint << {start}) - 1)" for _column in self.columns]

    def of(self, table: str) -> list[str]:
        """The columns of bits of a table."""
        return [f"{table}.{column}" for column in self.columns]


def both(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """SQL for the bits that are set in both."""
    return [f"{first} & coalesce({second}, -1)" for first, second in zip(one, other, strict=True)]


def also(expressions: Iterable[str]) -> str:
    """Further columns of a SELECT."""
    return "".join(f", {expression}" for expression in expressions)


def named(expressions: Iterable[str], names: Iterable[str]) -> list[str]:
    return [f"{expression} AS {name}" for expression, name in zip(expressions, names, strict=True)]
