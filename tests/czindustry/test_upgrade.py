"""The program before the newest migration goes on while the database is migrated, and after that.

Which program that is, the history of the repository tells (or UPGRADE_FROM, any revision); where there is none, as in a
shallow clone, this is skipped.
"""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.czindustry.places import in_reach
from tests.faults.site import CODE, at_work, missing, nothing_is_half_done, started, wait_for_more

# Whoever checks out, and whoever runs the tests, need not be the same account.
GIT = ("git", "-c", "safe.directory=*", "-C", str(CODE))
MIGRATIONS = ":(glob)*/**/migrations/0*.py"
NEEDED = "tests/faults/people.py"
MIGRATED = "SELECT count(*) FROM django_migrations"


def asked(*arguments: str) -> bytes | None:
    """What git tells; None where it fails, or is not there."""
    try:
        return subprocess.run([*GIT, *arguments], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


@pytest.fixture
def place() -> Iterator[Path]:
    with in_reach() as path:
        yield path


@pytest.fixture
def old_code(tmp_path: Path) -> Path:
    revision = os.environ.get("UPGRADE_FROM", "")
    if not revision:
        newest = (asked("log", "-1", "--format=%H", "--", MIGRATIONS) or b"").decode().strip()
        revision = f"{newest}^"
    # a program so old that it has no people at work is not tried
    known = asked("cat-file", "-e", f"{revision}:{NEEDED}") is not None
    packed = asked("archive", "--format=tar", revision) if known else None
    if packed is None:
        pytest.skip("the history of this checkout does not lead back to before the newest migration")
    with tarfile.open(fileobj=io.BytesIO(packed)) as tree:
        tree.extractall(tmp_path, filter="data")
    return tmp_path


def test_the_old_program_works_on_while_and_after_the_database_is_migrated(
    old_code: Path, place: Path
) -> None:
    with started(place / "var", code=old_code, workers=1) as site:
        before = site.rows(MIGRATED)
        with at_work(site, programs=1) as traffic:
            wait_for_more(traffic)
            site.manage("migrate", "--no-input", code=CODE)
            wait_for_more(traffic)
        assert site.rows(MIGRATED) > before
        assert missing(site, traffic) == []
        assert traffic.odd == []
        # what the old program wrote is whole for the new one
        nothing_is_half_done(site, traffic, code=CODE)
