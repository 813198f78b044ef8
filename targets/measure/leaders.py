"""How many members of a role each cluster or chain has on some days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from registry.reading import connection
from targets.measure.days import Days, also, both
from targets.measure.places import DURING, existing
from targets.rules import Spec

OF_THE_ROLES = "SELECT enterprise_id FROM registry_membership WHERE role = ANY(%(roles)s)"
# An enterprise belongs to a cluster once on a day: the database refuses a second membership of the same days.
LEADERS = """
    WITH {existing}
    SELECT link.kind, link.role, link.cluster_id, existing.district_id, count(*){bits}
      FROM registry_membership link
      JOIN existing ON existing.id = link.enterprise_id
     WHERE link.role = ANY(%(roles)s) AND {during}
     GROUP BY 1, 2, 3, 4{grouping}
"""

ByDistrict = dict[int | None, dict[int, int]]
Roles = dict[tuple[str, str], ByDistrict]


def count_roles(days: Days, specs: Iterable[Spec]) -> list[Roles]:
    """For each day and (kind, role): by area (None: in none) the number of enterprises in each cluster."""
    found: list[Roles] = [defaultdict(lambda: defaultdict(dict)) for _ in days.days]
    roles = sorted({spec.role for spec in specs})
    if not roles:
        return found
    amounts: dict[tuple[str, str, int, int | None], list[tuple[Sequence[int], int]]] = defaultdict(list)
    for kind, role, cluster, district, number, *bits in _rows(days, roles):
        amounts[kind, role, cluster, district].append((bits, number))
    for (kind, role, cluster, district), runs in amounts.items():
        for on_the_day, number in zip(found, days.on_each(runs), strict=True):
            if number:
                on_the_day[kind, role][district][cluster] = number
    return found


def _rows(days: Days, roles: list[str]) -> list[tuple[Any, ...]]:
    sql = LEADERS.format(
        existing=existing(days, chosen=OF_THE_ROLES),
        during=DURING.format(table="link"),
        bits=also(both(days.covered("link.since", "link.until"), days.of("existing"))),
        grouping=also(str(6 + number) for number, _ in enumerate(days.columns)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {**days.parameters, "roles": roles})
        return list(cursor.fetchall())
