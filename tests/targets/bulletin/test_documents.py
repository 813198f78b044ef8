"""What a bulletin says, and its documents: opened again, and the same bytes each time."""

import datetime as dt
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import docx
import openpyxl
import pytest
from docx.shared import Mm

from targets.bulletin import documents, excel, sentences, word
from targets.bulletin.content import Bulletin, Line, bulletin, from_json, since, to_json
from targets.bulletin.pdf import PdfUnavailable, pdf
from targets.models import Plan
from targets.services.publishing import documents_of
from tests.targets.reports.conftest import LAST_DAY, Reader, clerk, plan, wujin

__all__ = ["clerk", "plan", "wujin"]

D = dt.date
pytestmark = pytest.mark.django_db


@pytest.fixture
def found(plan: Plan) -> Bulletin:
    return bulletin(plan, LAST_DAY, "year")


def line(found: Bulletin, code: str) -> Line:
    return next(one for one in found.lines if one.code == code)


@pytest.mark.parametrize(
    ("kind", "day", "before"),
    [
        ("month", D(2025, 12, 31), D(2025, 11, 30)),
        ("month", D(2025, 12, 1), D(2025, 11, 30)),
        ("quarter", D(2025, 12, 31), D(2025, 9, 30)),
        ("quarter", D(2025, 10, 1), D(2025, 9, 30)),
        ("year", D(2025, 12, 31), D(2024, 12, 31)),
    ],
)
def test_changes_are_told_from_the_end_of_the_period_before(kind: str, day: dt.date, before: dt.date) -> None:
    assert since(kind, day) == before


@pytest.mark.parametrize(
    ("kind", "day", "title"),
    [
        ("month", D(2025, 6, 30), "关于2025年6月规划完成情况的通报"),
        ("quarter", D(2025, 6, 30), "关于2025年第二季度规划完成情况的通报"),
        ("quarter", D(2025, 1, 1), "关于2025年第一季度规划完成情况的通报"),
        ("year", D(2025, 6, 30), "关于截至2025年6月30日规划完成情况的通报"),
    ],
)
def test_the_title_names_the_period(kind: str, day: dt.date, title: str) -> None:
    assert sentences.title("规划", kind, day) == title


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "—"), ("0", "0"), ("12.50", "12.5"), ("12.005", "12.01"), ("100", "100"), ("1234567", "1234567")],
)
def test_numbers_of_a_paper(value: str | None, told: str) -> None:
    assert sentences.number(None if value is None else Decimal(value)) == told


def test_what_changed_is_told_with_its_causes(found: Bulletin) -> None:
    """Five count; one of Wujin ran out at the end of 2024."""
    green = line(found, "green.all")
    assert (green.value, green.before, green.causes) == (5, 6, {"expired": -1})
    text = dict(sentences.paragraphs(found))["主要变化"]
    assert "green.all5家，减少1家（到期未续1家）" in text
    assert "2024年12月31日" in text
    quiet = replace(found, lines=tuple(replace(one, before=one.value) for one in found.lines))
    assert sentences.changes(quiet) == "与2024年12月31日相比，各项指标数值没有变化。"


def test_the_whole_is_told_by_states(found: Bulletin) -> None:
    assert sentences.overall(found).startswith("截至2025年12月31日")
    assert "3项指标中，已完成1项" in sentences.overall(found)


@pytest.mark.parametrize(
    ("lead", "leading", "lagging"),
    [("0.123", "超序时进度12.3个百分点", ""), ("-0.2", "", "落后序时进度20.0个百分点"), ("0", "", "")],
)
def test_leads_and_lags_are_told_in_percentage_points(
    found: Bulletin, lead: str, leading: str, lagging: str
) -> None:
    one = replace(line(found, "green.all"), lead=Decimal(lead))
    told = replace(found, lines=(one,))
    assert sentences.leading(told).endswith(f"{leading}。") if leading else not sentences.leading(told)
    assert sentences.lagging(told).endswith(f"{lagging}。") if lagging else not sentences.lagging(told)


def test_a_bulletin_goes_into_json_and_back(found: Bulletin) -> None:
    assert from_json(to_json(found)) == found


def test_the_paper_has_the_layout_of_the_standard(found: Bulletin) -> None:
    paper = docx.Document(BytesIO(word.document(found)))
    section = paper.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    wanted = (Mm(37), Mm(35), Mm(28), Mm(26))
    assert all(abs(one - other) < Mm(0.1) for one, other in zip(margins, wanted, strict=True))
    title = paper.paragraphs[0]
    assert title.text == found.title
    assert title.runs[0].font.size.pt == 22
    assert "方正小标宋简体" in title.runs[0]._r.xml
    body = next(one for one in paper.paragraphs if one.text.startswith("截至"))
    assert (body.runs[0].font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 28)
    assert body.paragraph_format.first_line_indent.pt == 32
    (table,) = paper.tables
    assert len(table.rows) == len(found.lines) + 1
    assert "tblHeader" in table.rows[0]._tr.xml


def test_the_workbook_holds_numbers_and_charts(found: Bulletin) -> None:
    hostile = replace(line(found, "green.all"), name='=HYPERLINK("http://x")', value=None)
    content = excel.workbook(replace(found, lines=(hostile, *found.lines[1:])))
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames == ["指标进度", "口径说明", "图表"]
    sheet = book["指标进度"]
    heads = [cell.value for cell in sheet[3]]
    first = dict(zip(heads, sheet[4], strict=True))
    assert first["指标"].value == '=HYPERLINK("http://x")'
    assert first["指标"].data_type == "s", "a text, no formula"
    assert first["当前值"].value is None, "missing is no 0"
    assert first["上期值"].value == 6
    assert {"武进区", "溧阳市"} & set(map(str, heads)) or len(heads) > 12
    with zipfile.ZipFile(BytesIO(content)) as packed:
        assert any(name.startswith("xl/charts/") for name in packed.namelist())


def test_the_same_bulletin_gives_the_same_bytes(found: Bulletin) -> None:
    # the database sorts the keys of what it keeps as JSON, and areas stand in the order of the city
    found = replace(found, areas=dict(reversed(found.areas.items())))
    kept = json.loads(json.dumps(to_json(found), sort_keys=True))
    first, second = dict(documents_of(found)), dict(documents_of(from_json(kept)))
    assert {"docx", "xlsx"} <= set(first)
    assert first == second


@pytest.mark.parametrize(("wanted", "magic"), [("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_every_document_is_taken_away(clerk: Reader, plan: Plan, wanted: str, magic: bytes) -> None:
    try:
        pdf("<p>")
    except PdfUnavailable as missing:
        if wanted == "pdf":
            pytest.skip(str(missing))
    answer = clerk.open("/bulletin/", as_of=LAST_DAY, format=wanted)
    assert answer.status_code == 200
    assert answer.content.startswith(magic)
    assert "attachment" in answer["Content-Disposition"]


def test_where_pango_is_missing_the_page_says_what_to_do(
    clerk: Reader, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(found: Bulletin) -> bytes:
        raise PdfUnavailable

    monkeypatch.setitem(documents.DOCUMENTS, "pdf", missing)
    answer = clerk.open("/bulletin/", format="pdf")
    assert answer.status_code == 400
    assert "libpango" in answer.content.decode()


@pytest.mark.parametrize("asked", [{"kind": "week"}, {"format": "exe"}, {"as_of": "x"}])
def test_what_makes_no_sense_is_said(clerk: Reader, plan: Plan, asked: dict[str, str]) -> None:
    assert clerk.open("/bulletin/", **asked).status_code == 400


def test_the_bulletin_names_no_enterprise(wujin: Reader, plan: Plan) -> None:
    page = wujin.open("/bulletin/", as_of=LAST_DAY).content.decode()
    assert "溧阳丙厂" not in page
    assert "green.all" in page
