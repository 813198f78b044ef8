"""Statements that are asked again and again: planned once for each connection, and from then on only run.

PostgreSQL plans a statement that joins a few tables in three times the time that it takes to run it. The ORM cannot
prepare its statements, since the history's triggers get the person through their text; what only reads can.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection as primary


class Prepared(psycopg.Cursor[tuple[Any, ...]]):
    prepare: bool | None = True

    def execute(self, query: Any, params: Any = None, **options: Any) -> "Prepared":
        return super().execute(query, params, **{**options, "prepare": self.prepare})


def rows(
    sql: str,
    params: Sequence[Any] | dict[str, Any] | None = (),
    *,
    connection: Any = primary,
    always: bool = True,
) -> list[tuple[Any, ...]]:
    """What a SELECT finds. Its text stays prepared with the connection: at once, or without `always`, for texts that are
    made of what somebody has asked, after a few times. With None for parameters it is taken as it is.
    """
    connection.ensure_connection()
    # a log of statements wants their text, which a prepared one no longer has
    logged = connection.queries_logged
    raw: Any = None if logged else Prepared(connection.connection)
    if raw is not None and not always:
        raw.prepare = None
    with connection.cursor() if logged else connection.make_cursor(raw) as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
