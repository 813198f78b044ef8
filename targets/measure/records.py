"""The records behind a number: those that it counts, and those of the same schemes that it does not, with the reason.

Both come from one statement, so that each record of a rule's schemes is either counted or excluded, never both.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from registry.models import District
from targets.choices import Feed
from targets.measure import figure_records, published
from targets.measure.memory import remembered
from targets.measure.pages import Page, Record, Window
from targets.measure.planning import whole_sets
from targets.measure.sight import as_seen
from targets.measure.title_records import number_left_out, of_titles
from targets.rules import FIGURES, Spec

__all__ = [
    "Page",
    "Record",
    "Window",
    "contributors",
    "district_names",
    "exclusions",
    "number_excluded",
]


def contributors(spec: Spec, day: dt.date, window: Window | None = None) -> Page:
    """The records that make up the number of a rule on a day."""
    return as_seen(window or Window(), lambda window: _records(spec, day, window, counted=True))


def exclusions(spec: Spec, day: dt.date, window: Window | None = None) -> Page:
    """The records of the same schemes, figures or groups that are not counted, each with the first reason to."""
    return as_seen(window or Window(), lambda window: _records(spec, day, window, counted=False))


def number_excluded(spec: Spec, day: dt.date, window: Window) -> int:
    """How many records are not counted, whatever their reason.

    Of titles it is remembered: it comes from the same facts as the number itself.
    """
    if spec.feed in FIGURES or not spec.schemes:
        return exclusions(spec, day, replace(window, search="", reason="", offset=0, limit=1)).total
    asked = (spec, day, "excluded", window.district, window.within)
    return remembered([asked], lambda _asked: {asked: number_left_out(spec, day, window)})[asked]


def _records(spec: Spec, day: dt.date, window: Window, *, counted: bool) -> Page:
    ways: dict[Feed, Callable[..., Page]] = {
        Feed.BAND: figure_records.of_band,
        Feed.SUM: figure_records.of_members,
        Feed.RATIO: figure_records.of_members,
        Feed.CLUSTERS_OVER: figure_records.of_clusters,
        Feed.LEAST: figure_records.of_leaders,
        Feed.STATISTIC: _of_statistics,
    }
    way = ways.get(spec.feed)
    if way is None:
        way = of_titles if spec.schemes else _of_statistics
    if way is of_titles:
        return of_titles(spec, day, window, counted)
    with whole_sets():
        return way(spec, day, window, counted)


def _of_statistics(spec: Spec, day: dt.date, window: Window, counted: bool) -> Page:
    """The published value itself; a statistic opens to its source, there are no enterprises behind it here."""
    if spec.series is None or not counted:
        return Page([], 0)
    value = published.newest([spec.series], day).get(spec.series, {}).get(window.district)
    if value is None:
        return Page([], 0)
    record = Record(
        district_id=window.district, valid_from=value.as_of, value=value.value, source=value.source
    )
    return Page([record], 1)


def district_names() -> dict[int, str]:
    """Names of the areas by id, for whoever shows records."""
    return dict(District.objects.values_list("pk", "name"))
