"""The registry's number against the published one: by how much they differ on the published figure's own day.

A published figure speaks of its day; the registry is asked for the same day. What the registry does not keep is no
difference, nor is a number of another day: see NotCompared.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.models import District
from targets import rules
from targets.choices import Feed, NotCompared, Official
from targets.measure import Published, Reading, measure_on
from targets.measure.published import course
from targets.models import Target
from targets.rules import Spec
from targets.standings import in_use


@dataclass(frozen=True)
class Compared:
    """A published figure and the registry's number on its day, in the target's unit."""

    published: Published
    registry: Decimal | None
    why_not: NotCompared | None = None

    @property
    def day(self) -> dt.date:
        return self.published.as_of

    @property
    def difference(self) -> Decimal | None:
        """The registry's number less the published one."""
        if self.why_not is not None or self.registry is None:
            return None
        return self.registry - self.published.value

    @property
    def share(self) -> Decimal | None:
        """The difference in the published figure, a fraction of 1; None in a published 0."""
        if self.difference is None or not self.published.value:
            return None
        return self.difference / self.published.value


@dataclass(frozen=True)
class Difference:
    """A target's numbers beside the published ones up to a day, the oldest first."""

    target: Target
    spec: Spec
    history: tuple[Compared, ...] = ()
    left_out: NotCompared | None = None

    @property
    def newest(self) -> Compared | None:
        return self.history[-1] if self.history else None

    @property
    def why_not(self) -> NotCompared | None:
        """Why there is no difference now; None where there is one, be it 0."""
        return self.newest.why_not if self.newest else self.left_out

    @property
    def since(self) -> dt.date | None:
        return grew_since([(one.day, one.difference) for one in self.history])


def grew_since(course: Sequence[tuple[dt.date, Decimal | None]]) -> dt.date | None:
    """Since when a difference has grown: the first day of the unbroken rise that ends with the newest figure.

    A rise is a run of published figures, one after the other, each with a difference larger in amount (whatever its
    sign) than the one before; its first day is that of the figure from which the amount first rose. None where the
    newest difference is not larger than the one before it, where there is no other, or where there is none now. A
    figure without a difference (None) breaks a rise.
    """
    since = None
    later: Decimal | None = None
    for day, difference in reversed(course):
        if difference is None or (later is not None and abs(difference) >= later):
            break
        if later is not None:
            since = day
        later = abs(difference)
    return since


def differences(
    targets: Iterable[Target], day: dt.date, *, district: District | None = None
) -> list[Difference]:
    """Every target in use on a day with its differences up to it, of the city or an area, in the given order.

    The registry is measured once for all days on which anything was published.
    """
    chosen = [(target, rules.spec_of(target.rule)) for target in in_use(targets, day)]
    area = district.pk if district else None
    comparable = [spec for _target, spec in chosen if why_never(spec) is None]
    published = course([spec.series for spec in comparable if spec.series is not None], day, area)
    readings = _readings(comparable, published)
    return [_difference(target, spec, published, readings, area) for target, spec in chosen]


def why_never(spec: Spec) -> NotCompared | None:
    """Why a rule has nothing to compare, whatever has been published; None where it has."""
    if spec.feed == Feed.STATISTIC or (spec.feed == Feed.MULTIPLE and not spec.schemes):
        return NotCompared.STATISTIC
    return NotCompared.NO_SERIES if spec.series is None else None


Readings = dict[dt.date, dict[str, Reading]]


def _readings(specs: Sequence[Spec], published: dict[int, list[Published]]) -> Readings:
    """The readings on each day on which something was published."""
    days = sorted({figure.as_of for figures in published.values() for figure in figures})
    return dict(zip(days, measure_on(specs, days), strict=True)) if days else {}


def _difference(
    target: Target, spec: Spec, published: dict[int, list[Published]], readings: Readings, area: int | None
) -> Difference:
    never = why_never(spec)
    figures = published.get(spec.series or 0, []) if never is None else []
    if not figures:
        return Difference(target, spec, left_out=never or NotCompared.NOT_PUBLISHED)
    history = [compared(spec, one, readings[one.as_of][spec.code], area) for one in figures]
    return Difference(target, spec, tuple(history))


def compared(spec: Spec, figure: Published, reading: Reading, area: int | None = None) -> Compared:
    """A published figure beside the reading of its day, of the city or an area; of a multiple as the multiple."""
    if spec.feed == Feed.MULTIPLE:
        if area is not None or reading.official is None:
            return Compared(figure, _registry(reading, area), NotCompared.NO_BASELINE)
        figure = reading.official
    number = _registry(reading, area)
    if number is None or not is_kept(spec, reading):
        return Compared(figure, None, NotCompared.NOT_KEPT)
    if reading.registry.data_date != figure.as_of:
        return Compared(figure, number, NotCompared.OTHER_DAY)
    return Compared(figure, number)


def is_kept(spec: Spec, reading: Reading) -> bool:
    """Whether the registry keeps what a rule counts: where the published figure is the official one, 0 says that not."""
    value = reading.registry.value
    return value is not None and (value != 0 or spec.official == Official.REGISTRY)


def _registry(reading: Reading, area: int | None) -> Decimal | None:
    return reading.registry.value if area is None else reading.by_district.get(area)


def largest_first(found: Iterable[Difference]) -> list[Difference]:
    """Those with a difference, by its share of the published figure: units differ, shares can be compared."""
    with_one = [one for one in found if one.newest and one.why_not is None]
    return sorted(with_one, key=_size, reverse=True)


def _size(one: Difference) -> tuple[bool, Decimal]:
    """Of a published 0 nothing is a share: any difference from it comes first."""
    assert one.newest is not None
    assert one.newest.difference is not None
    share = one.newest.share
    if share is None:
        return (one.newest.difference != 0, Decimal(0))
    return (False, abs(share))


def without(found: Iterable[Difference]) -> list[Difference]:
    """Those without a difference, each with why."""
    return [one for one in found if one.why_not is not None]
