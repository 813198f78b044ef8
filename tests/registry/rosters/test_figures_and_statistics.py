"""Lists of yearly figures and of published figures."""

from decimal import Decimal
from typing import Any

import pytest

from registry.models import AnnualFigures, Enterprise, Statistic
from tests.factories import enterprise, figures
from tests.registry.rosters import files
from tests.registry.rosters.lists import bring, code, day, only, outcomes

pytestmark = pytest.mark.usefixtures("city")

CODE = code(1)
NAME = "常州甲有限公司"


def figure(more: dict[str, Any] | None = None, /, **fields: Any) -> tuple[str, str]:
    fields = {"企业名称": NAME, **fields}
    content = files.xlsx([list(fields), list(fields.values())])
    return only(bring("annual_figures", content, **(more or {})))


class TestFigures:
    @pytest.fixture(autouse=True)
    def _known(self, city: None) -> None:
        enterprise(NAME, uscc=CODE)

    def test_all_columns(self) -> None:
        money = {
            "营业收入(亿元)": "1.5",
            "工业总产值": 2.5,
            "增加值(元)": 123456,
            "研发费用": "1,000",
            "税收": -3,
        }
        more = {
            "技改投资": 5,
            "出口额": 6,
            "软件收入": 7,
            "从业人数": "1,200",
            "有效发明专利": 8,
            "规上": "是",
        }
        fields = {"年份": "2024年", **money, **more, "来源": "统计局"}
        assert figure(**fields) == ("created", "")
        found = AnnualFigures.objects.get()
        assert (found.year, found.revenue, found.output, found.value_added) == (
            2024,
            15000,
            Decimal("2.5"),
            Decimal("12.3456"),
        )
        assert (found.rnd, found.tax, found.employees, found.invention_patents) == (1000, -3, 1200, 8)
        assert (found.above_scale, found.source, found.enterprise.name) == (True, "统计局", NAME)

    def test_zero_is_a_figure_and_blank_is_none(self) -> None:
        figure(年份=2024, 营业收入=0, 税收=None)
        found = AnnualFigures.objects.get()
        assert (found.revenue, found.tax) == (0, None)

    def test_filled_up_by_another_list(self) -> None:
        figure(年份=2024, 营业收入=100)
        assert figure(年份=2024, 营业收入=None, 税收=5)[0] == "updated"
        assert figure(年份=2024, 营业收入="100.0000", 税收="5")[0] == "unchanged"
        found = AnnualFigures.objects.get()
        assert (found.revenue, found.tax) == (100, 5)

    def test_the_year_of_the_whole_list(self) -> None:
        figure({"year": 2023}, 营业收入=100)
        assert AnnualFigures.objects.get().year == 2023

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ({"营业收入": 1}, "year is missing"),
            ({"年份": "去年", "营业收入": 1}, "no year"),
            ({"年份": 2024, "营业收入": None}, "no figure"),
            ({"年份": 2024, "营业收入": -1}, "must not be negative"),
            ({"年份": 2024, "营业收入": "约1亿"}, "no number"),
            ({"年份": 2024, "营业收入": 1, "从业人数": 1.5}, "no whole number"),
            ({"年份": 2024, "营业收入": 1, "规上": "也许"}, "也许"),
        ],
    )
    def test_refused(self, fields: dict[str, Any], word: str) -> None:
        outcome, reason = figure(**fields)
        assert (outcome, word in reason) == ("rejected", True), reason

    def test_a_year_stated_twice(self) -> None:
        rows = [
            ["企业名称", "年份", "营业收入"],
            [NAME, 2024, 1],
            [NAME, 2024, 1],
            [NAME, 2024, 2],
            [NAME, 2023, 2],
        ]
        assert outcomes(bring("annual_figures", rows)) == ["created", "unchanged", "rejected", "created"]

    def test_unknown_enterprises_are_queued(self) -> None:
        assert (
            only(bring("annual_figures", [["企业名称", "年份", "税收"], ["溧阳乙厂", 2024, 1]]))[0]
            == "queued"
        )
        assert (
            only(bring("annual_figures", [["统一社会信用代码", "年份", "税收"], [code(9), 2024, 1]]))[0]
            == "queued"
        )
        assert (
            only(bring("annual_figures", [["统一社会信用代码", "年份", "税收"], [CODE, 2024, 1]]))[0]
            == "created"
        )

    def test_made_with_its_figures(self) -> None:
        rows = [["企业名称", "年份", "税收"], ["溧阳乙厂", 2024, 1], ["溧阳乙厂", 2023, 1]]
        assert outcomes(bring("annual_figures", rows, create_missing=True)) == ["created", "created"]
        assert Enterprise.objects.get(name="溧阳乙厂").figures.count() == 2

    def test_other_years_are_not_touched(self) -> None:
        figures(Enterprise.objects.get(), 2022, revenue=1)
        figure(年份=2024, 营业收入=2)
        assert AnnualFigures.objects.get(year=2022).revenue == 1


def statistic(**fields: Any) -> tuple[str, str]:
    fields = {
        "指标": "brand.little_giants",
        "截止日期": "2024-12-31",
        "数值": "232",
        "来源": "网站",
        **fields,
    }
    return only(bring("statistics", [list(fields), list(fields.values())]))


class TestStatistics:
    def test_all_columns(self) -> None:
        outcome = statistic(
            板块="武进区", 来源类型="media", 发布日期="2025-01-08", 备注="约", 原文摘录="232家", 性质="初步数"
        )
        assert outcome == ("created", "")
        found = Statistic.objects.get()
        assert (found.series.code, found.district.name, found.day, found.value) == (
            "brand.little_giants", "武进区", day("2024-12-31"), 232,
        )  # fmt: skip
        assert (found.source, found.source_kind, found.finality) == ("网站", "media", "preliminary")
        assert (found.published_on, found.note, found.quotation) == (day("2025-01-08"), "约", "232家")

    def test_by_the_name_of_the_series_for_the_whole_city(self) -> None:
        statistic(指标="小巨人企业数", 板块="全市")
        found = Statistic.objects.get()
        assert (found.district, found.source_kind, found.finality) == (None, "official", "final")

    def test_again_and_corrected(self) -> None:
        statistic()
        assert statistic() == ("unchanged", "")
        assert statistic(数值="233.0")[0] == "updated"
        assert statistic(性质="初步")[0] == "created"
        assert Statistic.objects.get(finality="final").value == 233

    @pytest.mark.parametrize(
        ("fields", "value"),
        [
            ({"数值": "2万亿元"}, None),
            ({"数值": "20,000"}, "20000"),
            ({"数值": "20000", "单位": "亿元"}, "20000"),
            ({"数值": "200000000", "单位": "万元"}, "20000"),
            ({"数值": "20000亿元"}, "20000"),
            ({"数值": "20000", "单位": "家"}, None),
        ],
    )
    def test_units(self, fields: dict[str, str], value: str | None) -> None:
        outcome, _reason = statistic(指标="scale.output", **fields)
        assert outcome == ("created" if value else "rejected")
        assert [found.value for found in Statistic.objects.all()] == ([Decimal(value)] if value else [])

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ({"指标": "没有"}, "没有"),
            ({"截止日期": "2024"}, "no complete date"),
            ({"截止日期": ""}, "is missing"),
            ({"数值": ""}, "value is missing"),
            ({"来源": ""}, "source is missing"),
            ({"来源类型": "听说"}, "听说"),
        ],
    )
    def test_refused(self, fields: dict[str, str], word: str) -> None:
        outcome, reason = statistic(**fields)
        assert (outcome, word in reason) == ("rejected", True), reason
