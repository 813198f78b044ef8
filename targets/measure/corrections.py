"""What was corrected: how the number of one day differs between what was known at two moments, and in whom."""

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from registry.choices import Unit
from registry.past import as_known_at
from targets.choices import Cause
from targets.measure.bridge import Bridge, Causes, bridge
from targets.measure.pages import Page, Record, Window, cut
from targets.measure.readings import measure
from targets.measure.records import contributors
from targets.rules import Spec

Moment = dt.datetime | None  # None: now


def known_bridge(
    spec: Spec, first: dt.date, last: dt.date, first_known_at: Moment, last_known_at: Moment
) -> Bridge:
    """A bridge whose two sides were known at two moments: what was corrected on the first day, then what changed.

    The correction is what the later knowledge says of the first day less what the earlier one said; it may hide gains
    and losses that cancel out, which `corrections` names.
    """
    with as_known_at(last_known_at):
        changed = bridge(spec, first, last)
        now = measure([spec], first)[spec.code].registry
    if first_known_at == last_known_at:
        return changed
    with as_known_at(first_known_at):
        then = measure([spec], first)[spec.code].registry
    correction = int((now.value or 0) - (then.value or 0))
    return replace(
        changed,
        start=int(then.value or 0),
        causes=_with(changed.causes, correction),
        by_district=_corrected(changed.by_district, then.by_district, now.by_district),
        by_cluster=_corrected(changed.by_cluster, then.by_cluster, now.by_cluster),
    )


def _corrected(
    causes: Mapping[Any, Causes], then: Mapping[Any, Decimal | None], now: Mapping[Any, Decimal | None]
) -> dict[Any, Causes]:
    return {
        place: _with(causes.get(place, {}), int((now.get(place) or 0) - (then.get(place) or 0)))
        for place in {**causes, **then, **now}
    }


def _with(causes: Causes, correction: int) -> Causes:
    return {Cause.CORRECTED: correction, **causes} if correction else causes


def corrections(spec: Spec, day: dt.date, then: Moment, now: Moment, window: Window | None = None) -> Page:
    """The records that one knowledge of a day counts and the other does not; `then` is the earlier knowledge."""
    wanted = window or Window()
    everything = Window(search=wanted.search)
    with as_known_at(then):
        before = {_holder(spec, record): record for record in contributors(spec, day, everything).records}
    with as_known_at(now):
        after = {_holder(spec, record): record for record in contributors(spec, day, everything).records}
    return cut(list(_differences(before, after, wanted.district)), wanted)


def _differences(
    before: dict[Hashable, Record], after: dict[Hashable, Record], district: int | None
) -> Iterator[Record]:
    """Who is counted in a place (None: the city) in one of the two and not in the other."""

    def here(record: Record | None) -> bool:
        return record is not None and (district is None or record.district_id == district)

    for holders, others, amount in ((before, after, -1), (after, before, 1)):
        for holder, record in holders.items():
            if here(record) and not here(others.get(holder)):
                yield replace(record, cause=Cause.CORRECTED, amount=amount)


def _holder(spec: Spec, record: Record) -> Hashable:
    """What tells holders apart in `targets.measure.titles`."""
    if record.enterprise_id is not None and spec.unit == Unit.ENTERPRISE:
        return record.enterprise_id
    scheme = record.scheme if spec.unit == Unit.ITEM else None
    place = record.district_id if record.enterprise_id is None else None
    return (record.enterprise_id, record.item.lower(), place, scheme)
