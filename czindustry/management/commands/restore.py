"""A backup comes back, whole or not at all."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from czindustry import backups
from czindustry.backups import BackupError
from czindustry.postgresql.base import close_connections
from czindustry.security import trail
from czindustry.security.choices import Action


class Command(BaseCommand):
    help = "Brings a backup back: into an empty database, or with --replace in place of the present one, which is kept."
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--identity", type=Path, help="file with the secret key of age, for an encrypted backup"
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="also where the database is not empty; it is kept under another name",
        )

    def handle(self, *args: Any, file: Path, identity: Path | None, replace: bool, **options: Any) -> None:
        try:
            found = backups.restore(file, identity=identity, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from error
        close_connections()
        manifest = found.manifest
        trail.note(Action.RESTORE, None, subject=manifest.file, rows=manifest.rows, made_at=manifest.made_at)
        told = _("%(rows)d rows of %(tables)d tables are back, all as they were at %(made_at)s.")
        words = {"rows": manifest.rows, "tables": len(manifest.tables), "made_at": manifest.made_at}
        self.stdout.write(told % words)
        if found.before:
            told = _("The database of before is kept as %(name)s; drop it once all is well.")
            self.stdout.write(told % {"name": found.before})
        told = _(
            "If an older version made the backup: manage.py migrate. On a new server: manage.py grant_application."
        )
        self.stdout.write(told)
