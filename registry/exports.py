"""Lists as workbooks: the data on the first sheet, what list it is on the second; made to be edited and imported back.

Rows go to a file as they come from the database, so that a list of any length takes the same memory. Codes and names
are text and never formulas, days are days, amounts are exact: a number that a workbook cannot hold is written as text.
"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.choices import ClusterKind, Figure
from registry.models import AnnualFigures, Designation, Enterprise, FormerName, Membership, Statistic

ID, VERSION = "编号", "版本"
MOST_ROWS = 1_000_000
CHUNK = 2_000
# Workbooks know no day before, and read this one wrongly until 1 March
FIRST_DAY = dt.date(1900, 3, 1)
LONGEST_TEXT = 32_767
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
SHEET, ABOUT = "数据", "说明"
YES, NO = "是", "否"
# What no list gives out: files, and what people sign in with.
SECRET = frozenset(["password", "content"])
CONTACTS = frozenset(["contact_name", "contact_phone"])


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


def layout_of(model: type[models.Model], *, contacts: bool = False) -> Layout:
    """The columns of the lists of a model; those of the four kinds of lists are the ones that the import reads."""
    if model in OWN:
        own = OWN[model]
        if model is Enterprise and contacts:
            return replace(own, columns=(*own.columns, *CONTACT_COLUMNS))
        return own
    return Layout(tuple(_generic(model)))


def can_return(model: type[models.Model]) -> bool:
    """Whether a list of the model can be edited and imported back."""
    return model in OWN


def _generic(model: type[models.Model]) -> Iterator[Column]:
    for column in model._meta.concrete_fields:
        if column.primary_key:
            yield Column(ID, column.attname, Shape.NUMBER, 9)
        elif column.name == "version":
            yield Column(VERSION, "version", Shape.NUMBER, 7)
        elif not (
            column.generated or column.name in SECRET | CONTACTS or isinstance(column, models.BinaryField)
        ):
            yield _generic_column(column)


def _generic_column(column: Any) -> Column:
    title = str(column.verbose_name)
    if column.is_relation:
        return Column(title, f"{column.name}{_named_by(column.related_model)}", width=26)
    if isinstance(column, models.DateTimeField):
        return Column(title, column.attname, Shape.MOMENT, 19)
    if isinstance(column, models.DateField):
        return Column(title, column.attname, Shape.DAY, 12)
    if isinstance(column, models.IntegerField | models.DecimalField) and not column.choices:
        return Column(title, column.attname, Shape.NUMBER, 12)
    words = {key: str(label) for key, label in column.flatchoices} if column.choices else None
    return Column(title, column.attname, width=20, words=words)


def _named_by(model: Any) -> str:
    names = {one.name for one in model._meta.concrete_fields}
    known = next(
        (name for name in ("name", "full_name", "file_name", "title", "code") if name in names), "pk"
    )
    return f"__{known}"


# The lists that the import reads back, under its canonical names


def _choices(model: type[models.Model], name: str) -> dict[Any, str]:
    return {key: str(label) for key, label in model._meta.get_field(name).flatchoices}  # type: ignore[union-attr]


def _label(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def clusters_of(kind: str) -> Added:
    """The names of the groups of one kind that enterprises still belong to, the main one first."""

    def read(ids: list[int]) -> dict[int, Any]:
        rows = Membership.objects.filter(enterprise__in=ids, kind=kind, until__isnull=True)
        return _gathered(rows.order_by("-main", "pk").values_list("enterprise_id", "cluster__name"))

    return read


def former_names(ids: list[int]) -> dict[int, Any]:
    rows = FormerName.objects.filter(enterprise__in=ids).order_by("ended_on", "pk")
    return _gathered(rows.values_list("enterprise_id", "name"))


def _gathered(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pk, name in pairs:
        found.setdefault(pk, []).append(name)
    return found


RECORD = (Column(ID, "id", Shape.NUMBER, 9), Column(VERSION, "version", Shape.NUMBER, 7))
CONTACT_COLUMNS = (Column("联系人", "contact_name"), Column("联系电话", "contact_phone", width=16))


def _holder(prefix: str) -> tuple[Column, ...]:
    return (
        Column("企业名称", f"{prefix}name", width=34),
        Column("统一社会信用代码", f"{prefix}uscc", width=22),
    )


ENTERPRISES = Layout(
    (
        *RECORD,
        *_holder(""),
        Column("旧注册号", "registration_no", width=18),
        Column("板块", "district__name"),
        Column("注册地址", "address", width=40),
        Column("行业代码", "industry__code", width=10),
        Column("企业类型", "legal_form", width=20),
        Column("成立日期", "founded_on", Shape.DAY, 12),
        Column("注销日期", "closed_on", Shape.DAY, 12),
        Column("股票代码", "stock_code", width=12),
        Column("集群", "advanced", width=20),
        Column("战略性新兴产业集群", "strategic", width=20),
        Column("产业链", "chain", width=20),
        Column("曾用名", "former_names", width=30),
    ),
    {
        "advanced": clusters_of(ClusterKind.ADVANCED),
        "strategic": clusters_of(ClusterKind.STRATEGIC),
        "chain": clusters_of(ClusterKind.CHAIN),
        "former_names": former_names,
    },
)
DESIGNATIONS = Layout(
    (
        *RECORD,
        *_holder("enterprise__"),
        Column("板块", "area_name"),
        Column("认定类别", "scheme__name", width=24),
        Column("级别", "level", width=8, words=_choices(Designation, "level")),
        Column("名称", "item", width=30),
        Column("批次", "batch"),
        Column("文号", "document", width=26),
        Column("证书编号", "certificate", width=18),
        Column("公示日期", "announced_on", Shape.DAY, 12),
        Column("认定日期", "valid_from", Shape.DAY, 12),
        Column("有效期至", "valid_to", Shape.DAY, 12),
        Column("终止日期", "ended_on", Shape.DAY, 12),
        Column("终止原因", "end_reason", words=_choices(Designation, "end_reason")),
        Column("终止文号", "end_document", width=20),
        Column("审核状态", "state", width=10, words=_choices(Designation, "state")),
        Column("来源", "source", width=30),
        Column("备注", "note", width=30),
    ),
    computed={"area_name": Coalesce("enterprise__district__name", "district__name")},
)
FIGURES = Layout(
    (
        *RECORD,
        *_holder("enterprise__"),
        Column("板块", "enterprise__district__name"),
        Column("年份", "year", Shape.NUMBER, 7),
        *[Column(_label(AnnualFigures, figure.value), figure.value, Shape.NUMBER, 16) for figure in Figure],
        Column("规上", "above_scale", width=7),
        Column("来源", "source", width=30),
    )
)
STATISTICS = Layout(
    (
        *RECORD,
        Column("指标", "series__name", width=28),
        Column("板块", "district__name"),
        Column("截止日期", "day", Shape.DAY, 12),
        Column("数值", "value", Shape.NUMBER, 16),
        Column("单位", "series__unit", width=8),
        Column("性质", "finality", width=10, words=_choices(Statistic, "finality")),
        Column("来源", "source", width=30),
        Column("来源类型", "source_kind", width=10, words=_choices(Statistic, "source_kind")),
        Column("发布日期", "published_on", Shape.DAY, 12),
        Column("原文摘录", "quotation", width=40),
        Column("备注", "note", width=30),
    )
)
OWN: dict[type[models.Model], Layout] = {
    Enterprise: ENTERPRISES,
    Designation: DESIGNATIONS,
    AnnualFigures: FIGURES,
    Statistic: STATISTICS,
}
