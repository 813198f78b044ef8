"""WAL archiving: all that the server writes is kept beside a copy of it, so that any moment can be had back.

The folder of `CZINDUSTRY_WAL` holds

- `wal/`, into which pg_receivewal writes what the server writes while it writes it (`manage.py archive_wal`, which
  `run_site` starts). A replication slot keeps on the server what has not arrived yet.
- `base_…/`, copies of the whole server by pg_basebackup, made each Sunday by the worker; two of them are kept, and the
  WAL since the older one. The name tells when a copy was complete, in UTC: from then on any moment can be had.

- `server`, which server that is, and `before_…/`, what was kept of another one that stood there before.

To have a moment back, a server of its own is started on a copy, lets the WAL go by up to the moment, and is backed up;
that backup is restored as any other, so that nothing of the present database is touched before all rows are there.
"""

import contextlib
import datetime as dt
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from czindustry.backups import BackupError, parameters, program_of, running
from czindustry.database import DatabaseError, Server, find_programs, major_version

SLOT = "czindustry"
RECEIVER = "pg_receivewal"
NAME = "base_%Y%m%dT%H%M%S.%fZ"
PARTIAL = ".partial"
LATEST = "latest"
SEGMENT = re.compile(r"[0-9A-F]{24}")
BASES_KEPT = 2
# From here on pg_verifybackup reads what pg_basebackup has packed.
VERIFIES_TAR_MAJOR = 18
SECONDS_TO_ARRIVE = 20
SECONDS_TO_RECOVER = 3600
HAS_ARRIVED = """
    SELECT coalesce(bool_and(flush_lsn >= pg_current_wal_lsn()), true)
      FROM pg_stat_replication WHERE application_name = %s
"""
MARK = "SELECT pg_logical_emit_message(true, 'czindustry', 'now')"
LIMIT = re.compile(
    r"^(max_connections|max_worker_processes|max_wal_senders|max_prepared_xacts|max_locks_per_xact) setting: +(\d+)$",
    re.MULTILINE,
)
SHORTENED = {
    "max_prepared_xacts": "max_prepared_transactions",
    "max_locks_per_xact": "max_locks_per_transaction",
}
RECOVERY = """
restore_command = 'cp "{wal}/%f" "%p"'
recovery_target_action = 'promote'
recovery_target_timeline = 'latest'
primary_conninfo = ''
"""


@dataclass(frozen=True)
class Base:
    """A copy of the whole server, complete at a moment."""

    path: Path
    complete: dt.datetime


def folder_set() -> Path:
    """The folder of `CZINDUSTRY_WAL`; BackupError where none is set."""
    if not settings.WAL:
        raise BackupError(_("Set CZINDUSTRY_WAL to the folder in which WAL is to be kept."))
    return Path(settings.WAL)


def wal_of(folder: Path) -> Path:
    return folder / "wal"


def bases(folder: Path) -> list[Base]:
    """The copies of a folder, the newest first."""
    found = [
        Base(path, dt.datetime.strptime(path.name, NAME).replace(tzinfo=dt.UTC))
        for path in folder.glob("base_*Z")
    ]
    return sorted(found, key=lambda one: one.complete, reverse=True)


def make_room(folder: Path) -> None:
    """The folder for this very server: what another one has written is put aside, as its WAL leads nowhere here."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with psycopg.connect(**parameters()) as present:
        row = present.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
    assert row is not None
    of, own = folder / "server", str(row[0])
    kept = [one for one in (of, wal_of(folder), *(base.path for base in bases(folder))) if one.exists()]
    if kept and not (of.exists() and of.read_text() == own):
        aside = folder / f"before_{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}"
        aside.mkdir(mode=0o700)
        for one in kept:
            one.rename(aside / one.name)
    wal_of(folder).mkdir(exist_ok=True, mode=0o700)
    of.write_text(own)


# Out


def receive(folder: Path) -> "subprocess.Popen[bytes]":
    """Begin to write down what the server writes; goes on until the process is ended, also over its restarts."""
    make_room(folder)
    with running(RECEIVER, parameters(), f"--slot={SLOT}", "--create-slot", "--if-not-exists"):
        pass
    command, around = program_of(RECEIVER, parameters())
    options = [f"--slot={SLOT}", f"--directory={wal_of(folder)}", "--synchronous", "--no-password"]
    return subprocess.Popen([*command, *options], env=around)


def make_base(folder: Path, *, keep: int = BASES_KEPT) -> Base:
    """A copy of the whole server, checked; then the copies before the last `keep` go, and the WAL that only they need."""
    make_room(folder)
    draft = folder / "base.part"
    shutil.rmtree(draft, ignore_errors=True)
    options = [f"--pgdata={draft}", "--format=tar", "--gzip", "--wal-method=stream", "--checkpoint=fast"]
    with running("pg_basebackup", parameters(), *options, "--manifest-checksums=SHA256"):
        pass
    if major_version(find_programs()) >= VERIFIES_TAR_MAJOR:
        verify(draft)
    complete = dt.datetime.now(dt.UTC)
    made = Base(folder / complete.strftime(NAME), complete)
    draft.rename(made.path)
    for old in bases(folder)[keep:]:
        shutil.rmtree(old.path)
    drop_wal(folder)
    return made


def verify(path: Path) -> None:
    """Every file of a copy against the checksums that were taken while it was made."""
    command = [str(find_programs() / "pg_verifybackup"), "--no-parse-wal", "--quiet", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"pg_verifybackup: {done.stderr.strip()}")


def drop_wal(folder: Path) -> None:
    """What was written before the oldest copy began: no copy leads on from there."""
    needed = begins_with(bases(folder)[-1])
    for segment in wal_of(folder).glob("*"):
        if is_before(segment.name, needed):
            segment.unlink()


def is_before(name: str, needed: str) -> bool:
    """Whether a file of WAL lies before another, whatever the timeline, which its first eight characters name."""
    return SEGMENT.match(name) is not None and name[8:24] < needed[8:24]


def begins_with(base: Base) -> str:
    """The file of WAL with which a copy begins, from its own label."""
    with tarfile.open(base.path / "base.tar.gz") as packed:
        label = packed.extractfile("backup_label")
        assert label is not None
        first = label.readline().decode()
    return first.partition("(file ")[2].rstrip(")\n")


# Back


def wait_for_the_last() -> None:
    """Until all that the present server has written lies in the folder, where it answers and somebody writes it down.

    It writes once more, so that what lies there leads up to any moment before this one.
    """
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(**parameters()) as present:
        present.execute(MARK)
        present.commit()
        while time.monotonic() < deadline:
            row = present.execute(HAS_ARRIVED, [RECEIVER]).fetchone()
            if row is None or row[0]:
                return
            present.commit()
            time.sleep(0.1)


@contextlib.contextmanager
def recovered(folder: Path, moment: dt.datetime | None, workplace: Path) -> Iterator[dict[str, Any]]:
    """A server as it was at a moment, or by the last that was kept (None), by the parameters of its connection.

    It is stopped and removed at the end.
    """
    base = next((one for one in bases(folder) if moment is None or one.complete <= moment), None)
    if base is None:
        raise BackupError(
            _(
                "No copy in %(folder)s is as old as %(moment)s: the oldest is of %(oldest)s. Restore a backup instead."
            )
            % {"folder": folder, "moment": told(moment), "oldest": oldest_of(folder)}
        )
    shutil.rmtree(workplace, ignore_errors=True)
    site = parameters()
    server = Server(workplace, user=str(site["user"]), database=str(site["dbname"]))
    try:
        unpack(base, wal_of(folder), server, moment)
        try:
            server.hold()
        except DatabaseError as error:
            raise not_reached(server, moment) from error
        where = {**server.connection_parameters(), "dbname": server.database}
        wait_for_the_moment(server, where, moment)
        yield where
    finally:
        server.remove()
        shutil.rmtree(workplace, ignore_errors=True)


def told(moment: dt.datetime | None) -> str:
    return timezone.localtime(moment).isoformat() if moment else LATEST


def oldest_of(folder: Path) -> str:
    found = bases(folder)
    return told(found[-1].complete) if found else "—"


def unpack(base: Base, wal: Path, server: Server, moment: dt.datetime | None) -> None:
    home = server.made_home()
    data, kept = home / "data", home / "wal"
    data.mkdir(mode=0o700)
    kept.mkdir(mode=0o700)
    for name, into in (("base.tar.gz", data), ("pg_wal.tar.gz", data / "pg_wal")):
        with tarfile.open(base.path / name) as packed:
            packed.extractall(into, filter="tar")
    needed = begins_with(base)
    for segment in sorted(wal.iterdir()):
        # what is being written comes last in the order of names, and only where it has no other
        name = segment.name.removesuffix(PARTIAL)
        if not (is_before(name, needed) or (kept / name).exists()):
            shutil.copyfile(segment, kept / name)
    with (data / "local.conf").open("a") as settings_file:
        settings_file.write(RECOVERY.format(wal=kept))
        settings_file.write(f"recovery_target_time = '{moment.isoformat()}'\n" if moment else "")
        settings_file.write(limits_of(data))
    (data / "recovery.signal").touch()
    # who may ask: us alone, in a closed folder, whatever the site's server demands
    (data / "pg_hba.conf").write_text("local all all trust\n")
    for slot in (data / "pg_replslot").iterdir():
        shutil.rmtree(slot)
    server.own_all(home)


def limits_of(data: Path) -> str:
    """What a server that follows must have at least as large as the one that wrote, as the copy itself tells it."""
    command = [str(find_programs() / "pg_controldata"), "-D", str(data)]
    told = subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, text=True, check=True).stdout
    return "".join(f"{SHORTENED.get(name, name)} = {value}\n" for name, value in LIMIT.findall(told))


def wait_for_the_moment(server: Server, where: dict[str, Any], moment: dt.datetime | None) -> None:
    deadline = time.monotonic() + SECONDS_TO_RECOVER
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(**where) as recovering:
                row = recovering.execute("SELECT pg_is_in_recovery()").fetchone()
            if row is not None and not row[0]:
                return
        except psycopg.OperationalError as error:
            if not server.is_running():
                raise not_reached(server, moment) from error
        time.sleep(0.1)
    raise not_reached(server, moment)


def not_reached(server: Server, moment: dt.datetime | None) -> BackupError:
    words = _(
        "The WAL that was kept does not lead up to %(moment)s: name an earlier moment, or “latest”. The server said: "
        "%(said)s"
    )
    return BackupError(words % {"moment": told(moment), "said": server.end_of_log()})
