"""Work in the background: how far it is, whether anybody does it, and what is done when its worker dies."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import connection, connections
from django.utils.translation import gettext as _

from registry.rosters.progress import Step

MOST_RETRIES = 4
# A worker says every so often that it lives; one that has not for so long is taken for dead.
SECONDS_BETWEEN_SIGNS = 2
SECONDS_TO_BE_DEAD = 10
SECONDS_BETWEEN_TELLING = 0.25


class Interrupted(Exception):
    """The worker is to stop: what is not committed is rolled back and done by the next one."""


class Progress:
    """Tells how far an upload is, past the transaction of the work itself, so that others see it meanwhile."""

    def __init__(self, upload: int, should_stop: Callable[[], bool]) -> None:
        self.upload = upload
        self.should_stop = should_stop
        self.told: tuple[Step | None, float] = (None, 0.0)
        self.connection = connection.copy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def __call__(self, step: Step, done: int, total: int) -> None:
        if self.should_stop():
            raise Interrupted
        now = time.monotonic()
        if step == self.told[0] and now - self.told[1] < SECONDS_BETWEEN_TELLING and done < total:
            return
        self.told = (step, now)
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE registry_rosterupload SET step = %s, done = %s, total = %s WHERE id = %s",
                [step.value, done, total, self.upload],
            )


def interrupted() -> str:
    return _("The work was interrupted again and again; nothing was imported. Try once more.")


def worker_is_there() -> bool:
    """Whether any worker has given a sign of life."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_workers "
            "WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [SECONDS_TO_BE_DEAD],
        )
        return bool(cursor.fetchone()[0])
