"""What stands in a cell, in every writing that offices use."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from registry.rosters import values
from registry.rosters.errors import RowRefused
from registry.rosters.values import Incomplete

MARCH_1 = dt.date(2022, 3, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "2022年3月1日",
        "2022年03月01日",
        "2022 年 3 月 1 日",
        "2022年3月1号",
        "2022/3/1",
        "2022.3.1",
        "2022-03-01",
        "２０２２－０３－０１",
        "2022-03-01 00:00:00",
        "2022-03-01T08:30:00",
        "20220301",
        20220301,
        20220301.0,
        44621,  # the serial number of Excel
        44621.0,
        44621.5,
        "44621",
        dt.date(2022, 3, 1),
        dt.datetime.fromisoformat("2022-03-01T14:30"),
        " 2022-03-01 ",
    ],
)
def test_days(cell: Any) -> None:
    assert values.day(cell) == MARCH_1


@pytest.mark.parametrize(
    "cell", [None, "", " ", "-", "—", "/", "无", "暂无", "长期", "至今", "N/A", "9999-12-31"]
)
def test_no_day(cell: Any) -> None:
    assert values.day(cell) is None


@pytest.mark.parametrize(
    "cell", ["2022", 2022, 2022.0, "2022年", "2022年度", "2022年3月", "2022.3", "2022-03", 2022.3]
)
def test_incomplete_days(cell: Any) -> None:
    with pytest.raises(Incomplete, match="2022"):
        values.day(cell)


@pytest.mark.parametrize(
    "cell",
    ["2022-02-30", "2022年13月1日", "昨天", "1.5", 12, "0000-00-00", "3022-01-01", dt.time(8, 0), True],
)
def test_no_days(cell: Any) -> None:
    with pytest.raises(RowRefused) as caught:
        values.day(cell)
    assert not isinstance(caught.value, Incomplete)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (2024, 2024),
        (2024.0, 2024),
        ("2024年", 2024),
        ("2024年度", 2024),
        ("２０２４", 2024),
        ("2024-12-31", 2024),
        ("", None),
    ],
)
def test_years(cell: Any, found: int | None) -> None:
    assert values.year(cell) == found


@pytest.mark.parametrize("cell", ["去年", "24", "1900", "20240"])
def test_no_years(cell: Any) -> None:
    with pytest.raises(RowRefused):
        values.year(cell)


@pytest.mark.parametrize(
    ("cell", "factor", "found"),
    [
        (1234.5, values.WAN, "1234.5"),
        ("1,234.50", values.WAN, "1234.5"),
        ("１２３４．５", values.WAN, "1234.5"),
        ("1 234.5", values.WAN, "1234.5"),
        ("￥12", values.WAN, "12"),
        (3, values.YI, "30000"),
        ("1.23456789", values.YI, "12345.6789"),
        (12345678, values.YUAN, "1234.5678"),
        ("3亿元", values.WAN, "30000"),  # the unit in the cell goes before that of the header
        ("5万元", values.YUAN, "5"),
        ("20000元", values.WAN, "2"),
        ("-12.5", values.WAN, "-12.5"),
        (0, values.WAN, "0"),
        (0.1 + 0.2, values.WAN, "0.3"),  # what binary numbers leave behind is rounded away
        ("", values.WAN, None),
        ("/", values.WAN, None),
    ],
)
def test_money_in_wan(cell: Any, factor: Decimal, found: str | None) -> None:
    assert values.money(cell, factor) == (None if found is None else Decimal(found))


@pytest.mark.parametrize("cell", ["约100", "100以上", "1.2.3", "abc", True, float("nan"), float("inf"), 1e15])
def test_no_money(cell: Any) -> None:
    with pytest.raises(RowRefused):
        values.money(cell)


@pytest.mark.parametrize(
    ("cell", "found"), [(12, 12), ("1,200", 1200), ("12.0", 12), ("2.8万", 28000), ("", None)]
)
def test_counts(cell: Any, found: int | None) -> None:
    assert values.count(cell) == found


@pytest.mark.parametrize("cell", ["12.5", -1, "3万元", "十二", 3e9])
def test_no_counts(cell: Any) -> None:
    with pytest.raises(RowRefused):
        values.count(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("是", True),
        ("√", True),
        ("Y", True),
        (1, True),
        (True, True),
        ("否", False),
        ("×", False),
        (0.0, False),
        ("", None),
    ],
)
def test_yes_and_no(cell: Any, found: bool | None) -> None:
    assert values.yes_or_no(cell) is found


def test_neither_yes_nor_no() -> None:
    with pytest.raises(RowRefused, match="也许"):
        values.yes_or_no("也许")


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("91320402137150798H", ("91320402137150798H", "")),
        (" 91320402137150798h ", ("91320402137150798H", "")),
        ("９１３２０４０２１３７１５０７９８Ｈ", ("91320402137150798H", "")),
        ("9132 0402 1371 5079 8H", ("91320402137150798H", "")),
        ("'91320402137150798H", ("91320402137150798H", "")),
        ("320400000012345", ("", "320400000012345")),  # the old number of 15 digits
        (320400000012345.0, ("", "320400000012345")),  # a workbook keeps 15 digits whole
        ("", ("", "")),
        ("无", ("", "")),
    ],
)
def test_codes(cell: Any, found: tuple[str, str]) -> None:
    assert values.code(cell) == found


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (913204021371507980.0, "lost its last digits"),
        (913204021371507980, "lost its last digits"),
        ("9.13204E+17", "lost its last digits"),
        ("9132040213715079", "16 characters"),
        ("91320402137150798HH", "19 characters"),
        ("9132040213715O798H", "holds “O”"),
        ("91320402137150798I", "holds “I”"),
        ("9132040A137150798H", "must be digits"),
        ("不详", "2 characters"),
    ],
)
def test_no_codes(cell: Any, word: str) -> None:
    with pytest.raises(RowRefused, match=word.replace("+", r"\+")):
        values.code(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("35", "35"),
        (3511, "35"),
        ("C3511", "35"),
        ("C35", "35"),
        ("351", "35"),
        ("3511 专用设备", "35"),
        ("", ""),
    ],
)
def test_industries(cell: Any, found: str) -> None:
    assert values.industry(cell) == found


@pytest.mark.parametrize("cell", ["专用设备", "5", "35111"])
def test_no_industries(cell: Any) -> None:
    with pytest.raises(RowRefused):
        values.industry(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (" 常州 甲\u200b有限公司\n", "常州 甲有限公司"),
        ("甲　乙", "甲 乙"),
        (12.0, "12"),
        (12.5, "12.5"),
        (dt.datetime.fromisoformat("2022-03-01"), "2022-03-01"),
        ("——", ""),
        (None, ""),
    ],
)
def test_text(cell: Any, found: str) -> None:
    assert values.text(cell) == found


def test_text_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(RowRefused, match="longer than 5"):
        values.text("一二三四五六", most=5)
