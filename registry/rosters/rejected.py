"""The rejected rows as a workbook, to be corrected and brought again."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from registry.rosters.columns import REASON_COLUMN, REMEDY_COLUMN, ROW_COLUMN
from registry.rosters.workbook import MAX_ROWS

# number, the row as it came, reason, remedy
RejectedRow = tuple[int, dict[str, str], str, str]


def workbook_of(headers: Sequence[Sequence[str]], rows: Iterable[RejectedRow]) -> bytes:
    """The columns of the list in their order, each as text, and behind them what is to be done."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet("退回的行")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(headers) - 1, 0), 18)
        sheet.set_column(len(headers), len(headers), 8)
        sheet.set_column(len(headers) + 1, len(headers) + 2, 48, wrapped)
        names = [*(written for _header, written in headers), ROW_COLUMN, REASON_COLUMN, REMEDY_COLUMN]
        _write(sheet, 0, names, bold)
        for place, (number, raw, reason, remedy) in enumerate(rows, start=1):
            if place > MAX_ROWS:
                break
            cells = [raw.get(header, "") for header, _written in headers]
            _write(sheet, place, [*cells, str(number), reason, remedy], None)
    return out.getvalue()


def _write(sheet: Any, place: int, cells: Iterable[str], style: Any) -> None:
    for column, words in enumerate(cells):
        if words:
            # never a formula, never a number: a code of eighteen digits stays as it is
            sheet.write_string(place, column, words, style)


def headers_of(stored: Sequence[Sequence[str]], rows: Sequence[RejectedRow]) -> list[Sequence[str]]:
    """The headers that were kept with the list; of an old one, those that its rows have."""
    if stored:
        return list(stored)
    seen = dict.fromkeys(header for _number, raw, _reason, _remedy in rows for header in raw)
    return [(header, header) for header in seen]
