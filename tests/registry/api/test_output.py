"""Rows as commands print them."""

import datetime as dt
import io
import json
from decimal import Decimal

import pytest

from registry.output import plain, print_rows, width

ROWS = [
    {
        "name": "光能科技",
        "value": Decimal("1.50"),
        "official": None,
        "by_district": [{"code": "320412", "value": "1"}],
    },
    {
        "name": "AB",
        "value": None,
        "official": {"value": "2", "as_of": dt.date(2024, 1, 1)},
        "by_district": [],
    },
]


def printed(form: str, rows: list[dict[str, object]] | None = None) -> str:
    out = io.StringIO()
    print_rows(
        out, ROWS if rows is None else rows, {"name": "名称", "value": "值", "official.value": "公布数"}, form
    )
    return out.getvalue()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.4500", "0.45"),
        ("20000.000000", "20000"),
        ("2E+4", "20000"),
        ("0E-6", "0"),
        ("-0.0", "0"),
        ("-1.50", "-1.5"),
        ("1E-9", "0.000000001"),
        ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),  # no rounding
    ],
)
def test_plain_numbers(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_a_table_is_aligned_for_chinese() -> None:
    lines = printed("table").splitlines()
    assert lines == ["名称       值  公布数", "光能科技  1.5", "AB                  2"]
    assert width("光能ab") == 6


def test_an_empty_table_says_so() -> None:
    assert len(printed("table", []).splitlines()) == 2


def test_json_is_whole() -> None:
    assert json.loads(printed("json"))[1]["official"] == {"value": "2", "as_of": "2024-01-01"}


def test_csv_is_flat() -> None:
    assert printed("csv").splitlines() == [
        "name,value,by_district.320412,official.value,official.as_of",
        "光能科技,1.5,1,,",
        "AB,,,2,2024-01-01",
    ]
    assert printed("csv", []).splitlines() == ["name,value,official.value"]
