"""Which two of many targets or titles have most enterprises in common."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from registry.models import District
from targets.measure.overlaps import Overlap, matrix
from targets.sides import Side


@dataclass(frozen=True)
class Pair:
    """Two sets of enterprises with what they have in common."""

    first: Side
    second: Side
    overlap: Overlap

    @property
    def share_of_first(self) -> Decimal | None:
        """A fraction of 1; None of nothing."""
        return _share(self.overlap.both, self.overlap.first)

    @property
    def share_of_second(self) -> Decimal | None:
        return _share(self.overlap.both, self.overlap.second)

    @property
    def is_whole_and_part(self) -> bool:
        """Whether the plan says that one is a part of the other (其中): then they overlap by promise."""
        one, other = self.first.target, self.second.target
        return bool(one and other and (one.parent_id == other.pk or other.parent_id == one.pk))


def _share(both: int, whole: int) -> Decimal | None:
    return Decimal(both) / whole if whole else None


def largest(
    sides: Sequence[Side], day: dt.date, *, district: District | None = None, beside: Side | None = None
) -> list[Pair]:
    """The pairs that have enterprises in common on a day, the most first; with `beside` only its own pairs."""
    others = [side for side in sides if beside is None or side.address != beside.address]
    chosen = [beside, *others] if beside else others
    found = matrix([side.spec for side in chosen], day, district=district.pk if district else None)
    places = (
        combinations(range(len(chosen)), 2) if beside is None else [(0, n) for n in range(1, len(chosen))]
    )
    pairs = [
        Pair(chosen[one], chosen[other], found.overlap(one, other))
        for one, other in places
        if found.overlap(one, other).both
    ]
    # of equal ones the order of the plan stays
    return sorted(pairs, key=lambda pair: -pair.overlap.both)
