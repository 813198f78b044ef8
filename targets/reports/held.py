"""How many hold each title on a day, in an area or a cluster: told by the same measure as the targets."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from targets.measure import Number, measure
from targets.measure.turnover import Turnover, turnover
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


def held(question: Question, *, districts: Collection[int] = (), cluster: int | None = None) -> list[Held]:
    """The titles that are held there on the day, in the order of the schemes; of areas also those held until lately."""
    day = question.day
    sides = titles_by_level(day)
    readings = measure([side.spec for side in sides], day)
    changes = turnover([side.spec for side in sides], year_start(day), day) if districts else {}
    found = []
    for side in sides:
        number: Number = readings[side.spec.code].registry
        if districts:
            held_here = sum((number.by_district.get(one) or Decimal(0) for one in districts), Decimal(0))
            of_area = [changes[side.spec.code].get(one, Turnover()) for one in districts]
        else:
            held_here, of_area = number.by_cluster.get(cluster or 0) or Decimal(0), []
        gained, lost = sum(one.gained for one in of_area), sum(one.lost for one in of_area)
        if held_here or gained or lost:
            found.append(Held(side.name, side.address, held_here, gained, lost))
    return found


def year_start(day: dt.date) -> dt.date:
    """The last day of the year before: what changed since then changed in this year."""
    return dt.date(day.year - 1, 12, 31)
