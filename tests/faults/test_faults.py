"""Faults, with writers, readers, a list and a publication under way: the site comes back by itself, and nothing is lost.

`make faults` runs them alone and prints what was tried and what was lost. The clock of the database, by which
everything is ordered, is set back with libfaketime (Debian: `apt install libfaketime`); without it that is skipped.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from czindustry import database
from czindustry.database import Server
from tests.faults.site import (
    Site,
    Traffic,
    at_work,
    missing,
    nothing_is_half_done,
    started,
    wait_for_more,
    wait_until_ready,
)

DISK = "3g"
MOST_CONNECTIONS = 200


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A folder with a disk of its own where this machine allows to make one: only such a disk can be filled."""
    path = Path(tempfile.mkdtemp(prefix="czindustry-faults-"))
    path.chmod(0o755)
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(path)], capture_output=True
        ).returncode
    )
    yield path
    if mounted:
        subprocess.run(["umount", "--lazy", str(path)], check=False)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def site(disk: Path) -> Iterator[Site]:
    with started(disk / "var") as one:
        yield one


def kill_web_process(site: Site) -> None:
    os.kill(site.children("spawn_main")[0], signal.SIGKILL)


def kill_worker(site: Site) -> None:
    os.kill(site.children("run_worker")[0], signal.SIGKILL)


def kill_database(site: Site) -> None:
    os.kill(site.postmaster(), signal.SIGKILL)


def use_up_connections(site: Site) -> None:
    """All that the server has to give, while requests come in."""
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            for _number in range(MOST_CONNECTIONS):
                held.enter_context(psycopg.connect(site.database.address()))
        assert not is_free(site)
        subprocess.run([sys.executable, "-c", "import time; time.sleep(3)"], check=True)


def is_free(site: Site) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(site.database.address()):
        return True
    return False


def fill_disk(site: Site) -> None:
    if not os.path.ismount(site.folder.parent):
        pytest.skip("only root may make a disk that can be filled")
    with filled(site.folder.parent):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(3)"], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    path = folder / "filling"
    with path.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(2**20))
            file.flush()
    try:
        yield
    finally:
        path.unlink()


FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
SET_BACK = "-1h"


@pytest.fixture
def clock(disk: Path) -> Path:
    """A file that tells by how much the clock is wrong."""
    if FAKETIME is None:
        pytest.skip("there is no libfaketime: apt install libfaketime")
    path = disk / "clock"
    path.write_text("+0s")
    path.chmod(0o644)
    return path


@pytest.fixture
def timed_site(disk: Path, clock: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose database goes by that clock; how long something takes is measured by the true one."""
    around = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    run = subprocess.run

    def run_timed(*arguments: Any, **options: Any) -> Any:
        return run(*arguments, **{**options, "env": {**options.get("env", os.environ), **around}})

    server = Server(disk / "timed")
    # the site finds it running
    with monkeypatch.context() as patched:
        patched.setattr(database.subprocess, "run", run_timed)
        server.hold()
    with started(server.folder) as one:
        yield one
    server.leave()


def set_clock_back(site: Site) -> None:
    clock = site.folder.with_name("clock")
    (before,) = site.rows("SELECT clock_timestamp()")
    clock.write_text(SET_BACK)
    (after,) = site.rows("SELECT clock_timestamp()")
    assert after < before


FAULTS = [kill_web_process, kill_worker, kill_database, use_up_connections, fill_disk]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nothing_that_was_confirmed_is_lost(
    site: Site, fault: Callable[[Site], None], capsys: pytest.CaptureFixture[str]
) -> None:
    nothing_is_lost(site, fault, capsys)


def test_a_clock_that_is_set_back_loses_nothing(timed_site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    nothing_is_lost(timed_site, set_clock_back, capsys)


def nothing_is_lost(site: Site, fault: Callable[[Site], None], capsys: pytest.CaptureFixture[str]) -> None:
    with at_work(site) as traffic:
        wait_for_more(traffic)
        fault(site)
        seconds = wait_until_ready(site)
        wait_for_more(traffic)
    lost = missing(site, traffic)
    with capsys.disabled():
        sys.stdout.write(told(fault, traffic, seconds, lost))
    assert lost == []
    assert traffic.odd == []
    nothing_is_half_done(site, traffic)


def told(fault: Callable[[Site], None], traffic: Traffic, seconds: float, lost: list[str]) -> str:
    answers = ", ".join(f"{status}: {number}" for status, number in sorted(traffic.statuses.items()))
    confirmed = (
        f"{len(traffic.confirmed)} rows, {len(traffic.lists)} lists and {len(traffic.issued)} bulletins"
    )
    return (
        f"\n{fault.__name__}: ready again after {seconds:.1f} s; {confirmed} confirmed; answers {answers}; "
        f"lost: {len(lost) or 'nothing'}\n"
    )
