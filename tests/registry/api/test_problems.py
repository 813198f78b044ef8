"""Every error of the API has one form (RFC 9457), two languages, and never the status 500."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client, RequestFactory, override_settings
from django.utils import translation
from rest_framework.request import Request
from rest_framework.test import APIClient

from registry.api import problems
from registry.choices import Scope
from registry.models import ApiToken, District
from tests import people
from tests.factories import cluster, designation, district, enterprise, figures, member
from tests.registry.api.conftest import Get, errors_of
from tests.tokens import granted

pytestmark = pytest.mark.django_db

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "errors"}
D = dt.date
CHINESE, ENGLISH = "zh-CN,zh;q=0.9,en;q=0.8", "en-US,en;q=0.9,zh;q=0.5"


def client_of(person: Any) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def ask(client: Any, method: str, path: str, **more: Any) -> tuple[Any, dict[str, Any]]:
    answer = getattr(client, method)(f"/api/v1/{path}", **more)
    assert answer["Content-Type"] == "application/problem+json", (path, answer["Content-Type"])
    body = answer.json()
    assert set(body) == MEMBERS
    assert body["status"] == answer.status_code
    assert body["type"] == f"/api/v1/problems/{body['code']}/"
    assert body["instance"] == f"/api/v1/{path.partition('?')[0]}"
    assert body["title"]
    assert body["detail"]
    return answer, body


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code"),
    [
        ("get", "nothing/", {}, 404, "not_found"),
        ("post", "nothing/", {}, 404, "not_found"),
        ("get", "enterprises/0/", {}, 404, "not_found"),
        ("get", "problems/nothing/", {}, 404, "not_found"),
        ("get", "enterprises/?distrct=320412", {}, 400, "invalid"),
        ("get", "enterprises/?founded_on__gte=2021-02-30", {}, 400, "invalid"),
        ("get", "enterprises/?name=%00", {}, 400, "invalid"),
        ("get", "progress/?as_of=2021-02-30", {}, 400, "invalid"),
        ("get", "enterprises/?cursor=x", {}, 404, "not_found"),
        ("post", "progress/", {}, 405, "method_not_allowed"),
        ("delete", "districts/", {}, 405, "method_not_allowed"),
        ("get", "districts/", {"headers": {"accept": "image/png"}}, 406, "not_acceptable"),
        ("get", "schema/", {"headers": {"accept": "image/png"}}, 406, "not_acceptable"),
    ],
)
def test_each_error_is_a_problem(
    db: None, method: str, path: str, more: dict[str, Any], status: int, code: str
) -> None:
    _answer, body = ask(client_of(people.integrator()), method, path, **more)
    assert (body["status"], body["code"]) == (status, code)


@pytest.mark.parametrize("path", ["", "enterprises/", "schema/", "progress/", "nothing/", "problems/"])
def test_strangers_get_a_problem_that_says_how(path: str) -> None:
    answer, body = ask(APIClient(), "get", path)
    assert (body["status"], body["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_address_outside_of_the_router_is_a_problem_too() -> None:
    client = client_of(people.integrator())
    for path in ("/api/", "/api/v2/enterprises/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


# Two languages


@pytest.mark.parametrize(
    ("asked", "language", "word"),
    [
        (None, "zh-hans", "没有"),
        (CHINESE, "zh-hans", "没有"),
        ("ja,fr;q=0.5", "zh-hans", "没有"),
        (ENGLISH, "en", "There is no such parameter"),
    ],
)
def test_problems_speak_the_language_that_is_asked_for(
    brain: Get, asked: str | None, language: str, word: str
) -> None:
    headers = {"accept-language": asked} if asked else {}
    answer, body = ask(brain.client, "get", "enterprises/?distrct=1", headers=headers)  # type: ignore[attr-defined]
    assert word in body["detail"]
    assert body["title"].isascii() == (language == "en")
    assert body["errors"][0]["field"] == "distrct"
    assert body["errors"][0]["code"] == "unknown_parameter"
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


def test_pages_stay_chinese_whatever_is_asked() -> None:
    page = Client().get("/signin/", headers={"accept-language": ENGLISH})
    assert "登录" in page.content.decode()


def test_what_stands_before_the_api_answers_with_problems() -> None:
    """Administrators without facts, and newcomers with a first password, are stopped by the site around the API."""
    newcomer = people.clerk_of_the_city()
    newcomer.must_change_password = True
    newcomer.save()
    for person, word in ((people.system_administrator(), "业务数据"), (newcomer, "密码")):
        _answer, body = ask(client_of(person), "get", "enterprises/")
        assert (body["status"], body["code"]) == (403, "permission_denied")
        assert word in body["detail"]


def test_several_mistakes_are_told_together(brain: Get) -> None:
    problem = brain("enterprises/", status=400, founded_on__gte="x", district="999999")
    assert set(errors_of(problem)) == {"founded_on__gte", "district"}
    assert "2" in problem["detail"]


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        ({"name": [{"message": "a", "code": "b"}]}, ["name"]),
        ({"non_field_errors": [{"message": "a", "code": "b"}]}, [None]),
        ({"reviews": [{}, {"day": [{"message": "a", "code": "b"}]}]}, ["reviews.1.day"]),
        ({"a": {"b": [{"message": "a", "code": "b"}]}}, ["a.b"]),
        # fields that are called as the parts of a problem are
        (
            {"message": [{"message": "a", "code": "b"}], "code": [{"message": "a", "code": "b"}]},
            ["message", "code"],
        ),
        ([{"message": "a", "code": "b"}], [None]),
    ],
)
def test_the_way_to_a_field(details: Any, fields: list[str | None]) -> None:
    assert [one["field"] for one in problems.flat(details)] == fields


# What the database refuses


def refused(write: Callable[[], object]) -> dict[str, Any]:
    """What a view tells whose `write` the database refuses."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        write()
    request = Request(RequestFactory().post("/api/v1/enterprises/"))
    response = problems.answer(caught.value, {"request": request})
    assert response is not None, f"a 500 for {caught.value!r}"
    assert response.data["status"] == response.status_code
    return response.data


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


NO_SUCH_AREA = "SET CONSTRAINTS ALL IMMEDIATE; UPDATE registry_enterprise SET district_id = 0"


def title_twice() -> None:
    holder = enterprise()
    for _place in range(2):
        designation(holder, D(2022, 1, 1))


def a_token_widened() -> None:
    token = granted(people.clerk_of_the_city(), Scope.READ_TOTALS)
    ApiToken.objects.filter(pk=token.pk).update(scopes=list(Scope))


@pytest.mark.parametrize(
    ("write", "status", "code"),
    [
        # a value alone is at fault
        (lambda: enterprise(""), 400, "enterprise_has_a_name"),
        (lambda: enterprise(founded_on=D(2022, 1, 2), closed_on=D(2022, 1, 1)), 400, "enterprise_closed_after_founded"),
        (lambda: District.objects.create(code="1", name=None), 400, "required"),
        # another record stands against it
        (title_twice, 409, "conflict"),
        (lambda: [enterprise(uscc="91320411608131455L") for _place in range(2)], 409, "conflict"),
        (lambda: [District.objects.create(code="320412", name="武进") for _place in range(2)], 409, "conflict"),
        (lambda: enterprise() and sql(NO_SUCH_AREA), 409, "conflict"),
        (lambda: member(enterprise(district=district()), cluster("a")).enterprise.district.delete(), 409, "conflict"),
        # what never changes
        (a_token_widened, 409, "conflict"),
        # what no column holds
        (lambda: enterprise("光\x00能"), 400, "invalid"),
        (lambda: figures(enterprise(), 2022, revenue=10**30), 400, "invalid"),
        (lambda: figures(enterprise(), 10**12), 400, "invalid"),
    ],
)  # fmt: skip
def test_a_refusal_of_the_database_is_never_a_500(
    write: Callable[[], object], status: int, code: str
) -> None:
    body = refused(write)
    codes = {body["code"], *(one["code"] for one in body["errors"])}
    assert (body["status"], code in codes) == (status, True), body
    assert not body["detail"].isascii(), "in the words of a clerk"


def test_who_asks_in_english_is_refused_in_english() -> None:
    with translation.override("en"):
        body = refused(lambda: enterprise(""))
    assert body["detail"] == "Refused by the rule “enterprise has a name”."


def test_what_nobody_foresaw_is_a_problem_without_a_word_about_its_cause() -> None:
    client = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF="tests.czindustry.failing_urls"):
        for path, status, code in (
            ("fails", 500, "error"),
            ("refuses", 400, "invalid"),
            ("forbids", 403, "permission_denied"),
        ):
            _answer, body = ask(client, "get", f"{path}/")
            assert (body["status"], body["code"]) == (status, code)
            assert "fault" not in str(body)


def test_every_code_has_its_address(brain: Get) -> None:
    for row in brain("problems/"):
        assert brain(f"problems/{row['code']}/") == row
