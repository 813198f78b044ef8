"""What the role of the application may do in the database, where it is not the owner of the tables."""

from typing import Any

from psycopg import sql

# What the application itself must not rewrite.
ONLY_ADDED_TO = ("security_auditevent",)
ONLY_READ = ("security_auditseal", "security_auditarchive", "security_auditwaiting", "django_migrations")
# Those who may add to the trail without owning it.
ROLES = """
    SELECT DISTINCT role.rolname
      FROM pg_class event, aclexplode(event.relacl) right_of JOIN pg_roles role ON role.oid = right_of.grantee
     WHERE event.oid = to_regclass('public.security_auditevent') AND right_of.grantee <> event.relowner
       AND right_of.privilege_type = 'INSERT'
"""


def statements(role: str) -> list[Any]:
    """All tables, but the trail only to add to."""
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
