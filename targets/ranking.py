"""How the areas stand beside one another: their places in all targets, averaged.

Once the plan is divided among the areas they are placed by how far each is with its quota, in every divided target.
Until then there is none to judge one by: an area is placed in each target that adds up over the areas by its number, so
that large ones come first, and the page says so. The areas are ordered by the mean of their places, those of the same
mean stand on the same place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.models import District
from targets.areas import Inside
from targets.quotas import completions
from targets.rules import ADDITIVE
from targets.standings import Standing


@dataclass(frozen=True)
class Place:
    """The place of an area: its mean rank over `targets` targets, and how often it was first."""

    key: int
    place: int
    mean: Decimal
    firsts: int
    targets: int


def places_of(values: Mapping[int, Decimal | None], keys: Sequence[int]) -> dict[int, int]:
    """The place of each area by one number, the largest first; the same number is the same place, none is no place."""
    known = {key: values[key] for key in keys if values.get(key) is not None}
    return {
        key: 1 + sum(other > value for other in known.values() if other is not None and value is not None)
        for key, value in known.items()
    }


def ranking(numbers: Iterable[Mapping[int, Decimal | None]], keys: Sequence[int]) -> list[Place]:
    """The areas in their order; targets in which all areas have the same number rank nobody."""
    ranks: dict[int, list[int]] = {key: [] for key in keys}
    for values in numbers:
        if len({values.get(key) for key in keys} - {None}) < 2:
            continue
        for key, place in places_of(values, keys).items():
            ranks[key].append(place)
    means = {key: Decimal(sum(found)) / len(found) for key, found in ranks.items() if found}
    places = places_of({key: -mean for key, mean in means.items()}, list(means))
    found = [
        Place(key, places[key], mean, ranks[key].count(1), len(ranks[key])) for key, mean in means.items()
    ]
    return sorted(found, key=lambda one: (one.place, -one.firsts, keys.index(one.key)))


@dataclass(frozen=True)
class Ranked:
    """An area in the ranking of a day, with its place on an earlier one."""

    district: District
    now: Place
    before: Place | None
    by_quota: bool = False

    @property
    def risen(self) -> int:
        """By how many places; negative where it fell."""
        return self.before.place - self.now.place if self.before else 0


def ranked(
    now: Iterable[Standing],
    before: Iterable[Standing],
    districts: Sequence[District],
    inside: Inside | None = None,
) -> list[Ranked]:
    """The areas in their order; on both days by the targets of the later one."""
    by_key = {one.pk: one for one in districts}
    standings, keys = list(now), list(by_key)
    numbers, by_quota = compared(standings, keys, inside)
    earlier, _by_quota = compared([one for one in before if one.target.pk in numbers], keys, inside)
    was = {one.key: one for one in ranking(earlier.values(), keys)}
    return [
        Ranked(by_key[one.key], one, was.get(one.key), by_quota) for one in ranking(numbers.values(), keys)
    ]


Compared = dict[int, dict[int, Decimal | None]]


def compared(
    standings: Iterable[Standing], keys: Sequence[int], inside: Inside | None = None
) -> tuple[Compared, bool]:
    """By what areas are compared in each target, and whether that is how far they are with their quotas."""
    found = list(standings)
    divided = completions(found, inside)
    if divided:
        return {target: {key: of_area.get(key) for key in keys} for target, of_area in divided.items()}, True
    added_up = (one for one in found if one.spec.feed in ADDITIVE)
    return {one.target.pk: {key: one.reading.by_district.get(key) for key in keys} for one in added_up}, False
