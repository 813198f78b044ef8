"""Whole sets of records into the tables: COPY for what is new, COPY and one UPDATE for what changes."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from registry.rosters import ledger
from registry.rosters.errors import RosterError
from registry.rosters.ledger import IDS, MODELS, Record

# Imports and their undoing go one after the other: two at once could make one enterprise twice.
LOCK = 532_001


def take_turn() -> None:
    """Wait until no other list is being written; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def tell_history() -> None:
    """Hand the present person and reason to the transaction.

    COPY does not go through the cursor that does so with every other statement that writes. Deferring what is
    deferred anyway is the cheapest such statement.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check_now() -> None:
    """Let deferred checks speak here, and not at the commit where nobody listens."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids taken beforehand, so that rows can name what they made before it is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(nextval(found)::text, ',') FROM generate_series(1, %s), "
            "(SELECT pg_get_serial_sequence(%s, 'id')::regclass AS found) AS sequence",
            [count, model._meta.db_table],
        )
        listed = cursor.fetchone()[0]
    return [int(pk) for pk in listed.split(",")] if listed else []


def new_row_ids(count: int) -> range:
    """Ids of rows of lists, in one piece: only lists have rows, and only one is written at a time (`take_turn`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(found), setval(found, currval(found) + %s) "
            "FROM (SELECT pg_get_serial_sequence('registry_rosterrow', 'id')::regclass AS found) AS sequence",
            [count],
        )
        first: int = cursor.fetchone()[0]
    return range(first, first + count)


def copy(table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Into a table by COPY."""
    names = ", ".join(f'"{column}"' for column in columns)
    # Django turns psycopg's errors into its own where it executes; here we go past it
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as stream,
    ):
        for row in rows:
            stream.write_row(row)


def insert(table: str, records: list[Record]) -> None:
    """New records, with the defaults of their model for what they do not say."""
    if not records:
        return
    columns = ledger.columns(table)
    fields = MODELS[table]._meta.concrete_fields
    empty = {field.attname: field.get_default() for field in fields if field.attname in columns}
    in_order = itemgetter(*columns)
    rows = ((record.id, 1, *in_order({**empty, **record.values})) for record in records)
    copy(MODELS[table]._meta.db_table, ["id", "version", *columns], rows)


def update(table: str, records: list[Record], columns: Iterable[str]) -> None:
    """Set some columns, where every record is still as it was when it was read."""
    if not records:
        return
    names = sorted(columns)
    changed = _update_one(table, records[0], names) if len(records) == 1 else _update(table, records, names)
    if changed != len(records):
        raise RosterError(_("Somebody has changed records of this list meanwhile. Look at it once more."))


def _update_one(table: str, record: Record, names: list[str]) -> int:
    settings = ", ".join(f'"{column}" = %s' for column in names)
    values = [record.values[column] for column in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{MODELS[table]._meta.db_table}" SET {settings} WHERE id = %s AND version = %s',
            [*values, record.id, record.version],
        )
        return int(cursor.rowcount)


def _update(table: str, records: list[Record], names: list[str]) -> int:
    name, draft = MODELS[table]._meta.db_table, f"roster_{table}"
    listed = ", ".join(f'"{column}"' for column in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE {draft} ON COMMIT DROP AS "
            f'SELECT id, version, {listed} FROM "{name}" WITH NO DATA'
        )
    rows = ((record.id, record.version, *[record.values[column] for column in names]) for record in records)
    copy(draft, ["id", "version", *names], rows)
    settings = ", ".join(f'"{column}" = draft."{column}"' for column in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{name}" AS fact SET {settings} FROM {draft} AS draft '
            "WHERE fact.id = draft.id AND fact.version = draft.version"
        )
        changed = int(cursor.rowcount)
        cursor.execute(f"DROP TABLE {draft}")
    return changed


def delete(table: str, ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM "{MODELS[table]._meta.db_table}" WHERE id = ANY({IDS})', [ledger.listed(ids)]
        )
