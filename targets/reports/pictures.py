"""Pictures of numbers: what a chart shows, said once for the drawing and for the table beneath it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from targets.reports import words

Kind = Literal["line", "step", "bar", "mark"]


@dataclass(frozen=True)
class Series:
    """One number at every label; `muted` is what the others are seen against (what was due, the year before)."""

    name: str
    values: list[Decimal | None]
    kind: Kind = "line"
    muted: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawing with axes of one unit; `horizontal` puts the labels to the left, `target` draws a line across.

    `links` leads from each label on, where there are any; series are as long as the labels.
    """

    title: str
    unit: str
    labels: list[str]
    series: list[Series]
    horizontal: bool = False
    target: Decimal | None = None
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for one in self.series:
            if len(one.values) != len(self.labels):
                raise ValueError(f"{one.name}: {len(one.values)} values for {len(self.labels)} labels")

    @property
    def is_empty(self) -> bool:
        return all(value is None for one in self.series for value in one.values)

    @property
    def data(self) -> dict[str, Any]:
        """What the browser draws; numbers as floats, for lengths only: the table holds the exact ones."""
        return {
            "unit": self.unit,
            "labels": self.labels,
            "links": self.links,
            "horizontal": self.horizontal,
            "target": None if self.target is None else float(self.target),
            "series": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "muted": one.muted,
                    "values": [None if value is None else float(value) for value in one.values],
                    "texts": [words.amount(value, self.unit) for value in one.values],
                }
                for one in self.series
            ],
        }

    @property
    def rows(self) -> list[tuple[str, str, list[Decimal | None]]]:
        """The table: label, where it leads, its values in the order of the series."""
        links = self.links or [""] * len(self.labels)
        columns = [one.values for one in self.series]
        return [
            (label, link, [values[place] for values in columns])
            for place, (label, link) in enumerate(zip(self.labels, links, strict=True))
        ]
