"""The records behind a number as a file: the whole list that the page shows a part of, as the person may see it."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import exports
from registry.choices import Level
from registry.downloads import about_list, answer, attached
from registry.exports import Column, Layout, Shape
from targets.choices import Exclusion
from targets.measure import Record
from targets.measure.records import district_names
from targets.reports.listing import Listing
from targets.reports.question import BadQuestion, Question
from targets.reports.rows import Row

COLUMNS = (
    Column("企业", "enterprise", width=34),
    Column("统一社会信用代码", "uscc", width=22),
    Column("板块", "district"),
    Column("名称", "item", width=24),
    Column("认定类别", "scheme", width=24),
    Column("级别", "level"),
    Column("批次", "batch"),
    Column("文号", "document", width=24),
    Column("认定日期", "valid_from", Shape.DAY),
    Column("有效期至", "valid_to", Shape.DAY),
    Column("终止日期", "ended_on", Shape.DAY),
    Column("集群或产业链", "cluster", width=20),
    Column("年份", "year", Shape.NUMBER),
    Column("数值", "value", Shape.NUMBER),
    Column("未计入原因", "reason", width=18),
)


def file_of(
    request: HttpRequest, question: Question, row: Row, listing: Listing, wanted: str
) -> HttpResponse | FileResponse:
    """A workbook, its second sheet telling what list it is; or CSV."""
    name = f"{row.target.name}{'' if listing.is_counted else '（未计入）'}"
    rows = list(_rows(listing.records))
    if wanted == "csv":
        return _csv(f"{name}_{question.day}.csv", rows)
    if wanted != "xlsx":
        raise BadQuestion(_("“%(text)s” is no kind of document.") % {"text": wanted[:20]})
    filters = [("目标", row.target.name), ("口径", row.standing.rule_text)]
    filters += [("板块", listing.district.name)] if listing.district else []
    filters += [("检索", listing.wish.search)] if listing.wish.search else []
    filters += [("未计入原因", str(Exclusion(listing.wish.reason).label))] if listing.wish.reason else []
    filters += [("数值单位", listing.value_unit)] if listing.value_unit else []
    filters += [("按当时所知", f"{question.known_at:%Y-%m-%d %H:%M}")] if question.known_at else []
    about = about_list(request, name, moment=timezone.localtime(), as_of=question.day, filters=filters)
    return answer(request, Layout(COLUMNS), rows, about)


def _rows(records: list[Record]) -> Iterator[list[Any]]:
    areas = district_names()
    for one in records:
        yield [
            one.enterprise,
            one.uscc or "",
            areas.get(one.district_id or 0, ""),
            one.item,
            one.scheme,
            str(Level(one.level).label) if one.level in Level.values else "",
            one.batch,
            one.document or one.source,
            one.valid_from,
            one.valid_to,
            one.ended_on,
            one.cluster,
            one.year,
            one.value,
            str(one.reason.label) if one.reason else "",
        ]


def _csv(name: str, rows: list[list[Any]]) -> HttpResponse:
    """With the mark by which Excel knows UTF-8; a text that begins like a formula is kept from being one."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([column.title for column in COLUMNS])
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return attached("\ufeff" + text.getvalue(), name, "csv", rows=len(rows))


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(exports.FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value
