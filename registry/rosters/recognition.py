"""How a list that was brought is to be read: as a person said, as was said before, else as it looks."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import RosterKind
from registry.models import RememberedColumns, RosterUpload, User
from registry.rosters import columns, guess, reference, values, workbook
from registry.rosters.columns import Survey
from registry.rosters.workbook import Sheet

SAMPLES = 3
# In how many of a person's lists the one is looked for to which rejected rows belong.
LOOKED_BACK = 50


def recognise(upload: RosterUpload) -> None:
    """Which sheet, what kind, which columns: as a person said, as remembered, else as it looks."""
    content = bytes(upload.content)
    sheet = workbook.read(content, sheet=upload.sheet)
    upload.sheets, upload.sheet = workbook.sheet_names(content), sheet.name
    if not upload.kind:
        _guess(upload, sheet)
    found = columns.survey(sheet, upload.kind, upload.columns)
    upload.layout = found.layout
    upload.headers = _headers(sheet, found)
    RosterUpload.objects.filter(pk=upload.pk).update(
        **{
            name: getattr(upload, name)
            for name in ("sheet", "sheets", "kind", "options", "columns", "layout", "headers", "notice")
        }
    )


def _guess(upload: RosterUpload, sheet: Sheet) -> None:
    surveys = guess.surveys_of(sheet)
    if _is_correction(upload, surveys):
        return
    remembered = _remembered({one.layout for one in surveys.values()}, upload.uploaded_by)
    words = guess.heading(sheet, max(one.first for one in surveys.values()), upload.file_name)
    upload.kind = remembered.kind if remembered else guess.kind_of(surveys, words)
    upload.columns = remembered.columns if remembered else {}
    if upload.kind == RosterKind.DESIGNATIONS:
        upload.options = guess.options_of(words, reference.load())
    if upload.columns:
        told = _("The columns are read as they were corrected in an earlier list of this kind.")
        upload.notice = f"{upload.notice} {told}".strip()


def _is_correction(upload: RosterUpload, surveys: dict[str, Survey]) -> bool:
    """Whether these are the rejected rows of a list of this person; then they are read as that list was."""
    for found in surveys.values():
        if set(found.headers) >= columns.OF_REJECTED:
            names = [header for header in found.headers if header and header not in columns.OF_REJECTED]
            own = RosterUpload.objects.filter(uploaded_by=upload.uploaded_by, roster__isnull=False)
            for earlier in own.defer("content").order_by("-pk")[:LOOKED_BACK]:
                if [one.get("written") for one in earlier.headers] == names:
                    _read_as(upload, earlier)
                    return True
    return False


def _read_as(upload: RosterUpload, earlier: RosterUpload) -> None:
    upload.kind, upload.options = earlier.kind, earlier.options
    upload.columns = {one["written"]: one["field"] for one in earlier.headers}
    upload.notice = _("These are the rejected rows of list #%(id)s; they are read as that list was.") % {
        "id": earlier.roster_id
    }


def _headers(sheet: Sheet, found: Survey) -> list[dict[str, Any]]:
    field_of = {place: name for name, place in found.places.items()}
    return [
        {"header": header, "field": field_of.get(place, ""), "samples": _samples(sheet, found.first, place)}
        for place, header in enumerate(found.headers)
        if header and header not in columns.OF_REJECTED
    ]


def _samples(sheet: Sheet, first: int, place: int) -> list[str]:
    found: list[str] = []
    for _number, cells in sheet.rows[first : first + 50]:
        words = values.text(cells[place])[:40] if place < len(cells) else ""
        if words and words not in found:
            found.append(words)
        if len(found) == SAMPLES:
            break
    return found


# Remembered


def remember(upload: RosterUpload) -> None:
    """Keep what a person said of the columns, for the next list with the same headers."""
    RememberedColumns.objects.update_or_create(
        layout=upload.layout,
        person=upload.uploaded_by,
        defaults={"kind": upload.kind, "columns": upload.columns},
    )


def _remembered(layouts: Iterable[str], by: User) -> RememberedColumns | None:
    """What the person said of such headers, else what somebody of the same office did."""
    office = RememberedColumns.objects.filter(layout__in=layouts, person__district=by.district_id)
    own = office.filter(person=by)
    return own.order_by("-used_at").first() or office.order_by("-used_at").first()
