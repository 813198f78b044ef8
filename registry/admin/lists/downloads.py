"""Files that lead out of a list."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django.http import Http404, HttpResponse

from registry.choices import RowOutcome
from registry.downloads import attached
from registry.rosters import rejected as workbook


def rejected(file_name: str, headers: Sequence[Sequence[str]], rows: Any) -> HttpResponse:
    """The rejected rows of a list or of its preview, to be corrected and uploaded again."""
    found = list(
        rows.filter(outcome=RowOutcome.REJECTED)
        .order_by("number", "pk")
        .values_list("number", "raw", "reason", "remedy")
    )
    if not found:
        raise Http404
    content = workbook.workbook_of(workbook.headers_of(headers, found), found)
    return attached(content, f"{PurePath(file_name).stem}-退回的行.xlsx", "xlsx")
