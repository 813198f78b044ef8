"""How the areas stand beside one another: their places in all targets, averaged.

Until the plan is divided among the areas there is no quota to judge one by. An area is placed in each target that adds
up over the areas by its number, the largest first; the areas are ordered by the mean of their places, those of the same
mean stand on the same place. Large areas come first by this: the page says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.models import District
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

    @property
    def risen(self) -> int:
        """By how many places; negative where it fell."""
        return self.before.place - self.now.place if self.before else 0


def ranked(
    now: Iterable[Standing], before: Iterable[Standing], districts: Sequence[District]
) -> list[Ranked]:
    """The areas in their order by the targets that add up over them; on both days by the targets of the later one."""
    by_key = {one.pk: one for one in districts}
    added_up = {one.target.pk: one for one in now if one.spec.feed in ADDITIVE}
    earlier = [one for one in before if one.target.pk in added_up]
    was = {one.key: one for one in _places(earlier, list(by_key))}
    return [
        Ranked(by_key[one.key], one, was.get(one.key)) for one in _places(added_up.values(), list(by_key))
    ]


def _places(standings: Iterable[Standing], keys: Sequence[int]) -> list[Place]:
    return ranking((by_area(one, keys) for one in standings), keys)


def by_area(standing: Standing, keys: Iterable[int]) -> dict[int, Decimal | None]:
    """The number of each area; missing is None."""
    return {key: standing.reading.by_district.get(key) for key in keys}
