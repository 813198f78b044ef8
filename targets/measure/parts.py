"""Which parts of the facts a rule's answer comes from: when none of them has changed, nor has the answer."""

import datetime as dt
from collections.abc import Iterable

from registry import state
from targets.choices import Feed
from targets.measure.figures import closed_year
from targets.rules import FIGURES, TITLES, Spec

# Feeds that look at enterprises: where they are, whether they exist, which groups they belong to.
OF_ENTERPRISES = (*TITLES, *FIGURES, Feed.MULTIPLE, Feed.LEAST)
OF_SERIES_ALONE = (Feed.STATISTIC,)


def parts_of(spec: Spec, day: dt.date, years: Iterable[int]) -> tuple[str, ...]:
    """The parts that the reading of a rule on a day comes from; `years` are those that have figures at all."""
    assert spec.feed in OF_ENTERPRISES + OF_SERIES_ALONE, f"say here what {spec.feed} reads"
    parts = [state.EVERYTHING, state.REFERENCE]
    if spec.feed in OF_ENTERPRISES:
        parts.append(state.ENTERPRISES)
    if spec.feed in FIGURES:
        parts += [state.of_year(year) for year in years if year <= closed_year(day)]
    parts += [state.of_scheme(term.id) for term in spec.schemes]
    return (*parts, state.of_series(spec.series)) if spec.series is not None else tuple(parts)
