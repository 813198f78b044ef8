"""What the database says about a set of rules on some days; each family of feeds asks it once for all of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry.models import District
from targets.choices import Feed
from targets.measure import leaders, published, titles
from targets.measure.counts import Count
from targets.measure.days import Days
from targets.measure.figures import YearlyFigures, cells_ahead, yearly_figures
from targets.measure.lanes import side_by_side
from targets.rules import FIGURES, TITLES, Spec

Baselines = dict[dt.date, dict[int, published.Values]]


@dataclass(frozen=True)
class Facts:
    """What is known of one day; counts are by the code of the rule, and by cluster where `has_clusters`.

    `baseline_counts` and `baselines` are what multiples are divided by, counted or published.
    """

    day: dt.date
    districts: list[int]
    published: dict[int, published.Values]
    counts: dict[str, Count]
    has_clusters: bool
    yearly: YearlyFigures
    roles: leaders.Roles
    baseline_counts: dict[str, Count]
    baselines: Baselines


def gather(specs: Iterable[Spec], days: Days, *, clusters: bool = True) -> list[Facts]:
    """What is known of each of the days."""
    by_feed: dict[Feed, list[Spec]] = defaultdict(list)
    for spec in specs:
        by_feed[spec.feed].append(spec)
    counted = [spec for feed in (*TITLES, Feed.MULTIPLE) for spec in by_feed[feed] if spec.schemes]
    asked = [titles.question(spec, days.first) for spec in counted]
    yearly = yearly_figures(days, [spec for feed in FIGURES for spec in by_feed[feed]])
    pieces = titles.pieces(asked, days, clusters=clusters)
    # the halves of the titles last: they are of one size, so that the lanes end together
    ahead = cells_ahead(yearly)
    found: list[Any] = side_by_side([*ahead, *pieces])
    counts = titles.counted(asked, found[len(ahead) :], days)
    roles = leaders.count_roles(days, by_feed[Feed.LEAST])
    series = [spec.series for found in by_feed.values() for spec in found if spec.series is not None]
    published_on = published.newest_on(series, days)
    districts = _districts_in_use(days)
    baseline_counts, baselines = _baselines(by_feed[Feed.MULTIPLE])
    return [
        Facts(
            day=day,
            districts=districts[place],
            published=published_on[place],
            counts={code: found[place] for code, found in counts.items()},
            has_clusters=clusters,
            yearly=yearly[place],
            roles=roles[place],
            baseline_counts=baseline_counts,
            baselines=baselines,
        )
        for place, day in enumerate(days.days)
    ]


def _districts_in_use(days: Days) -> list[list[int]]:
    rows = list(District.objects.values_list("pk", "retired_on"))
    return [[pk for pk, retired_on in rows if retired_on is None or retired_on > day] for day in days.days]


def _baselines(multiples: list[Spec]) -> tuple[dict[str, Count], Baselines]:
    """What multiples are divided by, on their baseline dates; they share one, as a rule."""
    counts: dict[str, Count] = {}
    values: Baselines = {}
    for day in {spec.starts_on for spec in multiples}:
        starting = [spec for spec in multiples if spec.starts_on == day]
        asked = [titles.question(spec, day) for spec in starting if spec.schemes]
        counts |= {code: found for code, (found,) in titles.count(asked, Days([day])).items()}
        values[day] = published.newest([spec.series for spec in starting if spec.series is not None], day)
    return counts, values
