"""Whole tables as they stand at one position: lines of JSON, streamed as PostgreSQL makes them."""

from collections.abc import Generator, Iterator
from typing import Any

from django.db import connection

from registry.feed import positions
from registry.feed.positions import Position
from registry.feed.resources import Followed

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# JSON holds neither of the two characters bare, so that nothing is quoted and each line is a row
COPY = """
    COPY (SELECT {shape}::text FROM "{table}" AS fact WHERE {where} ORDER BY fact.id)
    TO STDOUT WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')
"""


class Export:
    """The rows of a table, all of one moment; holds a connection of its own until it is closed."""

    def __init__(self, table: Followed, *, area: int | None = None, contacts: bool = False) -> None:
        self.table = table
        self.area = area
        self.contacts = contacts
        # to begin a stretch would write, which the transaction of an export does not
        number = positions.epoch().pk
        self.connection: Any = connection.copy()
        self._lines: Generator[bytes, None, None] | None = None
        try:
            # its own BEGIN, since Django knows none that only reads
            self.connection.ensure_connection()
            with self.connection.cursor() as cursor:
                cursor.execute(BEGIN)
                cursor.execute("SELECT pg_current_snapshot()::text")
                self.position = Position(number, cursor.fetchone()[0])
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of lines."""
        self._lines = self._stream()
        return self._lines

    def _stream(self) -> Generator[bytes, None, None]:
        sql = COPY.format(
            shape=self.table.shape("fact", contacts=self.contacts),
            table=self.table.table,
            where=self._where(),
        )
        try:
            with self.connection.cursor() as cursor, cursor.copy(sql) as stream:
                for block in stream:
                    yield bytes(block)
        finally:
            self._give_back()

    def _where(self) -> str:
        if self.table.area is None or self.area is None:
            return "true"
        return f"{self.table.area.format(row='fact')} = {int(self.area)}"

    def close(self) -> None:
        """Give the connection back; also in the middle."""
        if self._lines is not None:
            self._lines.close()
        # one that nobody has begun to read has nothing to end
        self._give_back()

    def _give_back(self) -> None:
        if self.connection.connection is not None:
            self.connection.connection.rollback()
            self.connection.close()

    def __del__(self) -> None:
        """An answer that nobody has read or closed is no reason to keep a connection."""
        if hasattr(self, "connection"):
            self.close()
