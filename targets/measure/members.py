"""How many enterprises belong to each cluster (成员数)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from registry.choices import MemberRole
from registry.models import Enterprise, Membership


@dataclass
class Members:
    """Those that have it as their main one, those that belong to it besides, and the leaders among the first."""

    main: int = 0
    further: int = 0
    leaders: int = 0

    @property
    def every(self) -> int:
        return self.main + self.further


def members(day: dt.date, *, districts: Collection[int] | None = None) -> dict[int, Members]:
    """The members of every cluster on a day, by its id, of all enterprises or of those then in some areas."""
    found: dict[int, Members] = defaultdict(Members)
    there = Membership.objects.on(day)
    if districts is not None:
        placed: QuerySet[Any] = Enterprise.objects.existing_on(day).with_district_on(day)
        there = there.filter(enterprise__in=placed.filter(district_then__in=districts).values("pk"))
    rows = there.order_by().values_list("cluster", "main", "role").annotate(Count("pk"))
    for cluster, main, role, number in rows:
        of = found[cluster]
        if not main:
            of.further += number
            continue
        of.main += number
        if role == MemberRole.LEADER:
            of.leaders += number
    return found
