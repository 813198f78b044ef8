"""Numbers of holders by area and cluster."""

from dataclasses import dataclass, field


@dataclass
class Count:
    """How many, by the id of the area (None: in no area) and by the id of the main cluster of each kind."""

    by_district: dict[int | None, int] = field(default_factory=dict)
    by_cluster: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.by_district.values())
