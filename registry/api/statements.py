"""What programs ask for again and again in the same words: the statement is made once, and then only run.

To check a dozen parameters, build a queryset and turn it into SQL takes longer than the database needs for the page. A
statement of a list holds the ids of the reference rows whose codes were given, and what the person may see: it is kept
under both. That of a single row holds neither the row nor a code. PostgreSQL keeps its plan too, which takes as long to
make as to run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.utils import timezone

from registry import prepared, reading, state
from registry.access import sees_facts
from registry.api.fields import Hanging
from registry.querysets import IDS
from registry.recent import Recent

KEPT = Recent(500)

OF_REFERENCE_ROWS = IDS.partition("{")[0]
# Of the fields by which a single row is asked for: what stands for a value while its statement is made, how SQL writes
# that, and what is put in its place.
OPEN: dict[str, tuple[Any, str, str]] = {
    "pk": (7310582946137, "7310582946137", "%s::bigint"),
    "uscc": ("7310582946137", "'7310582946137'", "%s::text"),
}
DIGITS = 18  # so many fit into a bigint, whichever they are


@dataclass(frozen=True)
class Statement:
    """The first page of a list, which stands for its queryset where pages are made."""

    model: type[models.Model]
    sql: str  # with its parameters, so that the plan that is made of it is made for them
    names: tuple[str, ...]
    hanging: tuple[str, ...]  # of the names those of JSON, which is passed on as it comes

    def order_by(self, *_fields: str) -> "Statement":
        return self

    def __getitem__(self, _page: slice) -> list[dict[str, Any]]:
        return self.rows()

    def rows(self, *values: Any) -> list[dict[str, Any]]:
        """With the values that the statement leaves open."""
        found = prepared.rows(self.sql, values or None, connection=reading.connection, always=False)
        rows = [dict(zip(self.names, row, strict=True)) for row in found]
        for row in rows:
            for name in self.hanging:
                row[name] = orjson.Fragment(row[name])
        return rows


def first_page(view: Any, size: int, make: Callable[[], models.QuerySet[Any]]) -> Any:
    """What gives the first rows of a list, in the order of its view: one row more than a page has.

    `make` makes its queryset, which is given back where its statement cannot be kept.
    """
    now = state.read()
    key = (*_asked(view, size), now.of([state.EVERYTHING, state.REFERENCE]))
    kept = None if now.written else KEPT.get_many([key]).get(key)
    if kept is not None:
        return kept
    with _watching() as asked:
        queryset = make()
    if now.written or not all(sql.startswith(OF_REFERENCE_ROWS) for sql in asked):
        return queryset
    try:
        statement = _statement(queryset.order_by(*view.ordering)[: size + 1])
    except EmptyResultSet:
        return queryset
    KEPT.set_many({key: statement})
    return statement


def row_of(view: Any, field: str, value: str) -> dict[str, Any] | None:
    """The row of a resource with a value in a unique field, "pk" or "uscc"; None where its person sees none."""
    if field == "pk" and not (value.isdecimal() and len(value) <= DIGITS):
        return None
    mark, literal, parameter = OPEN[field]
    key = (type(view), field, view.chosen, view.included, _sees(view))
    kept = KEPT.get_many([key]).get(key)
    if kept is None:
        try:
            made = _statement(view.get_queryset().filter(**{field: mark}))
        except EmptyResultSet:
            return None
        before, after = made.sql.replace("%", "%%").split(literal)
        kept = replace(made, sql=f"{before}{parameter}{after}")
        KEPT.set_many({key: kept})
    found: list[dict[str, Any]] = kept.rows(int(value) if field == "pk" else value)
    return next(iter(found), None)


def _asked(view: Any, size: int) -> tuple[Any, ...]:
    """What a list depends on besides the facts: the parameters, the day, and what the person may see."""
    given = view.request.query_params
    parameters = tuple((name, tuple(values)) for name, values in sorted(given.lists()))
    return type(view), size, parameters, timezone.localdate(), _sees(view)


def _sees(view: Any) -> tuple[Any, ...]:
    user = view.request.user
    return user.is_active, user.district_id, sees_facts(user), view.get_serializer_class()


@contextmanager
def _watching() -> Iterator[list[str]]:
    """The statements that are asked within it: of what they find nothing but reference rows may be kept."""
    asked: list[str] = []

    def note(execute: Any, sql: Any, *more: Any) -> Any:
        asked.append(str(sql))
        return execute(sql, *more)

    with reading.connection.execute_wrapper(note):
        yield asked


def _statement(queryset: models.QuerySet[Any]) -> Statement:
    query = queryset.query
    compiler = query.get_compiler(using=reading.alias())
    with reading.connection.cursor() as cursor:
        sql = cursor.mogrify(*compiler.as_sql())
    converted = compiler.get_converters([expression for expression, _sql, _alias in compiler.select or []])
    names = tuple(query.selected or ())
    hanging = tuple(names[place] for place in converted)
    assert all(isinstance(query.annotations.get(name), Hanging) for name in hanging), (
        f"not told as they come: {hanging}"
    )
    return Statement(queryset.model, sql, names, hanging)
