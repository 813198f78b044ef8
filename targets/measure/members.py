"""How many enterprises belong to each cluster (成员数)."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from registry.choices import MemberRole
from registry.models import Membership


@dataclass
class Members:
    """Those that have it as their main one, those that belong to it besides, and the leaders among the first."""

    main: int = 0
    further: int = 0
    leaders: int = 0

    @property
    def every(self) -> int:
        return self.main + self.further


def members(day: dt.date) -> dict[int, Members]:
    """The members of every cluster on a day, by its id; in one statement."""
    found: dict[int, Members] = defaultdict(Members)
    rows = Membership.objects.on(day).order_by().values_list("cluster", "main", "role").annotate(Count("pk"))
    for cluster, main, role, number in rows:
        of = found[cluster]
        if not main:
            of.further += number
            continue
        of.main += number
        if role == MemberRole.LEADER:
            of.leaders += number
    return found
