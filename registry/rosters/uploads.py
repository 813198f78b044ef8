"""Lists that wait: brought, read into a preview, applied in the background, each step all or nothing.

Every function may be called again for the same upload: it looks at the state first, and does its step once.
"""

import datetime as dt
import hashlib
from dataclasses import fields
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from registry.choices import RowOutcome, UploadState
from registry.models import Roster, RosterUpload, RosterUploadRow, User
from registry.rosters import kept, recognition, service, tables, values, workbook
from registry.rosters.errors import PlanChanged, RosterError
from registry.rosters.plan import ImportPlan, PlannedRow, Request
from registry.rosters.progress import Step, Tell, counted, silent
from registry.rosters.workbench import Options

# What one person may have waiting: each keeps its file and its preview.
MOST_WAITING = 30
DAYS_KEPT = 30
WAITING = (UploadState.READING, UploadState.UNREADABLE, UploadState.PREVIEWED, UploadState.APPLYING)
# The states in which its person may change how it is read, or throw it away.
OPEN = (UploadState.UNREADABLE, UploadState.PREVIEWED)


def request_of(upload: RosterUpload) -> Request:
    return Request(
        kind=upload.kind,
        content=bytes(upload.content),
        file_name=upload.file_name,
        sheet=upload.sheet,
        options=options_from(upload.options),
        columns=upload.columns,
        partial=upload.partial,
        area=upload.uploaded_by.district_id,
    )


def options_from(stored: dict[str, Any]) -> Options:
    """The options as they were kept; what this version does not know is left out."""
    found: dict[str, Any] = {}
    for one in fields(Options):
        value = stored.get(one.name)
        if value is not None:
            found[one.name] = dt.date.fromisoformat(value) if one.type == (dt.date | None) else value
    return Options(**found)


# Bringing


def receive(*, by: User, file_name: str, content: bytes) -> RosterUpload:
    """Take a file in; what it holds is looked at in the background."""
    if not content:
        raise RosterError(_("The file is empty."))
    if len(content) > workbook.MAX_BYTES:
        raise RosterError(workbook.too_large())
    if RosterUpload.objects.filter(uploaded_by=by, state__in=WAITING).count() >= MOST_WAITING:
        raise RosterError(
            _("You have %(count)s lists waiting. Import or discard some of them first.")
            % {"count": MOST_WAITING}
        )
    digest = hashlib.sha256(content).hexdigest()
    return RosterUpload.objects.create(
        uploaded_by=by,
        file_name=file_name[-200:],
        content=content,
        sha256=digest,
        notice=_same_file(by, digest),
    )


def _same_file(by: User, digest: str) -> str:
    """Whether the very same file has come before; people of an area hear of their own lists only."""
    before = Roster.objects.filter(sha256=digest, undone_at=None).defer("content")
    waiting = RosterUpload.objects.filter(sha256=digest, state__in=WAITING)
    if by.district_id is not None:
        before, waiting = before.filter(imported_by=by), waiting.filter(uploaded_by=by)
    if roster := before.order_by("-id").first():
        return _("The very same file was imported already, as list #%(id)s by %(name)s.") % {
            "id": roster.pk,
            "name": roster.imported_by or "—",
        }
    if other := waiting.select_related("uploaded_by").first():
        return _("The very same file is waiting already, brought by %(name)s.") % {"name": other.uploaded_by}
    return ""


def change(
    upload: RosterUpload, *, kind: str, sheet: str, options: dict[str, Any], chosen: dict[str, str]
) -> bool:
    """Read it in another way; the preview is made anew. False when it is not open any more."""
    elsewhere = (kind, sheet) != (upload.kind, upload.sheet)
    changed = RosterUpload.objects.filter(pk=upload.pk, state__in=OPEN).update(
        kind=kind,
        sheet=sheet,
        options=options,
        # what was said of the columns of another sheet or kind says nothing here
        columns={} if elsewhere else chosen,
        headers=[] if elsewhere else upload.headers,
        **_to_read(),
    )
    if changed and not elsewhere and chosen != upload.columns:
        upload.kind, upload.columns = kind, chosen
        recognition.remember(upload)
    return bool(changed)


def read_again(upload: RosterUpload) -> bool:
    return bool(RosterUpload.objects.filter(pk=upload.pk, state__in=OPEN).update(**_to_read()))


def _to_read() -> dict[str, Any]:
    return {"state": UploadState.READING, "problem": "", "step": "", "done": 0, "total": 0}


# Reading


def read(pk: int, *, tell: Tell = silent) -> None:
    """Recognise columns and make the preview."""
    upload = RosterUpload.objects.select_related("uploaded_by").filter(pk=pk).first()
    if upload is None or upload.state != UploadState.READING:
        return
    try:
        tell(Step.READING, 0, 0)
        recognition.recognise(upload)
        plan = service.preview(request_of(upload), tell=tell)
    except RosterError as error:
        _settle(upload, UploadState.UNREADABLE, problem=str(error))
        return
    _keep(upload, plan, tell)


# Keeping the preview


def _keep(upload: RosterUpload, plan: ImportPlan, tell: Tell) -> None:
    """What would change goes into a table, so that no page has to make the preview anew."""
    told = [row for row in plan.rows if row.outcome != RowOutcome.UNCHANGED or row.warnings or row.candidates]
    raw = kept.RawRows(plan.table)
    drafts = [_draft(upload, row, raw, plan) for row in counted(told, Step.KEEPING, len(told), tell)]
    written = dict(plan.table.headers_with_units())
    field_of = plan.table.recognised()
    headers = [
        {
            **one,
            "field": field_of.get(one["header"], ""),
            "written": written.get(one["header"], one["header"]),
        }
        for one in upload.headers
    ]
    names = ["upload_id", "number", "name", "raw", "outcome", "reason", "remedy", "warnings"]
    with transaction.atomic():
        if not _settle(
            upload,
            UploadState.PREVIEWED,
            fingerprint=plan.fingerprint(),
            counts=plan.counts(),
            notes=_notes(plan),
            removes_demo=plan.removes_demo,
            headers=headers,
        ):
            return
        RosterUploadRow.objects.filter(upload=upload).delete()
        tables.copy(RosterUploadRow._meta.db_table, [*names, "candidates", "changes"], drafts)


def _draft(upload: RosterUpload, row: PlannedRow, raw: kept.RawRows, plan: ImportPlan) -> tuple[Any, ...]:
    return (
        upload.pk,
        row.number,
        name_of(row, plan)[:200],
        raw.json(row.cells),
        row.outcome.value,
        row.reason[:500],
        row.remedy[:300],
        " ".join(row.warnings)[:500],
        kept.candidates(row),
        kept.changes(row),
    )


def name_of(row: PlannedRow, plan: ImportPlan) -> str:
    """What a person calls the row: the enterprise, the thing or the series in it."""
    for name in ("name", "item", "series"):
        place = plan.table.places.get(name)
        if place is not None and place < len(row.cells) and (words := values.text(row.cells[place])):
            return words
    return ""


def _notes(plan: ImportPlan) -> list[str]:
    if not plan.table.ignored:
        return plan.notes
    unused = _("Columns not used: %(names)s") % {"names": "、".join(plan.table.ignored)}
    return [*plan.notes, unused]


def _settle(upload: RosterUpload, state: UploadState, **more: Any) -> bool:
    """To a new state, unless somebody else has brought it there already."""
    ours = RosterUpload.objects.filter(pk=upload.pk, state=upload.state)
    return bool(ours.update(**{"state": state, "step": "", "done": 0, "total": 0, "problem": "", **more}))


# Applying


def confirm(upload: RosterUpload, *, fingerprint: str, partial: bool, reason: str) -> None:
    """A person wants what the preview shows; the work itself comes in the background."""
    rejected = upload.counts.get(RowOutcome.REJECTED, 0)
    if rejected == sum(upload.counts.values()):
        raise RosterError(_("No row of this list can go in. Correct them, or the way in which it is read."))
    if rejected and not partial:
        raise RosterError(
            _("Some rows are rejected. Correct them, or choose to leave them out and import the others.")
        )
    seen = RosterUpload.objects.filter(pk=upload.pk, state=UploadState.PREVIEWED, fingerprint=fingerprint)
    if not seen.update(
        state=UploadState.APPLYING, partial=partial, reason=reason, problem="", step="", done=0, total=0
    ):
        raise RosterError(_("The preview has changed meanwhile. Look at the list once more."))


def apply(pk: int, *, tell: Tell = silent) -> None:
    """The whole list and the word that it is in, in one transaction: neither is ever there without the other."""
    try:
        _apply(pk, tell)
    except PlanChanged:
        notice = _(
            "The registry has changed since the preview, so nothing was imported. This is the new preview."
        )
        RosterUpload.objects.filter(pk=pk, state=UploadState.APPLYING).update(**_to_read(), notice=notice)
    except RosterError as error:
        give_up(pk, str(error))
    # where the plan has changed; also after a worker was killed between the two
    read(pk, tell=tell)


@transaction.atomic
def _apply(pk: int, tell: Tell) -> None:
    tables.take_turn()
    upload = RosterUpload.objects.select_related("uploaded_by").filter(pk=pk).first()
    if upload is None or upload.state != UploadState.APPLYING:
        return
    done = service.import_list(
        request_of(upload),
        by=upload.uploaded_by,
        reason=upload.reason or _("List %(name)s") % {"name": upload.file_name},
        expected=upload.fingerprint,
        tell=tell,
    )
    # the list keeps the file from now on
    _settle(
        upload, UploadState.APPLIED, roster=done.roster, content=b"", counts=done.plan.counts(), notice=""
    )
    RosterUploadRow.objects.filter(upload=upload).delete()


def give_up(pk: int, problem: str) -> None:
    """Back to where a person can act, with the reason; nothing of the list is in the registry."""
    for state, back in (
        (UploadState.READING, UploadState.UNREADABLE),
        (UploadState.APPLYING, UploadState.PREVIEWED),
    ):
        RosterUpload.objects.filter(pk=pk, state=state).update(
            **{**_to_read(), "state": back, "problem": problem[:1000]}
        )


# Leaving


def discard(upload: RosterUpload) -> bool:
    """Throw away what was not imported."""
    with transaction.atomic():
        gone = RosterUpload.objects.filter(pk=upload.pk, state__in=(*OPEN, UploadState.READING))
        if not gone.select_for_update().exists():
            return False
        gone.delete()
    return True


def tidy() -> None:
    """Throw away what nobody has come back to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(id) FROM registry_rosterupload "
            "WHERE state = ANY(%s) AND uploaded_at < now() - make_interval(days => %s)",
            [[*map(str, OPEN)], DAYS_KEPT],
        )
        old = cursor.fetchone()[0] or []
    RosterUpload.objects.filter(pk__in=old).delete()
