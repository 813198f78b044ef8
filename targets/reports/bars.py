"""The small bars beside the numbers: lengths only, the drawing is in the templates."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

# In the units of the drawing; the target is at FULL, what lies beyond ends in an arrow at WIDTH.
WIDTH = 120
FULL = 100


@dataclass(frozen=True)
class Bar:
    """Value, expected mark and an area's share of the value, as lengths; None is not drawn."""

    value: str | None
    expected: str
    own: str | None = None
    beyond: bool = False


def bar(completion: Decimal | None, expected: Decimal, share: Decimal | None = None) -> Bar:
    """The bar of a target: fractions of 1 in, `share` is the area's part of the value."""
    mark = _length(min(expected, Decimal(1)) * FULL)
    if completion is None:
        return Bar(None, mark)
    length = max(completion, Decimal(0)) * FULL
    shown = min(length, Decimal(WIDTH))
    own = None if share is None else _length(min(length * share, Decimal(WIDTH)))
    return Bar(_length(shown), mark, own, beyond=length > WIDTH)


@dataclass(frozen=True)
class Spark:
    """A small line of a course in a box of SPARK_WIDTH by SPARK_HEIGHT; `goal` is how high the target lies."""

    line: str
    end: tuple[str, str]
    goal: str


SPARK_WIDTH, SPARK_HEIGHT, EDGE = 60, 18, 2


def spark(points: Sequence[tuple[dt.date, Decimal | None]], target: Decimal) -> Spark | None:
    """The course to its last day; None with fewer than two numbers. It begins at 0, and the target is in sight."""
    known = [(day, value) for day, value in points if value is not None]
    if len(known) < 2:
        return None
    first, days = points[0][0], max((points[-1][0] - points[0][0]).days, 1)
    highest = max(target, *(value for _day, value in known))

    def y(value: Decimal) -> str:
        return _length(SPARK_HEIGHT - EDGE - max(value, Decimal(0)) / highest * (SPARK_HEIGHT - 2 * EDGE))

    def x(day: dt.date) -> str:
        return _length(EDGE + Decimal((day - first).days) / days * (SPARK_WIDTH - 2 * EDGE))

    places = [(x(day), y(value)) for day, value in known]
    return Spark("M" + "L".join(" ".join(place) for place in places), places[-1], y(target))


def lengths(values: Iterable[Decimal | None], width: int = WIDTH) -> list[str | None]:
    """Bars of one scale: the largest value is as long as the width, nothing is shorter than none."""
    known = list(values)
    largest = max((value for value in known if value is not None), default=Decimal(0))
    return [
        None if value is None or largest <= 0 else _length(max(value, Decimal(0)) / largest * width)
        for value in known
    ]


def pieces(counts: Sequence[int], width: int) -> list[tuple[str, str]]:
    """Start and length of each piece of a bar that is divided in proportion."""
    total = sum(counts)
    found, start = [], Decimal(0)
    for count in counts:
        length = Decimal(count) / total * width if total else Decimal(0)
        found.append((_length(start), _length(length)))
        start += length
    return found


def _length(number: Decimal) -> str:
    """Plain digits, whatever the language; the shortest that is exact to a tenth."""
    return f"{number:.1f}".removesuffix(".0")
