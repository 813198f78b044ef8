"""Lists as workbooks: data on the first sheet, what list it is on the second; to be edited and imported back.

Rows go to a file as they come from the database, so that a list of any length takes the same memory. Codes and names
are text and never formulas, days are days, amounts are exact: a number that a workbook cannot hold is written as text.
"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

ID, VERSION = "编号", "版本"
MOST_ROWS = 1_000_000
CHUNK = 2_000
# Workbooks know no day before, and read this one wrongly until 1 March
FIRST_DAY = dt.date(1900, 3, 1)
LONGEST_TEXT = 32_767
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
SHEET, ABOUT = "数据", "说明"
YES, NO = "是", "否"


class TooManyRows(Exception):
    """More rows than a sheet holds."""

    def __str__(self) -> str:
        return _(
            "The list has more than %(most)s rows, which no workbook holds. Narrow it down by a filter first."
        ) % {"most": f"{MOST_ROWS:,}"}


class Shape(Enum):
    """How the cells of a column are written."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """A column of a list that goes out; `path` is a path of the ORM, or the name of what is added chunk by chunk."""

    title: str
    path: str
    shape: Shape = Shape.TEXT
    width: int = 14
    words: dict[Any, str] | None = None

    def cell(self, value: Any) -> Any:
        """The value as it stands in the cell."""
        if isinstance(value, bool):
            return YES if value else NO
        if self.words is not None:
            return self.words.get(value, value)
        if isinstance(value, list):
            return "、".join(map(str, value))
        return value


# What many rows of another table say of each row of a chunk, by its id.
Added = Callable[[list[int]], dict[int, Any]]


@dataclass(frozen=True)
class Layout:
    """The columns of a kind of list, the first that of the id."""

    columns: tuple[Column, ...]
    added: dict[str, Added] = field(default_factory=dict)
    computed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class About:
    """What the second sheet tells: which list, as whom, when, of which day, with which filters."""

    name: str
    person: str
    moment: dt.datetime
    as_of: dt.date
    filters: Sequence[tuple[str, str]] = ()
    can_return: bool = False


# Writing


def write(layout: Layout, rows: Iterable[Sequence[Any]], about: About) -> tuple[IO[bytes], int]:
    """The workbook as a temporary file at its beginning, and the number of its rows; a row is in the order of columns."""
    out = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - it is the answer, and goes when that has been sent
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet(SHEET)
    count = _Writer(book, sheet, layout.columns).write(rows)
    _write_about(book, about, count)
    book.close()
    out.seek(0)
    return out, count


class _Writer:
    """Writes one sheet of data, row after row."""

    def __init__(self, book: Any, sheet: Any, columns: tuple[Column, ...]) -> None:
        self.sheet = sheet
        self.columns = columns
        self.head = book.add_format({"bold": True, "bg_color": "#E7EEF7", "border": 1, "text_wrap": True})
        self.formats = {
            Shape.TEXT: book.add_format({"num_format": "@"}),
            Shape.NUMBER: book.add_format({}),
            Shape.DAY: book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            Shape.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
        }
        # with the mark of text that Excel itself sets for ': editing such a cell makes no formula of it either
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})

    def write(self, rows: Iterable[Sequence[Any]]) -> int:
        sheet, columns = self.sheet, self.columns
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, self.formats[column.shape])
            sheet.write_string(0, place, column.title, self.head)
        number = 0
        for number, row in enumerate(rows, start=1):
            if number > MOST_ROWS:
                raise TooManyRows
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                if value is not None and value != "":
                    self._write_cell(number, place, column, column.cell(value))
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
        return number

    def _write_cell(self, row: int, place: int, column: Column, value: Any) -> None:
        form = self.formats[column.shape]
        if isinstance(value, dt.datetime):
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            self.sheet.write_datetime(row, place, local.replace(tzinfo=None, microsecond=0), form)
        elif isinstance(value, dt.date) and value >= FIRST_DAY:
            self.sheet.write_datetime(row, place, value, form)
        elif isinstance(value, int | Decimal) and is_exact(value):
            self.sheet.write_number(row, place, float(value), form)
        else:
            self._write_text(row, place, value)

    def _write_text(self, row: int, place: int, value: Any) -> None:
        text = plain(value)[:LONGEST_TEXT]
        form = self.quoted if text.startswith(FORMULA_SIGNS) else self.formats[Shape.TEXT]
        self.sheet.write_string(row, place, text, form)


def is_exact(value: int | Decimal) -> bool:
    """Whether a cell keeps the number to its last digit: workbooks calculate with 15."""
    digits = Decimal(value).normalize().as_tuple()
    return len(digits.digits) <= 15 and isinstance(digits.exponent, int) and abs(digits.exponent) < 200


def plain(value: Any) -> str:
    """A value as text; numbers without an exponent and without zeros behind the point."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _write_about(book: Any, about: About, count: int) -> None:
    sheet = book.add_worksheet(ABOUT)
    bold, text = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    lines = [
        ("名单", about.name),
        ("导出人", about.person),
        ("导出时间", about.moment.strftime("%Y-%m-%d %H:%M:%S")),
        ("数据基准日", about.as_of.isoformat()),
        ("行数", str(count)),
        *(about.filters or [("筛选", "无（全部记录）")]),
        *(RETURNING if about.can_return else []),
    ]
    for row, (label, words) in enumerate(lines):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, words[:LONGEST_TEXT], text)


RETURNING = [
    ("改后导回", "直接修改“数据”页中的单元格，保存后在“名单”中上传；预览只列出改动过的单元格。"),
    ("编号、版本", "用于找到原记录，请勿修改；新增记录在末行之后填写，编号和版本留空。"),
    ("清空单元格", "表示清除原有内容；不需要的整列或整行可以删去，不影响其他内容。"),
    ("他人已修改", "导出后他人修改过的同一内容不会被覆盖，该行会退回并列出双方的值。"),
]


# Rows of a queryset


def rows_of(layout: Layout, records: QuerySet[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a list in its order, read through a cursor of the database; the id comes first."""
    paths = [column.path for column in layout.columns if column.path not in layout.added]
    places = [column.path for column in layout.columns]
    found = iter(records.annotate(**layout.computed).values_list(*paths).iterator(chunk_size=CHUNK))
    if not layout.added:
        yield from found
        return
    while chunk := list(islice(found, CHUNK)):
        ids = [row[0] for row in chunk]
        more = {name: add(ids) for name, add in layout.added.items()}
        for row in chunk:
            plain_values = iter(row)
            yield [more[path].get(row[0]) if path in more else next(plain_values) for path in places]
