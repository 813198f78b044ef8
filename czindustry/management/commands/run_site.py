"""What `make run` calls: from nothing to a site that answers, and down again cleanly."""

import contextlib
import errno
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from multiprocessing import resource_tracker
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from czindustry.database import DatabaseError
from czindustry.postgresql.base import close_connections
from registry.models import User
from targets.demo import lists

HOST = "127.0.0.1"
FIRST_ACCOUNT = "admin"
SECONDS_TO_ANSWER = 60
SECONDS_TO_CLEAR = 1.5
SECONDS_TO_RESTART = 1
SECONDS_TO_STOP = 8


class SiteServer(MPServer):
    """granian, with workers that leave Ctrl-C to this process.

    The terminal sends it to all of them, this process then asks them to stop, and a worker that gets two
    signals at once hangs. Workers inherit what is blocked at the moment they are born.
    """

    def _spawn_workers(self, *args: Any) -> None:
        with keyboard_held():
            super()._spawn_workers(*args)

    def _respawn_workers(self, *args: Any, **options: Any) -> None:
        with keyboard_held():
            super()._respawn_workers(*args, **options)


@contextlib.contextmanager
def keyboard_held() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class BackgroundProcess:
    """A command beside the site: kept alive while the site runs, and stopped with it.

    In a session of its own, so that Ctrl-C in the terminal reaches this process only, which then asks it to stop.
    """

    def __init__(self, *command: str) -> None:
        self.command = command
        self.is_wanted = True
        # no new process may begin while the last one is being stopped
        self.starting = threading.Lock()
        self.process = self._start()
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True)

    def _keep(self) -> None:
        while True:
            self.process.wait()
            # one that cannot start at all must not keep the machine busy with trying
            time.sleep(SECONDS_TO_RESTART)
            with self.starting:
                if not self.is_wanted:
                    return
                self.process = self._start()

    def stop(self) -> None:
        with self.starting:
            self.is_wanted = False
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Command(BaseCommand):
    help = _("Prepare the site and serve it until Ctrl-C.")
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=HOST, help=_("address to listen at"))
        parser.add_argument("--port", type=port_number, default=8000)
        parser.add_argument("--workers", type=int, default=2, help=_("processes that answer"))
        parser.add_argument(
            "--no-prepare",
            action="store_true",
            help=_("the tables are there: change nothing of the database"),
        )
        parser.add_argument("--threads", type=int, default=4, help=_("threads in each of them"))

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        check_port(port)
        # Ended from outside while it prepares, it stops the database too; later granian sees to that.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            sign_in = self.prepare(files=options["no_prepare"])
        except DatabaseError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(_("Stopped before the site was ready."), returncode=130) from None
        close_connections()
        add_up_numbers()
        self.serve(options["host"], port, options["workers"], options["threads"], sign_in)

    def prepare(self, *, files: bool) -> str:
        """Everything up to serving, or only its files; says how to sign in."""
        call_command("prepare", files=files, stdout=self.stdout)
        if files:
            return ""
        if User.objects.exists():
            return _("A lost password is replaced by: manage.py changepassword NAME")
        sign_in = create_first_account()
        # they want somebody who answers for them
        lists.make()
        return sign_in

    def serve(self, host: str, port: int, workers: int, threads: int, sign_in: str) -> None:
        # A forked worker would share the database connections of this process.
        multiprocessing.set_start_method("spawn", force=True)
        # Started now, as it unblocks the keyboard's signal when it starts (see SiteServer).
        resource_tracker.ensure_running()
        server = SiteServer(
            "czindustry.worker:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            # A worker that hangs must not keep Ctrl-C waiting.
            workers_kill_timeout=10,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
        )
        announcement = threading.Thread(target=self.announce, args=(port, sign_in), daemon=True)
        server.on_startup(announcement.start)
        manage = str(settings.BASE_DIR / "manage.py")
        names = ["run_worker", *(["archive_wal"] if settings.WAL else [])]
        besides = [BackgroundProcess(sys.executable, manage, name, "--with-parent") for name in names]
        try:
            server.serve()
        finally:
            for one in besides:
                one.stop()
        self.stdout.write(_("Stopped."))

    def announce(self, port: int, sign_in: str) -> None:
        """Print the address when it answers, not before: people and scripts go there at once."""
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < deadline and not answers(port):
            time.sleep(0.05)
        address = f"http://{HOST}:{port}/"
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(_("The register is at %(address)s") % {"address": address}))
        if sign_in:
            self.stdout.write(sign_in)
        self.stdout.write(_("Ctrl-C stops the site and its database."))
        self.stdout.flush()


def add_up_numbers() -> None:
    """For /metrics: each process writes its own into a folder, begun anew with the site."""
    folder = settings.VAR_DIR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def port_number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise ArgumentTypeError(_("%(text)s is no port; say for instance PORT=8080") % {"text": text})
    return int(text)


def check_port(port: int) -> None:
    """Before anything else: nobody wants to wait for a demo registry and then hear that the port is taken."""
    # The workers of a site that was killed just now need a moment to notice.
    deadline = time.monotonic() + SECONDS_TO_CLEAR
    while problem := port_problem(port):
        if time.monotonic() > deadline:
            reason = {
                errno.EADDRINUSE: _("Port %(port)s is taken by another program."),
                errno.EACCES: _("Port %(port)s is open to the administrator of the machine only."),
            }.get(problem.errno or 0, str(problem))
            advice = _("Choose another one: make run PORT=%(other)s")
            other = port + 1 if 1024 <= port < 2**16 - 1 else 8080
            raise CommandError(f"{reason} {advice}" % {"port": port, "other": other})
        time.sleep(0.1)


def port_problem(port: int) -> OSError | None:
    with socket.socket() as probe:
        # As the web server does; else the closed connections of the last run would still block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error
    return None


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def create_first_account() -> str:
    """The only account that the site makes by itself; its password is in no file and changed at once."""
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(username=FIRST_ACCOUNT, password=password, must_change_password=True)
    return _(
        "as %(name)s with the password %(password)s\n"
        "(shown this once; the site asks for a new one at the first sign-in)"
    ) % {"name": FIRST_ACCOUNT, "password": password}
