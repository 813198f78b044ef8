"""The card of data quality of a target: each line is what a count of the records says."""

import datetime as dt
from typing import Any

import pytest

from registry.choices import DesignationState
from registry.models import Designation, Enterprise, Scheme
from targets.models import Plan
from tests import factories as make
from tests.targets.reports.conftest import LAST_DAY, Reader

D = dt.date
pytestmark = pytest.mark.django_db


def lines(reader: Reader, code: str, **query: Any) -> dict[str, str]:
    answer = reader.open(f"/targets/{code}/", **{"as_of": LAST_DAY, **query})
    assert answer.status_code == 200
    return {line.name: line.text for line in answer.context["card"]}


def test_titles_tell_what_is_missing_and_what_waits(clerk: Reader, plan: Plan) -> None:
    Enterprise.objects.filter(name="武进乙厂").update(uscc=None)
    Designation.objects.filter(enterprise__name="武进乙厂").update(document="苏工信〔2023〕1号")
    Scheme.objects.update(term_months=36)
    found = lines(clerk, "green.all")
    assert found == {
        "数据来源": "登记册，逐条计数",
        "最近认定": "2023-01-01",
        "所依据的称号": "5",
        "缺统一社会信用代码": "1（20.0%）",
        "未定板块": "1（20.0%）",
        "缺文号": "4（80.0%）",
        "缺有效期": "5（100.0%）",
        "尚在公示": "1",
    }
    assert (
        "list=excluded&amp;reason=announced"
        in clerk.open("/targets/green.all/", as_of=LAST_DAY).content.decode()
    )


def test_of_another_level_nothing_is_told_but_what_waits(clerk: Reader, plan: Plan) -> None:
    assert lines(clerk, "green.national")["所依据的称号"] == "1"


@pytest.mark.parametrize(
    ("day", "titles"),
    [(D(2022, 12, 31), "0"), (D(2023, 1, 1), "6"), (D(2024, 12, 31), "6"), (D(2025, 1, 1), "5")],
)
def test_titles_are_those_of_the_day(clerk: Reader, plan: Plan, day: dt.date, titles: str) -> None:
    assert lines(clerk, "green.all", as_of=day)["所依据的称号"] == titles


def test_what_is_not_confirmed_waits(clerk: Reader, plan: Plan) -> None:
    holder = make.enterprise("武进待核")
    make.designation(holder, D(2025, 1, 1), state=DesignationState.SUBMITTED)
    assert lines(clerk, "green.all")["未经确认"] == "1"


def test_sums_tell_who_has_no_figure_of_the_year(clerk: Reader, plan: Plan) -> None:
    steel = make.cluster("steel")
    make.target_with_rule("steel.size", feed="sum", figure="revenue", clusters=(steel,), unit="亿元")
    for number, revenue in enumerate((100, None)):
        one = make.enterprise(f"钢企{number}")
        make.member(one, steel)
        make.figures(one, 2024, revenue=revenue)
    found = lines(clerk, "steel.size", as_of="2025-06-30")
    assert found["缺该年数据的企业"] == "1"
    assert found["数据截至"] == "2024-12-31，早于所看日期 181 天"


def test_a_statistic_names_its_source(clerk: Reader, plan: Plan) -> None:
    make.statistic("trained", D(2025, 6, 30), "700", source="市工信局")
    found = lines(clerk, "people.trained")
    assert found["数据来源"] == "公布数：市工信局"
    assert found["数据截至"] == "2025-06-30，早于所看日期 184 天"
