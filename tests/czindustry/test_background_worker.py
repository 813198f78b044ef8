"""The worker beside the site: started anew when it is killed, gone when the site goes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from czindustry.management.commands import run_site
from czindustry.management.commands.run_site import BackgroundProcess

# Tells its number and waits to be ended.
PROGRAM = (
    "import os, signal, sys; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True); signal.pause()"
)
ENDS_WITH_PARENT = """
import os, signal, sys
from czindustry.parent import leave_with_parent
leave_with_parent()
print(os.getpid(), flush=True)
signal.pause()
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def told(pipe: Path) -> int:
    """The number of the next process that says it; waits for it."""
    said = ""
    # one that is dying may still hold the pipe, and then says nothing
    while not said:
        with pipe.open() as line:
            said = line.readline()
    return int(said)


@pytest.fixture
def background(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundProcess]:
    monkeypatch.setattr(run_site, "SECONDS_TO_RESTART", 0)
    made = BackgroundProcess(sys.executable, "-c", PROGRAM, str(pipe))
    yield made
    made.stop()


def test_a_killed_worker_is_started_anew(background: BackgroundProcess, pipe: Path) -> None:
    first = told(pipe)
    os.kill(first, signal.SIGKILL)
    second = told(pipe)
    assert second != first
    background.stop()
    background.keeper.join(30)
    assert not background.keeper.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_ctrl_c_in_the_terminal_does_not_reach_it(background: BackgroundProcess, pipe: Path) -> None:
    """Two signals at once would end it in the midst of its good-bye."""
    assert os.getpgid(told(pipe)) != os.getpgid(0)


def test_it_ends_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ENDS_WITH_PARENT!r}])",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    said: IO[str] | None = parent.stdout
    assert said is not None
    assert int(said.readline())
    parent.kill()
    parent.wait(30)
    # the child holds the other end of the pipe for as long as it lives
    assert said.read() == ""
