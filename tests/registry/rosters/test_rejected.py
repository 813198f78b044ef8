"""The rejected rows as a workbook: out, corrected, in again."""

import io

import openpyxl
import pytest

from registry.models import AnnualFigures, User
from registry.rosters.rejected import headers_of, workbook_of
from tests import factories as make
from tests.registry.rosters import files
from tests.registry.rosters.lists import code
from tests.registry.rosters.waiting import applied, brought, counts

pytestmark = pytest.mark.usefixtures("city")


def test_out_corrected_and_in_again(wang: User) -> None:
    """The unit stood in a corner above the table: corrected rows mean the same amounts."""
    light, dark = make.enterprise(uscc=code(1)), make.enterprise("暗能科技有限公司", uscc=code(2))
    rows = [
        ["单位：亿元"],
        ["序号", "企业名称", "信用代码", "年份", "营业收入"],
        ["1", light.name, code(1), "2024", "3"],
        ["2", dark.name, code(2), "今年", "4"],
    ]
    upload = applied(
        brought(wang, rows, kind="annual_figures", options={"create_missing": True}), partial=True
    )
    rejected = upload.roster.rows.filter(outcome="rejected")
    found = list(rejected.values_list("number", "raw", "reason", "remedy"))
    content = workbook_of(upload.roster.headers, found)
    book = openpyxl.load_workbook(io.BytesIO(content))
    header, row = ([cell.value for cell in line] for line in book.active.rows)
    assert header == [
        "序号",
        "企业名称",
        "信用代码",
        "年份",
        "营业收入(亿元)",
        "原行号",
        "退回原因",
        "处理办法",
    ]
    assert row[:6] == ["2", dark.name, code(2), "今年", "4", "4"]
    assert "今年" in row[6]
    assert row[7]
    book.active.cell(2, 4).value = "2024"
    again = brought(wang, files.saved(book), file_name="退回的行.xlsx")
    assert (
        again.notice
        == f"These are the rejected rows of list #{upload.roster_id}; they are read as that list was."
    )
    assert again.options == upload.options
    assert counts(again) == {"created": 1}
    assert any("rejected rows" in note for note in again.notes)
    assert not any("退回原因" in note for note in again.notes), "they are known, not just unused"
    applied(again)
    assert AnnualFigures.objects.get(enterprise=dark).revenue == 40_000


def test_cells_are_text_and_never_formulas() -> None:
    raw = {"企业名称": "=1+1", "信用代码": "913204110000000015"}
    content = workbook_of([("企业名称", "企业名称"), ("信用代码", "信用代码")], [(2, raw, "原因", "办法")])
    (_header, row) = openpyxl.load_workbook(io.BytesIO(content)).active.rows
    assert [cell.data_type for cell in row] == ["s"] * 5
    assert row[0].value == "=1+1"


def test_lists_of_old_have_the_headers_of_their_rows() -> None:
    rows = [(2, {"企业名称": "甲"}, "", ""), (3, {"企业名称": "乙", "板块": "武进"}, "", "")]
    assert headers_of([], rows) == [("企业名称", "企业名称"), ("板块", "板块")]
