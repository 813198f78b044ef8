"""Facts as they were known at a moment: the very same queries, over the tables as they then stood.

Common table expressions with the names of the tables stand in front of every query: a CTE hides the table of its name,
so that neither the ORM nor a statement of `targets.measure` knows that it reads the past. What has not changed since
is read from the table itself; of the rest, the last version that had been written by the moment is read from the
history. The cost grows with what has changed since, not with the size of the registry.

A version is known from the moment it was written (the database's clock), a deleted row until it was deleted.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from registry.models.base import Fact

Execute = Callable[..., Any]

READING = ("SELECT", "WITH", "(", "EXPLAIN")
# What Django and `whole_sets` say besides questions.
HARMLESS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET")

AS_KNOWN = """"{table}" AS NOT MATERIALIZED (
    SELECT {columns} FROM "{table}" fact
     WHERE NOT EXISTS (SELECT FROM "{events}" event
                        WHERE event.pgh_obj_id = fact.id AND event.pgh_created_at > {moment})
     UNION ALL
    SELECT {past_columns} FROM (
        SELECT DISTINCT ON (event.pgh_obj_id) event.* FROM "{events}" event
         WHERE event.pgh_created_at <= {moment}
           AND event.pgh_obj_id IN (SELECT pgh_obj_id FROM "{events}" later WHERE later.pgh_created_at > {moment})
         ORDER BY event.pgh_obj_id, event.pgh_id DESC
    ) fact WHERE fact.pgh_label <> 'delete'
)"""


class PastIsReadOnly(RuntimeError):
    """Something tried to write while the facts of the past were being read."""


@contextmanager
def as_known_at(moment: dt.datetime | None) -> Iterator[None]:
    """Within it, every query sees the facts as they were known at a moment; None changes nothing."""
    if moment is None:
        yield
        return
    with connection.execute_wrapper(_reader(moment)):
        yield


def _reader(moment: dt.datetime) -> Callable[..., Any]:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    literal = f"'{moment.isoformat()}'::timestamptz"

    def read(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        return execute(_in_the_past(sql, literal), params, many, context)

    return read


def _in_the_past(sql: str, moment: str) -> str:
    statement = sql.lstrip()
    if statement.upper().startswith(HARMLESS):
        return sql
    if not statement.upper().startswith(READING):
        raise PastIsReadOnly(statement[:80])
    tables = [table for table in _tracked() if re.search(rf"\b{table}\b", statement)]
    if not tables:
        return sql
    past = ",\n".join(_tracked()[table].format(moment=moment) for table in tables)
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


def _past_column(field: models.Field) -> str:
    """A column of a past version; what the database derives is derived anew from what was kept."""
    if not field.generated:
        return f'fact."{field.column}"'
    (source,) = field.expression.get_source_expressions()
    return f'{field.expression.function}(fact."{source.name}") AS "{field.column}"'
