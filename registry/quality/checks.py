"""What a check is, and the list of all of them."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import TextChoices


class Severity(TextChoices):
    """How much a finding matters."""

    ERROR = "error", "应改正"
    WARNING = "warning", "应核实"
    NOTICE = "notice", "供参考"


@dataclass(frozen=True)
class Scope:
    """Who asks, and of which day: only what the person may see is found or counted."""

    user: Any
    day: dt.date
    # what one page asks once for all its checks
    marks: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Found:
    """A record that a check has found; `links` are (model, id, name) of what it is about."""

    name: str
    why: str
    area: str = ""
    links: tuple[tuple[str, int, str], ...] = ()
    # the address of a page of another app, where the finding is about no record
    page: str = ""
    # the two ids of likely duplicates
    pair: tuple[int, int] | None = None


class Findings(Protocol):
    """All that a check finds for one person."""

    def count(self) -> int: ...

    def page(self, start: int, stop: int) -> Sequence[Found]: ...

    def every(self) -> Iterator[Found]:
        """All of them, for the export."""


@dataclass(frozen=True)
class Check:
    """A question to the register whose answer should be: none."""

    code: str
    title: str
    explanation: str
    remedy: str
    severity: Severity
    find: Callable[[Scope], Findings]


_CHECKS: dict[str, Check] = {}


def register(check: Check) -> Check:
    """Add a check to the page; a check of the same code takes the place of the former."""
    _CHECKS[check.code] = check
    return check


def all_checks() -> list[Check]:
    return list(_CHECKS.values())


def by_code(code: str) -> Check | None:
    return _CHECKS.get(code)


# Findings of which all are known at once


@dataclass(frozen=True)
class Listed:
    """Findings in a list."""

    rows: Sequence[Any]
    tell: Callable[[Sequence[Any]], Sequence[Found]]

    def count(self) -> int:
        return len(self.rows)

    def page(self, start: int, stop: int) -> Sequence[Found]:
        return self.tell(self.rows[start:stop])

    def every(self) -> Iterator[Found]:
        for start in range(0, len(self.rows), 1_000):
            yield from self.tell(self.rows[start : start + 1_000])
