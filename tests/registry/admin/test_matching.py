"""What the import could not tell, a person decides, one row after the other; the next list knows it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.choices import RowOutcome
from registry.models import Designation, Enterprise, MatchDecision, RosterRow, User
from registry.rosters import service
from registry.rosters.resolve import AlreadyDecided, refuse, resolve
from registry.rosters.workbench import NEW
from tests import factories as make
from tests.people import clerk_of_the_city, clerk_of_wujin, official_of_liyang
from tests.registry.rosters import lists

pytestmark = pytest.mark.django_db

PAGE = "/admin/registry/rosterrow/matching/"
DAY = dt.date(2023, 3, 17)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def wang(db: None) -> User:
    return clerk_of_the_city()


@pytest.fixture
def trina(db: None) -> Enterprise:
    return make.enterprise(
        "常州天合光能股份有限公司",
        district=make.district("320412"),
        uscc="91320411608131455L",
        address="新北区天合路2号",
    )


def bring(name: str, by: User | None = None, **cells: str) -> RosterRow:
    """A list of one green factory under this name; its row."""
    make.scheme("green_factory")
    row = {"企业名称": name, "认定日期": DAY.isoformat(), **cells}
    rows = [list(row), list(row.values())]
    done = lists.bring("designations", rows, scheme="green_factory", level="provincial", by=by)
    return done.roster.rows.get()


def test_the_same_enterprise_gets_the_title(wang: User, trina: Enterprise) -> None:
    row = bring("常州天合光能有限公司")
    assert (row.outcome, [one["id"] for one in row.candidates]) == ("queued", [trina.pk])
    resolve(row=row, decision=trina.pk, by=wang)
    row.refresh_from_db()
    title = Designation.objects.get()
    assert (title.enterprise, title.valid_from, title.roster_row) == (trina, DAY, row)
    assert (row.outcome, [one["id"] for one in row.changes]) == ("created", [title.pk])
    event = title.events.latest("pgh_id")
    assert event.pgh_context.metadata["user"] == wang.pk


def test_the_next_list_is_not_asked_again(wang: User, trina: Enterprise) -> None:
    resolve(row=bring("常州天合光能有限公司"), decision=trina.pk, by=wang)
    row = bring("常州天合光能（有限公司）")  # other brackets are the same name
    assert row.outcome == RowOutcome.UNCHANGED
    assert "此前" in row.reason or "按" in row.reason


@pytest.mark.parametrize("what", ["revoked", "closed", "other code"])
def test_a_decision_is_not_followed_blindly(wang: User, trina: Enterprise, what: str) -> None:
    resolve(row=bring("常州天合光能有限公司"), decision=trina.pk, by=wang)
    cells = {}
    if what == "revoked":
        MatchDecision.objects.update(revoked=True)
    elif what == "closed":
        Enterprise.objects.update(closed_on=DAY)
    else:
        MatchDecision.objects.update(uscc="91320411MA1P7TRE1A")
        cells = {"统一社会信用代码": "91320411MA1P7TRE1A"}
    assert bring("常州天合光能有限公司", **cells).outcome in (RowOutcome.QUEUED, RowOutcome.REJECTED)


def test_a_new_enterprise_is_found_by_its_name_next_time(wang: User, trina: Enterprise) -> None:
    row = bring("常州天合光能有限公司")
    resolve(row=row, decision=NEW, by=wang)
    assert Designation.objects.get().enterprise.name == "常州天合光能有限公司"
    assert not MatchDecision.objects.exists()
    assert bring("常州天合光能有限公司").outcome == RowOutcome.UNCHANGED


def test_none_of_ours_is_rejected_now_and_next_time(wang: User, trina: Enterprise) -> None:
    row = refuse(row=bring("常州天合光能有限公司"), by=wang)
    assert row.outcome == RowOutcome.REJECTED
    again = bring("常州天合光能有限公司")
    assert again.outcome == RowOutcome.REJECTED
    assert not Designation.objects.exists()


def test_a_row_is_decided_once(wang: User, trina: Enterprise) -> None:
    row = bring("常州天合光能有限公司")
    resolve(row=row, decision=trina.pk, by=wang)
    for decide in (
        lambda: resolve(row=row, decision=NEW, by=wang),
        lambda: refuse(row=row, by=wang),
    ):
        with pytest.raises(AlreadyDecided):
            decide()
    assert Designation.objects.count() == 1


def test_undoing_the_list_takes_back_what_was_matched(wang: User, trina: Enterprise) -> None:
    row = bring("常州天合光能有限公司")
    resolve(row=row, decision=trina.pk, by=wang)
    service.undo_list(row.roster, by=wang, reason="重复导入")
    assert not Designation.objects.exists()
    row = bring("天合光伏")
    service.undo_list(row.roster, by=wang, reason="重复导入")
    with pytest.raises(AlreadyDecided):
        resolve(row=row, decision=NEW, by=wang)


def test_what_hinders_is_said_and_nothing_is_written(wang: User, trina: Enterprise) -> None:
    make.designation(trina, DAY + dt.timedelta(30), scheme=make.scheme("green_factory"))
    row = bring("常州天合光能有限公司")
    client = browser(wang)
    page = client.post(PAGE, {"row": row.pk, "decision": trina.pk}, follow=True)
    row.refresh_from_db()
    assert row.outcome == RowOutcome.QUEUED
    assert page.context["row"] == row, "the row is still there to be decided"
    assert list(page.context["messages"])
    assert Designation.objects.count() == 1
    assert not MatchDecision.objects.exists()


# At the desk


def test_the_page_shows_both_sides_and_marks_what_differs(wang: User, trina: Enterprise) -> None:
    bring("常州天合光伏股份有限公司", 统一社会信用代码="91320411MA1P7TRE1A")
    page = browser(wang).get(PAGE)
    (one,) = page.context["candidates"]
    assert "".join(text for text, _differs in one["name"]) == trina.name
    assert [text for text, differs in one["name"] if differs] == ["能"]
    assert one["code_differs"]
    text = page.content.decode()
    assert "<mark>能</mark>" in text
    assert "91320411MA1P7TRE1A" in text


def test_one_row_leads_to_the_next(wang: User, trina: Enterprise) -> None:
    one, two = bring("常州天合光能有限公司"), bring("常州天合光能集团公司")
    client = browser(wang)
    assert client.get(PAGE).context["row"] == one
    assert client.get(PAGE, {"after": one.pk}).context["row"] == two
    assert client.get(PAGE, {"after": two.pk}).context["row"] == one, "what was skipped comes again"
    assert client.get(PAGE, {"roster": two.roster_id}).context["row"] == two
    page = client.post(PAGE, {"row": one.pk, "decision": trina.pk}, follow=True)
    assert page.context["row"] == two
    page = client.post(PAGE, {"row": two.pk, "decision": "not_ours"}, follow=True)
    assert page.context["row"] is None
    assert "没有待匹配" in page.content.decode()


def test_another_enterprise_is_searched_for(wang: User, trina: Enterprise) -> None:
    other = make.enterprise("时代新能源")
    row = bring("常州天合光能有限公司")
    page = browser(wang).get(PAGE, {"row": row.pk, "q": "sdxny"})
    assert [one["enterprise"] for one in page.context["candidates"]] == [other]


@pytest.mark.parametrize("decision", ["", "abc", "-1", "99999999", "9" * 30, "1 OR 1=1"])
def test_forged_decisions_do_nothing(wang: User, trina: Enterprise, decision: str) -> None:
    row = bring("常州天合光能有限公司")
    assert browser(wang).post(PAGE, {"row": row.pk, "decision": decision}).status_code == 302
    assert not Designation.objects.exists()
    assert browser(wang).post(PAGE, {"row": "x", "decision": "new"}).status_code == 302


def test_areas_match_their_own_lists_to_their_own_enterprises(wang: User, trina: Enterprise) -> None:
    gu = clerk_of_wujin()
    there = make.enterprise("常州天合光能科技有限公司", district=make.district("320481"))
    foreign = bring("常州天合光能有限公司", by=wang)
    client = browser(gu)
    assert client.get(PAGE).context["row"] is None
    client.post(PAGE, {"row": foreign.pk, "decision": trina.pk})
    foreign.refresh_from_db()
    assert foreign.outcome == RowOutcome.QUEUED
    own = bring("常州天合光能厂", by=gu)
    page = client.get(PAGE, {"q": "常州天合"})
    assert [one["enterprise"] for one in page.context["candidates"]] == [trina]
    client.post(PAGE, {"row": own.pk, "decision": there.pk})
    assert not Designation.objects.exists()
    client.post(PAGE, {"row": own.pk, "decision": trina.pk})
    assert Designation.objects.get().state == "submitted"
    assert browser(official_of_liyang()).get(PAGE).status_code == 403


def test_the_page_asks_as_much_for_many_as_for_one(wang: User, trina: Enterprise) -> None:
    client = browser(wang)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        return len(seen)

    bring("常州天合光能有限公司")
    queries()
    before = queries()
    for number in range(5):
        make.enterprise(f"常州天合光能{number}厂")
        bring(f"常州天合光能{number}有限公司")
    assert queries() == before


def test_a_decision_is_revoked_in_its_list(wang: User, trina: Enterprise) -> None:
    resolve(row=bring("常州天合光能有限公司"), decision=trina.pk, by=wang)
    known: Any = MatchDecision.objects.get()
    client = browser(wang)
    assert client.get("/admin/registry/matchdecision/").status_code == 200
    client.post(
        f"/admin/registry/matchdecision/{known.pk}/change/", {"revoked": "on", "change_reason": "误选"}
    )
    known.refresh_from_db()
    assert known.revoked
