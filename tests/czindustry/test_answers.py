"""The stores of remembered answers: bounded, written at once; what stands there stays, and nobody waits for them."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from czindustry.answers import AnswerRedis, AnswerTable

pytestmark = pytest.mark.django_db

MOST = 9


@pytest.fixture
def table() -> AnswerTable:
    made = AnswerTable("czindustry_answers", {"OPTIONS": {"MAX_ENTRIES": MOST}, "TIMEOUT": None})
    made.clear()
    return made


def answers(first: int, last: int) -> dict[str, int]:
    return {f"key{number}": number for number in range(first, last + 1)}


def test_what_is_written_is_read(table: AnswerTable) -> None:
    table.set_many(answers(1, MOST))
    assert table.get_many(answers(0, 20)) == answers(1, MOST)
    assert table.get_many([]) == {}


def test_what_stands_under_a_key_stays(table: AnswerTable) -> None:
    table.set_many({"key1": 1})
    table.set_many({"key1": "never another", "key2": 2})
    assert table.get_many(["key1", "key2"]) == {"key1": 1, "key2": 2}


@pytest.mark.parametrize(("more", "kept"), [(1, 6), (2, 6), (MOST, 6), (5 * MOST, 6)])
def test_it_never_holds_more_than_it_may(table: AnswerTable, more: int, kept: int) -> None:
    table.set_many(answers(1, MOST))
    table.set_many(answers(MOST + 1, MOST + more))
    found = table.get_many(answers(1, MOST + more))
    assert len(found) == kept
    assert found.items() <= answers(1, MOST + more).items()


@pytest.mark.django_db(transaction=True)
def test_the_oldest_go_first(table: AnswerTable) -> None:
    for number in range(1, MOST + 1):
        table.set_many(answers(number, number))
    assert len(table.get_many(answers(1, MOST))) == MOST
    table.set_many(answers(MOST + 1, MOST + 1))
    assert table.get_many(answers(1, MOST + 1)) == answers(MOST - 4, MOST + 1)


def test_writing_takes_two_statements_however_many(table: AnswerTable) -> None:
    for last in (1, MOST):
        with CaptureQueriesContext(connection) as queries:
            table.set_many(answers(1, last))
        assert len(queries) == 2


class NoAnswer(Exception):
    pass


def test_without_an_answer_of_redis_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(keys: Any) -> Any:
        raise NoAnswer("connection refused")

    client = SimpleNamespace(get_many=refuse, _lib=SimpleNamespace(RedisError=NoAnswer))
    monkeypatch.setattr(AnswerRedis, "_cache", client)
    assert AnswerRedis("redis://localhost", {}).get_many(["key1"]) == {}
