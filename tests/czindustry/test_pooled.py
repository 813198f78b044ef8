"""Connections of the pool: one that the server has left meanwhile is not handed to anybody."""

import pytest
from django.db import connection

from czindustry.pooled.base import is_left
from tests.connections import another

WAIT = 10_000  # milliseconds


def number() -> int:
    """The process of the server at the other end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_left_is_replaced() -> None:
    left = set()
    with another() as other:
        # more often than the pool has connections
        for _time in range(connection.settings_dict["OPTIONS"]["pool"]["max_size"] + 2):
            pid = number()
            assert pid not in left
            assert not is_left(connection.connection)
            kept = connection.connection
            connection.close()
            other.run("SELECT pg_terminate_backend(%s, %s)", pid, WAIT)
            left.add(pid)
            assert is_left(kept)
            kept.close()
            assert is_left(kept)
    assert number() not in left
