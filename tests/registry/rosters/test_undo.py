"""A list taken back as a whole, or refused with names."""

from typing import Any

import pytest
from django.db.models import Model

from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    Membership,
    Review,
    Statistic,
    User,
)
from registry.rosters import service
from registry.rosters.errors import RosterError
from tests.factories import cluster, designation, enterprise, figures, member, scheme
from tests.registry.rosters.lists import bring, code, day, outcomes

pytestmark = pytest.mark.usefixtures("city")

FACTS: list[type[Model]] = [Enterprise, FormerName, Membership, Designation, Review, AnnualFigures, Statistic]
HEAD = ["企业名称", "统一社会信用代码", "注册地址", "曾用名", "集群", "成立日期"]
NAME, CODE = "常州甲有限公司", code(1)
SME = "专精特新中小企业"


def state() -> list[object]:
    """All facts, without the number of their changes."""
    return [
        [
            {name: value for name, value in row.items() if name != "version"}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in FACTS
    ]


def undo(done: service.Imported, by: User | None = None) -> dict[str, int]:
    return service.undo_list(done.roster, by=by, reason="导错了").counts()


TITLES = ["企业名称", "认定类别", "认定日期"]
EVENTS = ["企业名称", "认定类别", "事件", "日期"]
LISTS: dict[str, tuple[str, list[list[Any]]]] = {
    "new enterprise": (
        "enterprises",
        [HEAD, ["常州乙有限公司", code(2), "某路", "旧名厂", "新能源", "2001-01-01"]],
    ),
    "changed enterprise": ("enterprises", [HEAD, [NAME, CODE, "新址", "旧名厂", "新材料", "2001-01-01"]]),
    "renamed enterprise": ("enterprises", [HEAD, ["常州新名有限公司", CODE, "新址", "", "", ""]]),
    "changed twice": (
        "enterprises",
        [HEAD, [NAME, CODE, "新址", "", "", ""], [NAME, CODE, "", "", "", "2001-01-01"]],
    ),
    "new title": ("designations", [TITLES, [NAME, SME, "2026-03-01"]]),
    "new enterprise with a title": ("designations", [TITLES, ["溧阳丙厂", SME, "2022-03-01"]]),
    "re-reviewed title": ("designations", [EVENTS, [NAME, SME, "复核通过", "2025-12-01"]]),
    "ended title": ("designations", [EVENTS, [NAME, SME, "移出", "2024-12-01"]]),
    "confirmed title": ("designations", [TITLES, [NAME, "省级绿色工厂", "2024-12-01"]]),
    "figures": ("annual_figures", [["企业名称", "年份", "税收"], [NAME, 2024, "5.5"], [NAME, 2023, "6"]]),
    "statistics": (
        "statistics",
        [["指标", "截止日期", "数值", "来源"], ["小巨人企业数", "2024-12-31", "232", "网站"]],
    ),
}


@pytest.fixture
def known(city: None) -> Enterprise:
    """An enterprise with a title, an announced title, a year of figures and a group."""
    found = enterprise(NAME, uscc=CODE, address="旧址")
    member(found, cluster("advanced.新能源"))
    designation(found, day("2022-03-01"), scheme=scheme("specialized_sme"), valid_to=day("2025-02-28"))
    designation(
        found, None, scheme=scheme("green_factory"), state="announced", announced_on=day("2024-11-01")
    )
    figures(found, 2024, tax=1)
    return found


@pytest.mark.parametrize("name", LISTS)
def test_everything_is_as_it_was(known: Enterprise, wang: User, name: str) -> None:
    kind, rows = LISTS[name]
    before = state()
    done = bring(kind, rows, create_missing=True)
    assert set(outcomes(done)) <= {"created", "updated"}
    assert state() != before
    undo(done, wang)
    assert state() == before
    done.roster.refresh_from_db()
    assert (done.roster.undone_by, done.roster.undo_reason) == (wang, "导错了")
    assert done.roster.undone_at is not None
    # the list stays, with what became of its rows
    assert done.roster.rows.count() == len(rows) - 1


@pytest.mark.parametrize("name", LISTS)
def test_and_can_be_brought_in_anew(known: Enterprise, name: str) -> None:
    kind, rows = LISTS[name]
    done = bring(kind, rows, create_missing=True)
    after = outcomes(done)
    undo(done)
    assert outcomes(bring(kind, rows, create_missing=True)) == after


def test_counts(known: Enterprise) -> None:
    done = bring(
        "enterprises",
        [HEAD, [NAME, CODE, "新址", "旧名厂", "", ""], ["常州乙有限公司", code(2), "", "", "", ""]],
    )
    assert service.preview_undo(done.roster).counts() == {"deleted": 2, "restored": 1}
    assert Enterprise.objects.count() == 2


def test_person_and_reason_stand_in_the_history(known: Enterprise, wang: User) -> None:
    undo(bring("enterprises", [HEAD, [NAME, CODE, "新址", "", "", ""]]), wang)
    event = known.events.order_by("-pgh_id").first()
    assert event.pgh_context.metadata["reason"] == "导错了"
    assert event.pgh_context.metadata["user"] == wang.pk


class TestInTheWay:
    def refused(self, done: service.Imported, word: str) -> None:
        before = state()
        with pytest.raises(RosterError, match=word):
            undo(done)
        assert state() == before
        done.roster.refresh_from_db()
        assert done.roster.undone_at is None

    def test_changed_since(self, known: Enterprise) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "新址", "", "", ""]])
        Enterprise.objects.filter(pk=known.pk).update(address="更新的址")
        self.refused(done, f"{NAME} was changed since")

    def test_made_and_changed_since(self, city: None) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "新址", "", "", ""]])
        Enterprise.objects.update(contact_name="李四")
        self.refused(done, f"{NAME} was changed since")

    def test_a_change_elsewhere_in_a_known_record_is_kept(self, known: Enterprise) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "新址", "", "", ""]])
        Enterprise.objects.filter(pk=known.pk).update(contact_name="李四")
        undo(done)
        known.refresh_from_db()
        assert (known.address, known.contact_name) == ("旧址", "李四")

    def test_referred_to_since(self, city: None) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "", "", "", ""]])
        figures(Enterprise.objects.get(), 2024, tax=1)
        self.refused(done, f"{NAME} is referred to by 年报数据")

    @pytest.mark.parametrize("column", ["parent", "title", "review"])
    def test_referred_to_by_other_things(self, known: Enterprise, column: str) -> None:
        rows = [["企业名称", "认定类别", "认定日期"], ["溧阳丙厂", "省级绿色工厂", "2022-03-01"]]
        done = bring("designations", rows, create_missing=True)
        made = Enterprise.objects.get(name="溧阳丙厂")
        if column == "parent":
            Enterprise.objects.filter(pk=known.pk).update(parent=made)
        elif column == "title":
            designation(made, day("2022-03-01"), scheme=scheme("specialized_sme"))
        else:
            Review.objects.create(
                designation=made.designations.get(), day=day("2025-01-01"), outcome="passed"
            )
        self.refused(done, "溧阳丙厂")

    def test_no_longer_there(self, city: None) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "", "", "", ""]])
        Enterprise.objects.all().delete()
        self.refused(done, "no longer exists")

    def test_twice(self, known: Enterprise) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "新址", "", "", ""]])
        undo(done)
        with pytest.raises(RosterError, match="undone already"):
            undo(done)

    def test_without_a_reason(self, known: Enterprise) -> None:
        done = bring("enterprises", [HEAD, [NAME, CODE, "新址", "", "", ""]])
        with pytest.raises(RosterError, match="Say why"):
            service.undo_list(done.roster, by=None, reason=" ")

    def test_many_are_named_in_part(self, city: None) -> None:
        done = bring("enterprises", [HEAD, *[[f"常州{n}厂", code(n), "", "", "", ""] for n in range(30)]])
        Enterprise.objects.update(contact_name="李四")
        self.refused(done, "And 10 more")


def test_lists_are_taken_back_last_first(known: Enterprise) -> None:
    before = state()
    first = bring("enterprises", [HEAD, [NAME, CODE, "新址一", "", "", ""]])
    between = state()
    second = bring("enterprises", [HEAD, [NAME, CODE, "新址二", "", "", ""]])
    with pytest.raises(RosterError, match="changed since"):
        undo(first)
    undo(second)
    assert state() == between
    undo(first)
    assert state() == before
