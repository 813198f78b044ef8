"""The registry against published figures, as the pages show it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from targets.choices import NotCompared
from targets.differences import Compared, Difference, compared, differences, largest_first, without
from targets.measure import measure
from targets.reports import bars
from targets.reports.question import Question
from targets.reports.rows import Row
from targets.standings import known_targets

# Half the drawing: what falls short is drawn to the left, what exceeds to the right.
WIDTH = 50


@dataclass(frozen=True)
class Line:
    """One difference of a table; the length of its bar has a sign."""

    point: Compared
    length: str | None
    of: Difference | None = None


@dataclass(frozen=True)
class Group:
    """The targets that have no difference for one reason."""

    reason: NotCompared
    found: list[Difference]


@dataclass(frozen=True)
class Comparison:
    """All that the page shows."""

    lines: list[Line]
    groups: list[Group]

    @property
    def differing(self) -> int:
        return sum(line.point.difference != 0 for line in self.lines)


@dataclass(frozen=True)
class Course:
    """The differences of one target, the newest first."""

    found: Difference
    lines: list[Line]


def comparison(question: Question) -> Comparison:
    """The differences of all targets of the plan, the largest share first."""
    found = differences(known_targets(question.plan), question.day, district=question.district)
    shown = largest_first(found)
    points = [one.newest for one in shown if one.newest is not None]
    lines = [
        Line(point, length, one) for one, point, length in zip(shown, points, _lengths(points), strict=True)
    ]
    return Comparison(lines, _groups(without(found)))


def course(question: Question, code: str) -> Course | None:
    """The differences of one target; None where there is no such target."""
    own = [target for target in known_targets(question.plan) if target.code == code]
    found = next(iter(differences(own, question.day, district=question.district)), None)
    if found is None:
        return None
    points = found.history[::-1]
    lines = [Line(point, length) for point, length in zip(points, _lengths(points), strict=True)]
    return Course(found, lines)


def on_its_own_day(row: Row, day: dt.date) -> Compared | None:
    """The newest published figure of the city beside the registry's number on the figure's own day."""
    reading, spec = row.standing.reading, row.standing.spec
    figure = reading.official
    if figure is None or row.is_statistic:
        return None
    then = reading if figure.as_of == day else measure([spec], figure.as_of)[spec.code]
    return compared(spec, figure, then)


def _lengths(points: Iterable[Compared]) -> list[str | None]:
    shares = [point.share for point in points]
    plain = bars.lengths([None if share is None else abs(share) for share in shares], WIDTH)
    return [_signed(length, share) for length, share in zip(plain, shares, strict=True)]


def _signed(length: str | None, share: Decimal | None) -> str | None:
    return f"-{length}" if length and share and share < 0 else length


def _groups(found: Iterable[Difference]) -> list[Group]:
    """By reason, those with a published figure first: they ask for work."""
    by_reason: dict[NotCompared, list[Difference]] = {}
    for one in found:
        if one.why_not is not None:
            by_reason.setdefault(one.why_not, []).append(one)
    return [Group(reason, by_reason[reason]) for reason in reversed(NotCompared) if reason in by_reason]
