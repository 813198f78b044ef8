"""How much of a cluster's scale lies with its largest enterprises (集中度)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from registry.models import AnnualFigures, Membership
from targets.measure.figures import closed_year


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
    members = Membership.objects.on(day).filter(cluster=cluster, main=True).values("enterprise")
    there = Q(enterprise__closed_on__isnull=True) | Q(enterprise__closed_on__gt=day)
    figures = AnnualFigures.objects.filter(there, enterprise__in=members, revenue__gt=0)
    year = figures.filter(year__lte=closed_year(day)).order_by("-year").values_list("year", flat=True).first()
    if year is None:
        return None
    by_size = figures.filter(year=year).order_by("-revenue", "pk")
    largest = [Decimal(one) for one in by_size.values_list("revenue", flat=True)[:10]]
    whole = figures.filter(year=year).aggregate(
        total=Sum("revenue"), number=Count("pk"), squares=Sum(F("revenue") * F("revenue"))
    )
    total = Decimal(whole["total"])
    return Concentration(
        year=year,
        total=total,
        enterprises=whole["number"],
        four=sum(largest[:4], Decimal(0)) / total,
        ten=sum(largest, Decimal(0)) / total,
        index=round(Decimal(whole["squares"]) / total / total * 10_000),
    )
