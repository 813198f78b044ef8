"""How many enterprises belong to each cluster (成员数)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from registry.choices import MemberRole
from targets.choices import Feed
from targets.measure import enterprises
from targets.measure.columns import Columns
from targets.measure.enterprises import Enterprises, Situations
from targets.measure.memory import remembered
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
    columns = Columns()

    def count(among: Enterprises) -> list[Row]:
        situation = Situations(columns).of(among, day)
        return [
            (cluster, area, group.main, group.role, number)
            for group in situation.members.groups
            for (cluster, area), number in situation.belonging(group).items()
        ]

    return enterprises.placed(columns, count)
