"""Files that are handed out: lists as workbooks, and documents.

Each tells what it is (`called`) and how many rows it has (`rows`), for the trail that the site keeps of what leaves it.
"""

import datetime as dt
from typing import Any, TypeVar

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from registry import exports, layouts
from registry.person import person

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
XLSX = TYPES["xlsx"]
R = TypeVar("R", HttpResponse, FileResponse)


def attached(content: bytes | str, name: str, kind: str, *, rows: int | None = None) -> HttpResponse:
    """A file under a name, which may be Chinese; `kind` is its ending."""
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return called(HttpResponse(content, content_type=TYPES[kind], headers=headers), name, rows)


def called(response: R, name: str, rows: int | None) -> R:
    """A file with what the trail tells of it."""
    response.called, response.rows = name, rows  # type: ignore[attr-defined]
    return response


def about_list(
    request: HttpRequest,
    name: str,
    *,
    moment: dt.datetime,
    as_of: dt.date,
    model: Any = None,
    filters: list[tuple[str, str]] | None = None,
) -> exports.About:
    """What the second sheet tells of a list: which, for whom, when, of which day; of what model if it can come back."""
    return exports.About(
        name=name,
        person=str(person(request)),
        moment=moment,
        as_of=as_of,
        filters=filters or [],
        can_return=model is not None and layouts.can_return(model),
    )


def answer(request: HttpRequest, layout: exports.Layout, rows: Any, about: exports.About) -> FileResponse:
    """The file."""
    file, count = exports.write(layout, rows, about)
    name = f"{about.name}_{about.moment:%Y%m%d_%H%M}.xlsx"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    conditions = "；".join(f"{label} {words}" for label, words in about.filters)
    return called(response, f"{about.name}（{conditions}）" if conditions else about.name, count)
