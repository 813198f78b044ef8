"""Who is on a named list on a day, who came and who went, and why."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registry import named_lists, past
from registry.choices import Level, Turnover
from registry.models import Enterprise, NamedList, User
from tests import people
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    member,
    named_list,
    relocation,
    scheme,
)

pytestmark = pytest.mark.django_db

WUJIN, LIYANG = "320412", "320481"


@pytest.fixture
def clerk() -> User:
    return people.clerk_of_the_city()


def names_on(one: NamedList, day: dt.date, user: User, **limits: Any) -> set[str]:
    return set(named_lists.members(one, day, user, **limits).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("day", "on_it"),
    [
        (dt.date(2022, 12, 31), False),
        (dt.date(2023, 1, 1), True),
        (dt.date(2025, 12, 31), True),
        (dt.date(2026, 1, 1), False),
    ],
)
def test_a_title_holds_a_place_from_its_first_to_its_last_day(clerk: User, day: dt.date, on_it: bool) -> None:
    designation(enterprise("甲厂"), dt.date(2023, 1, 1), valid_to=dt.date(2025, 12, 31))
    one = named_list(clerk, scheme=["green_factory"])
    assert names_on(one, day, clerk) == ({"甲厂"} if on_it else set())


DAY = dt.date(2024, 6, 30)


@pytest.mark.parametrize(
    ("query", "on_it"),
    [
        ({"scheme": ["green_factory"]}, {"绿厂", "武进绿厂"}),
        ({"level": ["national"]}, {"武进绿厂"}),
        ({"level": ["national", "provincial"]}, {"绿厂", "武进绿厂"}),
        ({"district": [WUJIN]}, {"武进绿厂", "链主"}),
        ({"scheme": ["green_factory"], "district": [WUJIN]}, {"武进绿厂"}),
        ({"cluster": ["advanced.battery"]}, {"链主"}),
        ({"cluster_kind": ["advanced"], "role": ["leader"]}, {"链主"}),
        ({"role": ["member"]}, set()),
        ({"search": ["绿厂"]}, {"绿厂", "武进绿厂"}),
    ],
)
def test_what_a_list_asks(clerk: User, query: dict[str, list[str]], on_it: set[str]) -> None:
    district(WUJIN), district(LIYANG)
    designation(enterprise("绿厂", district=district(LIYANG)), dt.date(2023, 1, 1))
    designation(enterprise("武进绿厂", district=district(WUJIN)), dt.date(2023, 1, 1), level=Level.NATIONAL)
    group = cluster("advanced.battery")
    member(enterprise("链主", district=district(WUJIN)), group, role="leader", kind="advanced")
    enterprise("注销厂", district=district(WUJIN), closed_on=DAY)
    assert names_on(named_list(clerk, **query), DAY, clerk) == on_it


@pytest.mark.parametrize(
    ("day", "area"),
    [(dt.date(2024, 6, 30), WUJIN), (dt.date(2024, 7, 1), LIYANG), (dt.date(2024, 7, 2), LIYANG)],
)
def test_the_area_is_that_of_the_day(clerk: User, day: dt.date, area: str) -> None:
    holder = enterprise("迁走厂", district=district(LIYANG))
    relocation(holder, dt.date(2024, 7, 1), district(WUJIN), district(LIYANG))
    for code in (WUJIN, LIYANG):
        one = named_list(clerk, code=code, district=[code])
        assert names_on(one, day, clerk) == ({"迁走厂"} if code == area else set())
        everybody = named_list(clerk, code=f"all_{code}", search=["厂"])
        assert names_on(everybody, day, clerk, within=district(code).pk) == names_on(one, day, clerk)


def test_people_of_an_area_see_their_own(clerk: User) -> None:
    for code in (WUJIN, LIYANG):
        designation(enterprise(f"{code}厂", district=district(code)), dt.date(2023, 1, 1))
    one = named_list(clerk, scheme=["green_factory"])
    assert names_on(one, DAY, people.official_of_wujin()) == {f"{WUJIN}厂"}
    assert names_on(one, DAY, people.system_administrator()) == set()


def test_by_which_titles(clerk: User) -> None:
    holder = enterprise("甲厂")
    counted = designation(holder, dt.date(2023, 1, 1), valid_to=DAY)
    designation(holder, dt.date(2023, 1, 1), scheme=scheme("smart_factory"))
    one = named_list(clerk, scheme=["green_factory"])
    assert list(named_lists.titles_of(one, DAY)) == [counted]
    assert not named_lists.titles_of(one, DAY + dt.timedelta(days=1)).exists()
    assert not named_lists.titles_of(named_list(clerk, code="all", search=["厂"]), DAY).exists()


SINCE = dt.date(2024, 1, 1)


def test_who_came_and_who_went_with_the_reason(clerk: User) -> None:
    here, there = district(WUJIN), district(LIYANG)
    group = cluster("advanced.battery")

    def holding(name: str, since: dt.date = dt.date(2022, 1, 1), **fields: Any) -> Enterprise:
        until = fields.pop("valid_to", None)
        one = enterprise(name, district=fields.pop("place", here), **fields)
        designation(one, since, valid_to=until)
        return one

    def grouped(one: Enterprise, **days: Any) -> None:
        member(one, group, kind="advanced", **days)

    grouped(holding("一直在"))
    grouped(holding("新设", since=dt.date(2024, 3, 1), founded_on=dt.date(2024, 2, 1)))
    came = holding("迁来", place=here)
    relocation(came, dt.date(2024, 3, 1), there, here)
    grouped(came)
    grouped(holding("新获", since=dt.date(2024, 3, 1)))
    grouped(holding("新进集群"), since=dt.date(2024, 3, 1))
    grouped(holding("注销", closed_on=dt.date(2024, 3, 1)))
    went = holding("迁走", place=there)
    relocation(went, dt.date(2024, 3, 1), here, there)
    grouped(went)
    grouped(holding("到期", valid_to=dt.date(2024, 3, 1)))
    grouped(holding("退出集群"), until=dt.date(2024, 3, 1))
    one = named_list(clerk, scheme=["green_factory"], cluster=["advanced.battery"], district=[WUJIN])

    found = named_lists.changes(one, SINCE, DAY, clerk)

    assert {row.name: cause for row, cause in found.joined} == {
        "新设": Turnover.FOUNDED,
        "迁来": Turnover.MOVED_IN,
        "新获": Turnover.GRANTED,
        "新进集群": Turnover.GROUPED,
    }
    assert {row.name: cause for row, cause in found.left} == {
        "注销": Turnover.CLOSED,
        "迁走": Turnover.MOVED_OUT,
        "到期": Turnover.LAPSED,
        "退出集群": Turnover.UNGROUPED,
    }


def test_a_move_between_areas_is_a_change_only_where_one_area_is_asked_about(clerk: User) -> None:
    went = enterprise("迁走", district=district(LIYANG))
    designation(went, dt.date(2022, 1, 1))
    relocation(went, dt.date(2024, 3, 1), district(WUJIN), district(LIYANG))
    one = named_list(clerk, scheme=["green_factory"])
    assert named_lists.changes(one, SINCE, DAY, clerk) == named_lists.Changes([], [], 0, 0)
    found = named_lists.changes(one, SINCE, DAY, clerk, within=district(WUJIN).pk)
    assert [(row.name, cause) for row, cause in found.left] == [("迁走", Turnover.MOVED_OUT)]
    found = named_lists.changes(one, SINCE, DAY, clerk, within=district(LIYANG).pk)
    assert [(row.name, cause) for row, cause in found.joined] == [("迁走", Turnover.MOVED_IN)]


def test_as_it_was_known() -> None:
    clerk = people.clerk_of_the_city()
    title = designation(enterprise("甲厂"), dt.date(2023, 1, 1))
    one = named_list(clerk, scheme=["green_factory"])
    moment = timezone.now()
    title.delete()
    assert names_on(one, DAY, clerk) == set()
    with past.as_known_at(moment):
        assert names_on(one, DAY, clerk) == {"甲厂"}


def test_what_it_asks_in_words(clerk: User) -> None:
    scheme()
    district(WUJIN)
    one = named_list(clerk, district=[WUJIN], level=["national"], scheme=["green_factory"], main=["true"])
    assert named_lists.in_words(one.query) == [
        ("持有称号", scheme().name),
        ("称号级别", "国家级"),
        ("主要集群", "是"),
        ("板块", district(WUJIN).name),
    ]


def test_some_are_named_and_all_are_counted(clerk: User) -> None:
    for number in range(3):
        designation(enterprise(f"{number}厂"), dt.date(2024, 3, 1))
    one = named_list(clerk, scheme=["green_factory"])
    found = named_lists.changes(one, SINCE, DAY, clerk, most=2)
    assert ([row.name for row, _cause in found.joined], found.number_joined) == (["2厂", "1厂"], 3)
    found = named_lists.changes(one, DAY, SINCE, clerk, most=2)
    assert ([row.name for row, _cause in found.left], found.number_left) == (["2厂", "1厂"], 3)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"scheme": ["green_factory"]}, []),
        ({"scheme": ["none_such"]}, ["scheme"]),
        ({"level": ["galactic"], "main": ["perhaps"]}, ["level", "main"]),
    ],
)
def test_what_cannot_be_asked(query: dict[str, list[str]], wrong: list[str]) -> None:
    scheme()
    assert sorted(named_lists.problems_of(query)) == wrong


days = st.dates(dt.date(2023, 12, 28), dt.date(2024, 1, 5))


class TwoDays(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(
        spans=st.lists(st.tuples(days, st.none() | days, st.none() | days), max_size=6),
        since=days,
        day=days,
    )
    def test_what_changed_leads_from_one_day_to_the_other(
        self, spans: list[Any], since: dt.date, day: dt.date
    ) -> None:
        clerk = people.clerk_of_the_city()
        green = scheme()
        for number, (start, ended, closed) in enumerate(spans):
            holder = enterprise(f"{number}厂", closed_on=closed)
            ended = max(start, ended) if ended else None
            designation(holder, start, scheme=green, ended_on=ended, end_reason="revoked" if ended else "")
        one = named_list(clerk, scheme=["green_factory"])

        def recount(on: dt.date) -> set[str]:
            return {
                f"{number}厂"
                for number, (start, ended, closed) in enumerate(spans)
                if start <= on
                and (ended is None or on < max(start, ended))
                and (closed is None or on < closed)
            }

        found = named_lists.changes(one, since, day, clerk)
        assert names_on(one, since, clerk) == recount(since)
        assert {row.name for row, _cause in found.joined} == recount(day) - recount(since)
        assert {row.name for row, _cause in found.left} == recount(since) - recount(day)
