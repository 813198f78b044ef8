"""Facts as columns of numbers in the memory of this process: read once, then counted for any day.

The titles of a city are some twenty megabytes of numbers. What has not changed is not read again: columns are kept under
the state of the part of the facts that they are of, as answers are (`targets.measure.memory`). So an answer for a day
that nobody has asked about costs no reading at all, and one after a title has changed the reading of its scheme.

A day is the number that `date.toordinal` gives it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import psycopg
from django.conf import settings
from psycopg.adapt import Loader
from psycopg.pq import Format

from registry import state
from registry.past import moment_in_force
from registry.reading import connection
from registry.recent import Recent
from targets.measure.planning import can_export_snapshot

Numbers = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int32]  # small numbers: places in a column, days
Chosen = npt.NDArray[np.bool_]
# What, and of which scheme or year.
Source = tuple[Any, ...]

NEVER = 2**31 - 1
DAY = "({day} - DATE '0001-01-01' + 1)"
# Where an empty day has always been, or never comes.
SINCE = f"coalesce({DAY}, 0)"
UNTIL = f"coalesce({DAY}, {NEVER})"


def column(value: str, where: str = "") -> str:
    """SQL for a column of numbers, of the rows of a condition where one is given; of none an empty one."""
    chosen = f" FILTER (WHERE {where})" if where else ""
    return f"coalesce(array_agg(({value})::bigint){chosen}, ARRAY[]::bigint[])"


def both(since: str, until: str) -> str:
    """SQL for two days in one number, which halves what has to be read; see `apart`."""
    return f"({since})::bigint << 32 | {until}"


def apart(spans: Numbers) -> tuple[Positions, Positions]:
    """The two days of each of some numbers that `both` has made."""
    return (spans >> 32).astype(np.int32), (spans & NEVER).astype(np.int32)


class Kept(Protocol):
    @property
    def nbytes(self) -> int: ...


# By source and moment of knowledge the state of the facts and the columns: an older state is of no use to anybody new.
KEPT = Recent(settings.COLUMNS_IN_PROCESS, weigh=lambda kept: int(kept[1].nbytes))


class Columns:
    """What one answer reads: what is kept under the state of the facts that its snapshot shows, and what is read anew.

    With `only`: of the enterprise of that id alone, which is quicker to read than all are to count.
    """

    def __init__(self, only: int | None = None) -> None:
        self.only = only
        self._state = state.read()
        self._one_snapshot = can_export_snapshot()
        self._moment = moment_in_force()
        self._found: dict[Source, Any] = {}

    def missing(self, sources: dict[Source, tuple[str, ...]]) -> list[Source]:
        """Those of some sources, with the parts of the facts they are of, that have to be read."""
        unread = {one: parts for one, parts in sources.items() if one not in self._found}
        if self.only is None and not self._state.written:
            for (one, _moment), (of, kept) in KEPT.get_many((one, self._moment) for one in unread).items():
                if of == self._state.of(unread[one]):
                    self._found[one] = kept
        return [one for one in unread if one not in self._found]

    def of_now(self, sources: dict[Source, tuple[str, ...]]) -> dict[Source, Any]:
        """As known at a moment: of the sources that would have to be read, the columns that are kept as they are now.

        They become those of then by what has changed since, see `targets.measure.since`.
        """
        if self._moment is None or not self._one_snapshot or self._state.written or self.only is not None:
            return {}
        found = KEPT.get_many((one, None) for one in self.missing(sources))
        return {one: kept for (one, _now), (of, kept) in found.items() if of == self._state.of(sources[one])}

    def take(self, read: Mapping[Source, Kept], parts_of: Callable[[Source], tuple[str, ...]]) -> None:
        """What was read; kept, unless its facts have changed meanwhile or are those of a writer alone."""
        self._found |= read
        if not read or self.only is not None or self._state.written:
            return
        # in a transaction of a caller's a commit may have come in between
        after = self._state if self._one_snapshot else state.read()
        of = {one: self._state.of(parts_of(one)) for one in read}
        KEPT.set_many(
            {(one, self._moment): (of[one], read[one]) for one in read if of[one] == after.of(parts_of(one))}
        )

    def only_of(self, enterprise: str) -> str:
        """SQL that is true of the enterprises that are read, of a column of their ids."""
        return "true" if self.only is None else f"{enterprise} = {self.only}"

    def __getitem__(self, source: Source) -> Any:
        return self._found[source]


class _Numbers(Loader):
    """An array of bigint without NULLs, whose elements lie in equal distances: there is nothing to parse."""

    format = Format.BINARY
    header = 20  # dimensions, flags, type, length, first index
    element = np.dtype([("size", ">i4"), ("value", ">i8")])

    def load(self, data: Any) -> Numbers:
        if len(data) <= self.header:
            return np.empty(0, np.int64)
        return np.frombuffer(data, self.element, offset=self.header)["value"].astype(np.int64)


BIGINTS = 1016


class _Reading(psycopg.Cursor[tuple[Any, ...]]):
    """Asks for what it reads in binary form, which Django's own cursors cannot."""

    # the history puts no statement about who writes before what a cursor with a name asks, as that only reads
    name = "columns"

    def execute(self, query: Any, params: Any = None, **options: Any) -> "_Reading":
        """Planned anew each time, for the schemes that are asked: it reads much."""
        return super().execute(query, params, **{**options, "prepare": False})


def ask(sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """What a SELECT finds; an array of bigint without NULLs comes as `Numbers`."""
    connection.ensure_connection()
    raw: Any = _Reading(connection.connection)
    raw.format = Format.BINARY
    raw.adapters.register_loader(BIGINTS, _Numbers)
    wrapped = connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)
    with wrapped as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
