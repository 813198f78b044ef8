"""Numbers of holders by area and cluster, as the statements of this package answer them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from targets.measure.days import Days


@dataclass
class Count:
    """How many, by the id of the area (None: in no area) and by the id of the main cluster of each kind."""

    by_district: dict[int | None, int] = field(default_factory=dict)
    by_cluster: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.by_district.values())


def tally(keys: Iterable[Hashable], rows: Iterable[Sequence[Any]], days: Days) -> dict[Any, list[Count]]:
    """Rows of (key, district, cluster, number, bits …) as a count for each day; a row names an area or a cluster."""
    counts = {key: [Count() for _ in days.days] for key in keys}
    amounts: dict[tuple[Any, ...], list[tuple[Sequence[int], int]]] = defaultdict(list)
    for key, district, cluster, number, *bits in rows:
        amounts[key, district, cluster].append((bits, number))
    for (key, district, cluster), found in amounts.items():
        for count, number in zip(counts[key], days.on_each(found), strict=True):
            if not number:
                continue
            if cluster is not None:
                count.by_cluster[cluster] = number
            else:
                count.by_district[district] = number
    return counts
