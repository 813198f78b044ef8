"""A bulletin as a workbook: one row a target with the areas in columns, the criteria, and charts that Excel draws."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from targets.bulletin import sentences
from targets.bulletin.content import Bulletin, Line
from targets.choices import State

HEAD = (
    "章节",
    "指标",
    "单位",
    "目标值",
    "当前值",
    "上期值",
    "增减",
    "完成率",
    "序时进度",
    "超序时（百分点）",
    "状态",
    "数据截止日",
)
CRITERIA = ("指标", "原文", "计算口径", "目标", "已公布数", "公布数截止日", "公布来源")
WIDTHS = (18, 34, 7, 11, 11, 11, 10, 9, 9, 10, 10, 12)


def workbook(found: Bulletin) -> bytes:
    """The .xlsx; of the same bulletin always the same bytes. Texts are never formulas."""
    file = BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": found.title, "created": dt.datetime.combine(found.day, dt.time())})
    forms = _Forms(book)
    _targets(book.add_worksheet("指标进度"), found, forms)
    _criteria(book.add_worksheet("口径说明"), found, forms)
    _charts(book, found, forms)
    book.close()
    return file.getvalue()


class _Forms:
    """The formats of the cells."""

    def __init__(self, book: Any) -> None:
        font = {"font_name": "等线", "font_size": 10, "valign": "vcenter"}
        self.title = book.add_format({**font, "bold": True, "font_size": 14})
        self.note = book.add_format({**font, "font_color": "#555555"})
        self.head = book.add_format(
            {**font, "bold": True, "border": 1, "text_wrap": True, "bg_color": "#E8EEEE", "align": "center"}
        )
        self.text = book.add_format({**font, "border": 1, "text_wrap": True})
        self.number = book.add_format({**font, "border": 1, "num_format": "#,##0.##"})
        self.share = book.add_format({**font, "border": 1, "num_format": "0.0%"})
        self.points = book.add_format({**font, "border": 1, "num_format": "+0.0;-0.0;0.0"})
        self.day = book.add_format({**font, "border": 1, "num_format": "yyyy-mm-dd", "align": "center"})


def _targets(sheet: Any, found: Bulletin, forms: _Forms) -> None:
    sheet.write_string(0, 0, found.title, forms.title)
    sheet.write_string(1, 0, f"数据截至 {found.day}，上期为 {found.since}", forms.note)
    for place, name in enumerate((*HEAD, *found.areas.values())):
        sheet.write_string(2, place, name, forms.head)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_column(len(WIDTHS), len(WIDTHS) + len(found.areas) - 1, 10)
    for row, line in enumerate(found.lines, start=3):
        _line(sheet, row, line, list(found.areas), forms)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(found.lines), len(HEAD) + len(found.areas) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _line(sheet: Any, row: int, line: Line, areas: list[str], forms: _Forms) -> None:
    for place, text in enumerate((line.section, line.name, line.unit)):
        sheet.write_string(row, place, text, forms.text)
    numbers = (line.target, line.value, line.before, line.change)
    for place, number in enumerate(numbers, start=3):
        _number(sheet, row, place, number, forms.number)
    _number(sheet, row, 7, line.completion, forms.share)
    _number(sheet, row, 8, line.expected, forms.share)
    _number(sheet, row, 9, None if line.lead is None else line.lead * 100, forms.points)
    sheet.write_string(row, 10, str(State(line.state).label), forms.text)
    if line.data_date is None:
        sheet.write_blank(row, 11, None, forms.day)
    else:
        sheet.write_datetime(row, 11, dt.datetime.combine(line.data_date, dt.time()), forms.day)
    for place, code in enumerate(areas, start=len(HEAD)):
        _number(sheet, row, place, line.areas.get(code), forms.number)


def _number(sheet: Any, row: int, place: int, number: Decimal | None, form: Any) -> None:
    """Missing is an empty cell, and never 0."""
    if number is None:
        sheet.write_blank(row, place, None, form)
    else:
        sheet.write_number(row, place, float(number), form)


def _criteria(sheet: Any, found: Bulletin, forms: _Forms) -> None:
    for place, (name, width) in enumerate(zip(CRITERIA, (30, 40, 60, 20, 12, 14, 40), strict=True)):
        sheet.write_string(0, place, name, forms.head)
        sheet.set_column(place, place, width)
    for row, line in enumerate(found.lines, start=1):
        for place, text in enumerate((line.name, line.quote, line.rule, line.wanted)):
            sheet.write_string(row, place, text, forms.text)
        _number(sheet, row, 4, line.official, forms.number)
        sheet.write_string(row, 5, str(line.official_day or ""), forms.text)
        sheet.write_string(row, 6, line.source, forms.text)
    sheet.freeze_panes(1, 1)
    sheet.write_string(len(found.lines) + 2, 0, sentences.sources(found), forms.note)


def _charts(book: Any, found: Bulletin, forms: _Forms) -> None:
    """Its numbers stand on the sheet, so that a reader may change the charts."""
    sheet = book.add_worksheet("图表")
    counts = Counter(line.state for line in found.lines)
    states = [(str(state.label), counts[state]) for state in sentences.ORDER if counts[state]]
    sheet.write_row(0, 0, ("状态", "指标数"), forms.head)
    for row, (name, number) in enumerate(states, start=1):
        sheet.write_string(row, 0, name, forms.text)
        sheet.write_number(row, 1, number, forms.number)
    sheet.write_row(0, 3, ("板块", "平均位次"), forms.head)
    for row, one in enumerate(found.ranked, start=1):
        sheet.write_string(row, 3, one.name, forms.text)
        sheet.write_number(row, 4, float(round(one.mean, 2)), forms.number)
    sheet.set_column(0, 4, 14)
    for kind, title, place, rows, cell in (
        ("column", "各状态指标数", 0, len(states), "G2"),
        ("bar", "各板块平均位次（越小越靠前）", 3, len(found.ranked), "G20"),
    ):
        if not rows:
            continue
        chart = book.add_chart({"type": kind})
        chart.add_series(
            {
                "categories": ["图表", 1, place, rows, place],
                "values": ["图表", 1, place + 1, rows, place + 1],
                "data_labels": {"value": True},
                "fill": {"color": "#0A4A5C"},
            }
        )
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        sheet.insert_chart(cell, chart, {"x_scale": 1.4, "y_scale": 1.1})
