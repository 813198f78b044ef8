"""Rights in the database for the role that the site signs in with, where that is not the owner of the tables."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from czindustry.security import grants


class Command(BaseCommand):
    help = "Grants a role of the database what the site needs: all of its tables, but the audit trail only to add to."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("role")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(
                    _("There is no role %(name)s in the database: create it first.") % {"name": role}
                )
            if found[0]:
                raise CommandError(
                    _("%(name)s may do everything in the database: create another role.") % {"name": role}
                )
            for statement in grants.statements(role):
                cursor.execute(statement)
        self.stdout.write(_("%(name)s has the rights of the site.") % {"name": role})
