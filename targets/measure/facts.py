"""What the database says about a set of rules on some days; each family of feeds asks it once for all of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from registry.models import District
from targets.choices import Feed
from targets.measure import enterprises, holders, leaders, published, title_counts
from targets.measure.columns import Columns
from targets.measure.counts import Count
from targets.measure.days import Days
from targets.measure.figures import YearlyFigures, figures_ahead, yearly_figures
from targets.measure.lanes import side_by_side
from targets.rules import FIGURES, TITLES, Spec

Baselines = dict[dt.date, dict[int, published.Values]]


@dataclass(frozen=True)
class Facts:
    """What is known of one day; counts are by the code of the rule.

    `baseline_counts` and `baselines` are what multiples are divided by, counted or published.
    """

    day: dt.date
    districts: list[int]
    published: dict[int, published.Values]
    counts: dict[str, Count]
    yearly: YearlyFigures
    roles: leaders.Roles
    baseline_counts: dict[str, Count]
    baselines: Baselines


def gather(specs: Iterable[Spec], days: Days) -> list[Facts]:
    """What is known of each of the days."""
    by_feed: dict[Feed, list[Spec]] = defaultdict(list)
    for spec in specs:
        by_feed[spec.feed].append(spec)
    counted = [spec for feed in (*TITLES, Feed.MULTIPLE) for spec in by_feed[feed] if spec.schemes]
    columns = Columns()
    yearly = yearly_figures(columns, days, [spec for feed in FIGURES for spec in by_feed[feed]])
    ahead = [*holders.read(columns, counted), *figures_ahead(yearly)]
    if ahead:
        side_by_side([*ahead, *enterprises.read(columns)])
    counts = title_counts.count(columns, counted, days)
    roles = leaders.count_roles(columns, days, by_feed[Feed.LEAST])
    series = [spec.series for found in by_feed.values() for spec in found if spec.series is not None]
    published_on = published.newest_on(series, days)
    districts = _districts_in_use(days)
    baseline_counts, baselines = _baselines(columns, by_feed[Feed.MULTIPLE])
    return [
        Facts(
            day=day,
            districts=districts[place],
            published=published_on[place],
            counts={code: found[place] for code, found in counts.items()},
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


def _baselines(columns: Columns, multiples: list[Spec]) -> tuple[dict[str, Count], Baselines]:
    """What multiples are divided by, on their baseline dates; they share one, as a rule."""
    counts: dict[str, Count] = {}
    values: Baselines = {}
    for day in {spec.starts_on for spec in multiples}:
        starting = [spec for spec in multiples if spec.starts_on == day]
        of_titles = [spec for spec in starting if spec.schemes]
        counts |= {
            code: found for code, (found,) in title_counts.count(columns, of_titles, Days([day])).items()
        }
        values[day] = published.newest([spec.series for spec in starting if spec.series is not None], day)
    return counts, values
