"""Counts of titles: stock, new, yearly, and the two counts of a multiple, from columns.

A holder is in one area on a day, so that the city is the sum of its areas and of what lies in none.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from targets.measure import enterprises, holders
from targets.measure.columns import Columns, Numbers
from targets.measure.counts import Count
from targets.measure.days import Days
from targets.measure.enterprises import Indices, Situation, Situations
from targets.measure.holders import Holders
from targets.measure.titles import awarded_after
from targets.rules import Spec


@dataclass
class Turnover:
    """Holders that count on the later day; of them those that do on it alone, and those that did on the earlier alone.

    Who moves in is gained, who moves out lost.
    """

    held: int = 0
    gained: int = 0
    lost: int = 0


def count(columns: Columns, specs: Iterable[Spec], days: Days) -> dict[str, list[Count]]:
    """The counts of rules on each of the days, by code; nothing found counts 0."""
    situations = Situations(columns)
    found = {}
    for spec in specs:
        of = holders_of(columns, spec)
        found[spec.code] = [
            _counted(of, counting(of, spec, day), situations.of(of.among, day)) for day in days.days
        ]
    return found


def turnover(
    columns: Columns, specs: Iterable[Spec], first: dt.date, last: dt.date
) -> dict[str, dict[int | None, Turnover]]:
    """Who was gained and lost between two days, by the code of the rule and the id of the area (None: in no area)."""
    situations = Situations(columns)
    found = {}
    for spec in specs:
        of = holders_of(columns, spec)
        on_first, on_last = counting(of, spec, first), counting(of, spec, last)
        was = _areas(of, on_first, situations.of(of.among, first))
        now = _areas(of, on_last, situations.of(of.among, last))
        changed = np.flatnonzero(was != now)
        held = of.among.districts.counted(now[on_last])
        lost, gained = (_counted_in(of, areas[changed]) for areas in (was, now))
        found[spec.code] = {
            area: Turnover(held.get(area, 0), gained.get(area, 0), lost.get(area, 0))
            for area in {**held, **lost}
        }
    return found


def concerned(columns: Columns, spec: Spec, first: dt.date, last: dt.date) -> Numbers:
    """The ids of the enterprises whose titles or places explain how a number changes between two days."""
    situations = Situations(columns)
    of = holders_of(columns, spec)
    was, now = counting(of, spec, first), counting(of, spec, last)
    if awarded_after(spec, first) is None:
        kept = of.valid(first.toordinal(), last.toordinal())
    else:
        kept = np.intersect1d(was, now)
    changed = np.setdiff1d(np.union1d(was, now), kept)
    elsewhere = situations.of(of.among, first).differs(situations.of(of.among, last))
    staying = of.enterprises(kept)
    return of.among.ids[np.union1d(of.enterprises(changed), staying[elsewhere[staying]])]


def titles_in_area(columns: Columns, spec: Spec, day: dt.date, area: int) -> int:
    """How many titles that a rule may count holders in an area (its id) have, valid on the day or not."""
    of = holders_of(columns, spec)
    areas = of.areas(Situations(columns).of(of.among, day))
    return of.titles(areas == of.among.districts.place_of(area))


def columns_of(spec: Spec) -> Columns:
    """What a rule of titles counts, read one after the other where it is not known."""
    columns = Columns()
    for work in [*holders.read(columns, [spec]), *enterprises.read(columns)]:
        work()
    return columns


def holders_of(columns: Columns, spec: Spec) -> Holders:
    """The holders that a rule may count, from columns that were read."""
    return enterprises.placed(columns, lambda among: Holders(spec, columns, among))


def counting(of: Holders, spec: Spec, day: dt.date) -> Numbers:
    """The numbers of the holders that a rule counts on a day."""
    after = awarded_after(spec, day)
    if after is None:
        return of.valid(day.toordinal())
    return of.first_awarded(after.toordinal(), day.toordinal())


def _counted(of: Holders, numbers: Numbers, situation: Situation) -> Count:
    areas = of.among.districts.counted(of.areas(situation)[numbers])
    return Count(areas, situation.in_clusters(of.enterprises(numbers)))


NOT_COUNTED = -1


def _areas(of: Holders, numbers: Numbers, situation: Situation) -> Indices:
    """Of every holder the index of its area, where it is one of some, or `NOT_COUNTED`."""
    everywhere = of.areas(situation)
    found = np.full(len(everywhere), NOT_COUNTED, np.int16)
    found[numbers] = everywhere[numbers]
    return found


def _counted_in(of: Holders, areas: Indices) -> dict[int | None, int]:
    return of.among.districts.counted(areas[areas != NOT_COUNTED])
