"""Positions in the history: snapshots of PostgreSQL, told to others as opaque texts."""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import DataError, connection, transaction

from registry.feed.resources import FOLLOWED
from registry.models.epoch import FeedEpoch

SNAPSHOT = re.compile(r"\d{1,20}:\d{1,20}:(\d{1,20}(,\d{1,20})*)?", re.ASCII)
LONGEST = 20_000
# one that begins a stretch of the history at a time
LOCK = 532_002
ORIGIN = "SELECT system_identifier::text FROM pg_control_system()"


class BadPosition(ValueError):
    """No position of ours."""


class Forgotten(Exception):
    """A position from where on the changes are not kept, or not in this database."""


@dataclass(frozen=True)
class Position:
    """After all that the snapshot `after` knows; within a stretch up to `upto`, after the event `event` of `table`.

    A stretch is told table by table, so that a position within it is good for the same tables only: `of` names them.
    """

    epoch: int
    after: str
    upto: str = ""
    table: str = ""
    event: int = 0
    of: str = ""

    def __str__(self) -> str:
        parts = (self.epoch, self.after, self.upto, self.table, self.event, self.of)
        return base64.urlsafe_b64encode("|".join(map(str, parts)).encode()).decode().rstrip("=")

    @property
    def done(self) -> "Position":
        """Behind the whole stretch."""
        return Position(self.epoch, self.upto)

    @property
    def begun(self) -> "Position":
        """Before the whole stretch."""
        return Position(self.epoch, self.after)

    def at(self, table: str, event: int) -> "Position":
        return replace(self, table=table, event=event)


def read(text: str) -> Position:
    """BadPosition where it is none, Forgotten where it is of another database."""
    position = _parsed(text)
    if position.epoch != epoch().pk:
        raise Forgotten
    if not _is_past(position):
        raise BadPosition
    return position


def _parsed(text: str) -> Position:
    if len(text) > LONGEST or not text.isascii():
        raise BadPosition
    try:
        told = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
        number, after, upto, table, event, of = told.split("|")
        position = Position(int(number[:10]), after, upto, table, int(event[:18]), of)
    except (ValueError, binascii.Error) as error:
        raise BadPosition from error
    tables = {"", *(one.name for one in FOLLOWED)}
    if str(position) != text or table not in tables or position.event < 0 or position.epoch < 1:
        raise BadPosition
    if not SNAPSHOT.fullmatch(after) or (upto and not SNAPSHOT.fullmatch(upto)):
        raise BadPosition
    return position


def _is_past(position: Position) -> bool:
    """Made by hand, a snapshot may know of transactions to come, or be none."""
    newest = position.upto or position.after
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmax(%s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) "
                "AND pg_snapshot_xmax(%s::pg_snapshot) <= pg_snapshot_xmax(%s::pg_snapshot)",
                [newest, position.after, newest],
            )
            return bool(cursor.fetchone()[0])
    except DataError:
        return False


def now() -> Position:
    """Behind all that has been committed; within a transaction, behind all that it sees."""
    # before the snapshot: to begin a stretch is a transaction of its own
    number = epoch().pk
    return Position(number, snapshot())


def snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def epoch() -> FeedEpoch:
    """The present stretch of the history; begun where the registry has come from another cluster."""
    origin = _origin()
    newest = FeedEpoch.objects.first()
    if newest is not None and newest.origin == origin:
        return newest
    return _begin(origin)


@cache
def _origin() -> str:
    with connection.cursor() as cursor:
        cursor.execute(ORIGIN)
        return str(cursor.fetchone()[0])


@transaction.atomic
def _begin(origin: str) -> FeedEpoch:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        newest = FeedEpoch.objects.first()
        if newest is not None and newest.origin == origin:
            return newest
        floors: dict[str, Any] = {}
        # of the first stretch nothing has come from elsewhere
        for one in FOLLOWED if newest is not None else ():
            cursor.execute(f'SELECT COALESCE(max(pgh_id), 0) FROM "{one.events}"')
            floors[one.name] = cursor.fetchone()[0]
    return FeedEpoch.objects.create(origin=origin, floors=floors)
