"""Programmes that write at the same moment: one of them does it, the others are told so, and nothing is done twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from registry.choices import Scope
from registry.models import AnnualFigures, Enterprise
from tests import people
from tests.factories import enterprise, figures
from tests.tokens import drawn, program

pytestmark = pytest.mark.django_db(transaction=True)

USCC = "91320411608131455L"
AT_ONCE = 6


def at_once(method: str, path: str, body: Any, **headers: str) -> list[Any]:
    """The answers to one request that comes from all sides at the same moment."""
    text = drawn(people.clerk_of_the_city(), Scope.WRITE_ENTERPRISES, Scope.WRITE_FIGURES)[1]
    start = Barrier(AT_ONCE)

    def send(_number: int) -> Any:
        start.wait()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            return getattr(program(text), method)(f"/api/v1/{path}", body, format="json", headers=given)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_a_request_that_comes_many_times_at_once_is_done_once() -> None:
    answers = at_once("post", "enterprises/", {"name": "武进一厂"}, Idempotency_Key="k1")
    assert statuses(answers) == {201: AT_ONCE}
    assert len({answer.json()["id"] for answer in answers}) == Enterprise.objects.count() == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count("true") == AT_ONCE - 1


def test_of_many_that_create_the_same_one_does() -> None:
    answers = at_once("put", f"enterprises/{USCC}/", {"name": "天合光能"})
    found = statuses(answers)
    assert found.pop(201) == 1
    # the others come behind it, where a change wants a version, or beside it, where the database decides
    assert found.keys() <= {409, 428}
    assert Enterprise.objects.count() == 1


def test_of_many_that_change_the_same_version_one_does() -> None:
    made = enterprise("天合光能", uscc=USCC)
    answers = at_once("patch", f"enterprises/{USCC}/", {"address": "新址"}, If_Match='"1"')
    assert statuses(answers) == {200: 1, 412: AT_ONCE - 1}
    made.refresh_from_db()
    assert made.version == 2


def test_many_rows_in_another_order_wait_for_one_another() -> None:
    """Whoever locks the same rows locks them in one order: nobody waits for one who waits for them."""
    holders = [enterprise(f"厂{number}") for number in range(20)]
    for holder in holders:
        figures(holder, 2024)
    rows = [{"enterprise_id": holder.pk, "year": 2024, "version": "*", "revenue": "5"} for holder in holders]
    answers = at_once("post", "annual-figures/bulk/", {"rows": [*reversed(rows)]})
    assert statuses(answers) == {200: AT_ONCE}
    assert sum(answer.json()["changed"] for answer in answers) == 20
    assert set(AnnualFigures.objects.values_list("version", flat=True)) == {2}
