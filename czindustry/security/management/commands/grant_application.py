"""Rights in the database for the role that the site signs in with, where that is not the owner of the tables."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql

# What the application itself must not rewrite.
ONLY_ADDED_TO = ("security_auditevent",)
ONLY_READ = ("security_auditseal", "security_auditarchive", "django_migrations")


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
            for statement in self._statements(role):
                cursor.execute(statement)
        self.stdout.write(_("%(name)s has the rights of the site.") % {"name": role})

    def _statements(self, role: str) -> list[Any]:
        name = sql.Identifier(role)
        all_of_it = sql.SQL("ALL {what} IN SCHEMA public")
        tables, sequences = (all_of_it.format(what=sql.SQL(what)) for what in ("TABLES", "SEQUENCES"))
        given = [
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(tables, name),
            sql.SQL("GRANT USAGE, SELECT ON {} TO {}").format(sequences, name),
        ]
        for table in (*ONLY_ADDED_TO, *ONLY_READ):
            left = "SELECT, INSERT" if table in ONLY_ADDED_TO else "SELECT"
            given.append(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), name))
            given.append(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(left), sql.Identifier(table), name))
        return given
