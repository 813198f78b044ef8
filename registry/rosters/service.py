"""The way in for commands, admin and API: preview a list, import it, take it back."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from registry.models import Roster, User
from registry.rosters import apply, plan, tables, undo
from registry.rosters.errors import PlanChanged
from registry.rosters.plan import ImportPlan, Request
from registry.rosters.progress import Tell, silent
from registry.rosters.undo import UndoPlan


@dataclass(frozen=True, slots=True)
class Imported:
    """A list that is in, and what it did."""

    plan: ImportPlan
    roster: Roster


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles: a list makes a million objects and no cycle, and looking for cycles
    over and over takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def preview(request: Request, *, tell: Tell = silent) -> ImportPlan:
    """What the list would do; writes nothing."""
    with uncollected():
        return plan.prepare(request, tell)


def import_list(
    request: Request, *, by: User | None, reason: str = "", expected: str = "", tell: Tell = silent
) -> Imported:
    """Import a list, all of it or nothing; with `expected`, a fingerprint, only what was previewed.

    The plan is made behind the lock, in the transaction that writes it: nothing can come between the two.
    """
    with uncollected(), transaction.atomic():
        tables.take_turn()
        prepared = plan.prepare(request, tell)
        if expected and prepared.fingerprint() != expected:
            raise PlanChanged(_("The registry has changed since the preview. Look at the list once more."))
        return Imported(prepared, apply.write(prepared, by=by, reason=reason, tell=tell))


def preview_undo(roster: Roster) -> UndoPlan:
    """What taking the list back would do, and what stands in its way; writes nothing."""
    return undo.prepare(roster)


def undo_list(roster: Roster, *, by: User | None, reason: str) -> UndoPlan:
    """Take a list back as a whole, or refuse with names."""
    return undo.undo(roster, by=by, reason=reason)
