"""How many members of a role each cluster or chain has on a day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from targets.measure.figures import BASE
from targets.rules import Spec

LEADERS = """
    WITH {base}
    SELECT link.kind, link.role, link.cluster_id, placed.district_id, count(DISTINCT placed.id)
      FROM registry_membership link
      JOIN placed ON placed.id = link.enterprise_id
     WHERE (link.since IS NULL OR link.since <= %(day)s) AND (link.until IS NULL OR link.until > %(day)s)
       AND link.role = ANY(%(roles)s)
     GROUP BY 1, 2, 3, 4
"""

ByDistrict = dict[int | None, dict[int, int]]


def count_roles(day: dt.date, specs: Iterable[Spec]) -> dict[tuple[str, str], ByDistrict]:
    """For each (kind, role): by area (None: in none) the number of enterprises in each cluster."""
    roles = sorted({spec.role for spec in specs})
    found: dict[tuple[str, str], ByDistrict] = defaultdict(lambda: defaultdict(dict))
    if not roles:
        return found
    with connection.cursor() as cursor:
        cursor.execute(LEADERS.format(base=BASE), {"day": day, "roles": roles})
        for kind, role, cluster, district, number in cursor.fetchall():
            found[kind, role][district][cluster] = number
    return found
