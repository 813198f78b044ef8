"""Files that are handed out: lists as workbooks, whose taking is kept, and documents."""

import datetime as dt
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
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


def attached(content: bytes | str, name: str, kind: str) -> HttpResponse:
    """A file under a name, which may be Chinese; `kind` is its ending."""
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)


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
    """The file; who took it is kept."""
    file, count = exports.write(layout, rows, about)
    _keep_record(request, about, count)
    name = f"{about.name}_{about.moment:%Y%m%d_%H%M}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _keep_record(request: HttpRequest, about: exports.About, count: int) -> None:
    """Who took which list: lists hold personal data."""
    LogEntry.objects.create(
        user=person(request),
        object_repr=f"导出：{about.name}（{count} 行）"[:200],
        action_flag=CHANGE,
        change_message="；".join(f"{label} {words}" for label, words in about.filters) or "全部记录",
    )
