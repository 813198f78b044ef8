"""The work of one answer side by side: each piece on a connection of its own, all of them in the same snapshot.

PostgreSQL reads a table with all processors, but unites and counts with one. Where an answer is begun outside of any
transaction its snapshot is exported to a second connection, and half of the work is done there. In a transaction of a
caller's nobody else may see what it sees: there the pieces are done one after the other, as they are where no
connection is free.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError
from psycopg.errors import LockNotAvailable

from registry import reading
from registry.past import as_known_at, moment_in_force
from registry.reading import connection
from targets.measure.planning import can_export_snapshot, export_snapshot, import_snapshot, one_processor

Found = TypeVar("Found")

LANES = 2
# How many answers of this process may have a second connection at a time: the others wait for nobody.
ANSWERS = 2

_helpers = ThreadPoolExecutor(ANSWERS * (LANES - 1), thread_name_prefix="lane")
_free = threading.BoundedSemaphore(ANSWERS)


def side_by_side(works: Sequence[Callable[[], Found]]) -> list[Found]:
    """What the works find, in their order. Each asks through `registry.reading.connection`, which is that of its lane."""
    found: list[Any] = [None] * len(works)
    left = deque(enumerate(works))
    if len(works) >= LANES and can_export_snapshot() and _free.acquire(blocking=False):
        try:
            _with_a_second_lane(left, found)
        finally:
            _free.release()
    _do(left, found)
    return found


Left = deque[tuple[int, Callable[[], Any]]]


def _do(left: Left, found: list[Any]) -> None:
    while left:
        try:
            place, work = left.popleft()
        except IndexError:  # the other lane was quicker
            return
        found[place] = work()


def _with_a_second_lane(left: Left, found: list[Any]) -> None:
    """When it returns, what is still left was given back by the other lane."""
    other = _helpers.submit(_beside, reading.alias(), export_snapshot(), moment_in_force(), left, found)
    try:
        with one_processor():
            _do(left, found)
    except BaseException:
        left.clear()  # where a work has failed, the others are for nobody
        raise
    finally:
        other.exception()
    other.result()


def _beside(alias: str, snapshot: str, moment: Any, left: Left, found: list[Any]) -> None:
    with reading.reading_from(lambda: alias):
        try:
            try:
                connection.ensure_connection()
            except DatabaseError:  # none is free: all is done in the first lane
                return
            with as_known_at(moment), import_snapshot(snapshot):
                _do_or_give_back(left, found)
        finally:
            connection.close()


def _do_or_give_back(left: Left, found: list[Any]) -> None:
    """What has to wait for a lock is the first lane's: PostgreSQL does not see that the first lane waits for this one,
    so that a migration that waits for the first would wait for ever.
    """
    while left:
        try:
            place, work = left.popleft()
        except IndexError:
            return
        try:
            found[place] = work()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            left.append((place, work))
            return
