"""From bytes to rows of cells: xlsx, xls, ods, and text with commas or tabs in UTF-8 or GB 18030.

What a file is, is told by its first bytes: offices name web pages .xls and workbooks .csv.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from registry.rosters.errors import RosterError

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Row = tuple[int, Sequence[Cell]]

MAX_BYTES = 60 * 1024 * 1024
MAX_UNPACKED_BYTES = 600 * 1024 * 1024
MAX_ROWS = 300_000
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
# GB 18030 holds GBK and GB 2312; it comes last because it accepts much that is something else
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet that are not blank, each with its number in the file, counted from 1."""

    name: str
    rows: list[Row]


def read(content: bytes, *, sheet: str = "") -> Sheet:
    """The named sheet of a file, or its first visible one that holds anything."""
    if not content.strip():
        raise RosterError(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise RosterError(too_large())
    if content.startswith(ZIP_MAGIC):
        _refuse_bomb(content)
        return _from_workbook(content, sheet)
    if content.startswith(OLE_MAGIC):
        return _from_workbook(content, sheet)
    return _from_text(content)


def too_large() -> str:
    return _("The file is larger than %(limit)s MB. Split it into several.") % {"limit": MAX_BYTES >> 20}


def sheet_names(content: bytes) -> list[str]:
    """The names of the visible sheets; none for text and for what cannot be read (`read` says why)."""
    if not content.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return _sheet_names(book, "")
    except (CalamineError, ValueError, OSError):
        return []


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _numbered(rows: Iterable[Sequence[Cell]]) -> list[Row]:
    found: list[Row] = []
    for number, cells in enumerate(rows, start=1):
        if all(map(is_blank, cells)):
            continue
        if len(found) >= MAX_ROWS:
            raise RosterError(
                _("The list has more than %(limit)s rows. Split it into several.") % {"limit": MAX_ROWS}
            )
        found.append((number, cells))
    return found


# Workbooks


def _refuse_bomb(content: bytes) -> None:
    """A few kilobytes can unpack to gigabytes; the directory of the archive says how much it would be."""
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
    except zipfile.BadZipFile as error:
        raise RosterError(_("The file is damaged. Open it in Excel and save it anew.")) from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise RosterError(_("The workbook is too large once unpacked. Split it into several."))


def _from_workbook(content: bytes, wanted: str) -> Sheet:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for name in _sheet_names(book, wanted):
                rows = _numbered(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                if rows or wanted:
                    return Sheet(name, rows)
    except PasswordError as error:
        raise RosterError(_("The workbook has a password. Save it without one and try again.")) from error
    except (CalamineError, ValueError, OSError) as error:
        message = _("This is no readable workbook. Open it in Excel and save it as .xlsx.")
        raise RosterError(message) from error
    raise RosterError(_("The workbook holds no rows."))


def _sheet_names(book: CalamineWorkbook, wanted: str) -> list[str]:
    if not wanted:
        seen = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        return seen or book.sheet_names
    if wanted in book.sheet_names:
        return [wanted]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(book.sheet_names):
        return [book.sheet_names[int(wanted) - 1]]
    raise RosterError(
        _("There is no sheet “%(name)s”. The workbook has: %(names)s.")
        % {"name": wanted, "names": "、".join(book.sheet_names)}
    )


# Text


def _from_text(content: bytes) -> Sheet:
    text = _decoded(content)
    if text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<table", "<?xml", "<meta")):
        raise RosterError(
            _("This is a web page under the name of a workbook. Open it in Excel and save it as .xlsx.")
        )
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        rows = _numbered(reader)
    except csv.Error as error:
        raise RosterError(
            _("The text cannot be divided into columns: %(error)s") % {"error": error}
        ) from error
    if not rows:
        raise RosterError(_("The file is empty."))
    return Sheet("", rows)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise RosterError(_("The characters of the file cannot be read. Save it as .xlsx, or as CSV in UTF-8."))


def _delimiter(text: str) -> str:
    """The one that the first lines hold most of; titles above the header hold none."""
    head = "\n".join(text.splitlines()[:20])
    return max(",\t;", key=head.count)
