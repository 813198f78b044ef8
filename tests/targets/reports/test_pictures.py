"""A picture and the table beneath it hold the same numbers."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from targets.reports.pictures import Picture, Series

YEARS = ["2022", "2023", "2024"]
VALUES = [Decimal("1234.56"), None, Decimal(0)]


def picture(**changes: object) -> Picture:
    return Picture("产值", "亿元", YEARS, [Series("全市", VALUES)], **changes)  # type: ignore[arg-type]


def test_the_table_holds_what_is_drawn() -> None:
    one = picture(links=["/a/", "/b/", "/c/"])
    assert one.rows == [
        ("2022", "/a/", [Decimal("1234.56")]),
        ("2023", "/b/", [None]),
        ("2024", "/c/", [Decimal(0)]),
    ]
    assert one.data["series"][0]["values"] == [1234.56, None, 0.0]
    assert one.data["series"][0]["texts"] == ["1,234.6", "—", "0"], "missing is not zero"


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 3 labels"):
        Picture("", "家", YEARS, [Series("全市", VALUES[:2])])


def test_nothing_is_drawn_of_nothing() -> None:
    page = render_to_string(
        "reports/_picture.html", {"picture": Picture("产值", "", YEARS, [Series("全市", [None] * 3)])}
    )
    assert page.strip() == ""


def test_names_cannot_break_out_of_the_data() -> None:
    series = [Series("</script><b>", [Decimal(1)])]
    page = render_to_string("reports/_picture.html", {"picture": Picture("产值", "", ["<i>"], series)})
    assert "<i>" not in page
    assert "</script><b>" not in page
