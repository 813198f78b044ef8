"""What offices hand in, read as rows with the numbers that Excel shows."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from registry.rosters import values, workbook
from registry.rosters.errors import RosterError
from registry.rosters.workbook import Cell, read
from tests.registry.rosters import files

ROWS = [["企业名称", "板块"], ["常州甲有限公司", "武进区"], ["溧阳乙厂", "溧阳市"]]


def texts(content: bytes, sheet: str = "") -> list[tuple[int, list[Cell]]]:
    return [(number, list(cells)) for number, cells in read(content, sheet=sheet).rows]


@pytest.mark.parametrize(
    "content",
    [
        files.xlsx(ROWS),
        files.xls(ROWS),
        files.text(ROWS),
        files.text(ROWS, encoding="utf-8-sig"),
        files.text(ROWS, encoding="gbk"),
        files.text(ROWS, encoding="gb18030"),
        files.text(ROWS, encoding="utf-16"),
        files.text(ROWS, delimiter="\t"),
        files.text(ROWS, delimiter=";"),
    ],
    ids=["xlsx", "xls", "utf-8", "bom", "gbk", "gb18030", "utf-16", "tabs", "semicolons"],
)
def test_the_same_rows_from_every_kind_of_file(content: bytes) -> None:
    assert texts(content) == [(number, row) for number, row in enumerate(ROWS, start=1)]


def test_rare_characters_of_gb18030() -> None:
    assert texts(files.text([["㐂𠮷"]], encoding="gb18030")) == [(1, ["㐂𠮷"])]


def test_blank_rows_are_left_out_and_numbers_stay() -> None:
    content = files.text([["名单"], ["", " "], [], ["甲"], ["　"], ["乙"]])
    assert [number for number, _cells in texts(content)] == [1, 4, 6]


def test_rows_that_are_only_formatted_are_blank() -> None:
    book = openpyxl.Workbook()
    book.active["B3"] = "甲"
    for number in range(1, 3000):
        book.active.cell(number, 1).fill = PatternFill("solid", fgColor="FFFF00")
    assert [number for number, _cells in texts(files.saved(book))] == [3]


def test_a_cell_with_a_line_break_is_one_row() -> None:
    assert texts(files.text([["甲\n乙", "1"], ["丙", "2"]])) == [(1, ["甲\n乙", "1"]), (2, ["丙", "2"])]


def test_dates_and_numbers_keep_their_kind() -> None:
    ((_number, cells),) = texts(files.xlsx([[dt.datetime.fromisoformat("2022-03-01"), 12, 3.5, True, "x"]]))
    assert str(values.day(cells[0])) == "2022-03-01"
    assert cells[1:] == [12.0, 3.5, True, "x"]


class TestSheets:
    CONTENT = files.xlsx([], sheets={"汇总": [["甲"]], "明细": [["乙"]]})

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ("", "甲"),  # the first one that holds anything
            ("明细", "乙"),
            ("3", "乙"),  # by its number
        ],
    )
    def test_which(self, wanted: str, found: str) -> None:
        assert texts(self.CONTENT, wanted) == [(1, [found])]

    def test_an_unknown_name_says_which_there_are(self) -> None:
        with pytest.raises(RosterError, match="汇总、明细"):
            read(self.CONTENT, sheet="名单")

    def test_a_hidden_sheet_is_not_taken_by_itself(self) -> None:
        book = openpyxl.load_workbook(io.BytesIO(self.CONTENT))
        book["汇总"].sheet_state = "hidden"
        assert texts(files.saved(book)) == [(1, ["乙"])]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (files.xlsx([]), "no rows"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (files.xlsx(ROWS)[:900], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "no readable workbook"),
        (b"<html><table><tr><td>\xe7\x94\xb2</td></tr></table></html>", "web page"),
        (b"%PDF-1.7\n\x00\xff\xfe\x00\x80", "cannot be read"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_word(content: bytes, word: str) -> None:
    with pytest.raises(RosterError, match=word):
        read(content)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_BYTES", 10)
    with pytest.raises(RosterError, match="larger"):
        read(b"x" * 11)


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 2)
    with pytest.raises(RosterError, match="more than 2 rows"):
        read(files.text(ROWS))


def test_a_zip_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    with pytest.raises(RosterError, match="once unpacked"):
        read(out.getvalue())
