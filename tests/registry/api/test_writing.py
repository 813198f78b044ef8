"""What programs write: judged and kept as at the desk, once, and from the version that they know."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from registry.choices import Role, Scope
from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    IdempotentRequest,
    Membership,
    Statistic,
    User,
)
from tests import people
from tests.factories import cluster, designation, district, enterprise, figures, member, statistic
from tests.registry.api.conftest import errors_of
from tests.tokens import drawn, program

pytestmark = pytest.mark.django_db

D = dt.date
WRITING = (Scope.WRITE_ENTERPRISES, Scope.WRITE_TITLES, Scope.WRITE_FIGURES, Scope.WRITE_STATISTICS)
USCC = "91320411608131455L"
OTHER = "91320412MA1MCH4K9E"


def send(
    client: APIClient,
    method: str,
    path: str,
    body: Any = None,
    *,
    status: int = 200,
    match: str = "",
    why: str = "",
    **headers: str,
) -> Any:
    """Sends a body, and answers what came back as JSON."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if match:
        given["If-Match"] = match
    if why:
        given["X-Change-Reason"] = quote(why)
    sent = json.dumps(body)  # in ASCII: halves of pairs go out as they are written
    answer = getattr(client, method)(f"/api/v1/{path}", sent, content_type="application/json", headers=given)
    assert answer.status_code == status, answer.content.decode()
    client.last = answer  # type: ignore[attr-defined]
    return answer.json()


@pytest.fixture
def city() -> APIClient:
    """The programme of Wang, who enters lists for the whole city."""
    return program(drawn(people.clerk_of_the_city(), *WRITING)[1])


@pytest.fixture
def wujin() -> APIClient:
    """The programme of Gu, who enters those of Wujin."""
    return program(
        drawn(people.clerk_of_wujin(), *(one for one in WRITING if one != Scope.WRITE_STATISTICS))[1]
    )


# One row: created, changed


def test_an_enterprise_is_created_and_told_as_it_stands(city: APIClient) -> None:
    district("320411")
    row = send(
        city,
        "post",
        "enterprises/",
        {"uscc": USCC, "name": "天合光能股份有限公司", "district": "320411", "founded_on": "1997-12-26"},
        status=201,
        why="市场监管局推送",
        X_Request_Id="req-1",
    )
    one = Enterprise.objects.get()
    assert (row["id"], row["uscc"], row["district"], row["version"]) == (one.pk, USCC, "320411", 1)
    assert one.founded_on == D(1997, 12, 26)
    answer = city.last  # type: ignore[attr-defined]
    assert (answer["ETag"], answer["X-Request-Id"]) == ('"1"', "req-1")
    assert city.get(answer["Location"]).status_code == 403  # it may write, not read
    (event,) = one.events.all()
    told = event.pgh_context.metadata
    wang = User.objects.get(username="wang")
    assert (told["user"], told["reason"], told["request"]) == (wang.pk, "市场监管局推送", "req-1")
    assert told["token"].startswith("产业大脑（")
    page = Client()
    page.force_login(wang)
    shown = page.get(reverse("admin:registry_enterprise_history", args=[one.pk])).content.decode()
    for words in ("王敏", "市场监管局推送", "经接口令牌 产业大脑（", "请求 req-1"):
        assert words in shown


CREATED = [
    ("enterprises/", {"name": "新北一厂"}),
    ("enterprises/", {"name": "新北一厂", "uscc": None, "industry": None, "uscc_confirmed": False}),
    ("designations/", {"scheme": "green_factory", "level": "national", "uscc": USCC, "valid_from": "2022-01-01"}),
    ("designations/", {"scheme": "green_factory", "level": "national", "item": "甲车间", "district": "320412",
                       "announced_on": "2022-01-01"}),
    ("annual-figures/", {"uscc": "9132 0411 6081 3145 5l", "year": 2024, "revenue": "1234.5", "above_scale": True}),
    ("annual-figures/", {"uscc": USCC, "year": 2024, "revenue": 0.1, "employees": None}),
    ("memberships/", {"uscc": USCC, "cluster": "chain.solar"}),
    ("memberships/", {"uscc": USCC, "cluster": "energy", "main": False, "role": "leader", "since": "2022-01-01",
                      "until": None}),
    ("statistics/", {"series": "output", "day": "2024-12-31", "value": 20000, "source": "市统计局"}),
]  # fmt: skip


@pytest.fixture
def world() -> Enterprise:
    """An enterprise of Wujin with a title and figures, its main cluster, and a published figure of the city."""
    one = enterprise("天合光能", uscc=USCC, district=district("320412"))
    designation(one, D(2018, 1, 1), level="national", valid_to=D(2020, 12, 31))
    figures(one, 2022, revenue=5)
    statistic("output", D(2023, 12, 31), "18000")
    member(one, cluster("equipment"), since=D(2020, 1, 1), until=D(2024, 1, 1))
    cluster("energy")
    cluster("chain.solar", "chain")
    return one


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("path", "body"), CREATED)
def test_rows_are_created(city: APIClient, path: str, body: dict[str, Any]) -> None:
    row = send(city, "post", path, body, status=201)
    assert row["version"] == 1


@pytest.mark.usefixtures("world")
def test_amounts_are_exact_whether_sent_as_text_or_as_number(city: APIClient) -> None:
    for year, sent in ((2023, '"12345678901234.5678"'), (2024, "12345678901234.5678")):
        body = f'{{"uscc": "{USCC}", "year": {year}, "revenue": {sent}}}'
        answer = city.post("/api/v1/annual-figures/", body, content_type="application/json")
        assert answer.json()["revenue"] == "12345678901234.5678"


REFUSED: list[tuple[str, Any, str, str]] = [
    # path, body, the field at fault, the code
    ("enterprises/", {}, "name", "required"),
    ("enterprises/", {"name": ""}, "name", "blank"),
    ("enterprises/", {"name": None}, "name", "null"),
    ("enterprises/", {"name": 5}, "name", "invalid"),
    ("enterprises/", {"name": "厂" * 201}, "name", "max_length"),
    ("enterprises/", {"name": "光\x00能"}, "name", "null_characters_not_allowed"),
    ("enterprises/", {"name": "光\ud800"}, "name", "surrogate_characters_not_allowed"),
    ("enterprises/", {"name": "厂", "state": "x"}, "state", "unknown_field"),
    ("enterprises/", {"name": "厂", "\ud800": "x"}, "\\ud800", "unknown_field"),
    ("enterprises/", {"name": "厂", "version": 3}, "version", "unknown_field"),
    ("enterprises/", {"name": "厂", "uscc": "123"}, "uscc", "enterprise_uscc_alphabet"),
    ("enterprises/", {"name": "厂", "uscc": "913204116081314550"}, "uscc", "invalid"),
    ("enterprises/", {"name": "厂", "district": "999999"}, "district", "does_not_exist"),
    ("enterprises/", {"name": "厂", "parent_id": 999}, "parent_id", "does_not_exist"),
    ("enterprises/", {"name": "厂", "parent_id": 10**30}, "parent_id", "max_value"),
    ("enterprises/", {"name": "厂", "founded_on": "2024-02-30"}, "founded_on", "invalid"),
    ("enterprises/", {"name": "厂", "founded_on": "20240230"}, "founded_on", "invalid"),
    ("enterprises/", {"name": "厂", "founded_on": "2024-01-02", "closed_on": "2024-01-01"}, "closed_on",
     "enterprise_closed_after_founded"),
    ("enterprises/", {"name": "厂", "registration_no": "12"}, "registration_no", "invalid"),
    ("enterprises/", {"name": "厂", "contact_phone": "138****0000"}, "contact_phone", "masked"),
    ("designations/", {"level": "national", "uscc": USCC, "valid_from": "2022-01-01"}, "scheme", "required"),
    ("designations/", {"scheme": "green_factory", "level": "galactic", "uscc": USCC}, "level", "invalid_choice"),
    ("designations/", {"scheme": "green_factory", "level": "district", "uscc": USCC, "valid_from": "2022-01-01"},
     "level", "invalid"),
    ("designations/", {"scheme": "green_factory", "level": "national", "uscc": OTHER}, "uscc", "does_not_exist"),
    ("designations/", {"scheme": "green_factory", "level": "national", "valid_from": "2022-01-01"}, "uscc",
     "designation_has_one_holder"),
    ("designations/", {"scheme": "green_factory", "level": "national", "uscc": USCC}, "valid_from",
     "designation_confirmed_has_a_day"),
    ("designations/", {"scheme": "green_factory", "level": "national", "uscc": USCC, "valid_from": "2022-01-02",
                       "valid_to": "2022-01-01"}, "valid_to", "invalid"),
    ("annual-figures/", {"year": 2024}, "uscc", "required"),
    ("annual-figures/", {"uscc": USCC}, "year", "required"),
    ("annual-figures/", {"uscc": USCC, "year": 1800}, "year", "min_value"),
    ("annual-figures/", {"uscc": USCC, "year": "2024"}, "year", "invalid"),
    ("annual-figures/", {"uscc": USCC, "year": 2024, "revenue": "-1"}, "revenue", "figures_revenue_not_negative"),
    ("annual-figures/", {"uscc": USCC, "year": 2024, "revenue": "1e40"}, "revenue", "max_digits"),
    ("annual-figures/", {"uscc": USCC, "year": 2024, "revenue": True}, "revenue", "invalid"),
    ("annual-figures/", {"uscc": USCC, "year": 2024, "employees": 2**31}, "employees", "max_value"),
    ("annual-figures/", {"uscc": USCC, "year": 2024, "above_scale": 1}, "above_scale", "invalid"),
    ("memberships/", {"uscc": USCC}, "cluster", "required"),
    ("memberships/", {"cluster": "energy"}, "uscc", "required"),
    ("memberships/", {"uscc": OTHER, "cluster": "energy"}, "uscc", "does_not_exist"),
    ("memberships/", {"uscc": USCC, "cluster": "none"}, "cluster", "does_not_exist"),
    ("memberships/", {"uscc": USCC, "cluster": "energy", "kind": "chain"}, "kind", "unknown_field"),
    ("memberships/", {"uscc": USCC, "cluster": "energy", "role": "king"}, "role", "invalid_choice"),
    ("memberships/", {"uscc": USCC, "cluster": "energy", "main": False, "since": "2024-01-02", "until": "2024-01-01"},
     "until", "invalid"),
    ("statistics/", {"series": "output", "day": "2024-12-31", "value": "1"}, "source", "required"),
    ("statistics/", {"series": "none", "day": "2024-12-31", "value": "1", "source": "市统计局"}, "series",
     "does_not_exist"),
]  # fmt: skip


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("path", "body", "field", "code"), REFUSED)
def test_what_cannot_be_is_refused_with_its_field(
    city: APIClient, path: str, body: Any, field: str, code: str
) -> None:
    before = rows_of_all()
    problem = send(city, "post", path, body, status=400)
    assert [(one["field"], one["code"]) for one in problem["errors"]] == [(field, code)]
    assert rows_of_all() == before


def rows_of_all() -> list[int]:
    return [
        model.objects.count()
        for model in (Enterprise, Designation, AnnualFigures, Membership, Statistic, FormerName)
    ]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("world")
def test_all_that_is_wrong_is_told_at_once(city: APIClient) -> None:
    problem = send(city, "post", "enterprises/", {"name": "", "founded_on": "soon", "colour": 1}, status=400)
    assert set(errors_of(problem)) == {"name", "founded_on", "colour"}


CONFLICTS = [
    ("enterprises/", {"name": "又一厂", "uscc": USCC}, "exists"),
    ("annual-figures/", {"uscc": USCC, "year": 2022}, "exists"),
    ("statistics/", {"series": "output", "day": "2023-12-31", "value": "1", "source": "某报"}, "exists"),
    ("designations/", {"scheme": "green_factory", "level": "national", "uscc": USCC, "valid_from": "2020-12-31"},
     "designation_no_overlap"),
    # the last day of its main cluster
    ("memberships/", {"uscc": USCC, "cluster": "energy", "since": "2023-12-31"}, "membership_one_main_of_a_kind"),
    ("memberships/", {"uscc": USCC, "cluster": "equipment", "main": False, "until": "2020-01-02"}, "membership_once"),
]  # fmt: skip


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("path", "body", "code"), CONFLICTS)
def test_what_is_there_already_is_a_conflict(
    city: APIClient, path: str, body: dict[str, Any], code: str
) -> None:
    problem = send(city, "post", path, body, status=409)
    assert [one["code"] for one in problem["errors"]] == [code]


@pytest.mark.usefixtures("world")
def test_the_day_after_a_title_it_may_be_granted_again(city: APIClient) -> None:
    body = {"scheme": "green_factory", "level": "national", "uscc": USCC, "valid_from": "2021-01-01"}
    assert send(city, "post", "designations/", body, status=201)["state"] == "confirmed"


@pytest.mark.usefixtures("world")
def test_the_day_after_a_membership_there_may_be_another(city: APIClient) -> None:
    body = {"uscc": USCC, "cluster": "energy", "since": "2024-01-01"}
    row = send(city, "post", "memberships/", body, status=201, why="转型")
    assert (row["cluster"], row["kind"], row["main"], row["until"]) == ("energy", "advanced", True, None)
    # over: never deleted, told by its `until`
    send(city, "patch", f"memberships/{row['id']}/", {"until": "2025-07-01"}, status=428)
    over = send(city, "patch", f"memberships/{row['id']}/", {"until": "2025-07-01"}, match='"1"')
    assert (over["until"], over["version"]) == ("2025-07-01", 2)
    reads = program(drawn(people.reviewer_of_the_city())[1])
    days = {"2023-12-31": "equipment", "2024-01-01": "energy", "2025-06-30": "energy", "2025-07-01": None}
    for day, place in days.items():
        found = reads.get(f"/api/v1/memberships/?uscc={USCC}&valid_on={day}").json()["results"]
        assert [one["cluster"] for one in found] == ([place] if place else [])


@pytest.mark.usefixtures("world")
def test_a_main_cluster_gives_way_in_one_request(city: APIClient) -> None:
    first = Membership.objects.get()
    rows: list[dict[str, Any]] = [
        {"uscc": USCC, "cluster": "energy", "since": "2023-01-01"},
        {"id": first.pk, "version": 1, "until": "2023-01-01"},
        # of another kind, and besides: nothing to do with it
        {"uscc": USCC, "cluster": "chain.solar"},
        {"uscc": USCC, "cluster": "energy", "main": False, "until": "2023-01-01"},
    ]
    told = send(city, "post", "memberships/bulk/", {"rows": rows})
    assert (told["created"], told["changed"]) == (3, 1)
    assert Membership.objects.filter(main=True, kind="advanced").count() == 2
    # what it gives way to has to fit
    later = Membership.objects.get(cluster__code="energy", main=True)
    rows = [
        {"id": first.pk, "version": "*", "until": "2023-01-02"},
        {"id": later.pk, "version": "*", "main": True},
    ]
    problem = send(city, "post", "memberships/bulk/", {"rows": rows}, status=400)
    assert [(one["row"], one["field"], one["code"]) for one in problem["errors"]] == [
        (0, "main", "membership_one_main_of_a_kind")
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_two_change_places_whichever_stands_first(city: APIClient, world: Enterprise, turned: bool) -> None:
    main, other = Membership.objects.get(), member(world, cluster("energy"), main=False, since=D(2020, 1, 1))
    rows: list[dict[str, Any]] = [
        {"id": main.pk, "version": 1, "main": False},
        {"id": other.pk, "version": 1, "main": True},
    ]
    send(city, "post", "memberships/bulk/", {"rows": rows[::-1] if turned else rows})
    assert list(Membership.objects.order_by("pk").values_list("main", flat=True)) == [False, True]
    first, later = world.designations.get(), designation(world, D(2021, 1, 1), level="national")
    rows = [
        {"id": first.pk, "version": 1, "valid_to": "2019-12-31"},
        {"id": later.pk, "version": 1, "valid_from": "2020-01-01"},
    ]
    send(city, "post", "designations/bulk/", {"rows": rows[::-1] if turned else rows}, why="更正")
    later.refresh_from_db()
    assert later.valid_from == D(2020, 1, 1)


@pytest.mark.usefixtures("world")
def test_the_kind_follows_the_cluster(city: APIClient) -> None:
    one = Membership.objects.get()
    row = send(city, "patch", f"memberships/{one.pk}/", {"cluster": "chain.solar"}, match="*")
    assert (row["cluster"], row["kind"]) == ("chain.solar", "chain")


def test_an_area_writes_the_memberships_of_its_own(wujin: APIClient, world: Enterprise) -> None:
    theirs = enterprise("溧阳一厂", uscc=OTHER, district=district("320481"))
    other = member(theirs, cluster("energy"))
    send(wujin, "post", "memberships/", {"uscc": USCC, "cluster": "chain.solar"}, status=201)
    send(wujin, "post", "memberships/", {"uscc": OTHER, "cluster": "chain.solar"}, status=400)
    send(wujin, "patch", f"memberships/{other.pk}/", {"role": "leader"}, match="*", status=404)
    assert Membership.objects.get(pk=other.pk).role == "member"


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "[" * 100_000, "{", '{"a": NaN}', "", "\xff"])
def test_a_body_that_is_no_object_breaks_nothing(city: APIClient, body: str) -> None:
    for path in ("enterprises/", "enterprises/bulk/"):
        sent = body.encode("latin-1")
        answer = city.post(f"/api/v1/{path}", sent, content_type="application/json")
        assert answer.status_code == 400, answer.content.decode()


def test_other_kinds_of_bodies_are_not_read(city: APIClient) -> None:
    answer = city.post("/api/v1/enterprises/", "name=a", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_without_end_is_not_read(city: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = {"name": "厂", "address": "x" * 2000}
    assert send(city, "post", "enterprises/", body, status=413)["code"] == "too_large"


# Versions


def test_a_change_says_from_which_version_it_starts(city: APIClient, world: Enterprise) -> None:
    path = f"enterprises/{USCC}/"
    assert send(city, "patch", path, {"address": "新址"}, status=428)["code"] == "precondition_required"
    assert (
        send(city, "patch", path, {"address": "新址"}, match='"2"', status=412)["code"]
        == "precondition_failed"
    )
    send(city, "patch", path, {"address": "新址"}, match='W/"1"', status=412)
    send(city, "patch", path, {"address": "新址"}, match="1", status=400)
    row = send(city, "patch", path, {"address": "新址"}, match='"1"')
    assert (row["address"], row["version"], city.last["ETag"]) == ("新址", 2, '"2"')  # type: ignore[attr-defined]
    send(city, "patch", path, {"address": "再迁"}, match='"1"', status=412)
    assert send(city, "patch", path, {"address": "再迁"}, match="*")["version"] == 3
    # what is so already is no change
    assert send(city, "patch", f"enterprises/{world.pk}/", {"address": "再迁"}, match='"3"')["version"] == 3
    assert world.events.count() == 3


def test_the_version_is_told_with_the_row(world: Enterprise) -> None:
    reads = program(drawn(people.clerk_of_the_city())[1])
    assert reads.get(f"/api/v1/enterprises/{USCC}/")["ETag"] == '"1"'
    assert "ETag" not in reads.get(f"/api/v1/enterprises/{USCC}/?fields=name")


@pytest.mark.usefixtures("world")
def test_nothing_is_deleted(city: APIClient) -> None:
    for path in (
        f"enterprises/{USCC}/",
        "designations/1/",
        "annual-figures/1/",
        "memberships/1/",
        "statistics/1/",
    ):
        assert city.delete(f"/api/v1/{path}").status_code in (403, 405)
    assert rows_of_all() == [1, 1, 1, 1, 1, 0]


def test_put_creates_and_changes_by_the_code(city: APIClient) -> None:
    path = f"enterprises/{USCC}/"
    created = send(city, "put", path, {"name": "天合光能"}, status=201)
    assert (created["uscc"], created["name"]) == (USCC, "天合光能")
    send(city, "put", path, {"name": "天合光能", "address": "新址"}, status=428)
    send(city, "put", path, {"name": "天合光能"}, status=412, If_None_Match="*")
    row = send(city, "put", path, {"address": "新址"}, match='"1"')
    assert (row["name"], row["address"], row["version"]) == ("天合光能", "新址", 2)
    send(city, "put", f"enterprises/{OTHER}/", {"name": "另一厂"}, match="*", status=412)
    problem = send(city, "put", f"enterprises/{OTHER}/", {"name": "另一厂", "uscc": USCC}, status=400)
    assert set(errors_of(problem)) == {"uscc"}
    send(city, "put", "enterprises/999999/", {"name": "另一厂"}, match="*", status=404)


def test_a_new_name_keeps_the_old_one(city: APIClient, world: Enterprise) -> None:
    path = f"enterprises/{USCC}/"
    send(city, "patch", path, {"name": "天合光能股份", "renamed_on": "2024-05-01"}, match='"1"')
    send(city, "patch", path, {"name": "天合光能股份公司", "only_a_slip": True}, match='"2"')
    kept = list(world.former_names.values_list("name", "ended_on"))
    assert kept == [("天合光能", D(2024, 5, 1))]


# What happens to records


def test_an_enterprise_is_closed_once(city: APIClient, world: Enterprise) -> None:
    path = f"enterprises/{USCC}/close/"
    send(city, "post", path, {"day": "2024-06-30"}, status=428)
    row = send(city, "post", path, {"day": "2024-06-30"}, match='"1"', why="注销登记")
    assert (row["closed_on"], row["version"]) == ("2024-06-30", 2)
    problem = send(city, "post", path, {"day": "2024-06-30"}, match="*", status=400)
    assert set(errors_of(problem)) == {"day"}
    assert world.events.last().pgh_context.metadata["reason"] == "注销登记"


def test_an_enterprise_moves(city: APIClient, world: Enterprise) -> None:
    district("320481")
    path = f"enterprises/{USCC}/move/"
    row = send(city, "post", path, {"to": "320481", "day": "2024-06-30"}, match='"1"')
    assert row["district"] == "320481"
    assert row["relocations"] == [{"day": "2024-06-30", "from_district": "320412", "to_district": "320481"}]
    send(city, "post", path, {"to": "999999", "day": "2024-07-30"}, match="*", status=400)
    assert send(city, "post", path, {"to": None, "day": "2024-07-30"}, match="*")["district"] is None


def test_a_title_is_ended_and_reviewed(city: APIClient, world: Enterprise) -> None:
    title = world.designations.get()
    path = f"designations/{title.pk}"
    review = {"day": "2020-12-01", "outcome": "passed", "valid_to": "2023-12-31"}
    failed = {**review, "outcome": "failed"}
    assert set(errors_of(send(city, "post", f"{path}/review/", failed, match="*", status=400))) == {
        "valid_to"
    }
    row = send(city, "post", f"{path}/review/", review, match='"1"')
    assert (row["valid_to"], len(row["reviews"])) == ("2023-12-31", 1)
    send(city, "post", f"{path}/review/", review, match="*", status=409)
    end = {"day": "2022-01-01", "end_reason": "revoked"}
    assert set(
        errors_of(send(city, "post", f"{path}/end/", {**end, "reason": "x"}, match="*", status=400))
    ) == {"reason"}
    row = send(city, "post", f"{path}/end/", end, match='"2"')
    assert (row["ended_on"], row["end_reason"]) == ("2022-01-01", "revoked")
    problem = send(city, "post", f"{path}/end/", end, match="*", status=409)
    assert "2022-01-01" in problem["detail"]


def test_a_change_of_what_counts_wants_its_reason(city: APIClient, world: Enterprise) -> None:
    path = f"designations/{world.designations.get().pk}/"
    problem = send(city, "patch", path, {"valid_to": "2021-12-31"}, match="*", status=400)
    assert set(errors_of(problem)) == {"X-Change-Reason"}
    assert (
        send(city, "patch", path, {"valid_to": "2021-12-31"}, match="*", why="更正")["valid_to"]
        == "2021-12-31"
    )
    assert send(city, "patch", path, {"note": "备注"}, match="*")["note"] == "备注"


@pytest.mark.parametrize(
    ("reason", "status"), [("%E6%9B%B4%E6%AD%A3", 200), ("更正", 200), ("%FF", 400), ("x" * 301, 400)]
)
def test_the_reason_is_text(city: APIClient, world: Enterprise, reason: str, status: int) -> None:
    header = reason.encode().decode("latin-1")
    send(
        city,
        "patch",
        f"enterprises/{USCC}/",
        {"address": "新址"},
        match="*",
        status=status,
        X_Change_Reason=header,
    )
    if status == 200:
        assert world.events.last().pgh_context.metadata["reason"] == "更正"


# Who may


def test_an_area_writes_its_own_enterprises(wujin: APIClient) -> None:
    theirs = enterprise("溧阳厂", uscc=OTHER, district=district("320481"))
    row = send(wujin, "post", "enterprises/", {"name": "武进一厂"}, status=201)
    assert row["district"] == "320412"
    send(wujin, "post", "enterprises/", {"name": "溧阳二厂", "district": "320481"}, status=403)
    send(wujin, "patch", f"enterprises/{row['id']}/", {"district": "320481"}, match="*", status=403)
    send(
        wujin,
        "post",
        f"enterprises/{row['id']}/move/",
        {"to": "320481", "day": "2024-01-01"},
        match="*",
        status=403,
    )
    # what is elsewhere is not there, and its code is taken as it is at the desk
    send(wujin, "patch", f"enterprises/{OTHER}/", {"address": "x"}, match="*", status=404)
    send(wujin, "put", f"enterprises/{OTHER}/", {"name": "x"}, match="*", status=409)
    send(wujin, "post", f"enterprises/{OTHER}/close/", {"day": "2024-01-01"}, match="*", status=404)
    body = {"uscc": OTHER, "year": 2024}
    assert set(errors_of(send(wujin, "post", "annual-figures/", body, status=400))) == {"uscc"}
    theirs.refresh_from_db()
    assert theirs.version == 1


def test_what_an_area_grants_waits_for_the_city(wujin: APIClient, world: Enterprise) -> None:
    gu = User.objects.get(username="gu")
    body = {"scheme": "green_factory", "level": "national", "uscc": USCC, "valid_from": "2022-01-01"}
    row = send(wujin, "post", "designations/", body, status=201)
    made = Designation.objects.get(pk=row["id"])
    assert (row["state"], made.submitted_by) == ("submitted", gu)
    assert send(wujin, "patch", f"designations/{made.pk}/", {"note": "x"}, match="*")["state"] == "submitted"
    confirmed = world.designations.get(state="confirmed")
    send(wujin, "patch", f"designations/{confirmed.pk}/", {"note": "x"}, match="*", status=403)
    end = {"day": "2019-01-01", "end_reason": "revoked"}
    send(wujin, "post", f"designations/{confirmed.pk}/end/", end, match="*", status=403)
    body = {"scheme": "green_factory", "level": "national", "item": "甲", "district": "320481"}
    district("320481")
    send(wujin, "post", "designations/", {**body, "announced_on": "2024-01-01"}, status=403)


def test_who_may_not_write_at_the_desk_may_not_here(world: Enterprise) -> None:
    readers: list[Callable[[], User]] = [people.official_of_the_city, people.integrator, people.auditor]
    for reader in readers:
        client = APIClient()
        client.force_login(reader())
        for path, body in CREATED:
            send(client, "post", path, body, status=403)
    assert rows_of_all() == [1, 1, 1, 1, 1, 0]


def test_a_scope_opens_its_own_resource_alone(world: Enterprise) -> None:
    shen = people.reviewer_of_the_city()
    for scope, path in zip(
        WRITING, ("enterprises", "designations", "annual-figures", "statistics"), strict=True
    ):
        client = program(drawn(shen, scope)[1])
        opened = {
            other: client.post(f"/api/v1/{other}/", {}, format="json").status_code
            for other in ("enterprises", "designations", "annual-figures", "statistics")
        }
        assert {other for other, status in opened.items() if status == 400} == {path}
        assert {status for other, status in opened.items() if other != path} == {403}


def test_a_token_writes_no_longer_than_its_person_may(world: Enterprise) -> None:
    wang = people.clerk_of_the_city()
    client = program(drawn(wang, Scope.WRITE_FIGURES)[1])
    body = {"uscc": USCC, "year": 2024}
    send(client, "post", "annual-figures/", body, status=201)
    User.objects.filter(pk=wang.pk).update(role=Role.CITY_OFFICIAL)
    send(client, "post", "annual-figures/", {**body, "year": 2023}, status=403)


def test_whoever_is_signed_in_writes_with_the_mark_of_the_page(world: Enterprise) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(people.clerk_of_the_city())
    send(client, "post", "enterprises/", {"name": "厂"}, status=403)
    assert Enterprise.objects.count() == 1


# Many rows


def test_many_rows_are_created_changed_and_left(city: APIClient, world: Enterprise) -> None:
    known = world.figures.get()
    body = {
        "rows": [
            {"uscc": USCC, "year": 2020, "revenue": "1"},
            {"uscc": USCC, "year": 2022, "revenue": "7", "version": known.version},
            {"uscc": USCC, "year": 2021},
            {"enterprise_id": world.pk, "year": 2019},
        ]
    }
    told = send(city, "post", "annual-figures/bulk/", body)
    assert [told[name] for name in ("created", "changed", "unchanged", "refused")] == [3, 1, 0, 0]
    assert [row["outcome"] for row in told["rows"]] == ["created", "changed", "created", "created"]
    assert told["rows"][1] == {"outcome": "changed", "id": known.pk, "version": 2}
    again = {"rows": [{"uscc": USCC, "year": 2022, "revenue": "7.0000", "version": "*"}]}
    assert send(city, "post", "annual-figures/bulk/", again)["unchanged"] == 1
    by_id = {"rows": [{"id": known.pk, "version": 2, "employees": 9}]}
    assert send(city, "post", "annual-figures/bulk/", by_id)["rows"] == [
        {"outcome": "changed", "id": known.pk, "version": 3}
    ]


MIXED = [
    {"uscc": USCC, "year": 2020},
    {"uscc": USCC, "year": "2021", "revenue": "-"},
    {"uscc": OTHER, "year": 2021},
    {"uscc": USCC, "year": 2020, "revenue": "5"},
    {"uscc": USCC, "year": 2022},
    {"uscc": USCC, "year": 2022, "version": 9},
    {"uscc": USCC, "year": 2018, "version": 1},
    "text",
    {"id": 999999, "version": 1, "revenue": "5"},
]
PROBLEMS = [
    (1, "year", "invalid"),
    (1, "revenue", "invalid"),
    (2, "uscc", "does_not_exist"),
    (3, "year", "twice"),
    (4, "year", "exists"),
    (5, "version", "stale"),
    (6, "version", "not_found"),
    (7, None, "invalid"),
    (8, "id", "not_found"),
]


def test_all_or_nothing_tells_every_error(city: APIClient, world: Enterprise) -> None:
    problem = send(city, "post", "annual-figures/bulk/", {"rows": MIXED}, status=400)
    assert [(one["row"], one["field"], one["code"]) for one in problem["errors"]] == PROBLEMS
    assert AnnualFigures.objects.count() == 1


def test_row_by_row_writes_the_others(city: APIClient, world: Enterprise) -> None:
    told = send(city, "post", "annual-figures/bulk/", {"rows": MIXED, "partial": True})
    assert (told["created"], told["refused"]) == (1, 8)
    assert [(one["row"], one["field"], one["code"]) for one in told["errors"]] == PROBLEMS
    assert list(AnnualFigures.objects.order_by("year").values_list("year", flat=True)) == [2020, 2022]
    assert [row["id"] for row in told["rows"]].count(None) == 7


def test_of_two_rows_that_speak_of_one_record_the_first_is_written(
    city: APIClient, world: Enterprise
) -> None:
    """By its key or by its id; what the second says is not mixed into it."""
    known, title = world.figures.get(), world.designations.get()
    rows: list[dict[str, Any]] = [
        {"uscc": USCC, "year": 2022, "version": "*", "revenue": "7"},
        {"uscc": USCC, "year": 2022, "version": "*", "revenue": "8", "tax": "1"},
        {"id": known.pk, "version": "*", "revenue": "9"},
    ]
    told = send(city, "post", "annual-figures/bulk/", {"rows": rows, "partial": True})
    assert [(one["row"], one["field"], one["code"]) for one in told["errors"]] == [
        (1, "year", "twice"),
        (2, "id", "twice"),
    ]
    known.refresh_from_db()
    assert (known.revenue, known.tax, known.version) == (7, None, 2)
    rows = [{"id": title.pk, "version": "*", "note": note} for note in ("甲", "乙")]
    told = send(city, "post", "designations/bulk/", {"rows": rows, "partial": True})
    assert (told["changed"], [one["code"] for one in told["errors"]]) == (1, ["twice"])
    send(city, "post", "designations/bulk/", {"rows": rows}, status=400)
    title.refresh_from_db()
    assert title.note == "甲"


def test_where_no_row_can_be_written_the_request_is_refused(city: APIClient) -> None:
    body = {"rows": [{"name": ""}, {"name": None}], "partial": True}
    problem = send(city, "post", "enterprises/bulk/", body, status=400)
    assert [one["row"] for one in problem["errors"]] == [0, 1]


def test_titles_of_one_request_do_not_overlap_either(city: APIClient, world: Enterprise) -> None:
    title = {"scheme": "green_factory", "level": "national", "uscc": USCC}
    days = [
        ("2021-01-01", "2021-12-31"),
        ("2021-12-31", "2022-12-31"),
        ("2023-01-01", None),
        ("2030-01-01", None),
    ]
    rows = [{**title, "valid_from": first, "valid_to": last} for first, last in days]
    told = send(city, "post", "designations/bulk/", {"rows": rows, "partial": True})
    assert [row["outcome"] for row in told["rows"]] == ["created", "refused", "created", "refused"]
    assert {one["code"] for one in told["errors"]} == {"designation_no_overlap"}


def test_what_a_request_leaves_as_it_is_stands_in_the_way(city: APIClient, world: Enterprise) -> None:
    later = designation(world, D(2021, 1, 1), level="national")
    rows = [
        {"id": world.designations.earliest("valid_from").pk, "version": 1, "valid_to": "2021-01-01"},
        {"id": later.pk, "version": 1, "valid_from": "2021-01-01"},
    ]
    problem = send(city, "post", "designations/bulk/", {"rows": rows}, status=400, why="更正")
    assert [(one["row"], one["code"]) for one in problem["errors"]] == [(0, "designation_no_overlap")]


def test_one_request_may_make_room_for_its_own_rows(city: APIClient, world: Enterprise) -> None:
    """A title is cut short and granted anew at the next level, in one go."""
    old = world.designations.get()
    rows = [
        {"id": old.pk, "version": 1, "valid_to": "2019-12-31"},
        {"scheme": "green_factory", "level": "national", "uscc": USCC, "valid_from": "2020-01-01"},
    ]
    told = send(city, "post", "designations/bulk/", {"rows": rows}, why="更正期限")
    assert [row["outcome"] for row in told["rows"]] == ["changed", "created"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rows": []},
        {"rows": {}},
        {"rows": None},
        {"rows": [{}] * 10_001},
        {"rows": [{}], "partial": "yes"},
        {"rows": [{}], "colour": "red"},
    ],
)
def test_a_request_with_many_rows_is_one(city: APIClient, body: dict[str, Any]) -> None:
    assert send(city, "post", "enterprises/bulk/", body, status=400)["errors"]


# Once


def test_a_request_sent_again_does_nothing_twice(city: APIClient) -> None:
    body = {"name": "武进一厂"}
    first = send(city, "post", "enterprises/", body, status=201, Idempotency_Key="k1")
    again = send(city, "post", "enterprises/", body, status=201, Idempotency_Key="k1")
    assert again == first
    answer = city.last  # type: ignore[attr-defined]
    assert (answer["Idempotency-Replayed"], answer["ETag"]) == ("true", '"1"')
    assert Enterprise.objects.count() == 1
    send(city, "post", "enterprises/", {"name": "二厂"}, status=422, Idempotency_Key="k1")
    send(city, "post", "enterprises/", body, status=201, Idempotency_Key="k2")
    send(city, "post", "enterprises/", body, status=400, Idempotency_Key="长" * 3)
    assert Enterprise.objects.count() == 2


def test_a_key_belongs_to_its_token(city: APIClient, wujin: APIClient) -> None:
    for client in (city, wujin):
        send(client, "post", "enterprises/", {"name": "厂"}, status=201, Idempotency_Key="k1")
    assert Enterprise.objects.count() == 2


def test_what_was_refused_may_be_sent_again(city: APIClient) -> None:
    body = {"uscc": USCC, "year": 2024}
    send(city, "post", "annual-figures/", body, status=400, Idempotency_Key="k1")
    enterprise("天合光能", uscc=USCC)
    send(city, "post", "annual-figures/", body, status=201, Idempotency_Key="k1")


@pytest.mark.parametrize(("hours", "made"), [(23.99, 1), (24, 2)])
def test_a_key_is_kept_for_a_day(city: APIClient, hours: float, made: int) -> None:
    send(city, "post", "enterprises/", {"name": "厂"}, status=201, Idempotency_Key="k1")
    kept = IdempotentRequest.objects.get()
    kept.created_at -= dt.timedelta(hours=hours)
    kept.save()
    send(city, "post", "enterprises/", {"name": "厂"}, status=201, Idempotency_Key="k1")
    assert Enterprise.objects.count() == made
