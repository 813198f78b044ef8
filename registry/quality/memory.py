"""Findings among large tables: counted exactly, once a state of the facts.

What a check finds depends on the parts of the facts that it names (see `registry.state`), on the day and on the area of
the person; under these the number of findings and the ids of the first of them are kept in the store of answers. A
check that names no parts depends on more than the state tells (names, codes): it is asked each time, or brings a mark
of its own.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.db.models import QuerySet

from registry import state
from registry.quality.checks import Found, Scope

SHARED = "answers"
KEPT = 10_000
CHUNK = 1_000
PROGRAM = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()


def remembered(code: str, mark: object, compute: Callable[[], Any]) -> Any:
    """The answer under a mark that changes whenever the answer may; what nobody remembers is computed."""
    key = hashlib.sha256(repr(("quality", PROGRAM, code, mark)).encode()).hexdigest()
    found = caches[SHARED].get(key)
    if found is None:
        found = compute()
        caches[SHARED].set(key, found)
    return found


def mark_of(scope: Scope, parts: Sequence[str]) -> object | None:
    """The state of the parts that begin so, with day and area; None within a transaction that has written itself."""
    now = state.read()
    if now.written:
        return None
    tokens = sorted(
        (name, token)
        for name, token in now.tokens.items()
        if name.split(":")[0] in (*parts, state.EVERYTHING)
    )
    return (scope.day, scope.user.district_id, tokens)


@dataclass
class OfTable:
    """The rows of a queryset, told a page at a time."""

    code: str
    scope: Scope
    rows: QuerySet[Any]
    tell: Callable[[Sequence[Any]], Sequence[Found]]
    parts: tuple[str, ...] = ()
    related: tuple[str, ...] = ()

    @cached_property
    def _known(self) -> tuple[int, list[int]]:
        """The number of rows, and the ids of the first."""
        mark = mark_of(self.scope, self.parts) if self.parts else None
        if mark is None:
            return self._compute()
        found: tuple[int, list[int]] = remembered(self.code, mark, self._compute)
        return found

    def _compute(self) -> tuple[int, list[int]]:
        ids = list(self.rows.order_by("-pk").values_list("pk", flat=True))
        return len(ids), ids[:KEPT]

    def count(self) -> int:
        return self._known[0]

    def page(self, start: int, stop: int) -> Sequence[Found]:
        count, ids = self._known
        if stop <= len(ids) or count == len(ids):
            wanted = ids[start:stop]
            found = self.rows.model._default_manager.select_related(*self.related).in_bulk(wanted)
            return self.tell([found[pk] for pk in wanted if pk in found])
        return self.tell(list(self.rows.select_related(*self.related).order_by("-pk")[start:stop]))

    def reasons(self, ids: list[int]) -> dict[int, str]:
        """Why each of some rows was found, for a list that has all their columns."""
        known = self.rows.model._default_manager.select_related(*self.related).in_bulk(ids)
        return {
            row.pk: found.why for row, found in zip(known.values(), self.tell([*known.values()]), strict=True)
        }

    def every(self) -> Iterator[Found]:
        chunk: list[Any] = []
        ordered = self.rows.select_related(*self.related).order_by("-pk")
        for row in ordered.iterator(chunk_size=CHUNK):
            chunk.append(row)
            if len(chunk) == CHUNK:
                yield from self.tell(chunk)
                chunk = []
        yield from self.tell(chunk)
