"""How many hold each title on a day, in an area or a cluster: told by the same measure as the targets."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from targets.measure import measure
from targets.measure.turnover import turnover
from targets.reports.question import Question
from targets.sides import titles_by_level


@dataclass(frozen=True)
class Held:
    """A title, whatever its level or at one; `address` is as `targets.sides` writes it.

    Holders gained and lost since the year began: of areas only.
    """

    name: str
    address: str
    number: Decimal
    gained: int = 0
    lost: int = 0

    @property
    def is_level(self) -> bool:
        return self.address.count(":") > 1

    @property
    def scheme(self) -> str:
        return self.address.split(":")[1]

    @property
    def level(self) -> str:
        return self.address.split(":")[2] if self.is_level else ""


def held_by_cluster(question: Question, cluster: int) -> list[Held]:
    """The titles that members of a cluster hold on the day, in the order of the schemes."""
    sides = titles_by_level(question.day)
    readings = measure([side.spec for side in sides], question.day)
    held = [(side, readings[side.spec.code].by_cluster.get(cluster)) for side in sides]
    return [Held(side.name, side.address, number) for side, number in held if number]


def held_in(question: Question, districts: Collection[int]) -> list[Held]:
    """The titles that are held in some areas on the day, with those gained and lost since the year began."""
    day = question.day
    sides = titles_by_level(day)
    changes = turnover([side.spec for side in sides], year_start(day), day, districts)
    found = []
    for side in sides:
        of = changes[side.spec.code]
        held, gained, lost = (sum(getattr(one, name) for one in of) for name in ("held", "gained", "lost"))
        if held or gained or lost:
            found.append(Held(side.name, side.address, Decimal(held), gained, lost))
    return found


def year_start(day: dt.date) -> dt.date:
    """The last day of the year before: what changed since then changed in this year."""
    return dt.date(day.year - 1, 12, 31)
