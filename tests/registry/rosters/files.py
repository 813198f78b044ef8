"""Files as offices make them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
import xlwt

Rows = Iterable[Sequence[Any]]


def xlsx(rows: Rows, *, merges: Sequence[str] = (), sheets: dict[str, Rows] | None = None) -> bytes:
    """A workbook of Excel; `None` leaves a cell out."""
    book = openpyxl.Workbook()
    fill(book.active, rows)
    for area in merges:
        book.active.merge_cells(area)
    for name, more in (sheets or {}).items():
        fill(book.create_sheet(name), more)
    return saved(book)


def fill(sheet: Any, rows: Rows) -> None:
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, place, value)


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(number, place, value)
    return saved(book)


def text(rows: Rows, *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)
