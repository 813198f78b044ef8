"""From which database is read: the primary, or within `reading_from` a replica of it.

The ORM is told by the router (`czindustry.replicas.Router`); statements of our own are asked through the `connection`
of this module. What writes, and what is about accounts, uses `django.db.connection`: that of the primary.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper

PRIMARY = DEFAULT_DB_ALIAS

_choice: ContextVar[Callable[[], str] | None] = ContextVar("choice", default=None)


def alias() -> str:
    """The alias of the database that is read from just now."""
    choose = _choice.get()
    return PRIMARY if choose is None else choose()


@contextmanager
def reading_from(choose: Callable[[], str]) -> Iterator[None]:
    """Within it facts are read from the database whose alias `choose` tells; it is asked when something is first read."""
    token = _choice.set(choose)
    try:
        yield
    finally:
        _choice.reset(token)


class _Connection:
    """This thread's connection to the database that is read from, as `django.db.connection` is that to the primary."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connections[alias()], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(connections[alias()], name, value)


connection = cast(DatabaseWrapper, _Connection())
