"""A made-up registry, openly marked, so that the first page a newcomer sees is alive."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils.translation import gettext as _

from registry import codes, history
from registry.demo import MARK, demo_is_present, remove_demo
from registry.models import Enterprise
from targets.demo.companies import FEWEST
from targets.demo.course import USUAL_SIZE
from targets.demo.writing import ReferenceMissing, write

SEED = 532


class Command(BaseCommand):
    help = _(
        "Fill the registry with made-up enterprises, marked as such (names beginning 示例, codes of "
        "authority 000000), whose titles and figures follow the published course of the real ones. Refuses "
        "where real ones are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--enterprises", type=int, default=USUAL_SIZE, help=_("how many (default: %(default)s)")
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=SEED,
            help=_("the same seed gives the same data (default: %(default)s)"),
        )
        parser.add_argument(
            "--replace", action="store_true", help=_("remove the demo data that is there first")
        )

    @transaction.atomic
    def handle(
        self,
        *args: Any,
        enterprises: int = USUAL_SIZE,
        seed: int = SEED,
        replace: bool = False,
        verbosity: int = 1,
        **options: Any,
    ) -> None:
        refuse_beside_real()
        if enterprises < FEWEST:
            raise CommandError(_("At least %(number)d enterprises, please.") % {"number": FEWEST})
        with history.change(reason=_("Demo data")):
            self._make_room(replace=replace)
            try:
                counts = write(enterprises, seed)
            except ReferenceMissing as missing:
                message = _("Reference data are missing (%(what)s): run manage.py load_reference first.")
                raise CommandError(message % {"what": missing}) from missing
        look_at_new_rows()
        if verbosity:
            self.stdout.write(_("Demo data, all of it made up:"))
            for name, number in counts.items():
                self.stdout.write(f"  {name} {number}")

    def _make_room(self, *, replace: bool) -> None:
        if replace:
            remove_demo()
        elif demo_is_present():
            raise CommandError(_("Demo data are already there: use --replace to make them anew."))


def refuse_beside_real() -> None:
    """Made-up enterprises never stand beside real ones."""
    real = Enterprise.objects.exclude(name__startswith=MARK).exclude(
        uscc__isnull=False, uscc__regex=f"^..{codes.DEMO_AUTHORITY}"
    )
    number = real.count()
    if number:
        message = _("There are %(number)d real enterprises in the registry: demo data would mix with them.")
        raise CommandError(message % {"number": number})


def look_at_new_rows() -> None:
    """Statistics for the planner: the first page is asked before the server comes round to it by itself."""
    tables = [f'"{model._meta.db_table}"' for model in apps.get_app_config("registry").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")
