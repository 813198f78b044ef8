"""A backup comes back, whole or not at all."""

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from czindustry import backups, wal
from czindustry.backups import BackupError, Restored
from czindustry.postgresql.base import close_connections
from czindustry.security import trail
from czindustry.security.choices import Action
from registry.past import moment_of


class Command(BaseCommand):
    help = "Brings a backup back: into an empty database, or with --replace in place of the present one, which is kept."
    requires_migrations_checks = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument(
            "--at",
            metavar="MOMENT",
            help="from CZINDUSTRY_WAL, as all was then: 2026-12-01T11:30:00, or latest",
        )
        parser.add_argument(
            "--identity", type=Path, help="file with the secret key of age, for an encrypted backup"
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="also where the database is not empty; it is kept under another name",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file, at = options["file"], options["at"]
        if (file is None) == (at is None):
            raise CommandError(_("Name the file of a backup, or a moment by --at."))
        try:
            found = self.of_moment(at, options["replace"]) if at else self.of_file(**options)
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

    def of_file(self, file: Path, identity: Path | None, replace: bool, **options: Any) -> Restored:
        return backups.restore(file, identity=identity, replace=replace)

    def of_moment(self, text: str, replace: bool) -> Restored:
        folder = wal.folder_set()
        try:
            moment = None if text == wal.LATEST else moment_of(text)
        except ValueError as error:
            raise CommandError(str(error)) from error
        wal.wait_for_the_last()
        with (
            wal.recovered(folder, moment, settings.VAR_DIR / "recovering") as where,
            tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as between,
        ):
            made = backups.make(Path(between), where=where)
            found = backups.restore(Path(between) / made.file, replace=replace)
        return dataclasses.replace(
            found, manifest=dataclasses.replace(found.manifest, made_at=wal.told(moment))
        )
