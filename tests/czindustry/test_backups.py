"""Backups: the database is destroyed and every row comes back, or nothing is touched."""

import datetime as dt
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone

from czindustry import backups, tasks
from czindustry.backups import BackupError, Manifest
from czindustry.postgresql.base import close_connections
from czindustry.security.models import AuditEvent
from registry.models import Enterprise, FeedEpoch
from targets.models import Publication
from targets.services import publishing
from tests import factories as make
from tests import people

DAY = dt.date(2025, 12, 31)


@pytest.fixture
def registry(transactional_db: None) -> Iterator[None]:
    """Enterprises, titles with their history, and an issued bulletin with its files."""
    name = connection.settings_dict["NAME"]
    scheme = make.scheme("green_factory")
    target = make.target_with_rule("green.all", schemes=(scheme,))
    for number in range(20):
        holder = make.enterprise(f"常州光能{number}有限公司", district=make.district("320412"))
        make.designation(holder, dt.date(2022, 1, 1), scheme=scheme)
    wang, shen = people.clerk_of_the_city(), people.reviewer_of_the_city()
    now = timezone.now()
    draft = publishing.draft(plan=target.plan, kind="month", day=DAY, by=wang, at=now)
    publishing.sign_off(publication=draft, by=shen, at=now)
    publishing.issue(publication=draft, by=shen, at=now)
    connections.close_all()
    yield
    with connection.cursor() as cursor:
        # what was issued is never emptied, not even by tests
        cursor.execute("SET session_replication_role = replica")
        for table in ("publishedrecord", "publicationdocument", "publication"):
            cursor.execute(f"DELETE FROM targets_{table}")
        cursor.execute("SET session_replication_role = origin")
    close_connections()
    with server() as maintenance:
        for (other,) in maintenance.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}\\_before\\_%"]
        ).fetchall():
            maintenance.execute(f'DROP DATABASE "{other}" WITH (FORCE)')
        maintenance.execute(f"ALTER DATABASE \"{name}\" SET czindustry.may_empty = 'yes'")


def server() -> psycopg.Connection[object]:
    return psycopg.connect(**{**backups.parameters(), "dbname": "postgres"}, autocommit=True)


def everything() -> dict[str, backups.Table]:
    with psycopg.connect(**backups.parameters()) as present, present.cursor() as cursor:
        return backups.contents(cursor)


def destroy() -> None:
    close_connections()
    name = backups.parameters()["dbname"]
    with server() as maintenance:
        maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def restore(path: Path, **options: object) -> backups.Restored:
    close_connections()
    found = backups.restore(path, **options)  # type: ignore[arg-type]
    close_connections()
    return found


def files_of(publication: Publication) -> list[tuple[str, str, bytes]]:
    return [(one.kind, one.sha256, bytes(one.content)) for one in publication.documents.order_by("kind")]


def test_the_database_is_destroyed_and_every_row_and_every_publication_comes_back(
    registry: None, tmp_path: Path
) -> None:
    before, issued = everything(), files_of(Publication.objects.get())
    assert issued
    made = backups.make(tmp_path)
    assert made.tables == before
    destroy()
    restore(tmp_path / made.file)
    after = everything()
    # a new stretch of the feed begins, and answers are made anew
    for name in ("registry_feedepoch", "registry_partchange"):
        assert after.pop(name).rows == before.pop(name).rows + 1
    assert after == before
    assert files_of(Publication.objects.get()) == issued
    call_command("publish", "--verify", stdout=io.StringIO())
    call_command("trail", "check", stdout=io.StringIO())
    assert FeedEpoch.objects.first().origin == "restored"  # type: ignore[union-attr]
    Enterprise.objects.create(name="之后")


def test_the_present_database_is_kept_where_a_backup_takes_its_place(registry: None, tmp_path: Path) -> None:
    out, role = io.StringIO(), f"keeper_of_{connection.settings_dict['NAME']}"
    call_command("backup", to=tmp_path, stdout=out)
    (path,) = tmp_path.glob("*.dump")
    rows = Manifest.read(backups.manifest_of(path)).rows
    call_command("backup", check=path, stdout=out)
    Enterprise.objects.all().update(address="改动")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
    call_command("grant_application", role, stdout=out)
    close_connections()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", path)
    assert Enterprise.objects.filter(address="改动").count() == 20
    close_connections()
    call_command("restore", path, replace=True, stdout=out)
    assert Enterprise.objects.filter(address="改动").count() == 0
    assert out.getvalue().count(str(rows)) == 3
    assert AuditEvent.objects.filter(action="restore").count() == 1
    with connection.cursor() as cursor:
        for right, held in (("INSERT", True), ("UPDATE", False)):
            cursor.execute("SELECT has_table_privilege(%s, 'security_auditevent', %s)", [role, right])
            assert cursor.fetchone() == (held,)
        cursor.execute(f"DROP OWNED BY {role}")
    (before,) = re.findall(r"test_\w+_before_\d+", out.getvalue())
    with psycopg.connect(**{**backups.parameters(), "dbname": before}) as old:
        kept = old.execute("SELECT count(*) FROM registry_enterprise WHERE address = '改动'").fetchone()
        old.execute(f"DROP OWNED BY {role}")
    assert kept == (20,)
    with server() as maintenance:
        maintenance.execute(f"DROP ROLE {role}")


def test_it_is_of_one_moment_while_others_write(registry: None, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            Enterprise.objects.create(name=f"之间{number}")
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = backups.make(tmp_path)
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / made.file, replace=True)
    assert Enterprise.objects.count() == made.tables["registry_enterprise"].rows


def test_an_encrypted_one_opens_by_its_key_alone(registry: None, tmp_path: Path) -> None:
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    for name, identity in (("key", key), ("other", other)):
        (tmp_path / name).write_text(f"# created: today\n{identity}\n")
    made = backups.make(tmp_path, key=str(key.to_public()))
    path = tmp_path / made.file
    assert path.name.endswith(".dump.age")
    assert path.read_bytes().startswith(b"age-encryption.org/v1")
    for identity, words in ((None, "--identity"), (tmp_path / "other", "does not open|不能打开")):
        with pytest.raises(BackupError, match=words):
            restore(path, identity=identity, replace=True)
    assert Enterprise.objects.count() == 20
    restore(path, identity=tmp_path / "key", replace=True)
    assert Enterprise.objects.count() == 20


def test_a_damaged_one_is_refused_and_nothing_is_touched(registry: None, tmp_path: Path) -> None:
    made = backups.make(tmp_path)
    path, manifest = tmp_path / made.file, backups.manifest_of(tmp_path / made.file)
    whole, told = path.read_bytes(), manifest.read_bytes()
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    tables = {**made.tables, "registry_enterprise": backups.Table(21, 0)}
    Manifest(**{**made.__dict__, "tables": tables}).write(manifest)
    other_counts = manifest.read_bytes()
    for content, words in ((changed, told), (whole[:-100], told), (whole, b"{}"), (whole, other_counts)):
        path.write_bytes(content)
        manifest.write_bytes(words)
        with pytest.raises(BackupError):
            restore(path, replace=True)
    assert Enterprise.objects.count() == 20
    with server() as maintenance:
        left = maintenance.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE '%\\_restored'"
        ).fetchall()
    assert left == []


def test_where_nobody_can_be_cut_off_the_site_goes_on_with_what_it_had(
    registry: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_given: object) -> None:
        raise psycopg.errors.InsufficientPrivilege("permission denied to terminate process")

    path = tmp_path / backups.make(tmp_path).file
    monkeypatch.setattr(backups, "cut_off", refused)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        restore(path, replace=True)
    assert Enterprise.objects.count() == 20
    with server() as maintenance:
        left = maintenance.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE '%\\_restored'"
        ).fetchall()
    assert left == []


@pytest.mark.django_db
def test_old_ones_leave_and_a_wrong_key_leaves_nothing(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        manifest = Manifest(f"czindustry_{day}.dump", "", 0, f"2026-01-0{day}T00:00:00+08:00", 18, {})
        manifest.write(tmp_path / f"czindustry_{day}.json")
        (tmp_path / manifest.file).touch()
    backups.drop_old(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "czindustry_2.dump",
        "czindustry_2.json",
        "czindustry_3.dump",
        "czindustry_3.json",
    ]
    with pytest.raises(BackupError, match="age"):
        backups.make(tmp_path / "new", key="age1wrong")
    assert not (tmp_path / "new").exists()


@pytest.mark.django_db
def test_the_nightly_job_makes_one_where_a_folder_is_set(tmp_path: Path) -> None:
    tasks.backup.func(timestamp=0)
    assert list(tmp_path.iterdir()) == []
    with override_settings(BACKUPS=str(tmp_path), BACKUPS_KEPT=1):
        tasks.backup.func(timestamp=0)
    assert len(backups.all_in(tmp_path)) == 1
    told = AuditEvent.objects.get(action="backup")
    assert told.details["sha256"] == backups.all_in(tmp_path)[0].sha256
