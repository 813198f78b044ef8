"""How much of a cluster's scale lies with its largest enterprises (集中度)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from registry.choices import Figure
from targets.choices import Feed
from targets.measure import amounts, enterprises
from targets.measure.amounts import Amounts
from targets.measure.columns import Chosen, Columns
from targets.measure.enterprises import Enterprises, Situations
from targets.measure.figures import years_up_to
from targets.measure.memory import remembered
from targets.rules import Spec


@dataclass(frozen=True)
class Concentration:
    """The year's revenue of the members in 万元, the shares of the largest four and ten, and the Herfindahl index.

    The index is the sum of the squared shares in per cent: 10,000 where there is but one enterprise.
    """

    year: int
    total: Decimal
    enterprises: int
    four: Decimal
    ten: Decimal
    index: int


def concentration(cluster: int, day: dt.date) -> Concentration | None:
    """Of those that have the cluster as their main one on the day; None without any revenue.

    The newest year that is over on the day and has figures, as in `targets.measure.figures`.
    """
    spec = Spec("concentration", Feed.SUM, "万元", day, figure=Figure.REVENUE)
    asked = (spec, day, cluster)
    return remembered([asked], lambda _asked: {asked: _concentration(cluster, day)})[asked]


def _concentration(cluster: int, day: dt.date) -> Concentration | None:
    columns = Columns()
    for year in years_up_to(day):
        for work in amounts.read(columns, [year], [Figure.REVENUE]):
            work()
        of: Amounts = columns[amounts.source(year, Figure.REVENUE)]
        chosen = enterprises.placed(columns, partial(_members, columns, of, cluster, day))
        values = sorted(of.values[chosen].tolist(), reverse=True)
        if values:
            total = sum(values)
            return Concentration(
                year=year,
                total=Decimal(total).scaleb(-of.decimals),
                enterprises=len(values),
                four=Decimal(sum(values[:4])) / total,
                ten=Decimal(sum(values[:10])) / total,
                index=round(Decimal(sum(value * value for value in values)) / total / total * 10_000),
            )
    return None


def _members(columns: Columns, of: Amounts, cluster: int, day: dt.date, among: Enterprises) -> Chosen:
    """Of each amount whether it is above 0 and of a main member that exists."""
    situation = Situations(columns).of(among, day)
    places = of.places(among)
    chosen: Chosen = situation.exists[places] & (of.values > 0) & situation.is_in(cluster)[places]
    return chosen
