"""Statements that nearly every request asks: planned once for each connection, and from then on only run.

PostgreSQL plans a statement that joins a few tables in three times the time that it takes to run it. The ORM cannot
prepare its statements, since the history's triggers get the person through their text; what only reads can.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection as primary


class Prepared(psycopg.Cursor[tuple[Any, ...]]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> "Prepared":
        return super().execute(query, params, **{**options, "prepare": True})


def rows(
    sql: str, params: Sequence[Any] | dict[str, Any] = (), *, connection: Any = primary
) -> list[tuple[Any, ...]]:
    """What a SELECT finds. Its text is a constant of the program: each text stays prepared with the connection."""
    connection.ensure_connection()
    # a log of statements wants their text, which a prepared one no longer has
    logged = connection.queries_logged
    raw: Any = None if logged else Prepared(connection.connection)
    with connection.cursor() if logged else connection.make_cursor(raw) as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
