"""Keeps what the database writes, as long as the site runs."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from czindustry import wal
from czindustry.backups import BackupError
from czindustry.parent import leave_with_parent


class Command(BaseCommand):
    help = _("Write down all that the database writes, into the folder of CZINDUSTRY_WAL, until stopped.")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help=_("end when the caller ends"))

    def handle(self, *args: Any, with_parent: bool, **options: Any) -> None:
        try:
            process = wal.receive(wal.folder_set())
        except BackupError as error:
            raise CommandError(str(error)) from error
        # Ctrl-C reaches the other process too; it ends by either, after what it has is on the disk
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_arguments: process.terminate())
        if with_parent:
            leave_with_parent()
        if process.wait() > 0:
            raise CommandError(_("pg_receivewal has given up; what it said stands above."))
