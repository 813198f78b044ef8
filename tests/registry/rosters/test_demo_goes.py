"""The made-up registry goes with the first real list, and only then."""

import pytest

from registry import demo
from registry.models import Designation, Enterprise, FormerName, Relocation, Review, Roster, Statistic
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    relocation,
    scheme,
    statistic,
)
from tests.registry.rosters.lists import bring, code, day, outcomes, preview

pytestmark = pytest.mark.usefixtures("city")

REAL = [["企业名称", "统一社会信用代码"], ["常州甲有限公司", code(1)]]


@pytest.fixture
def made_up(city: None) -> Enterprise:
    """A demo registry with one of everything, beside one real enterprise."""
    found = enterprise("示例机械有限公司", uscc="91000000000000001X", district=district())
    enterprise("溧阳真厂", parent=found)
    FormerName.objects.create(enterprise=found, name="示例旧名厂")
    member(found, cluster("advanced.新能源"))
    relocation(found, day("2023-01-01"), district(), district("320481"))
    figures(found, 2024, tax=1)
    Review.objects.create(
        designation=designation(found, day("2022-03-01")), day=day("2025-01-01"), outcome="passed"
    )
    designation(None, day("2022-03-01"), scheme=scheme("green_park"), level="national", item="示例园区")
    statistic("brand.little_giants", day("2024-12-31"), "1", source="示例数据")
    statistic("brand.little_giants", day("2023-12-31"), "2", source="公报")
    Roster.objects.create(kind="enterprises", file_name="示例名单.xlsx", content=b"", sha256="")
    return found


def left() -> dict[str, int]:
    models = (Enterprise, FormerName, Relocation, Designation, Review, Statistic)
    return {model.__name__: model.objects.count() for model in models}


def test_is_present(city: None) -> None:
    assert not demo.demo_is_present()
    enterprise("溧阳真厂")
    assert not demo.demo_is_present()
    enterprise("无名", uscc="91000000000000001X")
    assert demo.demo_is_present()


def test_the_first_real_list_throws_it_away(made_up: Enterprise) -> None:
    done = bring("enterprises", REAL)
    assert done.plan.removes_demo
    assert not demo.demo_is_present()
    assert left() == {
        "Enterprise": 2,
        "FormerName": 0,
        "Relocation": 0,
        "Designation": 0,
        "Review": 0,
        "Statistic": 1,
    }
    assert Roster.objects.count() == 1
    assert Enterprise.objects.get(name="溧阳真厂").parent is None
    assert not bring("enterprises", REAL).plan.removes_demo


def test_a_preview_says_so_and_does_nothing(made_up: Enterprise) -> None:
    before = left()
    assert preview("enterprises", REAL).removes_demo
    assert left() == before


def test_a_list_that_changes_nothing_leaves_it(made_up: Enterprise) -> None:
    done = bring(
        "designations", [["企业名称", "上市日期"], ["没有此名厂", "2023-01-01"]], scheme="listed_company"
    )
    assert (outcomes(done), done.plan.removes_demo) == (["queued"], False)
    assert demo.demo_is_present()


def test_made_up_things_stand_in_no_way(made_up: Enterprise) -> None:
    """A real park and a real figure of the same day are new, not changes of the made-up ones."""
    park = [["名称", "认定类别", "认定日期"], ["武进园区", "国家级绿色园区", "2022-03-01"]]
    assert outcomes(bring("designations", park)) == ["created"]
    row = [["指标", "截止日期", "数值", "来源"], ["brand.little_giants", "2024-12-31", "232", "网站"]]
    assert outcomes(bring("statistics", row)) == ["created"]


def test_removal_is_told_to_the_history(made_up: Enterprise) -> None:
    bring("enterprises", REAL, reason="第一份名单")
    event = Enterprise.events.rel.related_model.objects.filter(pgh_label="delete").get()
    assert event.pgh_context.metadata["reason"] == "第一份名单"
