"""Lists brought in with the fewest words."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from registry.codes import with_check_character
from registry.rosters import service
from registry.rosters.plan import ImportPlan, Request
from registry.rosters.service import Imported
from registry.rosters.workbench import Options
from tests.registry.rosters import files

Rows = Sequence[Sequence[Any]]


def request(kind: str, rows: Rows | bytes, **more: Any) -> Request:
    """A list of one kind from rows or from the bytes of a file; other words are options of the list."""
    ours = {
        name: more.pop(name)
        for name in ("partial", "decisions", "sheet", "file_name", "area")
        if name in more
    }
    content = rows if isinstance(rows, bytes) else files.text(rows)
    return Request(kind=kind, content=content, options=Options(**more), **{"file_name": "名单.csv", **ours})


def preview(kind: str, rows: Rows | bytes, **more: Any) -> ImportPlan:
    return service.preview(request(kind, rows, **more))


def bring(kind: str, rows: Rows | bytes, **more: Any) -> Imported:
    """Import a list; rejected rows are left out, so that a test sees their reasons."""
    by, reason = more.pop("by", None), more.pop("reason", "")
    return service.import_list(request(kind, rows, **{"partial": True, **more}), by=by, reason=reason)


def outcomes(plan: ImportPlan | Imported) -> list[str]:
    plan = plan.plan if isinstance(plan, Imported) else plan
    return [row.outcome.value for row in plan.rows]


def only(plan: ImportPlan | Imported) -> tuple[str, str]:
    """Outcome and reason of a list of one row."""
    plan = plan.plan if isinstance(plan, Imported) else plan
    (row,) = plan.rows
    return row.outcome.value, " ".join([row.reason, *row.warnings]).strip()


def code(number: int) -> str:
    """A valid code; the number tells them apart."""
    return with_check_character(f"91320411{number:09d}")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
