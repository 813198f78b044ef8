"""The server starts at the first connection and not before, so that whatever needs no data (checks,
translations, the type checker) starts none, and nobody has to remember to start it."""

import atexit
import signal
import threading
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.postgresql import client

from czindustry.database import DatabaseError, Server, embedded_server, program
from czindustry.pooled import base


def site_server() -> Server:
    return embedded_server(settings.VAR_DIR)


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell` with the psql of the embedded server."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        server = site_server()
        server.hold()
        address = {key.upper(): value for key, value in server.connection_parameters().items()}
        arguments, environment = super().settings_to_cmd_args_env({**settings_dict, **address}, parameters)
        return [str(program(arguments[0])), *arguments[1:]], environment


class ServerUnavailable(DatabaseError, OperationalError):
    """The embedded server does not start just now: to Django a database that does not answer."""


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Django asks for these immediately before it connects, with the pool and without."""
        server = site_server()
        try:
            server.hold()
        except DatabaseError as error:
            raise ServerUnavailable(str(error)) from error
        return {**super().get_connection_params(), **server.connection_parameters()}


def close_connections() -> None:
    """Close all that this thread and the pools of this process have open."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        # Django's close_pool() would make a pool where there is none yet, and so start the server.
        if connection.alias in base.DatabaseWrapper._connection_pools:  # type: ignore[attr-defined]
            connection.close_pool()  # type: ignore[attr-defined]


@atexit.register
def leave_server() -> None:
    """Close what this process has open, so that the server need not cut it off, and give the server up.

    People press Ctrl-C more than once; stopping half a server is no use to them."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    close_connections()
    if embedded_server.cache_info().currsize:
        site_server().leave()
