"""A bridge as it is told: for the city, each area and each cluster what it was, what it gained and lost, what it is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from registry.past import as_known_at
from targets.choices import Cause
from targets.measure import Number, measure, measure_on
from targets.measure.bridge import COUNTED, Causes, NoBridge, steps
from targets.measure.corrections import Moment, corrections, known_bridge
from targets.measure.pages import Page, Window
from targets.rules import Spec


@dataclass(frozen=True)
class Span:
    """The two days of a bridge, each with the moment whose knowledge is used (None: now)."""

    first: dt.date
    last: dt.date
    first_known_at: Moment = None
    last_known_at: Moment = None

    @property
    def known_apart(self) -> bool:
        """Whether corrections of the past may be in it."""
        return self.first_known_at != self.last_known_at


@dataclass(frozen=True)
class Line:
    """One place: start + causes = end. Both ends are measured, not added up."""

    start: int
    causes: Causes
    end: int

    @property
    def change(self) -> int:
        return self.end - self.start

    @property
    def is_empty(self) -> bool:
        return not (self.start or self.end or self.causes)


@dataclass(frozen=True)
class Lines:
    """All places; areas by the id of the district (None: in no area), clusters by their id."""

    city: Line
    by_district: dict[int | None, Line]
    by_cluster: dict[int, Line]

    @property
    def causes(self) -> list[Cause]:
        """Those that occur anywhere, in the order in which they are told."""
        places = [self.city, *self.by_district.values(), *self.by_cluster.values()]
        found = {cause for place in places for cause in place.causes}
        return [cause for cause in Cause if cause in found]


def lines(spec: Spec, span: Span) -> Lines:
    """The whole bridge of a rule. NoBridge where the number is no count; not to be asked within `as_known_at`."""
    found = known_bridge(spec, span.first, span.last, span.first_known_at, span.last_known_at)
    start, end = _numbers(spec, span)
    return Lines(
        city=Line(found.start, found.causes, found.end),
        by_district={
            place: _line(start.by_district, found.by_district.get(place, {}), end.by_district, place)
            for place in {**start.by_district, **end.by_district, **found.by_district}
        },
        by_cluster={
            place: _line(start.by_cluster, found.by_cluster.get(place, {}), end.by_cluster, place)
            for place in {**start.by_cluster, **end.by_cluster, **found.by_cluster}
        },
    )


def _numbers(spec: Spec, span: Span) -> tuple[Number, Number]:
    """What the two days are, each as it was known."""
    with as_known_at(span.last_known_at):
        first, last = (
            readings[spec.code].registry for readings in measure_on([spec], [span.first, span.last])
        )
    if span.known_apart:
        with as_known_at(span.first_known_at):
            first = measure([spec], span.first)[spec.code].registry
    return first, last


def _line(
    start: Mapping[Any, Decimal | None], causes: Causes, end: Mapping[Any, Decimal | None], place: Any
) -> Line:
    told = {cause: causes[cause] for cause in Cause if causes.get(cause)}
    return Line(int(start.get(place) or 0), told, int(end.get(place) or 0))


def records(spec: Spec, span: Span, window: Window) -> Page:
    """The records behind a bridge, or behind the one cause that `window.reason` names.

    Corrections are told when they are asked for alone. Not to be asked within `as_known_at`.
    """
    if spec.feed not in COUNTED:
        raise NoBridge(spec.feed)
    page = _records(spec, span, window)
    if not page.records and window.offset:
        # past the end the statement has no row that could tell how many there are
        return Page([], _records(spec, span, replace(window, offset=0, limit=1)).total)
    return page


def _records(spec: Spec, span: Span, window: Window) -> Page:
    if window.reason == Cause.CORRECTED:
        return corrections(spec, span.first, span.first_known_at, span.last_known_at, window)
    with as_known_at(span.last_known_at):
        return steps(spec, span.first, span.last, window)
