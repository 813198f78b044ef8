"""The first page of the admin: what waits for whom, what runs out, and answers while one types."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry import worklists
from registry.choices import Role, RowOutcome
from registry.models import Designation, Enterprise, Roster, RosterRow, User
from tests import factories as make
from tests import people

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 6, 30)
MOST_QUERIES = 30


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def wujin() -> Enterprise:
    return make.enterprise("武进重工", district=make.district("320412"))


@pytest.fixture
def liyang() -> Enterprise:
    return make.enterprise("溧阳电池", district=make.district("320481"))


def numbers(person: User) -> dict[str, int]:
    return {one.worklist.code: one.number for one in worklists.waiting_for(person, TODAY)}


def one_of_each(holder: Enterprise) -> None:
    def title(item: str, **fields: Any) -> None:
        make.designation(holder, dt.date(2022, 7, 1), item=item, **fields)

    title("待审核", state="submitted")
    title("被退回", state="returned")
    title("公示", state="announced")
    title("到期", valid_to=TODAY + dt.timedelta(90))
    title("迟一天", valid_to=TODAY + dt.timedelta(91))
    title("过期", valid_to=TODAY - dt.timedelta(1))
    title("长期")


def test_what_waits_for_whom(wujin: Enterprise, liyang: Enterprise) -> None:
    one_of_each(wujin)
    one_of_each(liyang)
    wang = people.clerk_of_the_city()
    roster = Roster.objects.create(kind="designations", file_name="a.csv", content=b"", imported_by=wang)
    undone = Roster.objects.create(
        kind="designations", file_name="b.csv", content=b"", undone_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    )
    for one in (roster, undone):
        RosterRow.objects.create(roster=one, number=1, outcome=RowOutcome.QUEUED)
    city = {"uploads": 0, "queued": 1, "expiring": 2, "expired": 2, "announced": 2}
    area = {"sent_back": 1, "uploads": 0, "queued": 0, "expiring": 1, "expired": 1, "announced": 1}
    assert numbers(wang) == city
    assert numbers(people.reviewer_of_the_city()) == {"to_check": 2, **city}
    assert numbers(people.clerk_of_wujin()) == area
    assert numbers(people.official_of_liyang()) == {"expiring": 1}
    assert numbers(people.auditor()) == {"expiring": 2}
    assert numbers(people.system_administrator()) == {}


def test_a_long_list_is_counted_to_a_bound(wujin: Enterprise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "MOST", 2)
    for item in "abc":
        make.designation(wujin, None, item=item, state="announced", announced_on=TODAY)
    found = {one.worklist.code: one for one in worklists.waiting_for(people.clerk_of_the_city(), TODAY)}
    assert (found["announced"].number, found["announced"].more) == (2, True)
    assert (found["queued"].number, found["queued"].more) == (0, False)


@pytest.mark.parametrize("person", people.EVERYBODY)
def test_everybody_with_a_desk_finds_something_there(person: Any, wujin: Enterprise) -> None:
    account = person()
    answer = browser(account).get("/admin/")
    if not account.is_staff:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert 'class="desk"' in page
    assert ("待办" in page) == (account.role not in Role.administrators())
    for one in answer.context.get("waiting") or ():
        assert browser(account).get(one.address).status_code == 200, one.worklist.code
    for one in answer.context["shortcuts"]:
        assert browser(account).get(one["link"]).status_code == 200, one["title"]


def test_the_page_asks_a_bounded_number_of_questions(wujin: Enterprise) -> None:
    client = browser(people.reviewer_of_the_city())

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/admin/")
        return len(seen)

    def one_more(number: int) -> None:
        one_of_each(make.enterprise(f"常州{number}厂", district=wujin.district))
        roster = Roster.objects.create(kind="designations", file_name=f"{number}.csv", content=b"x")
        RosterRow.objects.create(roster=roster, number=1, outcome=RowOutcome.QUEUED)

    one_more(0)
    queries()
    before = queries()
    for number in range(1, 8):
        one_more(number)
    assert queries() == before <= MOST_QUERIES


def test_what_runs_out_is_told_by_month_and_kind(wujin: Enterprise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("czindustry.desk.timezone.localdate", lambda: TODAY)
    for item, last in (
        ("一", dt.date(2025, 7, 1)),
        ("二", dt.date(2025, 7, 31)),
        ("三", dt.date(2025, 8, 1)),
    ):
        make.designation(wujin, dt.date(2022, 7, 1), item=item, valid_to=last)
    groups = browser(people.clerk_of_wujin()).get("/admin/").context["running_out"]
    assert [(one["month"], one["called"], one["number"]) for one in groups] == [
        ("2025-07", "省级green_factory", 2),
        ("2025-08", "省级green_factory", 1),
    ]


def test_the_last_lists_are_ones_own_in_an_area(wujin: Enterprise) -> None:
    gu, wang = people.clerk_of_wujin(), people.clerk_of_the_city()
    for person, name in ((gu, "武进.xlsx"), (wang, "全市.xlsx")):
        roster = Roster.objects.create(kind="designations", file_name=name, content=b"", imported_by=person)
        RosterRow.objects.create(roster=roster, number=1, outcome=RowOutcome.CREATED)
    assert [one["roster"].file_name for one in browser(gu).get("/admin/").context["lists"]] == ["武进.xlsx"]
    lists = browser(wang).get("/admin/").context["lists"]
    assert [(one["roster"].file_name, one["counts"]) for one in lists] == [
        ("全市.xlsx", [("新增", 1)]),
        ("武进.xlsx", [("新增", 1)]),
    ]


def test_answers_while_one_types(wujin: Enterprise, liyang: Enterprise) -> None:
    def answer(person: User, text: str) -> dict[str, Any]:
        return browser(person).get("/admin/find/", {"q": text}).json()

    wang = people.clerk_of_the_city()
    found = answer(wang, "wjzg")
    assert [one["name"] for one in found["results"]] == ["武进重工"]
    assert found["results"][0]["link"] == f"/admin/registry/enterprise/{wujin.pk}/story/"
    assert found["told"] == "找到 1 家企业"
    assert answer(wang, "不存在")["told"] == "没有找到企业。"
    assert answer(wang, "a\x00b")["results"] == []
    assert answer(people.official_of_liyang(), "wjzg")["results"] == []
    assert browser(people.integrator()).get("/admin/find/", {"q": "x"}).status_code == 302
    assert Designation.objects.count() == 0
