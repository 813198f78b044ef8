"""Streaming replicas that pages and the API read from, so that the primary has its processors for those who write.

With DATABASE_REPLICA_URLS every GET of pages and of the API reads facts from a replica; sessions, accounts, rights and
the trail are asked of the primary, and so is the whole of the desk, of the feed of changes and of exports.

- Each person stays with one replica as long as the same ones are there, so as not to go back in time from page to page.
- Who has written is read to from the primary until that replica has replayed the write (by the position in the WAL).
- A thread of each process asks the replicas once a second how far they are. One that is further behind than
  CZINDUSTRY_REPLICA_LAG seconds, or does not answer, is left out until it is there again.
- Where a replica fails while it is read from, the page is made again from the primary.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from czindustry.backups import parameters
from registry.reading import PRIMARY, alias, reading_from

log = logging.getLogger(__name__)

# Facts; what is about accounts is read where it is written.
ROUTED = ("registry", "targets")
ACCOUNTS = ("user", "apitoken", "tokenuse", "idempotentrequest")
SAFE = ("GET", "HEAD")
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_ANSWER = 2
FAILED = (OperationalError, InterfaceError)

# Positions in the WAL as numbers of bytes: how far the primary is safe on its disk, and how far a replica is to be read.
WRITTEN = "pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint"
REPLAYED = "pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"
NOTE_WRITE = f"""
    INSERT INTO security_lastwrite (user_id, position, at) VALUES (%s, {WRITTEN}, now())
    ON CONFLICT (user_id) DO UPDATE SET position = excluded.position, at = excluded.at
"""


class Router:
    """Where the ORM reads and writes; only the primary has tables of its own."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        meta = model._meta
        return alias() if meta.app_label in ROUTED and meta.model_name not in ACCOUNTS else PRIMARY

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY


LAST_WRITE = (
    "SELECT position FROM security_lastwrite WHERE user_id = %s AND at > now() - make_interval(secs => %s)"
)


# How far they are


class Replica:
    """A replica, and what its thread knows of it: `behind` in seconds, None as long as that is not known."""

    def __init__(self, name: str) -> None:
        self.alias = name
        self.position = 0
        self.behind: float | None = None
        self._looked = 0.0
        # (when, how far the primary was), the newest last: as far back as a replica may be behind
        self._samples: deque[tuple[float, int]] = deque()
        self._lines: dict[str, psycopg.Connection[Any]] = {}

    @property
    def is_usable(self) -> bool:
        """Close behind, by a look that is not old itself."""
        return self.behind is not None and time.monotonic() - self._looked <= settings.REPLICA_LAG

    def look_for_ever(self) -> None:
        while True:
            self.look()
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def look(self) -> None:
        """How far it is just now: behind by the time since the primary was there."""
        try:
            written = self.ask(PRIMARY, WRITTEN)
            self._remember(written)
            position = self.ask(self.alias, REPLAYED)
        except Error as error:
            self.leave_out(error)
            return
        now = time.monotonic()
        behind = self._behind(position, now)
        if behind is None:
            self.leave_out(f"{written - position} bytes behind")
            return
        was_usable = self.is_usable
        self.position, self.behind, self._looked = position, behind, now
        if not was_usable:
            log.warning("%s is read from", self.alias)

    def _remember(self, written: int) -> None:
        """Also while the replica does not answer, and for no longer than it may be behind."""
        now = time.monotonic()
        self._samples.append((now, written))
        while len(self._samples) > 2 and now - self._samples[1][0] > settings.REPLICA_LAG:
            self._samples.popleft()

    def _behind(self, position: int, now: float) -> float | None:
        """None past what is allowed, and of what was written before the first look: nobody knows when that was."""
        missing = next((when for when, written in self._samples if written > position), now)
        if self._samples[0][1] > position or now - missing > settings.REPLICA_LAG:
            return None
        return now - missing

    def leave_out(self, why: object) -> None:
        if self.is_usable:
            log.warning("%s is left out: %s", self.alias, why)
        self.behind = None

    def answers(self) -> bool:
        try:
            self.ask(self.alias, REPLAYED)
        except Error:
            return False
        return True

    def bytes_behind(self) -> int | None:
        """Of the WAL that the primary has written until now; None where one of them does not answer."""
        try:
            written = self.ask(PRIMARY, WRITTEN)
            return max(written - self.ask(self.alias, REPLAYED), 0)
        except Error:
            return None

    def ask(self, name: str, position: str) -> int:
        """On a line of its own, which stays open: those of the pools are for requests."""
        with connections[name].wrap_database_errors:
            if name not in self._lines:
                where = {**parameters(name), "connect_timeout": SECONDS_TO_ANSWER}
                self._lines[name] = psycopg.connect(**where, autocommit=True)
            try:
                (found,) = self._lines[name].execute(f"SELECT {position}").fetchone() or (None,)
            except psycopg.Error:
                if (line := self._lines.pop(name, None)) is not None:
                    line.close()
                raise
        if found is None:
            raise OperationalError(f"{name} is no replica")
        return int(found)


REPLICAS = [Replica(name) for name in settings.REPLICAS]
_begun = threading.Lock()


def usable() -> list[Replica]:
    """Those that may be read from; with the first question each gets a thread that looks after it."""
    if _begun.acquire(blocking=False):
        for one in REPLICAS:
            threading.Thread(target=one.look_for_ever, name=one.alias, daemon=True).start()
    return [one for one in REPLICAS if one.is_usable]


# From where a request is read


class Choice:
    """The database that a request reads from: chosen when the first fact is read, since by then it is known who asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.alias: str | None = None
        self.replica: Replica | None = None
        self.failed = False

    def __call__(self) -> str:
        user = getattr(self.request, "user", None)
        if self.alias is None and user is not None and user.is_authenticated:
            self.alias = self._for(user.pk)
        return self.alias or PRIMARY

    def _for(self, person: int) -> str:
        there = usable()
        replica = there[person % len(there)] if there else None
        if replica is None or not _has_seen(replica, person):
            return PRIMARY
        try:
            connections[replica.alias].ensure_connection()
        except FAILED as error:
            replica.leave_out(error)
            return PRIMARY
        self.replica = replica
        return replica.alias

    def fail(self, why: Exception) -> bool:
        """Whether it was a replica that has failed while it was read from, for the first time in this request."""
        if self.replica is None or self.failed:
            return False
        self.failed = True
        self.replica.leave_out(why)
        connections[self.replica.alias].close()
        return True


def _has_seen(replica: Replica, person: int) -> bool:
    """Whether a replica has replayed what a person wrote last.

    What is older than the lag allowed and the age of the look at it, which may be as much, it has.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAST_WRITE, [person, 2 * settings.REPLICA_LAG + SECONDS_BETWEEN_LOOKS])
        written = cursor.fetchone()
    return written is None or bool(replica.position >= written[0])


def note_write(request: HttpRequest) -> None:
    """How far the WAL was when a person's request had been done."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        try:
            with connection.cursor() as cursor:
                cursor.execute(NOTE_WRITE, [user.pk])
        except Error as error:  # what was confirmed stays so
            log.warning("Where %s has written was not noted: %s", user.pk, error)


class ReplicaMiddleware:
    """Innermost: what only reads is read from a replica; of what writes the position is noted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in SAFE:
            response = self.get_response(request)
            note_write(request)
            return response
        choice = request.choice = Choice(request)  # type: ignore[attr-defined]
        with reading_from(choice):
            response = self.get_response(request)
        if choice.failed:
            return self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _read_from(choice, response.streaming_content)
        return response

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, keywords: Any) -> None:
        """The desk, and views that say `on_primary`, read where it is written."""
        match, choice = request.resolver_match, getattr(request, "choice", None)
        on_primary = getattr(getattr(view, "cls", view), "on_primary", False)
        if choice is not None and (on_primary or (match is not None and "admin" in match.app_names)):
            choice.alias = PRIMARY

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        choice = getattr(request, "choice", None)
        if choice is None or not isinstance(exception, FAILED) or not choice.fail(exception):
            return None
        return HttpResponse(status=503)  # for nobody: the page is made again


def _read_from(choice: Choice, parts: Any) -> Iterator[bytes]:
    """What is made while it is sent is read from the same database."""
    parts = iter(parts)
    while True:
        with reading_from(choice):
            part = next(parts, None)
        if part is None:
            return
        yield part
