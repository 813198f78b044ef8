"""A site of its own, served as `make run` does, and programs that write to it and read from it meanwhile."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from czindustry.database import Server

SECONDS_TO_ANSWER = 60
# Of a slow machine that runs other tests beside; what takes longer does not come back.
SECONDS_TO_RECOVER = 240
SECONDS_BETWEEN_TRIES = 0.1
# Rows that one request brings, all of them or none.
TOGETHER = 3
LIST = 200
CODE: Path = settings.BASE_DIR
# Without a word of its own.
SHELL = ("shell", "--no-imports", "--verbosity=0", "--command")
WORLD = """
from django.core.management import call_command
from tests.faults import people
for command in ("migrate", "createcachetable", "load_reference"):
    call_command(command, verbosity=0)
people.make_world()
"""


@dataclass
class Site:
    """A site in a folder of its own: its process, its address, and the token of a system that writes."""

    folder: Path
    port: int
    token: str
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    code: Path = CODE

    @property
    def database(self) -> Server:
        return Server(self.folder)

    def children(self, named: str) -> list[int]:
        """The processes under the site whose command names something."""
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdecimal() and _parent(process) == self.process.pid:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if named in command:
                    found.append(int(process.name))
        return found

    def postmaster(self) -> int:
        text = (self.database.data / "postmaster.pid").read_text()
        return int(text.split("\n", 1)[0])

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.address()) as connection:
            return connection.execute(statement, values or None).fetchall()

    def manage(self, *arguments: str, code: Path | None = None) -> str:
        command = command_of(code or self.code, *arguments)
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout


def command_of(code: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(code / "manage.py"), *arguments]


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def environment(folder: Path, **more: str) -> dict[str, str]:
    around = {name: value for name, value in os.environ.items() if not name.startswith("CZINDUSTRY_")}
    around.pop("DATABASE_URL", None)
    return {**around, "CZINDUSTRY_VAR": str(folder), "CZINDUSTRY_API_RATE": str(10**6), **more}


@contextmanager
def started(folder: Path, *, code: Path = CODE, workers: int = 2, **more: str) -> Iterator[Site]:
    """By the program in a folder, with more settings than where it lies."""
    around = environment(folder, **more)
    script = command_of(code, *SHELL, WORLD)
    made = subprocess.run(script, env=around, check=True, capture_output=True, text=True)
    token = json.loads(made.stdout.strip().splitlines()[-1])["token"]
    port = free_port()
    command = command_of(code, "run_site", "--no-prepare", "--port", str(port), "--workers", str(workers))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # the web server looks for the program where it is started
    process = subprocess.Popen(command, cwd=code, env=around, start_new_session=True, **quiet)
    site = Site(folder, port, token, process, around, code)
    try:
        wait_until_ready(site)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS_TO_ANSWER)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(site: Site) -> float:
    """The seconds until it is ready for requests again."""
    began = time.monotonic()
    while time.monotonic() - began < SECONDS_TO_RECOVER:
        try:
            line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
            line.request("GET", "/readyz")
            if line.getresponse().status == 200:
                return time.monotonic() - began
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(SECONDS_BETWEEN_TRIES)
    raise AssertionError("the site did not come back")


@dataclass
class Traffic:
    """Programs at work until they are told to stop; what they were told, and what they did not understand."""

    site: Site
    confirmed: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    lists: list[list[str]] = field(default_factory=list)
    issued: list[int] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        """Three enterprises a request; without an answer it is sent again with the same key."""
        while not self.stopping.is_set():
            key = uuid.uuid4().hex
            names = [f"写{key}之{number}" for number in range(TOGETHER)]
            body = json.dumps({"rows": [{"name": name} for name in names]})
            while not self.stopping.is_set():
                status = self.ask("POST", "/api/v1/enterprises/bulk/", body, {"Idempotency-Key": key})
                if status == 200:
                    self.confirmed += names
                    break
                time.sleep(SECONDS_BETWEEN_TRIES)

    def read(self) -> None:
        while not self.stopping.is_set():
            self.ask("GET", "/api/v1/progress/?as_of=2025-12-31")
            self.ask("GET", "/api/v1/enterprises/?limit=10")

    def ask(self, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None) -> int:
        """The status, 0 where none came. All that is neither an answer nor “come again” is odd."""
        headers = {"Authorization": f"Bearer {self.site.token}", "Content-Type": "application/json"}
        try:
            line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=SECONDS_TO_ANSWER)
            line.request(method, path, body, {**headers, **(more or {})})
            answer = line.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            self.statuses["none"] += 1
            return 0
        self.statuses[str(answer.status)] += 1
        # 409: the same key is still at work
        come_again = answer.status == 503 and answer.getheader("Retry-After")
        if not (answer.status in (200, 409) or come_again):
            self.odd.append(f"{method} {path} {answer.status} {told[:300]!r}")
        return answer.status

    def follow(self, process: "subprocess.Popen[str]") -> None:
        """What a person of `tests.faults.people` tells."""
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if "issued" in told:
                self.issued.append(told["issued"])
            else:
                self.lists.append(told["list"])


@contextmanager
def at_work(site: Site, *, programs: int = 2) -> Iterator[Traffic]:
    """Programs that write, as many that read, a list that comes in and bulletins that are issued."""
    traffic = Traffic(site)
    people = [
        subprocess.Popen(
            command_of(site.code, *SHELL, f"from tests.faults import people; people.{work}"),
            env=site.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for work in (f"bring_lists({LIST})", "publish()")
    ]
    works = [traffic.write, traffic.read] * programs
    threads = [threading.Thread(target=work) for work in works]
    threads += [threading.Thread(target=traffic.follow, args=[one]) for one in people]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        traffic.stopping.set()
        for one in people:
            one.kill()
            one.wait()
        for thread in threads:
            thread.join()


def wait_for(what: str, holds: Any) -> None:
    deadline = time.monotonic() + SECONDS_TO_RECOVER
    while not holds():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(SECONDS_BETWEEN_TRIES)


def wait_for_more(traffic: Traffic) -> None:
    """Until everything goes on again: writes, a list, a bulletin."""
    wrote, lists, issued = len(traffic.confirmed), len(traffic.lists), len(traffic.issued)
    wait_for("a write", lambda: len(traffic.confirmed) > wrote)
    wait_for("a list", lambda: len(traffic.lists) > lists)
    wait_for("a bulletin", lambda: len(traffic.issued) > issued)


def missing(site: Site, traffic: Traffic) -> list[str]:
    there = {name for (name,) in site.rows("SELECT name FROM registry_enterprise")}
    issued = {pk for (pk,) in site.rows("SELECT id FROM targets_publication WHERE state = 'issued'")}
    listed = {name for names in traffic.lists for name in names}
    bulletins = [f"bulletin {pk}" for pk in traffic.issued if pk not in issued]
    return sorted({*traffic.confirmed, *listed} - there) + bulletins


def nothing_is_half_done(site: Site, traffic: Traffic, *, code: Path | None = None) -> None:
    """As the program of the site sees it, or another one."""
    assert site.rows("SELECT name FROM registry_enterprise GROUP BY name HAVING count(*) > 1") == []
    # the three of a request came together, as did the rows of a list
    together = "SELECT left(name, 33), count(*) FROM registry_enterprise WHERE name LIKE '写%' GROUP BY 1"
    assert {number for _key, number in site.rows(together)} == {TOGETHER}
    lists = "SELECT roster_id, count(*) FROM registry_rosterrow GROUP BY 1"
    assert {number for _list, number in site.rows(lists)} == {LIST}
    bare = """
        SELECT id FROM targets_publication publication
         WHERE state = 'issued' AND NOT EXISTS (
               SELECT FROM targets_publicationdocument WHERE publication_id = publication.id)
    """
    assert site.rows(bare) == []
    site.manage("publish", "--verify", code=code)
    site.manage("trail", "check", code=code)
