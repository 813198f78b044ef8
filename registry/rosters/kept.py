"""What is kept of a row, as JSON: as it came, and what it did.

Written by hand, because a list has tens of thousands of small flat objects, and making an encoder for each
costs more than the writing.
"""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from registry.rosters.columns import Table
from registry.rosters.ledger import Write
from registry.rosters.plan import PlannedRow
from registry.rosters.values import text
from registry.rosters.workbook import Cell, is_blank

REFERENCES = {"enterprise_id": "enterprise", "designation_id": "designation"}


class RawRows:
    """Rows as they came, under the headers of their list."""

    def __init__(self, table: Table) -> None:
        self.names = [f"{encode_basestring(header)}:" if header else "" for header in table.headers]

    def json(self, cells: Iterable[Cell]) -> str:
        parts = [
            name + encode_basestring(cell if isinstance(cell, str) else text(cell))
            for name, cell in zip(self.names, cells, strict=False)
            if name and not is_blank(cell)
        ]
        return f"{{{','.join(parts)}}}"


def candidates(row: PlannedRow) -> str:
    return json.dumps(row.candidates, ensure_ascii=False) if row.candidates else "[]"


def changes(row: PlannedRow) -> str:
    """[{model, id, created, before, after}]"""
    return f"[{','.join(map(_change, row.writes))}]"


def _change(entry: Write) -> str:
    record = entry.record
    return (
        f'{{"model":"{record.table}","id":{record.id},"created":{"true" if entry.created else "false"},'
        f'"before":{_flat(_before(entry))},"after":{_flat(_after(entry))}}}'
    )


def _before(entry: Write) -> dict[str, Any]:
    """With the row to which the record pointed, for undoing."""
    if entry.created or "roster_row_id" not in entry.record.values:
        return entry.before
    return {**entry.before, "roster_row_id": entry.record.values["roster_row_id"]}


def _after(entry: Write) -> dict[str, Any]:
    """With the real ids of what was made beside it, without what a new record leaves empty."""
    if not entry.created:
        return entry.after
    after = {name: value for name, value in entry.after.items() if value is not None}
    for name in REFERENCES:
        if name in after:
            after[name] = entry.record.values[name]
    return after


def _flat(values: dict[str, Any]) -> str:
    # the names are those of columns: nothing in them needs to be escaped
    parts = [f'"{name}":{_scalar(value)}' for name, value in values.items()]
    return f"{{{','.join(parts)}}}"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.date):
        return f'"{value.isoformat()}"'
    if isinstance(value, Decimal):
        return f'"{value:f}"'
    raise TypeError(type(value))
