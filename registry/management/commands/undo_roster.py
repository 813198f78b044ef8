"""A list taken back as a whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.management.commands.import_roster import user_named
from registry.models import Roster
from registry.rosters import service
from registry.rosters.errors import RosterError


class Command(BaseCommand):
    help = _(
        "Take an imported list back: delete what it made, restore what it changed, or refuse with names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("roster", type=int, metavar="ID")
        parser.add_argument("--reason", default="", help=_("why, for the history"))
        parser.add_argument("--by", default="", metavar="USERNAME", help=_("who undoes it, for the history"))
        parser.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))

    def handle(self, *args: Any, roster: int, reason: str, by: str, dry_run: bool, **options: Any) -> None:
        found = Roster.objects.defer("content").filter(pk=roster).first()
        if found is None:
            raise CommandError(_("There is no list %(id)s.") % {"id": roster})
        try:
            if dry_run:
                plan = service.preview_undo(found)
                self.stdout.write("\n".join(plan.obstacles))
            else:
                plan = service.undo_list(
                    found, by=user_named(by), reason=reason or _("undo_roster on the command line")
                )
        except RosterError as error:
            raise CommandError(str(error)) from error
        counts = plan.counts()
        self.stdout.write(_("%(deleted)s records deleted, %(restored)s restored.") % counts)
