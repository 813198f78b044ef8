"""Following by token: what it may read, where it goes on, and how long it waits."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from registry.api import feed
from registry.choices import Scope
from registry.feed import positions
from registry.models import Enterprise
from tests import people
from tests.factories import district, enterprise, figures, statistic
from tests.registry.api.conftest import errors_of, reader
from tests.tokens import READING, by_token, drawn, program

FOLLOWING = (*READING, Scope.FOLLOW_CHANGES)


def started(get: Any, **asked: Any) -> str:
    return str(get("changes/", **asked)["position"])


@pytest.mark.django_db(transaction=True)
def test_a_programme_begins_now_and_goes_on() -> None:
    get = by_token(drawn(people.clerk_of_the_city(), *FOLLOWING)[1])
    position = started(get)
    made = enterprise("光能", district=district(), contact_name="张三丰")
    found = get("changes/", after=position, resource="enterprises")
    (change,) = found["changes"]
    assert (change["resource"], change["id"], change["change"], change["version"]) == (
        "enterprises",
        made.pk,
        "created",
        1,
    )
    assert change["row"]["contact_name"] == "张**"
    assert change["row"]["district"] == "320412"
    assert not found["more"]
    assert get("changes/", after=found["position"], resource="enterprises")["changes"] == []


@pytest.mark.django_db(transaction=True)
def test_who_wrote_is_told_by_system_and_request() -> None:
    wang = people.clerk_of_the_city()
    get = by_token(drawn(wang, *FOLLOWING)[1])
    token, text = drawn(wang, Scope.WRITE_ENTERPRISES, name="武进平台")
    position = started(get)
    program(text).post("/api/v1/enterprises/", {"name": "厂"}, headers={"X-Request-Id": "r-1"})
    (change,) = get("changes/", after=position)["changes"]
    assert (change["request"], change["token"]) == ("r-1", str(token))


@pytest.mark.django_db(transaction=True)
def test_each_token_is_told_what_it_may_read() -> None:
    wang = people.clerk_of_the_city()
    told: dict[Scope, set[str]] = {}
    gets = {scope: by_token(drawn(wang, scope, Scope.FOLLOW_CHANGES)[1]) for scope in READING}
    position = started(gets[Scope.READ_TOTALS])
    figures(enterprise("光能"), 2022)
    statistic("output", "2022-12-31", "1")
    for scope, get in gets.items():
        told[scope] = {change["resource"] for change in get("changes/", after=position)["changes"]}
    assert told == {
        Scope.READ_TOTALS: {"series", "statistics"},
        Scope.READ_ENTERPRISES: {"series", "enterprises"},
        Scope.READ_RECORDS: {"series", "annual-figures"},
    }
    problem = gets[Scope.READ_TOTALS]("changes/", after=position, resource="enterprises", status=403)
    assert "read_enterprises" in problem["detail"]
    by_token(drawn(wang)[1])("changes/", status=403)


@pytest.mark.django_db(transaction=True)
def test_an_export_streams_rows_and_tells_its_position() -> None:
    client = program(drawn(people.clerk_of_wujin(), *FOLLOWING)[1])
    for number in range(3):
        enterprise(f'武进{number}厂"\\\n', district=district())
    enterprise("溧阳厂", district=district("320481"))
    answer: Any = client.get("/api/v1/export/enterprises.ndjson")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]
    assert [row["name"] for row in rows] == [f'武进{number}厂"\\\n' for number in range(3)]
    Enterprise.objects.filter(pk=rows[0]["id"]).update(address="新址")
    found = client.get("/api/v1/changes/", {"after": answer["X-Position"], "resource": "enterprises"}).json()
    assert [change["version"] for change in found["changes"]] == [2]


@pytest.mark.django_db(transaction=True)
def test_an_export_that_nobody_reads_gives_its_connection_back() -> None:
    export = feed.Export(feed.BY_NAME["enterprises"])
    held = export.connection
    assert held.connection is not None
    del export
    assert held.connection is None


@pytest.mark.django_db(transaction=True)
def test_an_export_may_be_left_in_the_middle() -> None:
    enterprise("光能")
    export = feed.Export(feed.BY_NAME["enterprises"])
    assert next(iter(export)).startswith(b"{")
    export.close()
    assert export.connection.connection is None


@pytest.mark.django_db
def test_exports_want_the_scope_of_their_table() -> None:
    client = program(drawn(people.clerk_of_the_city(), Scope.READ_TOTALS)[1])
    assert client.get("/api/v1/export/enterprises.ndjson").json()["code"] == "insufficient_scope"
    for path in ("nothing.ndjson", "enterprises.csv", "enterprises"):
        assert client.get(f"/api/v1/export/{path}", follow=True).status_code == 404
    assert client.get("/api/v1/export/districts.ndjson").status_code == 200


# Waiting


@pytest.mark.django_db(transaction=True)
def test_who_waits_is_answered_when_something_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    get = by_token(drawn(people.clerk_of_the_city(), *FOLLOWING)[1])
    position = started(get)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            enterprise("光能")

    monkeypatch.setattr(feed.time, "sleep", pause)
    found = get("changes/", after=position, wait=30)
    assert ([change["resource"] for change in found["changes"]], len(pauses)) == (["enterprises"], 3)


@pytest.mark.django_db(transaction=True)
def test_who_waits_in_vain_is_answered_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    get = by_token(drawn(people.clerk_of_the_city(), *FOLLOWING)[1])
    position = started(get)
    clock = iter(range(100))
    monkeypatch.setattr(feed.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(feed.time, "monotonic", lambda: next(clock) * 10.0)
    found = get("changes/", after=position, wait=30)
    assert (found["changes"], found["more"]) == ([], False)


@pytest.mark.django_db(transaction=True)
def test_no_more_wait_than_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_seconds: float) -> None:
        raise AssertionError("waits although two do")

    monkeypatch.setattr(feed.time, "sleep", never)
    get = by_token(drawn(people.clerk_of_the_city(), *FOLLOWING)[1])
    position = started(get)
    assert feed.WAITING.acquire(blocking=False)
    assert feed.WAITING.acquire(blocking=False)
    try:
        answer = get.client.get("/api/v1/changes/", {"after": position, "wait": 30})  # type: ignore[attr-defined]
        assert (answer.json()["changes"], answer["Retry-After"]) == ([], "5")
        # who would not wait is told nothing of it
        assert "Retry-After" not in get.client.get("/api/v1/changes/", {"after": position})  # type: ignore[attr-defined]
    finally:
        feed.WAITING.release(2)


# What is refused


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"after": ""},
        {"after": "x\x00"},
        {"after": "MXwxOjE6fHx8MHw="},
        {"wait": "31"},
        {"wait": "-1"},
        {"wait": "1.5"},
        {"wait": "٣"},
        {"limit": "0"},
        {"limit": "2001"},
        {"resource": "users"},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, str]) -> None:
    get = reader(people.official_of_the_city())
    (name,) = asked
    assert errors_of(get("changes/", status=400, **asked))[name]


@pytest.mark.django_db
def test_a_position_that_is_not_kept_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    get = reader(people.official_of_the_city())
    position = started(get)
    monkeypatch.setattr(positions, "_origin", lambda: "elsewhere")
    problem = get("changes/", after=position, status=410)
    assert problem["code"] == "gone"


@pytest.mark.django_db
def test_strangers_follow_nothing() -> None:
    for path in ("changes/", "export/enterprises.ndjson"):
        assert APIClient().get(f"/api/v1/{path}").status_code == 401
