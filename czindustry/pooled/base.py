"""PostgreSQL through a pool whose connections are looked at before they are used again, without asking the server.

A server that has gone has closed its end, which the socket tells at once. To ask (Django's health check) would cost
each request as much as one of its statements.
"""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """One that the server has not left. Each that it has left is given up, and replaced by the pool."""
        while True:
            connection = super().get_new_connection(conn_params)
            if not self.pool or not has_something_to_say(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)


def has_something_to_say(connection: Any) -> bool:
    """Whether the server has sent what nobody asked for: of a connection at rest that it is over, as a rule."""
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))
