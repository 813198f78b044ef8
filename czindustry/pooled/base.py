"""PostgreSQL through a pool whose connections are looked at before they are used again, without asking the server.

A server that has gone has closed its end, which the socket tells at once. To ask the server (Django's health check)
would cost each request as much as one of its statements.
"""

import selectors
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """One that the server has not left. Each that it has left is given up, and replaced by the pool."""
        while True:
            connection = super().get_new_connection(conn_params)
            if not self.pool or not is_left(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)


def is_left(connection: Any) -> bool:
    """Whether the server has sent what nobody asked for: of a connection at rest that it is over, as a rule."""
    if connection.closed:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        return bool(selector.select(0))
