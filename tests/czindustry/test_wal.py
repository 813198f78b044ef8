"""WAL archiving: what was lost comes back as it was at a moment, from a copy of the server and what it wrote since.

Each test has a server of its own in a folder of its own.
"""

import datetime as dt
import io
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from czindustry import backups, probes, tasks, wal
from czindustry.backups import BackupError
from czindustry.database import Server
from czindustry.postgresql.base import close_connections
from czindustry.security.models import AuditEvent
from registry.models import Enterprise
from tests import factories as make
from tests.czindustry.places import in_reach
from tests.czindustry.test_backups import server as maintenance

LATER = dt.timedelta(days=1)
NOON = dt.datetime(2026, 12, 6, 12, tzinfo=dt.UTC)
# What is filled in where an enterprise is added.
EMPTY = ("registration_no", "address", "legal_form", "stock_code", "contact_name", "contact_phone")
TABLE = f"""
    CREATE TABLE registry_enterprise (
        id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text, uscc_confirmed bool, version int,
        {", ".join(f"{name} text" for name in EMPTY)}
    )
"""


@pytest.fixture
def place() -> Iterator[Path]:
    with in_reach() as path:
        yield path


@pytest.fixture
def site(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A server with one small table: by the parameters of its connection."""
    server = Server(place / "var", database=str(backups.parameters()["dbname"]))
    server.hold()
    where: dict[str, Any] = {**server.connection_parameters(), "dbname": server.database}
    monkeypatch.setattr(wal, "parameters", lambda: where)
    run(where, TABLE)
    yield where
    server.remove()


@pytest.fixture
def whole_site(transactional_db: None, site: dict[str, Any], place: Path) -> dict[str, Any]:
    """The same with all that the database of the site has."""
    make.enterprise("甲")
    made = backups.make(place / "out")
    run(site, "DROP TABLE registry_enterprise")
    backups.fill(place / "out" / made.file, site, [])
    return site


@pytest.fixture
def receiver(site: dict[str, Any], place: Path) -> Iterator[None]:
    process = wal.receive(place / "kept")
    yield
    process.terminate()
    process.wait(30)


def run(where: dict[str, Any], statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(**where) as other:
        cursor = other.execute(statement)
        return cursor.fetchall() if cursor.description else []


def now(where: dict[str, Any]) -> dt.datetime:
    """By the clock of the server, between two transactions."""
    ((moment,),) = run(where, "SELECT clock_timestamp()")
    assert isinstance(moment, dt.datetime)
    return moment


def names(where: dict[str, Any]) -> list[str]:
    return [name for (name,) in run(where, "SELECT name FROM registry_enterprise ORDER BY id")]


def add(where: dict[str, Any], name: str) -> None:
    columns, values = ", ".join(EMPTY), ", ".join("''" for _ in EMPTY)
    run(
        where,
        f"INSERT INTO registry_enterprise (name, uscc_confirmed, version, {columns})"
        f" VALUES ('{name}', false, 1, {values})",
    )


def test_what_was_destroyed_comes_back_as_it_was_at_a_moment(
    whole_site: dict[str, Any], receiver: None, place: Path, settings: Any
) -> None:
    site, kept = whole_site, place / "kept"
    base = wal.make_base(kept)
    add(site, "乙")
    moment = max(now(site), base.complete)
    add(site, "丙")
    run(site, "SET session_replication_role = replica; DELETE FROM registry_enterprise")
    wal.wait_for_the_last()
    with wal.recovered(kept, moment, place / "recovering") as where:
        assert names(where) == ["甲", "乙"]
        made = backups.make(place / "then", where=where)
    assert not (place / "recovering").exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**where)
    assert names(site) == []

    settings.WAL, settings.VAR_DIR = str(kept), place
    close_connections()
    out = io.StringIO()
    call_command("restore", at=moment.isoformat(), replace=True, stdout=out)
    assert wal.told(moment) in out.getvalue()
    assert [one.name for one in Enterprise.objects.order_by("pk")] == ["甲", "乙"]
    assert made.rows == sum(one.rows for one in made.tables.values())
    before = [name for (name,) in run(backups.parameters(), BEFORE)]
    close_connections()
    with maintenance() as server:
        for name in before:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        server.execute(
            f"ALTER DATABASE \"{backups.parameters()['dbname']}\" SET czindustry.may_empty = 'yes'"
        )


BEFORE = "SELECT datname FROM pg_database WHERE datname LIKE current_database() || '\\_before\\_%'"


def test_a_moment_that_was_not_kept_is_refused_with_what_there_is(
    site: dict[str, Any], receiver: None, place: Path
) -> None:
    kept = place / "kept"
    with pytest.raises(BackupError, match="—"), wal.recovered(kept, now(site), place / "recovering"):
        pass
    base = wal.make_base(kept)
    add(site, "乙")
    wal.wait_for_the_last()
    for moment, said in [
        (base.complete - LATER, wal.told(base.complete)),
        (base.complete + LATER, "recovery ended before"),
    ]:
        with (
            pytest.raises(BackupError, match=re.escape(said)),
            wal.recovered(kept, moment, place / "recovering"),
        ):
            pass
    assert not (place / "recovering").exists()


def test_where_the_server_is_lost_the_last_that_was_kept_comes_back(
    site: dict[str, Any], receiver: None, place: Path
) -> None:
    wal.make_base(place / "kept")
    add(site, "乙")
    wal.wait_for_the_last()
    postmaster = next((place / "var").rglob("postmaster.pid"))
    os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
    with wal.recovered(place / "kept", None, place / "recovering") as where:
        assert names(where) == ["乙"]


def test_what_another_server_wrote_is_put_aside(site: dict[str, Any], place: Path) -> None:
    kept = place / "kept"
    first = wal.make_base(kept)
    (wal.wal_of(kept) / ("0" * 24)).touch()
    assert wal.bases(kept) == [first]
    (kept / "server").write_text("another")
    second = wal.make_base(kept)
    assert wal.bases(kept) == [second]
    assert list(wal.wal_of(kept).iterdir()) == []
    (aside,) = kept.glob("before_*")
    assert {one.name for one in aside.iterdir()} == {"server", "wal", first.path.name}


def test_only_what_the_copies_need_is_kept(site: dict[str, Any], receiver: None, place: Path) -> None:
    kept = place / "kept"
    first = wal.make_base(kept, keep=1)
    needed = wal.begins_with(first)
    run(site, "SELECT pg_switch_wal()")
    add(site, "乙")
    wal.wait_for_the_last()
    assert any(path.name.startswith(needed) for path in wal.wal_of(kept).iterdir())
    second = wal.make_base(kept, keep=1)
    assert wal.bases(kept) == [second]
    assert not any(wal.is_before(path.name, wal.begins_with(second)) for path in wal.wal_of(kept).iterdir())


def test_a_server_on_a_copy_has_the_limits_of_the_one_that_wrote(site: dict[str, Any], place: Path) -> None:
    """PostgreSQL does not recover where they are smaller."""
    (data,) = (place / "var").rglob("data")
    told = set(wal.limits_of(data).splitlines())
    asked = "SELECT name || ' = ' || setting FROM pg_settings WHERE name = ANY(%s)"
    names_of = [line.partition(" = ")[0] for line in told]
    with psycopg.connect(**site) as other:
        assert {line for (line,) in other.execute(asked, [names_of]).fetchall()} == told
    assert len(told) == 5


def test_a_copy_that_was_damaged_is_found(site: dict[str, Any], place: Path) -> None:
    made = wal.make_base(place / "kept")
    packed = made.path / "base.tar.gz"
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(BackupError, match="pg_verifybackup"):
        wal.verify(made.path)


@pytest.mark.parametrize(
    "command", [("archive_wal", {}), ("backup", {"base": True}), ("restore", {"at": "2025-01-01"})]
)
def test_without_a_folder_the_commands_say_what_to_set(
    command: tuple[str, dict[str, Any]], settings: Any
) -> None:
    settings.WAL = ""
    with pytest.raises(CommandError, match="CZINDUSTRY_WAL"):
        call_command(command[0], **command[1])


@pytest.mark.django_db
def test_the_job_of_sundays_makes_a_copy_where_a_folder_is_set(
    monkeypatch: pytest.MonkeyPatch, place: Path, settings: Any
) -> None:
    made = []
    monkeypatch.setattr(wal, "make_base", lambda folder: made.append(folder) or wal.Base(folder, NOON))
    for settings.WAL in ("", str(place)):
        tasks.base_backup(0)
    assert made == [place]
    assert AuditEvent.objects.get(action="backup").subject == place.name


@pytest.mark.django_db
def test_metrics_tell_what_has_not_arrived() -> None:
    _what, statement = probes.TOLD["czindustry_wal_not_kept_bytes"]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.fetchone()[0] >= 0
