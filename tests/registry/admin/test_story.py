"""企业档案: one page that tells the story of an enterprise on any day."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry import history
from registry.choices import DesignationState
from registry.models import Designation, Enterprise, FormerName, Review, User
from registry.story import change, standing
from targets.measure import contributors
from targets.models import Target
from targets.rules import spec_of
from tests import factories as make
from tests.people import EVERYBODY, clerk_of_the_city, clerk_of_wujin, official_of_liyang, official_of_wujin

pytestmark = pytest.mark.django_db

D = dt.date
DAY = D(2025, 6, 30)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def heavy() -> Enterprise:
    return make.enterprise(
        "武进重工",
        district=make.district("320412"),
        uscc="91320412MA1HEAYY0X",
        contact_name="张三丰",
        contact_phone="13812345678",
    )


def page_of(enterprise: Enterprise, client: Client, **asked: str) -> Any:
    return client.get(f"/admin/registry/enterprise/{enterprise.pk}/story/", asked)


@pytest.mark.parametrize(
    ("fields", "day", "state", "word"),
    [
        # the last day counts, the day after does not
        ({"valid_to": D(2025, 6, 30)}, D(2025, 6, 30), "soon", "还有 0 天"),
        ({"valid_to": D(2025, 6, 30)}, D(2025, 7, 1), "over", "到期"),
        ({"valid_to": D(2025, 9, 28)}, DAY, "soon", "还有 90 天"),
        ({"valid_to": D(2025, 9, 29)}, DAY, "valid", "至 2025-09-29"),
        ({}, DAY, "valid", "没有固定期限"),
        ({"valid_to": D(2025, 1, 1), "scheme": "lenient"}, DAY, "soon", "宽限期"),
        ({"ended_on": DAY, "end_reason": "revoked"}, DAY, "over", "终止，撤销"),
        ({"ended_on": D(2025, 7, 1), "end_reason": "revoked"}, DAY, "valid", "没有固定期限"),
        ({"state": "submitted"}, DAY, "waiting", "待审核"),
        ({"valid_to": D(2030, 1, 1)}, D(2021, 12, 31), "waiting", "起有效"),
    ],
)
def test_how_a_title_stands(
    heavy: Enterprise, fields: dict[str, Any], day: dt.date, state: str, word: str
) -> None:
    fields = dict(fields)
    if fields.get("scheme"):
        fields["scheme"] = make.scheme("lenient", grace_months=6)
    title = make.designation(heavy, D(2022, 1, 1), **fields)
    valid = Designation.objects.valid_on(day).filter(pk=title.pk).exists()
    assert standing(title, day, valid)[0] == state
    assert word in standing(title, day, valid)[1]


def test_a_closed_enterprise_holds_nothing(heavy: Enterprise) -> None:
    title = make.designation(heavy, D(2022, 1, 1))
    Enterprise.objects.update(closed_on=DAY)
    valid = Designation.objects.valid_on(DAY).exists()
    assert standing(title, DAY, valid) == ("over", "企业已注销，不再计数")


@pytest.mark.parametrize(
    ("before", "after", "per_cent"),
    [(100, 110, 10), (100, 0, -100), (0, 5, None), (None, 5, None), (5, None, None)],
)
def test_the_change_on_the_year_before(before: Any, after: Any, per_cent: Any) -> None:
    found = change(before, after)
    assert found == per_cent if per_cent is None else float(found) == pytest.approx(per_cent)


def test_the_page_tells_the_story(heavy: Enterprise) -> None:
    scheme = make.scheme()
    title = make.designation(
        heavy, D(2022, 1, 1), scheme=scheme, valid_to=D(2024, 12, 31), document="苏工信1号"
    )
    Review.objects.create(designation=title, day=D(2024, 11, 1), outcome="passed")
    make.figures(heavy, 2023, revenue=100)
    make.figures(heavy, 2024, revenue=110)
    make.relocation(heavy, D(2023, 1, 1), make.district("320481"), heavy.district)
    FormerName.objects.create(enterprise=heavy, name="武进老厂", ended_on=D(2020, 1, 1))
    make.member(heavy, make.cluster("steel"))
    make.target_with_rule("green.all", schemes=(scheme,), feed="stock")
    client = browser(clerk_of_the_city())
    text = page_of(heavy, client, as_of="2024-12-31").content.decode()
    for told in ("武进重工", "武进老厂", "苏工信1号", "2023-01-01", "+10.0%", "张三丰", "green.all"):
        assert told in text
    # a day later the title has run out, and the target no longer counts it
    text = page_of(heavy, client, as_of="2025-01-01").content.decode()
    assert "2024-12-31 到期" in text
    assert "不计入任何" in text


def test_the_targets_are_those_whose_contributors_it_is_among(heavy: Enterprise) -> None:
    other, scheme, second = make.enterprise("别厂"), make.scheme(), make.scheme("champion")
    make.designation(heavy, D(2022, 1, 1), scheme=scheme, level="national")
    make.designation(heavy, D(2024, 1, 1), scheme=second, state=DesignationState.SUBMITTED)
    make.designation(other, D(2022, 1, 1), scheme=second)
    make.target_with_rule("one", schemes=(scheme,), feed="stock", level="national")
    make.target_with_rule("two", schemes=(scheme,), feed="stock", level="provincial")
    make.target_with_rule("three", schemes=(second,), feed="stock")
    make.target_with_rule("four", schemes=(scheme,), feed="new", level="national")
    client = browser(clerk_of_the_city())
    for holder in (heavy, other):
        (panel,) = page_of(holder, client, as_of=DAY.isoformat()).context["panels"]
        told = {line.link.split("/")[2] for line in panel.lines}
        counted = {
            target.code
            for target in Target.objects.select_related("rule")
            if any(one.enterprise_id == holder.pk for one in contributors(spec_of(target.rule), DAY).records)
        }
        assert told == counted
    assert counted == {"three"}


@pytest.mark.parametrize("person", EVERYBODY)
def test_who_sees_it(heavy: Enterprise, person: Any) -> None:
    account = person()
    if not account.is_staff:
        return
    sees = account.role not in ("system_administrator", "security_administrator", "audit_administrator")
    wanted = 404 if account.district_id not in (None, heavy.district_id) else 200
    answer = page_of(heavy, browser(account))
    assert answer.status_code == (wanted if sees else 403)
    if answer.status_code == 200:
        may_edit = account.role in ("city_clerk", "city_reviewer", "district_clerk")
        assert ("13812345678" in answer.content.decode()) == may_edit


def test_a_group_of_another_area_stays_unnamed(heavy: Enterprise) -> None:
    heavy.parent = make.enterprise("溧阳控股", district=make.district("320481"))
    heavy.save()
    for person in (clerk_of_wujin(), official_of_wujin()):
        assert "溧阳控股" not in page_of(heavy, browser(person)).content.decode()
    assert "溧阳控股" in page_of(heavy, browser(clerk_of_the_city())).content.decode()
    assert page_of(heavy, browser(official_of_liyang())).status_code == 404


@pytest.mark.parametrize("as_of", ["", "nonsense", "2025-02-30", "0001-01-01", "9999-12-31"])
def test_any_day_opens(heavy: Enterprise, as_of: str) -> None:
    make.designation(heavy, D(2022, 1, 1))
    make.plan()
    assert page_of(heavy, browser(clerk_of_the_city()), as_of=as_of).status_code == 200


def test_the_page_asks_as_much_for_many_titles_as_for_one(heavy: Enterprise) -> None:
    wang, scheme = clerk_of_the_city(), make.scheme()
    client = browser(wang)
    make.target_with_rule("green.all", schemes=(scheme,), feed="stock")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page_of(heavy, client)
        return len(seen)

    def one_more(number: int) -> None:
        title = make.designation(heavy, D(2022, 1, 1), scheme=scheme, item=str(number))
        Review.objects.create(designation=title, day=DAY, outcome="passed")
        make.figures(heavy, 2000 + number, revenue=5)
        make.target_with_rule(f"more.{number}", schemes=(make.scheme(f"s{number}"),), feed="stock")
        FormerName.objects.create(enterprise=heavy, name=f"旧名{number}")

    # somebody is named in the history from the first
    with history.change(by=wang):
        one_more(0)
    queries()
    before = queries()
    for number in range(1, 6):
        one_more(number)
    # to tell which rules count it, its titles, its places and its groups are read as columns
    assert queries() <= before <= 45
