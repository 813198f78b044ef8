"""Whatever a list holds: every row has one outcome, a preview says what the import does, twice is once."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.choices import RowOutcome
from registry.models import Designation, Enterprise, RosterRow
from registry.rosters import service
from registry.rosters.plan import ImportPlan
from tests.factories import enterprise
from tests.registry.rosters.lists import bring, code, preview

pytestmark = pytest.mark.usefixtures("city")

NAMES = [
    "常州甲有限公司",
    "常州（甲）有限公司",
    "溧阳乙厂",
    "江苏恒立液压股份有限公司",
    "恒立液压",
    "示例厂",
    "",
    "长" * 201,
]
CODES = [code(1), code(2), code(1)[:-1] + "A", "320400000012345", "123", "", "9.13E+17"]
DAYS = ["2022-03-01", "2022年3月1日", "2022", "20250301", "2025-02-28", "昨天", "", "44621"]
ENTERPRISES = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(CODES),
    st.sampled_from(["武进区", "昆山市", "", "经开区"]),
    st.sampled_from(["武进区遥观镇", "某路", ""]),
    st.sampled_from(DAYS),
    st.sampled_from(["溧阳乙厂", "常州甲有限公司、溧阳乙厂", ""]),
    st.sampled_from(["新能源", "新材料、新能源", "没有", ""]),
)
TITLES = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(CODES),
    st.sampled_from(["省级绿色工厂", "专精特新中小企业", "国家级绿色园区", "先进单位", ""]),
    st.sampled_from(["", "一号", "二号"]),
    st.sampled_from(DAYS),
    st.sampled_from(["", "公示", "复核通过", "复核未通过", "移出", "座谈"]),
    st.sampled_from(["", "第一批", "第二批"]),
)
HEADS = {
    "enterprises": ["企业名称", "统一社会信用代码", "板块", "注册地址", "成立日期", "曾用名", "集群"],
    "designations": ["企业名称", "统一社会信用代码", "认定类别", "名称", "日期", "事件", "批次"],
}
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def with_kind(rows: Any, kind: str) -> Any:
    return st.lists(rows, min_size=1, max_size=8).map(lambda found: (kind, [HEADS[kind], *found]))


LISTS = st.one_of(with_kind(ENTERPRISES, "enterprises"), with_kind(TITLES, "designations"))


def told(plan: ImportPlan) -> list[tuple[int, str, str]]:
    return [(row.number, row.outcome.value, row.reason) for row in plan.rows]


SME, GREEN = "专精特新中小企业", "省级绿色工厂"
# Lists that once did more when they came again, each with what had happened.
FOUND = [
    # the first of two rows of one code waits: the second made the enterprise, and then the first changed it
    (
        "enterprises",
        ("溧阳乙厂", CODES[2], "武进区", "", "", "常州甲有限公司", ""),
        ("溧阳乙厂", CODES[2], "武进区", "", "", "", ""),
    ),
    # the same by the name, of titles: the first row waits because a name is near
    (
        "designations",
        ("恒立液压", code(2), GREEN, "", "2022-03-01", "", ""),
        ("溧阳乙厂", code(2), GREEN, "", "2022-03-01", "公示", ""),
    ),
    # the end of a title above its award: refused, and then carried out
    (
        "designations",
        ("常州甲有限公司", code(1), GREEN, "", "2022-03-01", "复核未通过", ""),
        ("常州甲有限公司", code(1), GREEN, "", "2022-03-01", "", ""),
    ),
    # the same where a re-review is what tells of the title
    (
        "designations",
        ("常州甲有限公司", code(1), SME, "", "2022-03-01", "复核未通过", ""),
        ("常州甲有限公司", code(1), SME, "", "2022-03-01", "复核通过", ""),
    ),
    # a code went before the former name of another enterprise
    (
        "enterprises",
        ("江苏恒立液压股份有限公司", code(2), "", "", "", "溧阳乙厂", ""),
        ("溧阳乙厂", CODES[3], "", "", "", "", ""),
        ("常州甲有限公司", CODES[3], "", "", "", "", ""),
    ),
    # an old number went before the name of another enterprise
    (
        "designations",
        ("常州甲有限公司", CODES[3], GREEN, "", "2022-03-01", "", ""),
        ("溧阳乙厂", CODES[3], GREEN, "", "2022-03-01", "公示", ""),
    ),
]


def each_found(test: Any) -> Any:
    for kind, *rows in FOUND:
        test = example((kind, [HEADS[kind], *rows]), True)(test)
    return test


@FEW
@given(LISTS, st.booleans())
@each_found
def test_promises(made: tuple[str, list[list[str]]], create_missing: bool) -> None:
    kind, rows = made
    with transaction.atomic():
        enterprise("常州甲有限公司", uscc=code(1))
        enterprise("江苏恒立液压股份有限公司")
        before = (Enterprise.objects.count(), Designation.objects.count())
        previewed = preview(kind, rows, create_missing=create_missing)
        assert (Enterprise.objects.count(), Designation.objects.count()) == before

        done = bring(kind, rows, create_missing=create_missing)
        # rows = created + updated + unchanged + queued + rejected
        assert sum(done.plan.counts().values()) == len(done.plan.rows) == done.roster.rows.count()
        assert len(done.plan.rows) <= len(rows) - 1
        assert told(previewed) == told(done.plan)
        stored = (
            RosterRow.objects.filter(roster=done.roster).order_by("number").values_list("number", "outcome")
        )
        assert list(stored) == [(row.number, row.outcome.value) for row in done.plan.rows]
        # a row without an effect has a reason
        assert all(
            row.reason for row in done.plan.rows if row.outcome in (RowOutcome.QUEUED, RowOutcome.REJECTED)
        )

        again = bring(kind, rows, create_missing=create_missing)
        assert [(row.number, row.outcome, row.writes) for row in again.plan.rows if row.writes] == []

        service.undo_list(done.roster, by=None, reason="试")
        assert (Enterprise.objects.count(), Designation.objects.count()) == before
        transaction.set_rollback(True)
