"""接口令牌 in the admin: who grants sees no secret, who draws grants nothing, and nothing is edited."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.choices import Scope, TokenState
from registry.models import ApiToken, User
from registry.services import tokens
from tests import people
from tests.czindustry.test_rights import signed_in
from tests.factories import district
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send
from tests.tokens import drawn, granted, program

pytestmark = pytest.mark.django_db

SECRET = re.compile(r"czi_[A-Za-z0-9]{10}_[A-Za-z0-9]{43}")
LIST = "/admin/registry/apitoken/"


def step(token: ApiToken, name: str) -> str:
    return reverse("admin:registry_apitoken_step", args=[token.pk, name])


def secrets_on(page: Any) -> set[str]:
    return set(SECRET.findall(page.content.decode()))


def test_one_grants_and_another_draws() -> None:
    wang = people.clerk_of_the_city()
    an, clerk = signed_in(people.security_administrator()), signed_in(wang)
    made = send(
        an, page_for_new(ApiToken), name="产业大脑", purpose="汇总展示", owner=wang.pk, scopes=["read_totals"]
    )
    assert made.status_code == 302, errors_on(made)
    token = ApiToken.objects.get()
    assert (token.owner, token.granted_by.username, token.drawn_at) == (wang, "an", None)
    assert token.expires_on - token.valid_from == dt.timedelta(days=365)
    # who grants sees no secret
    assert an.get(step(token, "draw")).status_code == 403
    assert an.post(step(token, "draw"), {"step": 1}).status_code == 403

    assert clerk.get(step(token, "draw")).status_code == 200
    page = clerk.post(step(token, "draw"), {"step": 1})
    (text,) = secrets_on(page)
    assert "no-store" in page["Cache-Control"]
    assert program(text).get("/api/v1/progress/").status_code in (200, 400)  # there is no plan here
    # shown this once
    assert clerk.post(step(token, "draw"), {"step": 1}).status_code == 403
    for path in (LIST, page_of(token)):
        for client in (an, clerk):
            assert not secrets_on(client.get(path))
    kept = [one.get_decoded() for one in Session.objects.all()]
    assert text not in str(kept)


def test_the_form_offers_whoever_may_answer_for_a_token() -> None:
    for person in people.EVERYBODY:
        if person is not people.security_administrator:
            person()
    page = signed_in(people.security_administrator()).get(page_for_new(ApiToken))
    offered = page.context["adminform"].form.fields["owner"].queryset
    assert {one.username for one in offered} == {"wang", "shen", "gu"}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"scopes": []}, {"scopes"}),
        ({"scopes": ["read_contacts"]}, {"scopes"}),
        ({"scopes": ["write_everything"]}, {"scopes"}),
        ({"purpose": ""}, {"purpose"}),
        ({"expires_on": "2020-01-01"}, {"expires_on"}),
        ({"expires_on": "2099-01-01"}, {"expires_on"}),
    ],
)
def test_what_may_not_be_granted_is_told_at_its_field(changes: dict[str, Any], wrong: set[str]) -> None:
    wang, an = people.clerk_of_the_city(), signed_in(people.security_administrator())
    given = {"name": "平台", "purpose": "展示", "owner": wang.pk, "scopes": ["read_totals"], **changes}
    assert set(errors_on(send(an, page_for_new(ApiToken), **given))) == wrong
    assert not ApiToken.objects.exists()


def test_a_token_of_another_area_than_its_person_is_refused() -> None:
    gu, an = people.clerk_of_wujin(), signed_in(people.security_administrator())
    given = {"name": "平台", "purpose": "展示", "owner": gu.pk, "scopes": ["read_totals"]}
    assert set(errors_on(send(an, page_for_new(ApiToken), **given))) == {"district"}
    assert send(an, page_for_new(ApiToken), **given, district=gu.district_id).status_code == 302


def test_its_person_rotates_with_an_overlap() -> None:
    wang = people.clerk_of_the_city()
    token, old = drawn(wang)
    clerk = signed_in(wang)
    until = timezone.localtime() + dt.timedelta(days=3)
    page = clerk.post(step(token, "rotate"), {"until_0": f"{until:%Y-%m-%d}", "until_1": f"{until:%H:%M:%S}"})
    (new,) = secrets_on(page)
    assert new != old
    assert [program(one).get("/api/v1/").status_code for one in (old, new)] == [200, 200]
    token.refresh_from_db()
    assert token.state_at(timezone.now(), timezone.localdate()) == TokenState.ENDING
    assert clerk.get(step(token, "rotate")).status_code == 403
    past = {"until_0": "2020-01-01", "until_1": "00:00:00"}
    answer = clerk.post(step(token.successor, "rotate"), past)
    assert "不能早于" in str(answer.context["form"].errors)


def test_who_grants_renews_without_seeing_a_secret() -> None:
    wang = people.clerk_of_the_city()
    token, _old = drawn(wang)
    ning = signed_in(User.objects.get(username="ning"))
    day = timezone.localdate() + dt.timedelta(days=300)
    at_once = {"until_0": f"{timezone.localdate()}", "until_1": f"{timezone.localtime():%H:%M:%S}"}
    page = ning.post(step(token, "renew"), {**at_once, "expires_on": f"{day}"}, follow=True)
    assert not secrets_on(page)
    assert (token.successor.expires_on, token.successor.drawn_at) == (day, None)
    assert signed_in(wang).get(step(token.successor, "draw")).status_code == 200
    far = {**at_once, "expires_on": "2099-01-01"}
    other, _text = drawn(wang)
    assert "一年" in str(ning.post(step(other, "renew"), far).context["form"].errors)


@pytest.mark.parametrize("who", ["wang", "ning"])
def test_either_revokes_with_a_reason(who: str) -> None:
    token, text = drawn(people.clerk_of_the_city())
    client = signed_in(User.objects.get(username=who))
    assert client.post(step(token, "revoke"), {"reason": ""}).context["form"].errors
    assert client.post(step(token, "revoke"), {"reason": "系统下线"}).status_code == 302
    token.refresh_from_db()
    assert (token.revoked_by.username, token.revoke_reason) == (who, "系统下线")
    assert program(text).get("/api/v1/").status_code == 401
    assert client.get(step(token, "revoke")).status_code == 403


# Who sees and does what

STEPS = {
    #           own  another's clerk, reviewer, of Wujin, system, security, audit, auditor
    "page":   "200 302 302 302 200 200 200 200",
    "draw":   "200 404 404 404 403 403 403 403",
    "rotate": "403 404 404 404 403 403 403 403",
    "renew":  "403 404 404 404 403 403 403 403",
    "revoke": "200 404 404 404 403 200 403 403",
}  # fmt: skip


def test_each_person_before_a_token_of_wang() -> None:
    wang = people.clerk_of_the_city()
    token = granted(wang)
    second = people._person("li", "李雷", wang.role)
    persons = [
        wang,
        second,
        people.reviewer_of_the_city(),
        people.clerk_of_wujin(),
        people.system_administrator(),
        User.objects.get(username="ning"),
        people.audit_administrator(),
        people.auditor(),
    ]
    clients = [signed_in(person) for person in persons]
    paths = {name: page_of(token) if name == "page" else step(token, name) for name in STEPS}
    found = {
        name: " ".join(str(client.get(path).status_code) for client in clients)
        for name, path in paths.items()
    }
    assert found == STEPS


def test_nothing_of_a_token_is_edited_or_deleted() -> None:
    token, _text = drawn(people.clerk_of_the_city())
    chief = Client()
    chief.force_login(User.objects.create_superuser("root", password=None))
    assert chief.post(page_of(token), {"name": "别的", "scopes": list(Scope)}).status_code == 403
    assert chief.get(page_of(token, "delete")).status_code == 403
    assert chief.get(step(token, "draw")).status_code == 403


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(scopes=list(Scope)),
        lambda rows: rows.update(expires_on=dt.date(2099, 1, 1)),
        lambda rows: rows.update(district=district()),
        lambda rows: rows.update(digest="0" * 64),
        lambda rows: rows.delete(),
    ],
)
def test_the_database_keeps_a_token_as_granted(write: Callable[[Any], Any]) -> None:
    token, _text = drawn(people.clerk_of_the_city())
    with pytest.raises(DatabaseError), transaction.atomic():
        write(ApiToken.objects.filter(pk=token.pk))


def test_what_was_revoked_stays_revoked() -> None:
    wang = people.clerk_of_the_city()
    token, _text = drawn(wang)
    tokens.revoke(token=token, by=wang, at=timezone.now(), reason="系统下线")
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=None, revoked_by=None, revoke_reason="")


@pytest.mark.parametrize(("asked", "found"), [("open", ["乙"]), ("waiting", ["甲"]), ("over", ["丁", "丙"])])
def test_the_list_is_filtered_by_standing(asked: str, found: list[str]) -> None:
    wang = people.clerk_of_the_city()
    granted(wang, name="甲")
    drawn(wang, name="乙")
    over, _text = drawn(wang, name="丙")
    tokens.revoke(token=over, by=wang, at=timezone.now(), reason="系统下线")
    granted(wang, name="丁", valid_from=dt.date(2020, 1, 1), expires_on=dt.date(2020, 6, 1))
    page = signed_in(wang).get(LIST, {"standing": asked})
    assert [one.name for one in page.context["cl"].result_list] == found
