"""An area sends in, the city confirms or sends back: worklists, one after the other, a batch at once."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.choices import DesignationState
from registry.models import Designation, Enterprise, Review, User
from tests import factories as make
from tests.people import clerk_of_the_city, clerk_of_wujin, official_of_liyang, reviewer_of_the_city
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send

pytestmark = pytest.mark.django_db

D = dt.date
WORKLIST = "/admin/registry/designation/checking/"
BATCH = "/admin/registry/designation/batch-review/"


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def gu(db: None) -> Client:
    return browser(clerk_of_wujin())


@pytest.fixture
def shen(db: None) -> Client:
    return browser(reviewer_of_the_city())


@pytest.fixture
def wujin(db: None) -> Enterprise:
    return make.enterprise("武进重工", district=make.district("320412"))


def sent_in(holder: Enterprise, **fields: Any) -> Designation:
    given = {"state": DesignationState.SUBMITTED, "submitted_at": timezone.now()}
    return make.designation(holder, D(2024, 1, 1), **{**given, **fields})


def check_page(title: Designation) -> str:
    return f"/admin/registry/designation/{title.pk}/check/"


def counted() -> int:
    return Designation.objects.valid_on(D(2024, 6, 30)).count()


def test_from_the_area_to_the_city_back_and_into_the_count(
    gu: Client, shen: Client, wujin: Enterprise
) -> None:
    entry = {"scheme": make.scheme().pk, "level": "provincial", "enterprise": wujin.pk}
    send(gu, page_for_new(Designation), **entry, valid_from="2024-01-01", document="苏工信〔2024〕1号")
    title = Designation.objects.get()
    assert (title.state, title.submitted_by.username, counted()) == ("submitted", "gu", 0)
    assert title.submitted_at is not None
    assert "武进" in shen.get(WORKLIST).content.decode()

    # back, with what is to be corrected
    page = shen.get(check_page(title))
    answer = shen.post(check_page(title), {"mark": page.context["mark"], "send_back": "1", "reason": ""})
    assert "请写明需要更正的内容" in answer.content.decode()
    sent = {"mark": page.context["mark"], "send_back": "1", "reason": "文号与名单不符"}
    assert shen.post(check_page(title), sent).status_code == 302
    title.refresh_from_db()
    assert (title.state, title.return_reason, title.decided_by.username) == (
        "returned",
        "文号与名单不符",
        "shen",
    )
    assert "文号与名单不符" in gu.get(WORKLIST).content.decode()

    # corrected, it waits again, and the reason is gone
    send(gu, page_of(title), document="苏工信〔2024〕2号", change_reason="按名单更正")
    title.refresh_from_db()
    assert (title.state, title.return_reason) == ("submitted", "")

    page = shen.get(check_page(title))
    assert shen.post(check_page(title), {"mark": page.context["mark"], "confirm": "1"}).url == WORKLIST
    title.refresh_from_db()
    assert (title.state, counted()) == ("confirmed", 1)
    assert "最近确认" in gu.get(WORKLIST).content.decode()


@pytest.mark.parametrize(
    ("person", "days", "state"),
    [
        # the city enters from a published list, and what is published without a first day is under publicity
        (clerk_of_the_city, {"valid_from": "2024-01-01"}, "confirmed"),
        (clerk_of_the_city, {"announced_on": "2024-01-01"}, "announced"),
        (clerk_of_wujin, {"valid_from": "2024-01-01"}, "submitted"),
        (clerk_of_wujin, {"announced_on": "2024-01-01"}, "announced"),
    ],
)
@pytest.mark.parametrize("forged", [{}, {"state": "confirmed"}])
def test_the_state_of_an_entry_follows_from_the_person(
    wujin: Enterprise, person: Any, days: dict[str, str], state: str, forged: dict[str, str]
) -> None:
    entry = {"scheme": make.scheme().pk, "level": "provincial", "enterprise": wujin.pk, **days, **forged}
    assert send(browser(person()), page_for_new(Designation), **entry).status_code == 302
    assert Designation.objects.get().state == state


def test_with_four_eyes_also_what_the_city_enters_waits(wujin: Enterprise, settings: Any) -> None:
    settings.FOUR_EYES = True
    entry = {"scheme": make.scheme().pk, "level": "provincial", "enterprise": wujin.pk}
    shen = browser(reviewer_of_the_city())
    send(shen, page_for_new(Designation), **entry, valid_from="2024-01-01")
    title = Designation.objects.get()
    assert title.state == "submitted"
    page = shen.get(check_page(title))
    assert "须由他人审核" in page.content.decode()
    shen.post(check_page(title), {"mark": page.context["mark"], "confirm": "1"})
    title.refresh_from_db()
    assert title.state == "submitted"


def test_the_day_of_granting_makes_an_announced_title_count(wujin: Enterprise) -> None:
    title = make.designation(wujin, None, state="announced", announced_on=D(2023, 12, 1))
    wang = browser(clerk_of_the_city())
    send(wang, page_of(title), valid_from="2024-01-01", change_reason="已公布")
    title.refresh_from_db()
    assert (title.state, counted()) == ("confirmed", 1)


def test_a_title_that_changed_while_it_was_looked_at_is_not_confirmed(
    shen: Client, wujin: Enterprise
) -> None:
    title = sent_in(wujin)
    mark = shen.get(check_page(title)).context["mark"]
    Designation.objects.filter(pk=title.pk).update(document="改")
    page = shen.post(check_page(title), {"mark": mark, "confirm": "1"})
    assert "已被修改" in page.content.decode()
    title.refresh_from_db()
    assert title.state == "submitted"


def test_one_leads_to_the_next_of_the_same_group(shen: Client, wujin: Enterprise) -> None:
    liyang = make.enterprise("溧阳电池", district=make.district("320481"))
    one, _other, two = sent_in(wujin), sent_in(liyang), sent_in(wujin, item="车间")
    asked = {"scheme": one.scheme_id, "level": one.level, "area": wujin.district_id}
    page = shen.get(check_page(one), asked)
    assert page.context["left"] == 2
    assert page.context["after"].startswith(check_page(two))
    last = shen.get(page.context["after"])
    assert (last.context["after"], last.context["before"].split("?")[0]) == ("", check_page(one))
    # without a group all that waits comes in turn
    assert shen.get(check_page(one)).context["left"] == 3


def test_what_is_known_stands_beside_what_is_claimed(shen: Client, wujin: Enterprise) -> None:
    make.designation(wujin, D(2018, 1, 1), valid_to=D(2020, 12, 31))
    make.designation(wujin, D(2019, 1, 1), scheme=make.scheme("champion"))
    page = shen.get(check_page(sent_in(wujin)))
    assert [(row["same"], row["valid"]) for row in page.context["others"]] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("person", "check", "worklist"),
    [
        (reviewer_of_the_city, 200, 200),
        (clerk_of_the_city, 403, 200),
        (clerk_of_wujin, 403, 200),
        (official_of_liyang, 403, 200),
    ],
)
def test_who_checks(wujin: Enterprise, person: Any, check: int, worklist: int) -> None:
    client, title = browser(person()), sent_in(wujin)
    assert client.get(check_page(title)).status_code == check
    assert client.post(check_page(title), {"confirm": "1"}).status_code == check
    page = client.get(WORKLIST)
    assert page.status_code == worklist
    sees = person is not official_of_liyang
    assert ("green_factory" in page.content.decode()) == sees


def test_the_worklist_asks_as_much_for_many_as_for_one(shen: Client, gu: Client, wujin: Enterprise) -> None:
    def queries(client: Client) -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(WORKLIST)
        return len(seen)

    sent_in(wujin)
    sent_in(wujin, item="a", state="returned")
    before = [queries(client) for client in (shen, gu, shen, gu)][2:]
    for number in range(12):
        sent_in(wujin, item=str(number), scheme=make.scheme(f"s{number}"))
        sent_in(wujin, item=f"r{number}", state="returned", decided_at=timezone.now())
    assert [queries(client) for client in (shen, gu)] == before


# A batch


def batch_of(holder: Enterprise) -> list[Designation]:
    scheme = make.scheme(term_months=36)
    given = {"valid_to": D(2024, 12, 31), "batch": "第三批", "scheme": scheme}
    return [make.designation(holder, D(2022, 1, 1), item=item, **given) for item in ("一", "二", "三")]


def ask(titles: list[Designation]) -> dict[str, str]:
    return {"scheme": titles[0].scheme_id, "level": "provincial", "batch": "第三批"}


def test_a_batch_is_re_reviewed_in_one_step(wujin: Enterprise) -> None:
    client, titles = browser(clerk_of_the_city()), batch_of(wujin)
    other = make.designation(wujin, D(2022, 1, 1), item="四", batch="第四批")
    page = client.get(BATCH, ask(titles))
    assert [one.pk for one in page.context["titles"]] == [one.pk for one in titles]
    shown = {"shown": [one.pk for one in titles], "passed": [titles[0].pk, titles[2].pk]}
    sent = {"day": "2024-11-01", "document": "苏工信〔2024〕9号", "reason": "2024年复核"}
    query = "&".join(f"{name}={value}" for name, value in ask(titles).items())
    assert client.post(f"{BATCH}?{query}", {**shown, **sent}).status_code == 302
    found = Designation.objects.filter(batch="第三批").order_by("pk").values_list("valid_to", "ended_on")
    assert list(found) == [
        (D(2027, 12, 31), None),
        (D(2024, 12, 31), D(2024, 11, 1)),
        (D(2027, 12, 31), None),
    ]
    assert Review.objects.filter(outcome="passed").count() == 2
    assert not other.reviews.exists()


def test_a_batch_with_one_in_the_way_is_not_touched(wujin: Enterprise) -> None:
    client, titles = browser(clerk_of_the_city()), batch_of(wujin)
    Review.objects.create(designation=titles[1], day=D(2024, 11, 1), outcome="passed")
    shown = {"shown": [one.pk for one in titles], "passed": [titles[0].pk]}
    query = "&".join(f"{name}={value}" for name, value in ask(titles).items())
    page = client.post(f"{BATCH}?{query}", {**shown, "day": "2024-11-01", "reason": "复核"})
    assert "武进重工 · 二：当日已有一条复核记录" in page.content.decode()
    assert Review.objects.count() == 1
    # what was ticked is still ticked
    assert page.content.decode().count("checked") == 1


def test_a_batch_that_grew_meanwhile_is_looked_at_again(wujin: Enterprise) -> None:
    client, titles = browser(clerk_of_the_city()), batch_of(wujin)
    query = "&".join(f"{name}={value}" for name, value in ask(titles).items())
    shown = {"shown": [one.pk for one in titles[:2]], "passed": [titles[0].pk]}
    page = client.post(f"{BATCH}?{query}", {**shown, "day": "2024-11-01", "reason": "复核"})
    assert "已有变动" in page.content.decode()
    assert Review.objects.count() == 0


def test_a_batch_needs_its_name(wujin: Enterprise) -> None:
    client, titles = browser(clerk_of_the_city()), batch_of(wujin)
    page = client.get(BATCH, {**ask(titles), "batch": ""})
    assert set(page.context["chosen"].errors) == {"batch"}
    assert browser(clerk_of_wujin()).get(BATCH).status_code == 403


# Filters of the list


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        # today is 2025-06-30
        ({"expiring": "30"}, ["到今日", "到三十日"]),
        ({"expiring": "31"}, ["到今日", "到三十日", "到三十一日"]),
        ({"expired": "all"}, ["昨日到期", "宽限期内"]),
        ({"expired": "counting"}, ["宽限期内"]),
        ({"expired": "over"}, ["昨日到期"]),
        ({"batch": "第一批"}, ["昨日到期"]),
        ({"expiring": "no number"}, None),
    ],
)
def test_titles_that_run_out(
    shen: Client, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], found: list[str] | None
) -> None:
    today = D(2025, 6, 30)
    monkeypatch.setattr("registry.admin.filters.timezone.localdate", lambda: today)
    plain, lenient = make.scheme(), make.scheme("lenient", grace_months=6)

    def until(name: str, last: dt.date, **fields: Any) -> Enterprise:
        holder = make.enterprise(name)
        make.designation(holder, D(2022, 1, 1), valid_to=last, **{"scheme": plain, **fields})
        return holder

    until("到今日", today)
    until("到三十日", today + dt.timedelta(30))
    until("到三十一日", today + dt.timedelta(31))
    until("昨日到期", today - dt.timedelta(1), batch="第一批")
    until("宽限期内", D(2025, 1, 31), scheme=lenient)
    until("已终止", today, ended_on=D(2023, 1, 1), end_reason="revoked")
    renewed = until("已重新认定", today - dt.timedelta(1))
    make.designation(renewed, today, scheme=plain, valid_to=D(2028, 6, 29))
    titles = shen.get("/admin/registry/designation/", asked).context["cl"].result_list
    wanted = {one.enterprise.name for one in Designation.objects.all()} if found is None else set(found)
    assert {title.enterprise.name for title in titles} == wanted


def test_errors_of_the_page_of_a_title_are_still_said_at_their_fields(gu: Client, wujin: Enterprise) -> None:
    entry = {"scheme": make.scheme().pk, "level": "provincial", "enterprise": wujin.pk}
    sent_in(wujin, scheme=make.scheme())
    assert set(errors_on(send(gu, page_for_new(Designation), **entry, valid_from="2024-01-01"))) == {
        "valid_from"
    }
