"""Whether a row keeps the check constraints of its model, without asking the database for each row.

The database says the last word; this is for telling thousands of rows at once which of them it would refuse, and why.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.db import models
from django.db.models import CheckConstraint, F, Q

Row = Mapping[str, Any]
Test = Callable[[Row], bool | None]

COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, given: value in given,
    "regex": lambda value, given: re.search(given, value) is not None,
}


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint that can be looked at without the database."""

    constraint: CheckConstraint
    columns: frozenset[str]
    test: Test
    # a row that says nothing breaks it, so that it is looked at whatever is said
    always: bool


def broken(model: type[models.Model], row: Row, said: set[str]) -> Iterator[CheckConstraint]:
    """The check constraints that a row breaks, by columns; `said` are those that differ from what is known to be right.

    Those of a new row are right where they say nothing, unless saying nothing breaks a constraint.
    """
    for check in checks(model):
        # as in SQL: what cannot be told, as a value is not known, is not refused
        if (check.always or not check.columns.isdisjoint(said)) and check.test(row) is False:
            yield check.constraint


@cache
def checks(model: type[models.Model]) -> list[Check]:
    fields: list[Any] = list(model._meta.concrete_fields)
    empty = {field.attname: field.get_default() for field in fields}
    found = []
    for one in model._meta.constraints:
        if isinstance(one, CheckConstraint):
            test = _test(model, one.condition)
            found.append(Check(one, frozenset(_columns(model, one.condition)), test, test(empty) is False))
    return found


def _columns(model: type[models.Model], condition: Any) -> Iterator[str]:
    if isinstance(condition, Q):
        for child in condition.children:
            yield from _columns(model, child)
        return
    path, given = condition
    yield _column(model, path.partition("__")[0])
    if isinstance(given, F):
        yield _column(model, cast(Any, given).name)


def _test(model: type[models.Model], condition: Any) -> Test:
    """A condition as a function; true, false, or None where SQL would say NULL."""
    if not isinstance(condition, Q):
        return _comparison(model, *condition)
    parts = [_test(model, child) for child in condition.children]
    together = _all if condition.connector == Q.AND else _any
    if condition.negated:
        return lambda row: _not(together(parts, row))
    return lambda row: together(parts, row)


def _all(parts: list[Test], row: Row) -> bool | None:
    found: bool | None = True
    for part in parts:
        one = part(row)
        if one is False:
            return False
        found = None if one is None else found
    return found


def _any(parts: list[Test], row: Row) -> bool | None:
    found: bool | None = False
    for part in parts:
        one = part(row)
        if one is True:
            return True
        found = None if one is None else found
    return found


def _not(one: bool | None) -> bool | None:
    return None if one is None else not one


def _comparison(model: type[models.Model], path: str, given: Any) -> Test:
    name, _sep, lookup = path.partition("__")
    column = _column(model, name)
    if lookup == "isnull" or (not lookup and given is None):
        wanted = given is None or given
        return lambda row: (row[column] is None) is wanted
    compare = COMPARED[lookup or "exact"]
    other = _column(model, cast(Any, given).name) if isinstance(given, F) else None

    def test(row: Row) -> bool | None:
        value, against = row[column], row[other] if other is not None else given
        return None if value is None or against is None else compare(value, against)

    return test


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.attname)
