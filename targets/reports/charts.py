"""The line of a series as lengths in a drawing: the value, what was expected, and published figures as marks."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from targets.measure.published import Published
from targets.progress import expected_on
from targets.reports import words
from targets.series import Point

# Room around the drawing for its labels, in its units, which are about a pixel each.
LEFT, RIGHT, TOP, BOTTOM = 56, 18, 14, 28
STEPS = 4
LABEL_WIDTH = 84
ROUND_NUMBERS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Label:
    """A text on an axis."""

    at: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Mark:
    """A published figure at its place."""

    x: str
    y: str
    figure: Published


@dataclass(frozen=True)
class Chart:
    """A drawing; `line` and `expected` are paths, interrupted where there is no data; `goal` is how high the target lies.

    Of an area there is a line alone.
    """

    width: int
    height: int
    line: str
    dots: list[tuple[str, str]]
    expected: str
    goal: str
    marks: list[Mark]
    days: list[Label]
    values: list[Label]

    @property
    def left(self) -> int:
        return LEFT

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def floor(self) -> int:
        return self.height - BOTTOM


class Scale:
    """From days and values to places in the drawing; the lowest value is 0, the highest a round number."""

    def __init__(self, days: Sequence[dt.date], highest: Decimal, width: int, height: int) -> None:
        self.first, self.length = days[0], max((days[-1] - days[0]).days, 1)
        self.width, self.floor = width - LEFT - RIGHT, height - BOTTOM
        self.step = round_step(highest)
        self.highest = (highest / self.step).to_integral_value(ROUND_CEILING) * self.step or self.step

    def x(self, day: dt.date) -> str:
        return f"{LEFT + (day - self.first).days / self.length * self.width:.1f}"

    def y(self, value: Decimal) -> str:
        share = max(value, Decimal(0)) / self.highest
        return f"{self.floor - share * (self.floor - TOP):.1f}"

    def place(self, day: dt.date, value: Decimal) -> tuple[str, str]:
        return self.x(day), self.y(value)

    @property
    def values(self) -> list[Decimal]:
        return [self.step * number for number in range(int(self.highest / self.step) + 1)]


def round_step(highest: Decimal) -> Decimal:
    """The smallest of 1, 2, 2.5 and 5 (times a power of ten) that divides the height into at most four."""
    least = max(highest, Decimal(1)) / STEPS
    power = Decimal(1).scaleb(least.adjusted())
    return next(number * power for number in ROUND_NUMBERS if number * power >= least)


def chart(points: Sequence[Point], width: int, height: int) -> Chart | None:
    """None where there is nothing to draw. An area's line stands alone: what is expected is the city's."""
    values = [(one.standing.reading.as_of, one.standing.value) for one in points]
    of_city = points[0].standing.district is None
    expected = [(day_of(one), due(one)) for one in points] if of_city else []
    marks = published(points) if of_city else []
    goal = points[-1].standing.terms.value if of_city else None
    figures = [one.value for one in marks]
    known = [value for value in (*_of(values), *_of(expected), *figures, goal) if value is not None]
    if all(value is None for _day, value in values):
        return None
    days = [day for day, _value in values]
    scale = Scale(days, max(known), width, height)
    return Chart(
        width=width,
        height=height,
        line=_path(values, scale),
        dots=[scale.place(day, value) for day, value in values if value is not None],
        expected=_path(expected, scale),
        goal="" if goal is None else scale.y(goal),
        marks=[Mark(*scale.place(one.as_of, one.value), one) for one in marks],
        days=_day_labels(days, scale),
        values=[Label(scale.y(value), words.amount(value)) for value in scale.values],
    )


def day_of(point: Point) -> dt.date:
    return point.standing.reading.as_of


def due(point: Point) -> Decimal:
    """What is due on the day itself, in the unit of the target; verdicts take it at the cut-off day of the data."""
    terms = point.standing.terms
    return expected_on(terms, day_of(point)) * terms.value


def published(points: Sequence[Point]) -> list[Published]:
    """The published figures that lie within the series, one a day."""
    found = [point.standing.reading.official for point in points]
    first = min(day_of(point) for point in points)
    by_day = {one.as_of: one for one in found if one is not None and one.as_of >= first}
    return [by_day[day] for day in sorted(by_day)]


def _of(values: Iterable[tuple[dt.date, Decimal | None]]) -> list[Decimal | None]:
    return [value for _day, value in values]


def _path(values: Iterable[tuple[dt.date, Decimal | None]], scale: Scale) -> str:
    pieces, pen = [], "M"
    for day, value in values:
        if value is None:
            pen = "M"
            continue
        pieces.append(pen + " ".join(scale.place(day, value)))
        pen = "L"
    return "".join(pieces)


def _day_labels(days: Sequence[dt.date], scale: Scale) -> list[Label]:
    """As many days as have room, the last one always."""
    every = -(-len(days) // max(scale.width // LABEL_WIDTH, 1))
    shown = list(reversed(days[::-1][::every]))
    return [Label(scale.x(day), f"{day:%Y-%m}", "end" if day == days[-1] else "middle") for day in shown]
