"""Lists on their way: brought, read, applied, with the fewest words."""

from typing import Any

from registry.models import RosterUpload, User
from registry.rosters import uploads
from tests.registry.rosters import files


def brought(by: User, rows: files.Rows | bytes, *, file_name: str = "名单.csv", **said: Any) -> RosterUpload:
    """Taken in and read; other words are what a person said of it before."""
    content = rows if isinstance(rows, bytes) else files.text(rows)
    upload = uploads.receive(by=by, file_name=file_name, content=content)
    if said:
        RosterUpload.objects.filter(pk=upload.pk).update(**said)
    uploads.read(upload.pk)
    return fresh(upload)


def said(upload: RosterUpload, **changes: Any) -> RosterUpload:
    """Read in another way."""
    present = {
        "kind": upload.kind,
        "sheet": upload.sheet,
        "options": upload.options,
        "chosen": upload.columns,
    }
    assert uploads.change(upload, **(present | changes))
    uploads.read(upload.pk)
    return fresh(upload)


def applied(upload: RosterUpload, *, partial: bool = False) -> RosterUpload:
    uploads.confirm(upload, fingerprint=upload.fingerprint, partial=partial, reason="")
    uploads.apply(upload.pk)
    return fresh(upload)


def fresh(upload: RosterUpload) -> RosterUpload:
    return RosterUpload.objects.select_related("uploaded_by").get(pk=upload.pk)


def counts(upload: RosterUpload) -> dict[str, int]:
    return {outcome: number for outcome, number in upload.counts.items() if number}
