"""Folders for servers of the tests' own."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_reach() -> Iterator[Path]:
    """In reach of the account that runs the server; pytest's own folder is closed to all but root."""
    path = Path(tempfile.mkdtemp(prefix="czindustry-test-"))
    path.chmod(0o755)
    yield path
    # What a failed test left running; SIGINT is what PostgreSQL takes for "stop now, cleanly".
    for pid_file in path.rglob("postmaster.pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
    shutil.rmtree(path, ignore_errors=True)
