"""A site whose pages are read from a streaming replica: real servers, a real site, and people who ask it.

Whether something was read from the replica is seen by what it does not know yet: its replay is paused.
"""

import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from czindustry import backups
from czindustry.database import Server
from tests.czindustry.places import in_reach
from tests.faults.site import CODE, SHELL, Site, command_of, started, wait_for

# Seconds by which the replica may be behind: long enough to ask a few questions on a slow machine, short enough to wait.
LAG = 10
PAGES = (
    "/",
    "/courses/",
    "/targets/brand.little_giants_national/",
    "/targets/brand.little_giants_national/series/",
    "/districts/",
    "/districts/320412/",
    "/districts/320412/holdings/",
    "/clusters/",
    "/expiring/",
    "/enterprises/",
    "/find/?q=禾盈",
    "/bulletin/?kind=month",
    "/differences/",
    "/?as_of=2025-12-31&known_at=2026-01-31",
)
RESOURCES = (
    "enterprises/",
    "enterprises/?search=禾盈&include=designations",
    "enterprises/?format=csv",
    "designations/?count=true",
    "targets/",
    "progress/?as_of=2025-12-31",
    "districts/",
    "changes/",
)


@dataclass
class World:
    """The site, its replica, and who asks."""

    site: Site
    replica: Server
    told: dict[str, Any]

    @property
    def address(self) -> str:
        return f"/api/v1/enterprises/{self.told['enterprise']}/"

    def ask(self, path: str, *, by: str = "", method: str = "GET", **fields: Any) -> tuple[int, bytes, Any]:
        """By the token of the clerk or the reviewer, or in the session of the official."""
        who = (
            {"Authorization": f"Bearer {self.told[by]}"}
            if by
            else {"Cookie": f"sessionid={self.told['session']}"}
        )
        line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        more = fields.pop("headers", {})
        body = json.dumps(fields) if fields else None
        line.request(
            method, quote(path, safe="/?=&"), body, {**who, **more, "Content-Type": "application/json"}
        )
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers

    def name_for(self, who: str) -> str:
        """How the enterprise is called for somebody who asks by token."""
        status, body, _headers = self.ask(self.address, by=who)
        assert status == 200, body
        name: str = json.loads(body)["name"]
        return name

    def rename(self, name: str) -> None:
        """By the clerk."""
        _status, _body, headers = self.ask(self.address, by="clerk")
        status, body, _headers = self.ask(
            self.address,
            by="clerk",
            method="PATCH",
            name=name,
            headers={"If-Match": headers["ETag"], "X-Change-Reason": "rename"},
        )
        assert status == 200, body

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The replica receives what is written, and shows nothing of it."""
        self.on_replica("SELECT pg_wal_replay_pause()")
        wait_for("a pause", lambda: self.on_replica("SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            self.on_replica("SELECT pg_wal_replay_resume()")

    def on_replica(self, statement: str) -> Any:
        with psycopg.connect(self.replica.address(), autocommit=True) as line:
            row = line.execute(statement).fetchone()
        return row[0] if row else None

    def wait_until_read(self) -> None:
        """Until the replica is read from: it alone does not know what was written in its pause."""

        def is_read() -> bool:
            before = self.name_for("reviewer")
            with self.paused():
                self.rename(f"{before[:12]}{next(NUMBERS)}")
                return self.name_for("reviewer") == before

        wait_for("the replica is read from", is_read)

    def lag(self) -> tuple[int, dict[str, Any]]:
        """What the command returns, and tells of the replica."""
        command = command_of(CODE, "replica_lag", "--format=json")
        done = subprocess.run(command, env=self.site.environment, capture_output=True, text=True, check=False)
        (row,) = json.loads(done.stdout)
        return done.returncode, row


NUMBERS = iter(range(1_000))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with in_reach() as place:
        replica = Server(place / "replica")
        address = (
            f"postgres://{replica.user}@{quote(str(replica.socket_folder), safe='')}:5432/{replica.database}"
        )
        more = {"DATABASE_REPLICA_URLS": address, "CZINDUSTRY_REPLICA_LAG": str(LAG)}
        # one process: each finds by itself what may be read from
        with started(place / "var", workers=1, **more) as site:
            script = "from tests.czindustry import replica_world; replica_world.make_world()"
            told = site.manage(*SHELL, script).strip().splitlines()[-1]
            made_world = World(site, replica, json.loads(told))
            follow(site.database, replica)
            yield made_world
            replica.remove()


def follow(primary: Server, replica: Server) -> None:
    """Make a replica that streams, as an operator does."""
    home = replica.made_home()
    options = [f"--pgdata={home / 'data'}", "--write-recovery-conf", "--checkpoint=fast"]
    where = {**primary.connection_parameters(), "dbname": primary.database}
    with backups.running("pg_basebackup", where, *options):
        pass
    replica.own_all(home)
    replica.hold()


def test_reads_leave_the_primary_and_who_wrote_sees_it_at_once(world: World) -> None:
    world.wait_until_read()
    wait_for("both see the same", lambda: world.name_for("clerk") == world.name_for("reviewer"))
    before = world.name_for("reviewer")
    with world.paused():
        world.rename("常州禾盈新能源有限公司")
        assert world.name_for("clerk") == "常州禾盈新能源有限公司"
        assert world.name_for("reviewer") == before
        status, body, _headers = world.ask(f"/enterprises/{world.told['enterprise']}/")
        assert status == 200
        assert before in body.decode()
    wait_for("the reviewer sees it", lambda: world.name_for("reviewer") == "常州禾盈新能源有限公司")


def test_all_that_is_read_can_be_read_from_it(world: World) -> None:
    """It lets nobody write: what a page writes on its way, an answer or an event of the trail, goes to the primary."""
    world.wait_until_read()
    before = commits(world)
    for path in PAGES:
        status, body, _headers = world.ask(path)
        assert status == 200, (path, body[-500:])
    for resource in RESOURCES:
        status, body, _headers = world.ask(f"/api/v1/{resource}", by="reviewer")
        assert status == 200, (resource, body[-500:])
    wait_for("its commits", lambda: commits(world) - before > 2 * len(PAGES))
    log = (world.replica.home / "log").read_text()
    assert [line for line in log.splitlines() if "ERROR" in line] == []


def commits(world: World) -> int:
    """Told by each connection once a second, when it has nothing else to do."""
    return int(
        world.on_replica("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    )


def test_one_that_lags_is_left_out_and_comes_back(world: World) -> None:
    world.wait_until_read()
    with world.paused():
        world.rename("常州禾盈储能有限公司")
        assert world.name_for("reviewer") != "常州禾盈储能有限公司"
        wait_for("it is left out", lambda: world.name_for("reviewer") == "常州禾盈储能有限公司")
        returned, told = world.lag()
        assert returned == 1
        assert told["bytes_behind"] > 0
        assert told["seconds"] is None
    returned, told = world.lag()
    assert returned == 0
    assert (told["bytes_behind"], told["problem"]) == (0, "")
    world.wait_until_read()


def test_one_that_is_lost_is_left_out_and_comes_back(world: World) -> None:
    world.wait_until_read()
    world.replica.leave()
    for path in PAGES:
        status, body, _headers = world.ask(path)
        assert status == 200, (path, body[-500:])
    world.rename("常州禾盈氢能有限公司")
    assert world.name_for("reviewer") == "常州禾盈氢能有限公司"
    returned, told = world.lag()
    assert returned == 1
    assert told["problem"]
    assert 'czindustry_replica_up{replica="replica1"} 0.0' in world.ask("/metrics")[1].decode()
    world.replica.hold()
    world.wait_until_read()
    assert 'czindustry_replica_up{replica="replica1"} 1.0' in world.ask("/metrics")[1].decode()
