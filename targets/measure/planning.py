"""How PostgreSQL is told to work where a whole registry is counted at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from registry import reading
from registry.past import moment_in_force
from registry.reading import connection

# The statements of one answer see the registry at one moment.
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"

# Everything by hashing, and with all hands: the planner would loop and sort, for the few rows that it expects.
SETTINGS = {
    "enable_nestloop": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
    "work_mem": "'256MB'",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0.01",
    # It takes the few moves of enterprises for many of the same few enterprises, and would hash all enterprises instead.
    "cpu_operator_cost": "0.00001",
}
# For a lock, see `targets.measure.lanes`.
NO_LONG_WAIT = "SET LOCAL lock_timeout = '1s'"
ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"


@contextmanager
def whole_sets() -> Iterator[None]:
    """For statements that read most of a table, in one snapshot unless a transaction is already under way.

    The planner cannot know how many titles the rules that it is handed will match: it guesses a few hundred, and goes
    looking for half a million enterprises one by one. Measured at a million titles, joining whole sets in memory is
    four times as fast. Within another such block it does nothing.
    """
    if getattr(connection, "works_on_whole_sets", False):
        yield
        return
    connection.works_on_whole_sets = True  # type: ignore[attr-defined]
    try:
        with _set():
            yield
    finally:
        connection.works_on_whole_sets = False  # type: ignore[attr-defined]


@contextmanager
def as_usual() -> Iterator[None]:
    """Within `whole_sets` a statement that is planned as it would be outside: it finds its rows by indexes."""
    if not getattr(connection, "works_on_whole_sets", False):
        yield
        return
    _say(*_usual())
    yield
    _say(*_settings())


@contextmanager
def few_rows() -> Iterator[None]:
    """`as_usual`, but not as known at a moment, when a table is put together from two: of those the planner does not know
    how many rows it will find, and where it looks for many one by one, it runs through what has changed since each time.
    """
    if moment_in_force() is not None:
        yield
        return
    with as_usual():
        yield


def can_export_snapshot() -> bool:
    """Whether another connection may see what this one sees; not within a transaction of a caller's."""
    return getattr(connection, "has_own_snapshot", False)


def export_snapshot() -> str:
    """The name under which another connection sees what this one sees, as long as this one stays in its transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        name: str = cursor.fetchone()[0]
    return name


@contextmanager
def one_processor() -> Iterator[None]:
    """Within it a statement has one processor for itself: the other is at work in the other lane."""
    _say(ALONE)
    yield
    _say("SET LOCAL max_parallel_workers_per_gather = DEFAULT")


@contextmanager
def import_snapshot(name: str) -> Iterator[None]:
    """As `whole_sets`, in a snapshot that another connection has exported and still holds."""
    connection.works_on_whole_sets = True  # type: ignore[attr-defined]
    try:
        with transaction.atomic(using=reading.alias()):
            _say(SNAPSHOT, f"SET TRANSACTION SNAPSHOT '{name}'", *_settings(), ALONE, NO_LONG_WAIT)
            yield
    finally:
        connection.works_on_whole_sets = False  # type: ignore[attr-defined]


@contextmanager
def _set() -> Iterator[None]:
    if connection.get_autocommit():
        with transaction.atomic(using=reading.alias()):
            _say(SNAPSHOT, *_settings())
            connection.has_own_snapshot = True  # type: ignore[attr-defined]
            try:
                yield
            finally:
                connection.has_own_snapshot = False  # type: ignore[attr-defined]
        return
    # the transaction of others goes on, and would go on so
    _say(*_settings())
    yield
    _say(*_usual())


def _usual() -> list[str]:
    return [f"SET LOCAL {name} = DEFAULT" for name in SETTINGS]


def _settings() -> list[str]:
    return [f"SET LOCAL {name} = {value}" for name, value in SETTINGS.items()]


def _say(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statements))
