"""Backups: one consistent picture of the database as a file, and back.

A backup is two files: NAME.dump (pg_dump's own format; NAME.dump.age where a key is given) and NAME.json, the manifest.
It tells how many rows each table had at that very moment and a digest of all of them, so that a restore proves that it
has brought every row back. Other work goes on meanwhile.

A restore fills a new database beside the present one, compares all rows with the manifest, and only then gives it the
name of the present one, which is kept under another name. So nothing is ever half restored.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
import pyrage
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from czindustry.database import program
from czindustry.security import grants

BLOCK = 2**20
SECONDS_TO_LEAVE = 20
DUMP, ENCRYPTED, MANIFEST = ".dump", ".dump.age", ".json"
PARAMETERS = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")
# The text of rows, as it does not depend on who asks.
FIXED = """
    SET TIME ZONE 'UTC'; SET datestyle = ISO; SET intervalstyle = postgres; SET bytea_output = hex;
    SET extra_float_digits = 1; SET search_path = public;
"""
TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace
     WHERE nspname = 'public' AND relkind = 'r' AND relpersistence = 'p' ORDER BY relname
"""
MAY_CUT_OFF = """
    SELECT coalesce(bool_and(
             pg_has_role(role.oid, 'USAGE') OR (pg_has_role('pg_signal_backend', 'USAGE') AND NOT rolsuper)), true)
      FROM pg_stat_activity JOIN pg_roles role ON role.oid = usesysid WHERE datname = %s
"""
CONTENT = "SELECT count(*), coalesce(bit_xor(hashtextextended(told::text, 532)), 0) FROM {} told"


class BackupError(Exception):
    """What could not be done, and what to do, for the operator."""


@dataclass(frozen=True)
class Table:
    rows: int
    digest: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `sha256` and `size` (bytes) are those of its file."""

    file: str
    sha256: str
    size: int
    made_at: str
    postgres: int
    tables: dict[str, Table]

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.tables.values())

    def write(self, path: Path) -> None:
        write_safely(path, json.dumps(asdict(self), indent=1).encode())

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        try:
            told = json.loads(path.read_text())
            tables = {name: Table(**one) for name, one in told.pop("tables").items()}
            return cls(tables=tables, **told)
        except FileNotFoundError as error:
            told = _("There is no %(path)s: a backup has a manifest beside its file.")
            raise BackupError(told % {"path": path}) from error
        except (ValueError, TypeError, KeyError) as error:
            raise BackupError(_("%(path)s is no manifest of a backup.") % {"path": path}) from error


# Out


def make(folder: Path, *, key: str = "", keep: int = 0, where: dict[str, Any] | None = None) -> Manifest:
    """A backup in a folder, encrypted for `key` (age1…) where one is given; of `keep` > 0 only so many are left there.

    Of the database of the site, or of another that `where` names.
    """
    where = parameters() if where is None else where
    recipient = recipient_of(key)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = timezone.localtime()
    name = f"czindustry_{moment:%Y%m%d_%H%M%S}"
    path = folder / f"{name}{ENCRYPTED if recipient else DUMP}"
    draft = path.with_name(f"{path.name}.part")
    with contextlib.ExitStack() as cleaning:
        cleaning.callback(draft.unlink, missing_ok=True)
        with psycopg.connect(**where) as picture:
            picture.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            picture.read_only = True
            with picture.cursor() as cursor:
                (snapshot,) = one_row(cursor, "SELECT pg_export_snapshot()")
                dump(draft, where, str(snapshot), recipient)
                tables = contents(cursor)
            postgres = server_version_of(picture)
        sha256, size = digest_of(draft)
        draft.replace(path)
    found = Manifest(path.name, sha256, size, moment.isoformat(timespec="seconds"), postgres, tables)
    found.write(folder / f"{name}{MANIFEST}")
    if keep:
        drop_old(folder, keep)
    return found


def recipient_of(key: str) -> Any:
    if not key:
        return None
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise BackupError(
            _("The key for backups is not one that age-keygen has made: it begins with age1.")
        ) from error


def parameters(name: str = DEFAULT_DB_ALIAS) -> dict[str, Any]:
    """Of the database of the site, or of a replica, as libpq names them."""
    known = connections[name].get_connection_params()
    return {name: known[name] for name in PARAMETERS if known.get(name)}


def dump(path: Path, where: dict[str, Any], snapshot: str, recipient: Any) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with (
        path.open("wb") as file,
        running("pg_dump", where, *options, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        if recipient is None:
            while block := process.stdout.read(BLOCK):
                file.write(block)
        else:
            pyrage.encrypt_io(process.stdout, file, [recipient])
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def running(
    name: str, where: dict[str, Any], *options: str, **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL; an error of it is raised with its words."""
    command, around = program_of(name, where)
    process = subprocess.Popen([*command, *options], env=around, stderr=subprocess.PIPE, **pipes)
    try:
        yield process
        if process.stdin is not None:
            process.stdin.close()
    except BrokenPipeError:
        pass
    finally:
        if process.stdout is not None:
            process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read().decode(errors="replace").strip()
        process.stderr.close()
        process.wait()
    if process.returncode:
        raise BackupError(f"{name}: {told or process.returncode}")


def program_of(name: str, where: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """A program of PostgreSQL with the database that it is for, and its environment."""
    command = [str(program(name)), f"--dbname={psycopg.conninfo.make_conninfo(**without_secret(where))}"]
    # the password stands in no list of processes
    return command, {**os.environ, **({"PGPASSWORD": str(where["password"])} if "password" in where else {})}


def without_secret(where: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in where.items() if name != "password"}


def contents(cursor: psycopg.Cursor[Any]) -> dict[str, Table]:
    """Of each table how many rows, and what they come to together."""
    cursor.execute(FIXED)
    cursor.execute(TABLES)
    names = [name for (name,) in cursor.fetchall()]
    return {name: Table(*one_row(cursor, sql.SQL(CONTENT).format(sql.Identifier(name)))) for name in names}


def one_row(cursor: psycopg.Cursor[Any], statement: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = cursor.execute(statement).fetchone()
    assert row is not None
    return row


def digest_of(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def write_safely(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def all_in(folder: Path) -> list[Manifest]:
    """Those of a folder, the newest first."""
    found = [Manifest.read(path) for path in folder.glob(f"czindustry_*{MANIFEST}")]
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def drop_old(folder: Path, keep: int) -> None:
    for one in all_in(folder)[keep:]:
        (folder / one.file).unlink(missing_ok=True)
        manifest_of(folder / one.file).unlink(missing_ok=True)


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".age").removesuffix(DUMP) + MANIFEST)


# Back


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    # the name under which the database of before is kept; empty where there was none with anything in it
    before: str


def check(path: Path) -> Manifest:
    """Whether the file is whole, as its manifest tells it."""
    manifest = Manifest.read(manifest_of(path))
    if not path.exists():
        raise BackupError(_("There is no file %(path)s.") % {"path": path})
    if digest_of(path) != (manifest.sha256, manifest.size):
        raise BackupError(
            _("%(path)s is not what its manifest tells: it was damaged or changed.") % {"path": path}
        )
    return manifest


def restore(path: Path, *, identity: Path | None = None, replace: bool = False) -> Restored:
    """Bring a backup back; over a database with tables in it only with `replace`, which keeps it under another name."""
    manifest = check(path)
    where = parameters()
    target = str(where["dbname"])
    new = f"{target}_restored"
    identities = identities_of(path, identity)
    with psycopg.connect(**{**where, "dbname": "postgres"}, autocommit=True) as server:
        filled = exists(server, target) and has_tables({**where})
        if filled and not replace:
            raise BackupError(
                _(
                    "The database %(name)s is not empty. With --replace it is kept under another name and the backup "
                    "takes its place."
                )
                % {"name": target}
            )
        if filled:
            demand_to_cut_off(server, target)
        roles = roles_of({**where}) if filled else []
        run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", new)
        locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'" if server_version_of(server) >= 17 else ""
        try:
            run(server, f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING 'UTF8' {locale}", new)
        except psycopg.errors.InsufficientPrivilege as error:
            told = _("A restore makes a new database: use a role with the right to (ALTER ROLE … CREATEDB).")
            raise BackupError(told) from error
        try:
            fill(path, {**where, "dbname": new}, identities)
            compare(manifest, {**where, "dbname": new})
            begin_anew({**where, "dbname": new}, roles)
            before = swap(server, target, new, keep=filled)
        except BaseException:
            run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", new)
            raise
    return Restored(manifest, before)


def identities_of(path: Path, identity: Path | None) -> list[Any]:
    if not path.name.endswith(ENCRYPTED):
        return []
    if identity is None:
        raise BackupError(_("This backup is encrypted: name the file with the secret key by --identity."))
    lines = [line.strip() for line in identity.read_text().splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BackupError(_("%(path)s holds no secret key of age-keygen.") % {"path": identity}) from error


def fill(path: Path, where: dict[str, Any], identities: list[Any]) -> None:
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    with path.open("rb") as file, running("pg_restore", where, *options, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            copy(file, process.stdin, identities)
        except pyrage.DecryptError as error:
            process.kill()
            raise BackupError(_("The secret key does not open this backup.")) from error


def copy(file: IO[bytes], into: IO[bytes], identities: list[Any]) -> None:
    if identities:
        pyrage.decrypt_io(file, into, identities)
        return
    while block := file.read(BLOCK):
        into.write(block)


def compare(manifest: Manifest, where: dict[str, Any]) -> None:
    """Every row of every table, or nothing is restored."""
    with psycopg.connect(**where) as restored, restored.cursor() as cursor:
        found = contents(cursor)
    wrong = sorted(
        name for name in manifest.tables.keys() | found.keys() if manifest.tables.get(name) != found.get(name)
    )
    if wrong:
        raise BackupError(
            _(
                "These tables are not what they were when the backup was made: %(names)s. Nothing was restored."
            )
            % {"names": ", ".join(wrong)}
        )


def begin_anew(where: dict[str, Any], roles: list[str]) -> None:
    """The roles that had rights in the database of before have them again.

    Whoever follows the changes has seen what came after the backup: a position of before is none of now.

    Remembered answers are for facts that may come again in another form.
    """
    with psycopg.connect(**where) as restored, restored.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_feedepoch (origin, floors, started_at) VALUES ('restored', '{}', now())"
        )
        cursor.execute("INSERT INTO registry_partchange (part) VALUES ('everything')")
        for role in roles:
            for statement in grants.statements(role):
                cursor.execute(statement)
        cursor.execute("ANALYZE")


def exists(server: psycopg.Connection[Any], name: str) -> bool:
    return server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount == 1


def has_tables(where: dict[str, Any]) -> bool:
    with psycopg.connect(**where) as present:
        return present.execute(TABLES).fetchone() is not None


def server_version_of(server: psycopg.Connection[Any]) -> int:
    return server.info.server_version // 10_000


def swap(server: psycopg.Connection[Any], target: str, new: str, *, keep: bool) -> str:
    """Give the new database the name; who is connected to the old one is cut off, and comes back to the new one.

    Both names change in one transaction: whatever happens meanwhile, one of the two is there.
    """
    if not keep:
        run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", target)
        run(server, "ALTER DATABASE {} RENAME TO {}", new, target)
        return ""
    before = f"{target}_before_{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}"
    run(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", target)
    try:
        cut_off(server, target)
        with server.transaction():
            run(server, "ALTER DATABASE {} RENAME TO {}", target, before)
            run(server, "ALTER DATABASE {} RENAME TO {}", new, target)
    except BaseException:
        # the site goes on with what it had
        run(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", target)
        raise
    run(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", before)
    return before


def demand_to_cut_off(server: psycopg.Connection[Any], target: str) -> None:
    """Before anything is done: whether those who are connected may be sent away at the end."""
    may = server.execute(MAY_CUT_OFF, [target]).fetchone()
    if may is not None and not may[0]:
        raise BackupError(
            _(
                "Others are connected to the database, and this role may not cut them off: stop the site first, or "
                "GRANT pg_signal_backend to this role."
            )
        )


def roles_of(where: dict[str, Any]) -> list[str]:
    with psycopg.connect(**where) as present:
        return [str(name) for (name,) in present.execute(grants.ROLES).fetchall()]


def cut_off(server: psycopg.Connection[Any], target: str) -> None:
    """They need a moment to leave."""
    deadline = time.monotonic() + SECONDS_TO_LEAVE
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    while server.execute(statement, [target]).rowcount and time.monotonic() < deadline:
        time.sleep(0.05)


def run(server: psycopg.Connection[Any], statement: str, *names: str) -> None:
    server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
