"""Taking a list back: first what that would do, then the deed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from registry.admin.lists.changes import RecordChange, described
from registry.admin.lists.forms import UndoForm
from registry.models import Roster
from registry.person import person
from registry.rosters import service
from registry.rosters.errors import RosterError
from registry.rosters.ledger import MODELS
from registry.rosters.undo import UndoPlan

SHOWN = 50


@dataclass
class Taken:
    """What would happen to the records of one kind."""

    kind: str
    count: int
    named: list[RecordChange]

    @property
    def more(self) -> int:
        return self.count - len(self.named)


def undo(request: HttpRequest, roster: Roster, frame: dict[str, Any]) -> HttpResponse:
    if not request.user.has_perm("registry.undo_roster"):
        raise PermissionDenied
    form = UndoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            service.undo_list(roster, by=person(request), reason=form.cleaned_data["change_reason"])
        except RosterError as error:
            messages.error(request, str(error))
            return redirect("admin:registry_roster_undo", pk=roster.pk)
        messages.success(request, _("The list was taken back."))
        return redirect("admin:registry_roster_change", roster.pk)
    plan = service.preview_undo(roster)
    context = {
        "title": f"撤销名单 {roster.file_name}",
        "roster": roster,
        "form": form,
        "plan": plan,
        "obstacles": plan.obstacles[:SHOWN],
        "more_obstacles": max(len(plan.obstacles) - SHOWN, 0),
        "deleted": _deleted(plan),
        "restored": _restored(plan),
        "counts": plan.counts(),
    }
    return TemplateResponse(request, "registry/admin/lists/undo.html", {**frame, **context})


def _deleted(plan: UndoPlan) -> list[Taken]:
    return [
        _taken(table, len(ids), [_change(table, pk, {}, {}) for pk in ids[:SHOWN]])
        for table, ids in plan.deletes.items()
        if ids
    ]


def _restored(plan: UndoPlan) -> list[Taken]:
    """Before and after of what would be restored: what is there now, and what was there before the list."""
    found = []
    for table, records in plan.restores.items():
        changes = [
            _change(table, record.id, plan.present[table, record.id], record.values)
            for record in list(records)[:SHOWN]
        ]
        if records:
            found.append(_taken(table, len(records), changes))
    return found


def _change(table: str, pk: int, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    after = {name: after[name] for name in before}
    return {"model": table, "id": pk, "created": False, "before": before, "after": after}


def _taken(table: str, count: int, changes: list[dict[str, Any]]) -> Taken:
    named = [one for row in described([[change] for change in changes]) for one in row]
    return Taken(str(MODELS[table]._meta.verbose_name), count, named)
