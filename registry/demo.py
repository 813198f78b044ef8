"""The made-up registry for a first look: how it is known, and how it goes when the first real list comes."""

from collections.abc import Callable

from django.db import connection

from registry import codes

# What made-up things begin with: names of enterprises, items, sources, files.
MARK = "示例"

ENTERPRISES = (
    "SELECT id FROM registry_enterprise WHERE name LIKE %(mark)s OR substr(uscc, 3, 6) = %(authority)s"
)
DESIGNATIONS = (
    "enterprise_id IN (SELECT id FROM demo_enterprise) OR (enterprise_id IS NULL AND item LIKE %(mark)s)"
)
OF_ENTERPRISE = "enterprise_id IN (SELECT id FROM demo_enterprise)"
DEMO_DESIGNATIONS = f"SELECT id FROM registry_designation WHERE {DESIGNATIONS}"
DEMO_ROSTERS = "SELECT id FROM registry_roster WHERE file_name LIKE %(mark)s"
DEMO_ROWS = f"SELECT id FROM registry_rosterrow WHERE roster_id IN ({DEMO_ROSTERS})"
POINTING_TO_ROWS = ("enterprise", "designation", "annualfigures", "statistic")
# In the order in which they can go: what refers to others first.
REMOVALS = (
    f"DELETE FROM registry_review WHERE designation_id IN ({DEMO_DESIGNATIONS})",
    f"DELETE FROM registry_designation WHERE {DESIGNATIONS}",
    f"DELETE FROM registry_annualfigures WHERE {OF_ENTERPRISE}",
    f"DELETE FROM registry_membership WHERE {OF_ENTERPRISE}",
    f"DELETE FROM registry_relocation WHERE {OF_ENTERPRISE}",
    f"DELETE FROM registry_formername WHERE {OF_ENTERPRISE}",
    "UPDATE registry_enterprise SET parent_id = NULL WHERE parent_id IN (SELECT id FROM demo_enterprise)",
    "DELETE FROM registry_enterprise WHERE id IN (SELECT id FROM demo_enterprise)",
    "DELETE FROM registry_statistic WHERE source LIKE %(mark)s",
    *[
        f"UPDATE registry_{table} SET roster_row_id = NULL WHERE roster_row_id IN ({DEMO_ROWS})"
        for table in POINTING_TO_ROWS
    ],
    f"DELETE FROM registry_rosterrow WHERE roster_id IN ({DEMO_ROSTERS})",
    f"DELETE FROM registry_rosterupload WHERE roster_id IN ({DEMO_ROSTERS})",
    "DELETE FROM registry_roster WHERE file_name LIKE %(mark)s",
)
PRESENT = f"""
    SELECT EXISTS ({ENTERPRISES})
        OR EXISTS (SELECT FROM registry_designation WHERE enterprise_id IS NULL AND item LIKE %(mark)s)
        OR EXISTS (SELECT FROM registry_statistic WHERE source LIKE %(mark)s)
"""
# What others have made up beside the registry goes with it.
REMOVERS: list[Callable[[], None]] = []
PARAMETERS = {"mark": f"{MARK}%", "authority": codes.DEMO_AUTHORITY}


def demo_is_present() -> bool:
    """Whether anything made up is in the registry."""
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, dict(PARAMETERS))
        return bool(cursor.fetchone()[0])


def remove_demo() -> int:
    """Delete all that is made up; the number of enterprises that went. Wants a transaction around it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE demo_enterprise ON COMMIT DROP AS " + ENTERPRISES, dict(PARAMETERS))
        cursor.execute("SELECT count(*) FROM demo_enterprise")
        count: int = cursor.fetchone()[0]
        for statement in REMOVALS:
            cursor.execute(statement, dict(PARAMETERS))
        cursor.execute("DROP TABLE demo_enterprise")
    for remove in REMOVERS:
        remove()
    return count
