"""Headers as offices write them: other names, titles above, two rows, units."""

from decimal import Decimal
from typing import Any

import pytest

from registry.rosters import columns, workbook
from registry.rosters.columns import Table
from registry.rosters.errors import RosterError
from tests.registry.rosters import files


def recognise(rows: list[list[Any]], kind: str = "enterprises", **more: Any) -> Table:
    return columns.recognise(workbook.read(files.xlsx(rows, **more)), kind)


def fields(headers: list[str], kind: str = "enterprises") -> list[str]:
    """What each header was taken for."""
    table = recognise([headers, ["x"] * len(headers)], kind)
    of_place = {place: name for name, place in table.places.items()}
    return [of_place.get(place, "") for place in range(len(headers))]


@pytest.mark.parametrize(
    ("kind", "header", "field"),
    [
        ("enterprises", "企业名称", "name"),
        ("enterprises", "单位名称", "name"),
        ("enterprises", "公司名称", "name"),
        ("enterprises", " 企 业 名 称 ", "name"),
        ("enterprises", "企业名称（盖章）", "name"),
        ("enterprises", "*企业名称", "name"),
        ("enterprises", "企业\n名称", "name"),
        ("enterprises", "名称", "name"),
        ("designations", "证券代码", "stock_code"),
        ("designations", "ts_code", "stock_code"),
        ("designations", "上市日期", "valid_from"),
        ("designations", "称号", "scheme"),
        ("designations", "有效期至", "valid_to"),
        ("designations", "车间名称", "item"),
        ("annual_figures", "年度", "year"),
        ("annual_figures", "营业收入（万元）", "revenue"),
        ("annual_figures", "2024年", ""),
        ("annual_figures", "有效发明专利（件）", "invention_patents"),
        ("statistics", "target_code", "series"),
        ("statistics", "as_of", "day"),
    ],
)
def test_usual_names(kind: str, header: str, field: str) -> None:
    needed = {
        "enterprises": [],
        "designations": ["企业名称"],
        "annual_figures": ["企业名称", "税收"],
        "statistics": ["指标", "截止日期", "数值", "来源"],
    }[kind]
    rest = [name for name in needed if columns_of(kind, name) != field]
    assert fields([header, *rest], kind)[0] == field


def columns_of(kind: str, title: str) -> str:
    return next(column.field for column in columns.COLUMNS[kind] if column.title == title)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["企业名称", "统一社会信用代码/注册号", "所属区"], ["name", "code", "district"]),
        (["社会信用代码", "名称"], ["code", "name"]),
        (["所属区", "板块", "企业名称"], ["", "district", "name"]),  # the canonical name wins
        (["企业名称", "单位名称"], ["name", ""]),  # and of two equal ones the first
    ],
)
def test_several(headers: list[str], found: list[str]) -> None:
    assert fields(headers) == found


def test_name_of_a_title_list_is_the_item_beside_an_enterprise() -> None:
    assert fields(["企业名称", "名称"], "designations") == ["name", "item"]
    assert fields(["认定日期", "日期", "企业名称"], "designations") == ["valid_from", "", "name"]


def test_titles_above_the_header() -> None:
    table = recognise(
        [
            ["附件1"],
            ["2022年度江苏省专精特新企业名单"],
            [],
            ["序号", "企业名称", "所属区"],
            [1, "甲厂", "武进区"],
        ],
        merges=["A2:C2"],
    )
    assert table.places == {"name": 1, "district": 2}
    assert [number for number, _cells in table.rows] == [5]
    assert table.ignored == []  # nobody misses the running number


def test_two_header_rows_parent_above_child() -> None:
    table = recognise(
        [
            ["企业名称", "基本情况", None, "经营情况（万元）", None, None],
            [None, "统一社会信用代码", "所属区", "营业收入", "税收", "研发费用"],
            ["甲厂", "91320402137150798H", "武进区", 1, 2, 3],
        ],
        "annual_figures",
        merges=["A1:A2", "B1:C1", "D1:F1"],
    )
    assert table.places == {"name": 0, "code": 1, "district": 2, "revenue": 3, "tax": 4, "rnd": 5}
    assert table.units["tax"] == 1
    assert [number for number, _cells in table.rows] == [3]


def test_a_unit_of_the_parent_holds_for_its_children() -> None:
    table = recognise(
        [["企业名称", "经营情况（亿元）", None], [None, "营业收入", "税收（万元）"], ["甲厂", 1, 2]],
        "annual_figures",
    )
    assert table.units == {"revenue": Decimal(10_000), "tax": Decimal(1)}


@pytest.mark.parametrize(
    ("header", "above", "factor"),
    [
        ("营业收入", "", "1"),  # 万元 where nothing is said
        ("营业收入(万元)", "", "1"),
        ("营业收入（亿元）", "", "10000"),
        ("营业收入(元)", "", "0.0001"),
        ("营业收入（千元）", "", "0.1"),
        ("营业收入，单位：亿元", "", "10000"),
        ("营业收入", "单位：亿元", "10000"),  # in the corner above the table
        ("营业收入（元）", "单位：亿元", "0.0001"),
    ],
)
def test_units(header: str, above: str, factor: str) -> None:
    table = recognise([["年报", above], ["企业名称", header], ["甲厂", 1]], "annual_figures")
    assert table.units["revenue"] == Decimal(factor)


def test_unknown_columns_are_named() -> None:
    assert recognise([["企业名称", "经营范围", "注册资金"], ["甲厂", "x", "y"]]).ignored == [
        "经营范围",
        "注册资金",
    ]


def test_columns_of_the_same_name_stay_apart_in_what_is_kept() -> None:
    table = recognise([["企业名称", "备注", "备注"], ["甲厂", "a", "b"]])
    assert table.raw(table.rows[0][1]) == {"企业名称": "甲厂", "备注": "a", "备注 2": "b"}


def test_totals_and_notes_below_are_no_rows() -> None:
    table = recognise(
        [
            ["企业名称", "板块"],
            ["甲厂", "武进区"],
            ["合计", "1"],
            ["注：以上为公示名单"],
            ["制表人：王敏"],
            ["注塑机厂", "武进区"],
        ]
    )
    assert [cells[0] for _number, cells in table.rows] == ["甲厂", "注塑机厂"]
    assert "3 lines" in table.notes[0]


@pytest.mark.parametrize(
    ("kind", "rows", "word"),
    [
        ("enterprises", [["甲厂", "乙厂"], ["丙厂", "丁厂"]], "No header row"),
        ("enterprises", [["统一社会信用代码", "板块"], ["x", "y"]], "no column 企业名称"),
        ("designations", [["认定日期", "批次"], ["x", "y"]], "企业名称 / 统一社会信用代码 / 名称"),
        ("annual_figures", [["企业名称", "年份"], ["x", "y"]], "营业收入 / 工业总产值"),
        ("statistics", [["指标", "截止日期", "数值"], ["x", "y", "z"]], "no column 来源"),
    ],
)
def test_what_is_missing_is_named(kind: str, rows: list[list[Any]], word: str) -> None:
    with pytest.raises(RosterError, match=word):
        recognise(rows, kind)


def test_boards_of_the_exchange_are_no_areas() -> None:
    table = recognise([["公司名称", "板块"], ["甲股份", "主板"], ["乙股份", "创业板"], ["丙股份", ""]])
    assert "district" not in table.places
    assert "板块" in table.notes[0]
