"""The work of one answer side by side: each piece on a connection of its own, all of them in the same snapshot.

PostgreSQL reads a table with all processors, but unites and counts with one. Where an answer is begun outside of any
transaction its snapshot can be lent to a second connection, and half of the work is done there. In a transaction of a
caller's nobody else may see what it sees: there the pieces are done one after the other, as they are where no
connection is free.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DatabaseError, connection

from registry.past import as_known_at, moment_in_force
from targets.measure.planning import can_lend, in_snapshot, lend_snapshot, one_processor

Found = TypeVar("Found")

LANES = 2
# How many answers of this process may have a second connection at a time: the others wait for nobody.
ANSWERS = 2

_helpers = ThreadPoolExecutor(ANSWERS * (LANES - 1), thread_name_prefix="lane")
_free = threading.BoundedSemaphore(ANSWERS)


def side_by_side(works: Sequence[Callable[[], Found]]) -> list[Found]:
    """What the works find, in their order. Each asks through `django.db.connection`, which is that of its lane."""
    found: list[Any] = [None] * len(works)
    left = deque(enumerate(works))
    with _second_lane(left, found):
        _do(left, found)
    return found


def _do(left: "deque[tuple[int, Callable[[], Any]]]", found: list[Any]) -> None:
    while left:
        try:
            place, work = left.popleft()
        except IndexError:  # the other lane was quicker
            return
        found[place] = work()


@contextmanager
def _second_lane(left: "deque[tuple[int, Callable[[], Any]]]", found: list[Any]) -> Iterator[None]:
    """Within it another thread takes works too; after it nobody works on any."""
    if len(left) < LANES or not can_lend() or not _free.acquire(blocking=False):
        yield
        return
    try:
        other = _helpers.submit(_beside, lend_snapshot(), moment_in_force(), left, found)
        try:
            with one_processor():
                yield
        finally:
            left.clear()  # where a work has failed, the others are for nobody
            error = other.exception()
        if error is not None:
            raise error
    finally:
        _free.release()


def _beside(
    snapshot: str, moment: Any, left: "deque[tuple[int, Callable[[], Any]]]", found: list[Any]
) -> None:
    try:
        try:
            connection.ensure_connection()
        except DatabaseError:  # none is free: all is done in the first lane
            return
        with as_known_at(moment), in_snapshot(snapshot):
            _do(left, found)
    finally:
        connection.close()
