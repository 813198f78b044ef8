"""One step for many titles: what it comes to is shown, asked, and done for all or for none."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from registry.choices import DesignationState, EndReason, TitleStep
from registry.models import Designation, Enterprise, Review, User
from registry.services import title_steps
from registry.services.title_steps import StepRefused, Wish
from tests import factories as make
from tests.people import clerk_of_the_city, clerk_of_wujin, reviewer_of_the_city

pytestmark = pytest.mark.django_db

D = dt.date
GRANTED, LAST = D(2020, 1, 1), D(2022, 12, 31)
REVIEWED = D(2022, 11, 15)
LIST = "/admin/registry/designation/"


@pytest.fixture
def shen() -> User:
    return reviewer_of_the_city()


@pytest.fixture
def wujin() -> Enterprise:
    return make.enterprise("武进重工", district=make.district("320412"))


def wish(by: User, step: TitleStep, **fields: Any) -> Wish:
    return Wish(**({"step": step, "by": by, "day": REVIEWED, "reason": "2022年复核"} | fields))


def title_of(holder: Enterprise, **fields: Any) -> Designation:
    given: dict[str, Any] = {"valid_to": LAST, "scheme": make.scheme(term_months=36)}
    return make.designation(holder, GRANTED, **(given | fields))


def done(asked: Wish, *titles: Designation, leave_out: bool = False) -> int:
    rows = Designation.objects.filter(pk__in=[title.pk for title in titles])
    mark = title_steps.look(rows, asked).mark
    return title_steps.carry_out(titles=rows, wish=asked, mark=mark, leave_out=leave_out)


# What a step does


@pytest.mark.parametrize(
    ("given", "last"),
    [
        (None, D(2025, 12, 31)),  # one more term of three years behind the old one
        (D(2024, 6, 30), D(2024, 6, 30)),
    ],
)
def test_who_passed_runs_on(shen: User, wujin: Enterprise, given: dt.date | None, last: dt.date) -> None:
    title = title_of(wujin)
    assert done(wish(shen, TitleStep.PASS, valid_to=given, document="苏工信〔2022〕9号"), title) == 1
    title.refresh_from_db()
    review = title.reviews.get()
    assert (title.valid_to, title.ended_on) == (last, None)
    assert (review.day, review.outcome, review.valid_to, review.document) == (
        REVIEWED,
        "passed",
        last,
        "苏工信〔2022〕9号",
    )
    event = title.events.latest("pgh_id")
    assert event.pgh_context.metadata["reason"] == "2022年复核"
    assert event.pgh_context.metadata["user"] == shen.pk


def test_who_failed_ends_on_that_day(shen: User, wujin: Enterprise) -> None:
    title = title_of(wujin)
    done(wish(shen, TitleStep.FAIL, document="苏工信〔2022〕9号"), title)
    title.refresh_from_db()
    assert (title.ended_on, title.end_reason, title.end_document) == (
        REVIEWED,
        EndReason.FAILED_REVIEW,
        "苏工信〔2022〕9号",
    )
    valid = [Designation.objects.valid_on(day).count() for day in (REVIEWED - dt.timedelta(1), REVIEWED)]
    assert valid == [1, 0]


def test_an_end_has_its_reason_and_document(shen: User, wujin: Enterprise) -> None:
    title = title_of(wujin)
    done(wish(shen, TitleStep.END, end_reason="revoked", document="撤字1号"), title)
    title.refresh_from_db()
    assert (title.ended_on, title.end_reason, title.end_document) == (REVIEWED, "revoked", "撤字1号")
    assert Review.objects.count() == 0


# What stands in the way

IN_THE_WAY: list[tuple[TitleStep, dict[str, Any], str]] = [
    (TitleStep.PASS, {"ended_on": D(2021, 1, 1), "end_reason": "revoked"}, "已于"),
    (TitleStep.PASS, {"state": "submitted"}, "待审核"),
    (TitleStep.PASS, {"valid_to": None}, "没有到期日"),
    (TitleStep.PASS, {"valid_to": D(2030, 1, 1)}, "有效期已至"),
    (TitleStep.PASS, {"scheme": "without a term"}, "没有固定年限"),
    (TitleStep.FAIL, {"ended_on": D(2021, 1, 1), "end_reason": "revoked"}, "已于"),
    (TitleStep.END, {"state": "returned"}, "已退回"),
    (TitleStep.CONFIRM, {}, "已确认"),
    (TitleStep.CONFIRM, {"state": "submitted", "valid_from": None, "valid_to": None}, "认定日期"),
    (TitleStep.SEND_BACK, {}, "已确认"),
]


@pytest.mark.parametrize(("step", "fields", "word"), IN_THE_WAY)
def test_what_cannot_be_done_is_told(
    shen: User, wujin: Enterprise, step: TitleStep, fields: dict[str, Any], word: str
) -> None:
    fields = dict(fields)
    start = fields.pop("valid_from", GRANTED)
    if fields.get("scheme"):
        fields["scheme"] = make.scheme("no_term")
    given: dict[str, Any] = {"valid_to": LAST, "scheme": make.scheme(term_months=36)}
    title = make.designation(wujin, start, **(given | fields))
    asked = wish(shen, step, end_reason="revoked", valid_to=D(2025, 1, 1) if "2030" in str(fields) else None)
    (_title, problem) = title_steps.look(Designation.objects.all(), asked).unable[0]
    assert word in problem
    before = Designation.objects.values().get(pk=title.pk)
    with pytest.raises(StepRefused, match="不能办理"):
        done(asked, title)
    assert Designation.objects.values().get(pk=title.pk) == before


@pytest.mark.parametrize(
    ("day", "able"),
    [(GRANTED - dt.timedelta(1), 0), (GRANTED, 1), (GRANTED + dt.timedelta(1), 1)],
)
def test_no_title_ends_before_it_begins(shen: User, wujin: Enterprise, day: dt.date, able: int) -> None:
    title_of(wujin)
    found = title_steps.look(Designation.objects.all(), wish(shen, TitleStep.END, day=day))
    assert len(found.able) == able


@pytest.mark.parametrize(("again", "able"), [(D(2025, 12, 31), 0), (D(2026, 1, 1), 1)])
def test_a_term_is_not_prolonged_into_the_next_award(
    shen: User, wujin: Enterprise, again: dt.date, able: int
) -> None:
    title = title_of(wujin)
    make.designation(wujin, again, scheme=title.scheme, valid_to=D(2028, 12, 31))
    rows = Designation.objects.filter(pk=title.pk)
    assert len(title_steps.look(rows, wish(shen, TitleStep.PASS)).able) == able


def test_one_day_has_one_re_review(shen: User, wujin: Enterprise) -> None:
    title = title_of(wujin)
    done(wish(shen, TitleStep.PASS), title)
    with pytest.raises(StepRefused):
        done(wish(shen, TitleStep.PASS), title)
    assert done(wish(shen, TitleStep.PASS, day=REVIEWED + dt.timedelta(1)), title) == 1


def test_the_others_are_done_when_those_in_the_way_are_left_out(shen: User, wujin: Enterprise) -> None:
    good, ended = title_of(wujin), title_of(wujin, item="车间", ended_on=D(2021, 1, 1), end_reason="revoked")
    assert done(wish(shen, TitleStep.PASS), good, ended, leave_out=True) == 1
    assert Review.objects.get().designation == good


def test_a_selection_that_changed_since_is_not_touched(shen: User, wujin: Enterprise) -> None:
    title, rows = title_of(wujin), Designation.objects.all()
    asked = wish(shen, TitleStep.END, end_reason="revoked")
    mark = title_steps.look(rows, asked).mark
    Designation.objects.filter(pk=title.pk).update(note="改")
    with pytest.raises(StepRefused, match="已被修改"):
        title_steps.carry_out(titles=rows, wish=asked, mark=mark)
    # nor one that has grown
    mark = title_steps.look(rows, asked).mark
    title_of(wujin, item="车间")
    with pytest.raises(StepRefused, match="已被修改"):
        title_steps.carry_out(titles=rows, wish=asked, mark=mark)
    assert not Designation.objects.filter(ended_on__isnull=False).exists()


def test_the_number_of_statements_does_not_grow_with_the_titles(
    shen: User, wujin: Enterprise, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        title_of(wujin, item=f"车间{number}")
    with django_assert_max_num_queries(20):
        assert done(wish(shen, TitleStep.PASS), *Designation.objects.all()) == 40


@pytest.mark.parametrize(("step", "person"), [(step, clerk_of_wujin) for step in TitleStep])
def test_an_areas_clerk_takes_no_step(wujin: Enterprise, step: TitleStep, person: Any) -> None:
    title = title_of(wujin, state=DesignationState.SUBMITTED)
    with pytest.raises(PermissionDenied):
        done(wish(person(), step, end_reason="revoked"), title)


def test_who_entered_it_does_not_confirm_it_where_four_eyes_are_wanted(
    shen: User, wujin: Enterprise, settings: Any
) -> None:
    title = title_of(wujin, state=DesignationState.SUBMITTED, submitted_by=shen)
    settings.FOUR_EYES = True
    with pytest.raises(StepRefused):
        done(wish(shen, TitleStep.CONFIRM), title)
    settings.FOUR_EYES = False
    assert done(wish(shen, TitleStep.CONFIRM), title) == 1
    title.refresh_from_db()
    assert (title.state, title.decided_by) == ("confirmed", shen)


# At the desk


@pytest.fixture
def client(shen: User) -> Client:
    client = Client()
    client.force_login(shen)
    return client


def act(client: Client, step: str, *titles: Designation, path: str = LIST, **fields: str) -> Any:
    chosen = {"action": f"{step}_titles", "_selected_action": [title.pk for title in titles]}
    page = client.post(path, chosen)
    if not fields:
        return page
    return client.post(path, {**chosen, "mark": page.context["look"].mark, **fields}, follow=True)


def test_the_page_says_what_would_happen_and_does_it_once(client: Client, wujin: Enterprise) -> None:
    one, two = title_of(wujin), title_of(wujin, item="一号车间")
    page = act(client, "end", one, two)
    text = page.content.decode()
    assert "终止：2 个称号" in text
    assert "武进重工 · 一号车间" in text
    assert "武进 2" in text
    assert not Designation.objects.filter(ended_on__isnull=False).exists()

    # nothing happens without the reason
    page = act(client, "end", one, two, day="2022-11-15", end_reason="")
    assert set(page.context["form"].errors) == {"end_reason", "reason"}
    page = act(client, "end", one, two, day="2022-11-15", end_reason="removed", reason="年度名单移出")
    assert "终止：2 个称号" in page.content.decode()
    ended = Designation.objects.order_by().values_list("ended_on", "end_reason").distinct()
    assert list(ended) == [(REVIEWED, "removed")]


def test_all_that_a_filter_finds_is_one_selection(client: Client, wujin: Enterprise) -> None:
    for number in range(60):  # more than one page of the list
        title_of(wujin, item=f"车间{number}", batch="第五批")
    kept = title_of(wujin, item="另一批", batch="第六批")
    path = f"{LIST}?batch=第五批"
    chosen = {"action": "pass_titles", "select_across": "1", "_selected_action": [kept.pk]}
    page = client.post(path, chosen)
    assert "复核通过：60 个称号" in page.content.decode()
    sent = {"mark": page.context["look"].mark, "day": "2022-11-15", "reason": "复核"}
    client.post(path, {**chosen, **sent})
    assert Review.objects.count() == 60
    assert not kept.reviews.exists()


def test_the_actions_are_those_of_the_persons_rights(wujin: Enterprise) -> None:
    title_of(wujin)
    offered = {}
    for person in (clerk_of_the_city(), clerk_of_wujin(), reviewer_of_the_city()):
        client = Client()
        client.force_login(person)
        form = client.get(LIST).context["action_form"]
        offered[person.username] = {name for name, _label in form.fields["action"].choices} if form else set()
    steps = {f"{step}_titles" for step in TitleStep}
    assert offered["gu"] & steps == set()
    assert offered["wang"] & steps == {"pass_titles", "fail_titles", "end_titles"}
    assert offered["shen"] & steps == steps
