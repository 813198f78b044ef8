"""How far the replicas are behind."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from czindustry.replicas import FAILED, REPLAYED, REPLICAS, WRITTEN, Replica
from registry.reading import PRIMARY

SECONDS_BETWEEN_LOOKS = 0.02


class Command(BaseCommand):
    help = _(
        "Tell how long each replica takes to have what the primary has written until now; fails if one does not."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not REPLICAS:
            raise CommandError(_("There are no replicas: DATABASE_REPLICA_URLS names none."))
        missing = [replica.alias for replica in REPLICAS if not self._has_all(replica)]
        if missing:
            raise CommandError(
                _("Left out, as by more than CZINDUSTRY_REPLICA_LAG seconds behind: %(names)s")
                % {"names": ", ".join(missing)}
            )

    def _has_all(self, replica: Replica) -> bool:
        began = time.monotonic()
        try:
            written = replica.ask(PRIMARY, WRITTEN)
            while (behind := written - replica.ask(replica.alias, REPLAYED)) > 0:
                if time.monotonic() - began > settings.REPLICA_LAG:
                    self.stdout.write(
                        _("%(name)s: still %(bytes)d bytes behind after %(seconds)d seconds")
                        % {"name": replica.alias, "bytes": behind, "seconds": settings.REPLICA_LAG}
                    )
                    return False
                time.sleep(SECONDS_BETWEEN_LOOKS)
        except FAILED as error:
            self.stdout.write(
                _("%(name)s does not answer: %(error)s")
                % {"name": replica.alias, "error": str(error).strip()}
            )
            return False
        self.stdout.write(
            _("%(name)s: has all after %(seconds).2f seconds")
            % {"name": replica.alias, "seconds": time.monotonic() - began}
        )
        return True
