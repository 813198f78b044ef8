"""The state of the facts: a mark for each part of them that changes with every commit, so that answers can be kept.

The facts lie in parts (the titles of a scheme, the figures of a year …). Triggers of the tables write a row with a
random number for each statement and part that it changed, into a table that is only added to. What a snapshot sees of
these rows is the state of the part: how many changes, and their numbers folded by XOR. A commit adds to what is seen
when it is made, also that of an old transaction after a younger one; what is not committed nobody else sees; and a
database that was restored to an earlier moment goes on with other numbers. So one state is never two sets of facts.

Whoever goes past the triggers (session_replication_role, DISABLE TRIGGER, pgtrigger.ignore, pg_restore
--disable-triggers, deleting history) says `touch()` afterwards, or old answers are taken for those of now.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import pgtrigger
from django.db import connection, models

from registry import prepared, reading

M = TypeVar("M", bound=type[models.Model])
Token = tuple[int, int]

# Part of every state: the identity of a database (its first row comes with the migration), and what was emptied at once.
EVERYTHING = "everything"
ENTERPRISES = "enterprises"
# Of the enterprises their memberships alone, so that a move leaves these as they are known.
MEMBERS = "members"
REFERENCE = "reference"
SCHEME, FIGURES, SERIES = "scheme", "figures", "series"
# What is wanted, and how it is called: no reading comes from it (a rule is part of the question), but what is told of
# one does.
PLAN = "plan"

# A state is read with every answer: past so many rows they are folded together.
LONG = 1_000

STATE = """
    SELECT part, sum(weight)::bigint, bit_xor(nonce), count(*), pg_current_xact_id_if_assigned() IS NOT NULL
      FROM registry_partchange GROUP BY part
"""
TOUCH = f"INSERT INTO registry_partchange (part) VALUES ('{EVERYTHING}')"
# Sums and XOR of what is folded are those of before: no state changes. What another one folds just now is left to it.
COMPACT = """
    WITH folded AS (
        DELETE FROM registry_partchange USING (SELECT id FROM registry_partchange FOR UPDATE SKIP LOCKED) free
         WHERE registry_partchange.id = free.id
        RETURNING part, nonce, weight
    )
    INSERT INTO registry_partchange (part, nonce, weight)
    SELECT part, bit_xor(nonce), sum(weight) FROM folded GROUP BY part
"""


def of_scheme(pk: int) -> str:
    """The titles of a scheme."""
    return f"{SCHEME}:{pk}"


def of_year(year: int) -> str:
    """The yearly figures of a year."""
    return f"{FIGURES}:{year}"


def of_series(pk: int) -> str:
    """The published values of a series."""
    return f"{SERIES}:{pk}"


# What is read


@dataclass(frozen=True)
class State:
    """The tokens of all parts in one snapshot; a part that never changed has none.

    `written`: the transaction that read it has written itself, so that it may see what no other ever will.
    """

    tokens: dict[str, Token]
    rows: int = field(default=0, compare=False)
    written: bool = field(default=False, compare=False)

    @cached_property
    def whole(self) -> frozenset[tuple[str, Token]]:
        """The state of all parts, fit to be a key."""
        return frozenset(self.tokens.items())

    def of(self, parts: Iterable[str]) -> tuple[tuple[str, Token | None], ...]:
        """The state of some parts, fit to be a key."""
        return tuple((part, self.tokens.get(part)) for part in parts)

    @cached_property
    def years(self) -> list[int]:
        """The years of whose figures something is known, the oldest first."""
        return sorted(int(part.partition(":")[2]) for part in self.tokens if part.startswith(f"{FIGURES}:"))


def read() -> State:
    """The state of all parts, in one statement."""
    found = prepared.rows(STATE, connection=reading.connection)
    tokens = {part: (weight, nonces) for part, weight, nonces, _rows, _written in found}
    rows = sum(row[3] for row in found)
    on_primary = reading.alias() == reading.PRIMARY
    if rows - len(tokens) > LONG and on_primary and connection.get_autocommit():
        compact()
    return State(tokens, rows, any(row[4] for row in found))


def touch() -> None:
    """Say that facts changed which no trigger saw: nothing that was remembered holds any longer."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCH)


def compact() -> None:
    """Fold the rows of each part into one. Within a transaction that goes on it would hold the rows until its end."""
    with connection.cursor() as cursor:
        cursor.execute(COMPACT)


# What is declared

ADD = "INSERT INTO registry_partchange (part)"
OLD = pgtrigger.Referencing(old="old_values")  # type: ignore[no-untyped-call]
NEW = pgtrigger.Referencing(new="new_values")  # type: ignore[no-untyped-call]
BOTH = pgtrigger.Referencing(old="old_values", new="new_values")  # type: ignore[no-untyped-call]


def part(
    *names: str, by: str = "", columns: tuple[str, ...] = (), inserts: bool = True, besides: str = ""
) -> Callable[[M], M]:
    """Declare of which parts of the facts the rows of a model are; of the part of their value of a column, with `by`.

    An update counts if it changed a row, or one of the `columns` where some are named. Without `inserts` a new row
    changes no answer by itself. What a few columns are of `besides` has a name, in a declaration of its own.
    """

    def decorate(model: M) -> M:
        for trigger in _triggers(names, by, columns, inserts, f"{besides}_" if besides else ""):
            pgtrigger.register(trigger)(model)
        if not besides:
            pgtrigger.register(emptied())(model)
        return model

    return decorate


def _triggers(
    names: tuple[str, ...], by: str, columns: tuple[str, ...], inserts: bool, prefix: str
) -> Iterator[pgtrigger.Trigger]:
    if inserts:
        yield _trigger(f"{prefix}insert", pgtrigger.Insert, NEW, _rows(names, by, "new_values"))
    yield _trigger(f"{prefix}update", pgtrigger.Update, BOTH, _changed_rows(names, by, columns))
    yield _trigger(f"{prefix}delete", pgtrigger.Delete, OLD, _rows(names, by, "old_values"))


def emptied() -> pgtrigger.Trigger:
    """TRUNCATE tells no rows: everything has changed."""
    return _trigger("truncate", pgtrigger.Truncate, None, f"{ADD} VALUES ('{EVERYTHING}')")


def _trigger(
    name: str, operation: pgtrigger.Operation, referencing: pgtrigger.Referencing | None, statement: str
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"state_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        func=f"{statement}; RETURN NULL;",
    )


def _rows(names: tuple[str, ...], by: str, rows: str) -> str:
    if not by:
        return f"{ADD} SELECT {_each(names)} WHERE EXISTS (SELECT FROM {rows})"
    (name,) = names
    return f"{ADD} SELECT '{name}:' || touched.key FROM (SELECT DISTINCT {by} AS key FROM {rows}) touched"


def _each(names: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return quoted if len(names) == 1 else f"unnest(ARRAY[{quoted}])"


def _changed_rows(names: tuple[str, ...], by: str, columns: tuple[str, ...]) -> str:
    old, new = _compared("old_values", columns), _compared("new_values", columns)
    # A full join, as a row may also have got another id; and it is never made by nested loops, which a plan that was
    # made for one row would keep for the next hundred thousand.
    rows = "old_values FULL JOIN new_values ON old_values.id = new_values.id"
    if not by:
        return f"{ADD} SELECT {_each(names)} WHERE EXISTS (SELECT FROM {rows} WHERE {old} IS DISTINCT FROM {new})"
    (name,) = names
    both = f"LATERAL (VALUES (old_values.{by}), (new_values.{by})) AS value(key)"
    return (
        f"{ADD} SELECT '{name}:' || touched.key FROM (SELECT DISTINCT value.key FROM {rows} CROSS JOIN {both} "
        f"WHERE {old} IS DISTINCT FROM {new} AND value.key IS NOT NULL) touched"
    )


def _compared(rows: str, columns: tuple[str, ...]) -> str:
    return f"({', '.join(f'{rows}.{name}' for name in ('id', *columns))})" if columns else f"{rows}.*"
