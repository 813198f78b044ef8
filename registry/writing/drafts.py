"""What a request wants of one row, what that comes to, and what stands against it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.rosters.ledger import Record

# in place of a version: whatever it is now
ANY_VERSION = "*"


class Kind(StrEnum):
    """What is the matter; the codes of the problems of the API."""

    INVALID = "invalid"
    FORBIDDEN = "permission_denied"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "precondition_failed"


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands against a row: the field that it speaks of, a code for programs, words for people."""

    field: str
    code: str
    message: str
    kind: Kind = Kind.INVALID


@dataclass(slots=True)
class Wanted:
    """What a request says of one row.

    `values` by column, `codes` of reference rows by column, `uscc` of the enterprise on which the row hangs. With `pk`
    it is a change of that record; without, of the record that has the same key, if there is one, or a new one. A change
    wants the version that it starts from. `besides` is what is said and not kept: the day of a rename.
    """

    values: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    uscc: str | None = None
    pk: int | None = None
    version: int | str | None = None
    besides: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A row as it would be written."""

    wanted: Wanted
    record: Record
    # by column; of a new record all that is said
    changed: set[str] = field(default_factory=set)
    # the columns as they were, of a record that is there
    before: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # what is made along with it
    also: list[Record] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        if self.problems:
            return Outcome.REFUSED
        if self.record.version == 0:
            return Outcome.CREATED
        return Outcome.CHANGED if self.changed else Outcome.UNCHANGED

    @property
    def version(self) -> int:
        """After it is written: each change counts one up."""
        return self.record.version + (self.outcome in (Outcome.CREATED, Outcome.CHANGED))

    def refuse(self, field_: str, code: str, message: str, kind: Kind = Kind.INVALID) -> None:
        self.problems.append(Problem(field_, code, str(message), kind))


def refused(drafts: Iterable[Draft]) -> list[Draft]:
    return [draft for draft in drafts if draft.problems]


def unchanged_first(drafts: Iterable[Draft]) -> list[Draft]:
    """In the order in which they are compared: what stays as it is stands in the way of what comes, not the reverse."""
    return sorted(drafts, key=lambda draft: draft.outcome != Outcome.UNCHANGED)
