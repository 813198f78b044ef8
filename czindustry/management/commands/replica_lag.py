"""How far the replicas are behind."""

import time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _

from czindustry.replicas import REPLAYED, REPLICAS, WRITTEN, Replica
from registry.output import Row, add_format_argument, print_rows
from registry.reading import PRIMARY

SECONDS_BETWEEN_LOOKS = 0.02


class Command(BaseCommand):
    help = _(
        "Tell how long each replica takes to have what the primary has written until now; fails if one does not."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_format_argument(parser)

    def handle(self, *args: Any, form: str, **options: Any) -> None:
        if not REPLICAS:
            raise CommandError(_("There are no replicas: DATABASE_REPLICA_URLS names none."))
        rows = [look_at(replica) for replica in REPLICAS]
        columns = {
            "replica": _("replica"),
            "bytes_behind": _("bytes behind"),
            "seconds": _("seconds until it had all"),
            "problem": _("problem"),
        }
        print_rows(self.stdout, rows, columns, form)
        left_out = [row["replica"] for row in rows if row["seconds"] is None]
        if left_out:
            raise CommandError(
                _("Within CZINDUSTRY_REPLICA_LAG seconds these do not have all, and are left out: %(names)s")
                % {"names": ", ".join(left_out)}
            )


def look_at(replica: Replica) -> Row:
    """How many bytes it is behind in the end, and after how many seconds it had what was written at the beginning."""
    began, behind, seconds, problem = time.monotonic(), None, None, ""
    try:
        written = replica.ask(PRIMARY, WRITTEN)
        while (behind := max(written - replica.ask(replica.alias, REPLAYED), 0)) and waits(began):
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if not behind:
            seconds = Decimal(time.monotonic() - began).quantize(Decimal("0.01"))
    except Error as error:
        problem = str(error)
    return {"replica": replica.alias, "bytes_behind": behind, "seconds": seconds, "problem": problem}


def waits(began: float) -> bool:
    return time.monotonic() - began < settings.REPLICA_LAG
