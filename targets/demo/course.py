"""What a course of titles is: how many hold a title, on which days.

A step is the day of a list, the day on which its count is read, and the count on that day. What ended in
between (terms, removals, closures) is made good by new awards, so that the counts are hit exactly.

2,915 valid certificates of high-tech enterprises fit only into a registry of more than 3,000, hence the usual
size of 3,200. In a smaller one, a course that more than half of all enterprises would have to follow is
scaled down in proportion.
"""

import datetime as dt
from dataclasses import dataclass, replace

USUAL_SIZE = 3_200

REVIEW = "review"  # passed, the title runs on to a new last day
AWARD = "award"  # a second award from the day after
EXTEND = "extend"  # the next list confirms it, without a review


@dataclass(frozen=True)
class Step:
    awarded: dt.date
    read: dt.date
    stock: int


@dataclass(frozen=True)
class Course:
    """A scheme and level with its steps.

    `failed` and `lapsed` are shares of the titles whose term ends, `removed` of all titles, a year.
    `again`: may be awarded anew. `who`: maker (outside the services), services, giant, or anybody.
    `prefer`: how strongly size decides. `within` and `outside` an area: two courses of one title, for a
    count of that area. `unite`: the steps count holders of this title or of those; `grown` is the share
    of those holders who had this one before, `graduated` the share of these who then gave it up. `until`:
    a later title that ends this one. `spread`: on days of their own instead of that of a list. `item`: a
    kind of thing, see `items`. `batch`: number of the first list; lists without numbers are named by
    their year.
    """

    scheme: str
    level: str
    steps: tuple[Step, ...]
    renewal: str = REVIEW
    failed: float = 0.04
    lapsed: float = 0.03
    removed: float = 0.0
    again: bool = False
    who: str = ""
    prefer: float = 1.0
    within: str = ""
    outside: str = ""
    unite: tuple[tuple[str, str], ...] = ()
    grown: float = 0.0
    graduated: float = 0.0
    until: tuple[str, str] | None = None
    spread: bool = False
    item: str = ""
    batch: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return (self.scheme, self.level)

    @property
    def peak(self) -> int:
        return max(step.stock for step in self.steps)

    def batch_of(self, step: Step) -> str:
        number = self.steps.index(step) + self.batch
        return f"第{number}批" if self.batch else f"{step.awarded.year}年度"

    def scaled(self, size: int) -> "Course":
        """This course for a registry of another size."""
        if self.item or size >= USUAL_SIZE or self.peak <= size / 2:
            return self
        steps = (replace(step, stock=step.stock * size // USUAL_SIZE) for step in self.steps)
        return replace(self, steps=tuple(steps))


def at(*rows: tuple[str, str, int]) -> tuple[Step, ...]:
    """Steps in full: day of the list, day of the count, count."""
    return tuple(Step(dt.date.fromisoformat(a), dt.date.fromisoformat(r), stock) for a, r, stock in rows)


def yearly(month_and_day: str, *stocks: int, first: int = 2019) -> tuple[Step, ...]:
    """A list each year on the same day, counted at the end of the year."""
    return at(
        *(
            (f"{year}-{month_and_day}", f"{year}-12-31", stock)
            for year, stock in enumerate(stocks, start=first)
        )
    )
