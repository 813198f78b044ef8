"""What a person decides about a row that the import could not tell: it is then written as the import would have.

A decision is remembered for the next list, except for a new enterprise, which that list finds by its name.
"""

import json
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from registry import history, names
from registry.choices import RowOutcome
from registry.models import Enterprise, MatchDecision, RosterRow, User
from registry.rosters import apply, plan, rejected, tables, uploads
from registry.rosters.errors import RosterError
from registry.rosters.plan import PlannedRow, Request
from registry.rosters.service import uncollected
from registry.rosters.workbench import NEW, Decision

# The first row below the header of a list of one row.
FIRST = 2


class AlreadyDecided(RosterError):
    """Somebody else was quicker."""


@transaction.atomic
def resolve(*, row: RosterRow, decision: Decision, by: User, reason: str = "") -> RosterRow:
    """Write a queued row: for the enterprise of an id, or with `NEW` for a new one. RosterError with what hinders it.

    All of it or nothing; what it made or changed is taken back with its list.
    """
    row = _taken(row)
    if isinstance(decision, int) and not Enterprise.objects.visible_to(by).filter(pk=decision).exists():
        raise RosterError(_("The enterprise that was chosen for this row no longer exists."))
    with uncollected():
        prepared = plan.prepare(request_of(row, decision))
    (planned,) = prepared.rows
    if planned.outcome in (RowOutcome.QUEUED, RowOutcome.REJECTED):
        raise RosterError(planned.reason)
    with history.change(by=by, reason=reason or _("Matched by hand"), roster=row.roster_id):
        _write(row, planned)
        if isinstance(decision, int):
            remember(row, enterprise=decision, by=by)
    return row


@transaction.atomic
def refuse(*, row: RosterRow, by: User) -> RosterRow:
    """Nothing of ours: the row is rejected, and the next list is told so at once."""
    row = _taken(row)
    with history.change(by=by, reason=_("Matched by hand"), roster=row.roster_id):
        row.outcome, row.reason = RowOutcome.REJECTED, _("Not an enterprise of this city's registry.")
        row.save(update_fields=["outcome", "reason"])
        remember(row, enterprise=None, by=by)
    return row


def _taken(row: RosterRow) -> RosterRow:
    """The row as it is now, behind the lock of all lists; refused where it no longer waits."""
    tables.take_turn()
    found = RosterRow.objects.select_related("roster__imported_by").get(pk=row.pk)
    if found.outcome != RowOutcome.QUEUED or found.roster.undone_at is not None:
        raise AlreadyDecided(_("This row has been decided meanwhile."))
    return found


def request_of(row: RosterRow, decision: Decision) -> Request:
    """The list of this one row, read and checked as its whole list was."""
    roster = row.roster
    raw = (row.number, row.raw, "", "")
    headers = rejected.headers_of(roster.headers, [raw])
    importer = roster.imported_by
    return Request(
        kind=roster.kind,
        content=rejected.workbook_of(headers, [raw]),
        file_name=roster.file_name,
        options=replace(uploads.options_from(roster.options), create_missing=decision == NEW),
        decisions={FIRST: decision},
        columns={
            written: roster.columns[header] for header, written in headers if roster.columns.get(header)
        },
        area=importer.district_id if importer else None,
    )


def _write(row: RosterRow, planned: PlannedRow) -> None:
    try:
        with transaction.atomic():
            tables.tell_history()
            changes = apply.write_row(row, planned)
    except IntegrityError as error:
        raise RosterError(apply.explain(error)) from error
    row.outcome, row.changes = planned.outcome, json.loads(changes)
    row.reason, row.remedy = " ".join(planned.warnings)[:500], ""
    row.save(update_fields=["outcome", "changes", "reason", "remedy"])


def remember(row: RosterRow, *, enterprise: int | None, by: User) -> None:
    """Keep a decision under the name and code that the row states; a later one takes its place."""
    stated = stated_by(row)
    if not stated["name"]:
        return
    MatchDecision.objects.update_or_create(
        name_key=names.key(stated["name"])[:200],
        uscc=stated["uscc"][:18],
        defaults={
            "name": stated["name"][:200],
            "enterprise_id": enterprise,
            "roster_row": row,
            "decided_by": by,
            "revoked": False,
        },
    )


# What a row says of its enterprise, by the field of its column.
SAYS = {"name": "name", "uscc": "code", "district": "district", "address": "address"}


def stated_by(row: RosterRow) -> dict[str, str]:
    """What a row says of its enterprise, as it came; empty where its list has no such column."""
    header_of = {field: header for header, field in row.roster.columns.items()}
    return {name: str(row.raw.get(header_of.get(field, ""), "")).strip() for name, field in SAYS.items()}
