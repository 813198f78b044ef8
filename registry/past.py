"""Facts as they were known at a moment: the very same queries, over the tables as they then stood.

Common table expressions with the names of the tables stand in front of every query: a CTE hides the table of its name,
so that neither the ORM nor a statement of `targets.measure` knows that it reads the past. What has not changed since
is read from the table itself, by its indexes where they lead to it; of the rest, the last version that had been written
by the moment is read from the history. The cost grows with what has changed since, not with the size of the registry.

A version is known from the moment it was written (the database's clock), a deleted row until it was deleted.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models.sql.datastructures import BaseTable
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from registry.models.base import Fact
from registry.reading import connection

Execute = Callable[..., Any]
Rows = TypeVar("Rows", bound=models.QuerySet[Any])

# what may be the name of a table
WORD = re.compile(r"\w+", re.ASCII)
READING = ("SELECT", "WITH", "(", "EXPLAIN")

# The table stands in it bare, as a part of a union: so its indexes are found. What has changed since is left out around
# it, by a column that only rows of the table have.
AS_KNOWN = """"{table}" AS NOT MATERIALIZED (
    SELECT {columns}
      FROM (
        SELECT {columns}, fact.id AS standing FROM "{table}" fact
         UNION ALL
        SELECT {past_columns}, NULL::bigint
          FROM (SELECT DISTINCT pgh_obj_id FROM "{events}" later WHERE later.pgh_created_at > {moment}) changed
               CROSS JOIN LATERAL (
                 SELECT event.* FROM "{events}" event
                  WHERE event.pgh_obj_id = changed.pgh_obj_id AND event.pgh_created_at <= {moment}
                  ORDER BY event.pgh_id DESC LIMIT 1
               ) fact
         WHERE fact.pgh_label <> 'delete'
      ) fact
     WHERE NOT EXISTS (SELECT FROM "{events}" event
                        WHERE event.pgh_obj_id = fact.standing AND event.pgh_created_at > {moment})
)"""

CHANGED = 'SELECT DISTINCT pgh_obj_id FROM "{events}" WHERE pgh_created_at > %s LIMIT %s'

# By this name a statement about the past asks a table as it is now: it stands before what hides the table.
NOW = "{table} now"
AS_IT_IS = f'"{NOW}" AS NOT MATERIALIZED (SELECT * FROM "{{table}}")'


class PastIsReadOnly(RuntimeError):
    """Something tried to write while the facts of the past were being read."""


def moment_of(text: str) -> dt.datetime:
    """A moment written in ISO 8601, local time if it names no zone; of a mere day its end. ValueError otherwise."""
    try:
        day = parse_date(text)
        moment = parse_datetime(text) if day is None else dt.datetime.combine(day, dt.time.max)
    except ValueError:
        moment = None
    if moment is None:
        message = _("“%(text)s” is no moment. Write it as 2025-06-30 or 2025-06-30T12:00:00.")
        raise ValueError(message % {"text": text[:40]})
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


@contextmanager
def as_known_at(moment: dt.datetime | None) -> Iterator[None]:
    """Within it, every query sees the facts as they were known at a moment; None changes nothing.

    What keeps no history (a person's session, remembered answers) is read and written as ever. One such block cannot
    stand within another: RuntimeError.
    """
    if moment is None:
        yield
        return
    if moment_in_force() is not None:
        raise RuntimeError("as_known_at within as_known_at: which of the two moments is meant?")
    reader = _Reader(moment)
    # before all others: the history's own wrapper puts a statement in front of what it does not know as reading
    connection.execute_wrappers.insert(0, reader)
    try:
        yield
    finally:
        connection.execute_wrappers.remove(reader)


@contextmanager
def of_now() -> Iterator[None]:
    """Within it queries see the facts of now, also within `as_known_at`: what a person may see is decided by those."""
    readers = [one for one in connection.execute_wrappers if isinstance(one, _Reader)]
    for reader in readers:
        connection.execute_wrappers.remove(reader)
    try:
        yield
    finally:
        connection.execute_wrappers[:0] = readers


def changed_since(model: type[models.Model], most: int) -> list[int] | None:
    """The ids of the rows of a model that were written or deleted after the moment in force; None if more than `most`."""
    events = model.pgh_event_model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(CHANGED.format(events=events), [moment_in_force(), most + 1])
        found = [pk for (pk,) in cursor.fetchall()]
    return None if len(found) > most else found


def as_they_are(rows: Rows) -> Rows:
    """Rows of a single table as they are now, to stand within a question about what was known."""
    if moment_in_force() is None:
        return rows
    found = rows.all()
    alias = found.query.get_initial_alias()
    if any(used for other, used in found.query.alias_refcount.items() if other != alias):
        raise ValueError("of a single table: what is joined to it would be as it was known")
    found.query.alias_map[alias] = _TableOfNow(found.model._meta.db_table, alias)
    return found


class _TableOfNow(BaseTable):
    """A table in the FROM of a question about the past, by the name under which it is asked as it is now."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        table, alias = NOW.format(table=self.table_name), compiler.quote_name_unless_alias(self.table_alias)
        return f'"{table}" {alias}', ()


def moment_in_force() -> dt.datetime | None:
    """The moment whose knowledge queries see just now, in UTC; None for that of now."""
    readers = (one for one in connection.execute_wrappers if isinstance(one, _Reader))
    reader = next(readers, None)
    return reader.moment if reader else None


class _Reader:
    """Rewrites every statement to one about the facts of then."""

    def __init__(self, moment: dt.datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        self.moment = moment.astimezone(dt.UTC)
        self._literal = f"'{self.moment.isoformat()}'::timestamptz"

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        return execute(_in_the_past(sql, self._literal), params, many, context)


def _in_the_past(sql: str, moment: str) -> str:
    statement = sql.lstrip()
    named = set(WORD.findall(statement))
    tables = [table for table in _tracked() if table in named]
    if not tables:
        return sql
    if not statement.upper().startswith(READING):
        raise PastIsReadOnly(statement[:80])
    expressions = [
        AS_IT_IS.format(table=table) for table in tables if f'"{NOW.format(table=table)}"' in statement
    ]
    expressions += [_tracked()[table].format(moment=moment) for table in tables]
    past = ",\n".join(expressions)
    explain, statement = _apart(statement)
    if statement[:4].upper() == "WITH":
        return f"{explain}WITH {past},{statement[4:]}"
    return f"{explain}WITH {past}\n{statement}"


def _apart(statement: str) -> tuple[str, str]:
    found = re.match(r"EXPLAIN(\s*\([^)]*\))?\s*", statement, re.IGNORECASE)
    return (found[0], statement[found.end() :]) if found else ("", statement)


@cache
def _tracked() -> dict[str, str]:
    """For each table of facts its common table expression, wanting only the moment."""
    return {
        model._meta.db_table: _expression(model)
        for model in apps.get_models()
        if issubclass(model, Fact) and hasattr(model, "pgh_event_models")
    }


def _expression(model: type[models.Model]) -> str:
    fields = model._meta.concrete_fields
    return AS_KNOWN.format(
        table=model._meta.db_table,
        events=model.pgh_event_model._meta.db_table,  # type: ignore[attr-defined]
        columns=", ".join(f'fact."{field.column}"' for field in fields),
        past_columns=", ".join(_past_column(field) for field in fields),
        moment="{moment}",
    )


def _past_column(field: "models.Field[Any, Any]") -> str:
    """A column of a past version; what the database derives is derived anew from what was kept."""
    if not isinstance(field, models.GeneratedField):
        return f'fact."{field.column}"'
    derived: Any = field.expression  # type: ignore[attr-defined]
    (source,) = derived.get_source_expressions()
    return f'{derived.function}(fact."{source.name}") AS "{field.column}"'
