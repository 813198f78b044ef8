"""The audit trail: is it whole, and what is old goes to files."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from czindustry.security import chain
from czindustry.security.chain import Head

REASONS = {
    "missing": "the event was deleted",
    "changed": "the event was changed",
    "gap": "an event before it is missing",
    "relinked": "it does not follow the one before it",
    "unsealed": "it has no place in the chain",
}


class Command(BaseCommand):
    help = "Checks the audit trail, or archives what is older than must be kept."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        check = steps.add_parser(
            "check", help="recompute the whole chain; ends with 1 where it does not hold"
        )
        check.add_argument(
            "--head", metavar="POSITION:DIGEST", help="the end of the chain as an earlier check printed it"
        )
        check.add_argument("--file", type=Path, help="check an archive in place of the database")
        archive = steps.add_parser("archive", help="write what is old to a file, then drop it")
        archive.add_argument("--days", type=int, default=settings.TRAIL_DAYS)
        archive.add_argument("--folder", type=Path, default=settings.VAR_DIR / "trail")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        if step == "archive":
            self._archive(options["days"], options["folder"])
        elif options["file"]:
            self._check_file(options["file"])
        else:
            self._check(options["head"])

    def _check(self, noted: str | None) -> None:
        found = chain.check()
        for one in found.problems:
            place = "-" if one.position is None else one.position
            self.stderr.write(f"{place}\t#{one.event}\t{REASONS[one.reason]}")
        if found.problems:
            raise CommandError(_("The audit trail does not hold: see above."))
        if noted is not None:
            self._check_head(noted)
        told = _("%(count)d events, the chain holds. Note its end: %(head)s")
        self.stdout.write(told % {"count": found.events, "head": found.head})

    def _check_head(self, noted: str) -> None:
        place, _sep, digest = noted.partition(":")
        if not place.isdigit() or len(digest) != 64:
            raise CommandError(_("Write the end of a chain as an earlier check printed it: POSITION:DIGEST."))
        if chain.holds(Head(int(place), digest)) is False:
            raise CommandError(_("The end that was noted is no longer in the chain: it was rewritten."))

    def _check_file(self, path: Path) -> None:
        wrong = chain.broken_lines(path)
        if wrong:
            raise CommandError(
                _("The archive does not hold: line %(lines)s.") % {"lines": ", ".join(map(str, wrong[:20]))}
            )
        self.stdout.write(_("The archive holds."))

    def _archive(self, days: int, folder: Path) -> None:
        if days < settings.TRAIL_DAYS:
            raise CommandError(_("The trail is kept for %(days)d days.") % {"days": settings.TRAIL_DAYS})
        made = chain.archive(timezone.now() - dt.timedelta(days=days), folder)
        if made is None:
            self.stdout.write(_("Nothing is older than %(days)d days.") % {"days": days})
            return
        words = {"count": made.events, "file": folder / made.file_name, "sha256": made.sha256}
        self.stdout.write(_("%(count)d events are now in %(file)s (SHA-256 %(sha256)s).") % words)
