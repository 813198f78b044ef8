"""Does what waits in the queue: reads and applies lists. `run_site` starts one; more may run on other machines."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from czindustry.parent import leave_with_parent
from registry import worker


class Command(BaseCommand):
    help = _("Do the work that waits in the background, until stopped.")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help=_("stop when nothing is left to do"))
        parser.add_argument("--with-parent", action="store_true", help=_("end when the caller ends"))

    def handle(self, *args: Any, once: bool, with_parent: bool, **options: Any) -> None:
        if with_parent:
            leave_with_parent()
        worker.run(wait=not once)
