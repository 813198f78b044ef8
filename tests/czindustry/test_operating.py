"""What operators and auditors look at: probes, numbers, logs, headers, settings."""

import json
import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, override_settings

from czindustry import probes
from czindustry.logs import JsonFormatter, NumberFilter
from tests import factories as make
from tests import people

OUR_MACHINE, ELSEWHERE = "127.0.0.1", "10.1.2.3"


def no_database(*_given: object, **_named: object) -> None:
    raise OperationalError("connection refused\nand more")


# Probes


@pytest.mark.parametrize("host", ["localhost", "10.0.0.5:8000", "other.example"])
def test_a_process_that_lives_says_so_to_whoever_asks(host: str) -> None:
    """No database, whatever name of the host, and no https."""
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = Client().get("/healthz", headers={"host": host})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_once_the_database_has_its_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = probes.Ready()
    monkeypatch.setitem(probes.PAGES, "/readyz", ready)
    monkeypatch.setattr(probes.MigrationExecutor, "migration_plan", lambda *_given: ["registry.0099"])
    behind = Client().get("/readyz")
    assert (behind.status_code, behind["Retry-After"]) == (503, "5")
    assert "manage.py migrate" in behind.json()["problem"]
    monkeypatch.undo()
    monkeypatch.setitem(probes.PAGES, "/readyz", ready)
    assert Client().get("/readyz").json() == {"ready": True}


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", no_database)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "problem": "database: connection refused"}
    assert Client().get("/readyz", REMOTE_ADDR=ELSEWHERE).json()["problem"] == "database"
    assert "czindustry_database_up 0.0" in Client().get("/metrics").content.decode()


@pytest.mark.django_db
def test_pages_without_a_database_say_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(people.clerk_of_the_city())
    monkeypatch.setattr(connection, "cursor", no_database)
    page = client.get("/")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "系统暂时无法连接数据库" in page.content.decode()
    answer = client.get("/api/v1/districts/", headers={"Accept-Language": "zh-hans"})
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "unavailable")


@pytest.mark.django_db
def test_numbers_are_for_the_machines_of_the_operator() -> None:
    client = Client()
    client.get("/signin/")
    told = client.get("/metrics", REMOTE_ADDR=OUR_MACHINE).content.decode()
    assert 'czindustry_requests_total{method="GET",status="200",view="signin"}' in told
    assert "czindustry_request_seconds_bucket" in told
    for name in probes.TOLD:
        assert f"\n{name} " in told
    assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 403
    with override_settings(METRICS_FROM=[ELSEWHERE]):
        assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 200


@pytest.mark.django_db
def test_numbers_hold_no_addresses_and_no_names() -> None:
    """What is told by page is told by its name: an address would make a number of its own for each enterprise."""
    client = Client()
    client.force_login(people.clerk_of_the_city())
    make.plan()
    holder = make.enterprise("天地光能")
    client.get(f"/enterprises/{holder.pk}/")
    client.generic("BREW", "/no/such/page/")
    told = client.get("/metrics").content.decode()
    assert 'view="reports:enterprise"' in told
    assert f"/enterprises/{holder.pk}" not in told
    assert "BREW" not in told


# Logs


def record(**told: Any) -> dict[str, Any]:
    made = logging.makeLogRecord(
        {"name": "czindustry.requests", "levelname": "INFO", "msg": "多行\n文字", **told}
    )
    NumberFilter().filter(made)
    line = JsonFormatter().format(made)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_record_is_one_object_a_line() -> None:
    found = record(status=200, ms=1.5, user="wang", path="/")
    assert found["message"] == "多行\n文字"
    assert (found["status"], found["ms"], found["user"], found["path"]) == (200, 1.5, "wang", "/")
    assert found["request"] == ""


def test_an_error_is_told_with_where_it_came_from() -> None:
    try:
        raise ValueError("x")
    except ValueError:
        assert "ValueError: x" in record(exc_info=sys.exc_info())["exception"]


@pytest.mark.django_db
def test_each_request_leaves_a_record_without_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[logging.LogRecord] = []
    logger = logging.getLogger("czindustry.requests")
    monkeypatch.setattr(logger, "level", logging.INFO)
    monkeypatch.setattr(logger, "handle", seen.append)
    logger.manager._clear_cache()  # type: ignore[attr-defined]
    form = {"username": "gu", "password": "Geheim-9000"}
    Client().post("/signin/?next=/%3Fq%3Dx", form, REMOTE_ADDR=ELSEWHERE)
    logger.manager._clear_cache()  # type: ignore[attr-defined]
    (one,) = seen
    told = vars(one)
    assert (told["method"], told["path"], told["status"], told["address"]) == (
        "POST",
        "/signin/",
        200,
        ELSEWHERE,
    )
    assert "Geheim" not in str(told)


# Headers


@pytest.mark.django_db
def test_pages_load_from_this_host_alone_and_nothing_inside_them_runs() -> None:
    make.plan()
    client = Client()
    client.force_login(people.clerk_of_the_city())
    for address in (
        "/signin/",
        "/",
        "/enterprises/",
        "/password/",
        "/api/v1/docs/",
        "/api/v1/districts/",
        "/nothing/",
    ):
        answer = client.get(address)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy, address
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in answer["Permissions-Policy"]
        assert "<script>" not in answer.content.decode()


@pytest.mark.django_db
def test_the_admin_gets_what_its_theme_needs_and_no_more() -> None:
    client = Client()
    client.force_login(people.clerk_of_the_city())
    policy = dict(
        part.strip().split(" ", 1)
        for part in client.get("/admin/")["Content-Security-Policy"].split(";")
        if part.strip()
    )
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["frame-ancestors"] == "'none'"


# Settings


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = ("CZINDUSTRY_", "DJANGO_ALLOW_ASYNC_UNSAFE")
    around = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=settings.BASE_DIR,
        env={**around, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CZINDUSTRY_POOL", "many", "write a whole number"),
        ("CZINDUSTRY_TRAIL_DAYS", "399", "write 400 or more"),
        ("CZINDUSTRY_HTTPS", "ja", "write 1 or 0"),
        ("CZINDUSTRY_SECOND_FACTOR", "me", "administrators, all or nobody"),
        ("CZINDUSTRY_LOG", "xml", "text or json"),
        ("CZINDUSTRY_PASWORD_DAYS", "90", "is no setting of czindustry"),
    ],
)
def test_a_wrong_setting_keeps_the_site_from_starting_and_says_what_to_write(
    name: str, value: str, told: str
) -> None:
    done = start(**{name: value})
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert name in last
    assert told in last


def test_a_site_by_https_has_nothing_left_to_complain_of() -> None:
    done = start("--deploy", "--fail-level", "WARNING", CZINDUSTRY_HTTPS="1")
    assert done.returncode == 0, done.stderr
