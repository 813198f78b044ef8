"""A backup of all that the database holds, while it is in use."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from czindustry import backups, wal
from czindustry.backups import BackupError
from czindustry.security import trail
from czindustry.security.choices import Action


class Command(BaseCommand):
    help = "Writes a backup of the whole database, with a manifest of every table, while the site is in use."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="folder; default CZINDUSTRY_BACKUPS, or var/backups")
        parser.add_argument(
            "--keep", type=int, default=0, help="how many backups stay in the folder; default all"
        )
        parser.add_argument("--key", default=settings.BACKUP_KEY, help="public key of age (age1…)")
        parser.add_argument(
            "--base",
            action="store_true",
            help="a copy of the whole server into CZINDUSTRY_WAL, from which any later moment can be restored",
        )
        parser.add_argument("--check", type=Path, metavar="FILE", help="only see whether a backup is whole")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["to"] or Path(settings.BACKUPS or settings.VAR_DIR / "backups")
        try:
            if options["base"]:
                self.make_base()
                return
            if options["check"]:
                found = backups.check(options["check"])
            else:
                found = backups.make(folder, key=options["key"], keep=options["keep"])
                trail.note(Action.BACKUP, None, subject=found.file, rows=found.rows, sha256=found.sha256)
        except BackupError as error:
            raise CommandError(str(error)) from error
        words = {
            "file": options["check"] or folder / found.file,
            "rows": found.rows,
            "tables": len(found.tables),
        }
        words |= {"size": f"{found.size / 2**20:.1f}", "sha256": found.sha256}
        told = _("%(file)s: %(rows)d rows of %(tables)d tables, %(size)s MB, SHA-256 %(sha256)s")
        self.stdout.write(told % words)

    def make_base(self) -> None:
        made = wal.make_base(wal.folder_set())
        trail.note(Action.BACKUP, None, subject=made.path.name)
        told = _("%(path)s: a copy of the whole server; any moment after it can be restored.")
        self.stdout.write(told % {"path": made.path})
