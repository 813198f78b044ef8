"""A bulletin as a Word document in the layout of GB/T 9704-2012 (党政机关公文格式)."""

import datetime as dt
import zipfile
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from targets.bulletin import sentences
from targets.bulletin.content import Bulletin, Line
from targets.choices import State

TITLE, HEADING, BODY = "方正小标宋简体", "黑体", "仿宋_GB2312"
LATIN = "Times New Roman"
NUMERALS = "一二三四五六七八九十"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
COLUMNS = ("指标", "单位", "目标值", "当前值", "较上期", "完成率", "超序时（百分点）", "状态")


def document(found: Bulletin) -> bytes:
    """The .docx; of the same bulletin always the same bytes."""
    paper = Document()
    _page(paper)
    _text(paper, found.title, font=TITLE, size=22, align=WD_ALIGN_PARAGRAPH.CENTER, indent=False, after=28)
    for place, one in enumerate(found.paragraphs):
        _text(paper, f"{NUMERALS[place]}、{one.heading}", font=HEADING, size=16)
        for text in one.text.split("\n"):
            _text(paper, text, font=BODY, size=16)
    _text(paper, "附件：指标完成情况表", font=BODY, size=16)
    paper.add_page_break()
    _text(paper, "指标完成情况表", font=HEADING, size=16, align=WD_ALIGN_PARAGRAPH.CENTER, indent=False)
    _table(paper, found)
    return _same_bytes(paper, found.day)


def _page(paper: Any) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(16)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    line = section.footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in ("— ", "PAGE", " —"):
        run = line.add_run("" if part == "PAGE" else part)
        _font(run, "宋体", 14)
        if part == "PAGE":
            _field(run, "PAGE")


def _field(run: Any, name: str) -> None:
    """A field that Word fills in, such as the number of the page."""
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)


def _text(
    paper: Any,
    text: str,
    *,
    font: str,
    size: int,
    align: Any = WD_ALIGN_PARAGRAPH.JUSTIFY,
    indent: bool = True,
    after: int = 0,
) -> None:
    line = paper.add_paragraph()
    form = line.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    form.space_before, form.space_after = Pt(0), Pt(after)
    line.alignment = align
    if indent:
        form.first_line_indent = Pt(2 * size)
    _font(line.add_run(text), font, size)


def _font(run: Any, name: str, size: int) -> None:
    """Chinese characters in the font of the standard, letters and digits in one that every machine has."""
    run.font.name, run.font.size = LATIN, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _table(paper: Any, found: Bulletin) -> None:
    table = paper.add_table(rows=1, cols=len(COLUMNS))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    _row(table.rows[0], COLUMNS, HEADING)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for line in found.lines:
        _row(table.add_row(), cells_of(line), BODY)


def cells_of(line: Line) -> tuple[str, ...]:
    """A target as the table tells it."""
    lead = "—" if line.lead is None else f"{line.lead * 100:+.1f}"
    moved = "—" if line.change is None else sentences.number(line.change)
    return (
        line.name,
        line.unit,
        sentences.number(line.target),
        sentences.number(line.value),
        f"+{moved}" if line.change is not None and line.change > 0 else moved,
        sentences.share(line.completion),
        lead,
        str(State(line.state).label),
    )


def _row(row: Any, texts: tuple[str, ...], font: str) -> None:
    for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = Mm(50 if place == 0 else 15)
        line = cell.paragraphs[0]
        line.paragraph_format.space_after = Pt(0)
        line.alignment = WD_ALIGN_PARAGRAPH.LEFT if place == 0 else WD_ALIGN_PARAGRAPH.CENTER
        _font(line.add_run(text), font, 10)


def _same_bytes(paper: Any, day: dt.date) -> bytes:
    """Without the moment at which it was written, in its properties as in its archive."""
    about = paper.core_properties
    about.created = about.modified = dt.datetime.combine(day, dt.time(), dt.UTC)
    about.author, about.last_modified_by, about.comments = "", "", ""
    written, packed = BytesIO(), BytesIO()
    paper.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            target.writestr(zipfile.ZipInfo(name, ZIP_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
