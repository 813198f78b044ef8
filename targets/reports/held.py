"""How many hold each title on a day, in an area or a cluster: told by the same measure as the targets."""

from dataclasses import dataclass
from decimal import Decimal

from targets.measure import Number, measure
from targets.reports.question import Question
from targets.sides import titles_by_level


@dataclass(frozen=True)
class Held:
    """A title, whatever its level or at one; `address` is as `targets.sides` writes it."""

    name: str
    address: str
    number: Decimal

    @property
    def is_level(self) -> bool:
        return self.address.count(":") > 1

    @property
    def scheme(self) -> str:
        return self.address.split(":")[1]

    @property
    def level(self) -> str:
        return self.address.split(":")[2] if self.is_level else ""


def held(question: Question, *, district: int | None = None, cluster: int | None = None) -> list[Held]:
    """The titles that are held there on the day, in the order of the schemes."""
    sides = titles_by_level(question.day)
    readings = measure([side.spec for side in sides], question.day)
    found = []
    for side in sides:
        number: Number = readings[side.spec.code].registry
        of = number.by_district.get(district) if district else number.by_cluster.get(cluster or 0)
        if of:
            found.append(Held(side.name, side.address, of))
    return found
