"""A second connection beside Django's own, for what only shows between two transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


class Other:
    """Somebody else at the same database, in a transaction that begins with the first statement."""

    def __init__(self) -> None:
        self.wrapper = connection.copy()
        self.wrapper.set_autocommit(False)

    def run(self, sql: str, *parameters: Any) -> list[Any]:
        with self.wrapper.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall()) if cursor.description else []

    def commit(self) -> None:
        self.wrapper.commit()

    def rollback(self) -> None:
        self.wrapper.rollback()


@contextmanager
def another() -> Iterator[Other]:
    """Whatever it leaves open is rolled back."""
    other = Other()
    try:
        yield other
    finally:
        other.rollback()
        other.wrapper.close()
