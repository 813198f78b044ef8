"""How many enterprises belong to each cluster (成员数)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from registry.choices import MemberRole
from registry.reading import connection
from targets.choices import Feed
from targets.measure.days import Days
from targets.measure.memory import remembered
from targets.measure.places import DURING, existing
from targets.rules import Spec


@dataclass
class Members:
    """Those that have it as their main one, those that belong to it besides, and the leaders among the first."""

    main: int = 0
    further: int = 0
    leaders: int = 0

    @property
    def every(self) -> int:
        return self.main + self.further


COUNTS = """
    WITH {existing}
    SELECT membership.cluster_id, existing.district_id, membership.main, membership.role, count(*)
      FROM registry_membership membership JOIN existing ON existing.id = membership.enterprise_id
     WHERE {during}
     GROUP BY 1, 2, 3, 4
"""
Row = tuple[int, int | None, bool, str, int]


def members(day: dt.date, *, districts: Collection[int] | None = None) -> dict[int, Members]:
    """The members of every cluster on a day, by its id: enterprises that then exist, of all areas or of some."""
    found: dict[int, Members] = defaultdict(Members)
    for cluster, district, main, role, number in _rows(day):
        if districts is not None and district not in districts:
            continue
        of = found[cluster]
        if not main:
            of.further += number
            continue
        of.main += number
        if role == MemberRole.LEADER:
            of.leaders += number
    return found


def _rows(day: dt.date) -> list[Row]:
    """Remembered, under the parts that a rule of memberships reads."""
    asked = (Spec("members", Feed.LEAST, "家", day), day, "members")
    return remembered([asked], lambda _asked: {asked: _count(day)})[asked]


def _count(day: dt.date) -> list[Row]:
    days = Days([day])
    sql = COUNTS.format(existing=existing(days), during=DURING.format(table="membership"))
    with connection.cursor() as cursor:
        cursor.execute(sql, days.parameters)
        return list(cursor.fetchall())
