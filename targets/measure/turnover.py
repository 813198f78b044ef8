"""What areas hold, gained and lost since an earlier day, and what clusters hold: of many rules of titles at once.

Only the titles of their enterprises are looked at, where `readings` count all of the city.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from django.db.models import Q

from registry.models import Membership
from targets.measure.days import Days
from targets.measure.memory import Question, remembered
from targets.measure.titles import ever_in, question, rows_of
from targets.rules import Spec

# Of two days: counted on the earlier only, on the later only.
EARLIER, LATER = 1, 2


@dataclass
class Turnover:
    """Holders that count on the later day; of them those that do on it alone, and those that did on the earlier alone.

    Who moves in is gained, who moves out lost.
    """

    held: int = 0
    gained: int = 0
    lost: int = 0


def turnover(
    specs: Iterable[Spec], first: dt.date, last: dt.date, districts: Collection[int]
) -> dict[str, list[Turnover]]:
    """By the code of the rule, for each of the districts in their order. For causes there is `bridge`."""
    wanted = tuple(districts)
    asked = {spec.code: (spec, last, "turnover", first, wanted) for spec in specs}
    found = remembered(asked.values(), partial(_count, Days([first, last]), wanted))
    return {code: found[one] for code, one in asked.items()}


def _count(
    days: Days, districts: tuple[int, ...], questions: list[Question]
) -> dict[Question, list[Turnover]]:
    asked = {one[0].code: one for one in questions}
    found = {code: {district: Turnover() for district in districts} for code in asked}
    wanted = [question(one[0], days.first) for one in questions]
    rows = rows_of(wanted, days, among=ever_in(districts), clusters=False)
    for code, district, _cluster, number, bits in rows:
        if district not in found[code] or not bits:
            continue
        of = found[code][district]
        of.held += number if bits & LATER else 0
        of.gained += number if bits == LATER else 0
        of.lost += number if bits == EARLIER else 0
    return {asked[code]: list(of.values()) for code, of in found.items()}


def held_in_cluster(specs: Iterable[Spec], day: dt.date, cluster: int) -> dict[str, int]:
    """How many main members of a cluster hold what each rule counts on a day, by the code of the rule."""
    asked = {spec.code: (spec, day, "held in cluster", cluster) for spec in specs}
    found = remembered(asked.values(), partial(_count_in_cluster, Days([day]), cluster))
    return {code: found[one] for code, one in asked.items()}


def _count_in_cluster(days: Days, cluster: int, questions: list[Question]) -> dict[Question, int]:
    members = Membership.objects.filter(cluster=cluster, main=True).order_by().values("enterprise")
    wanted = [question(one[0], days.first) for one in questions]
    # what has no enterprise is in no cluster; looked for besides, so that titles are sifted where they are read
    rows = rows_of(wanted, days, among=Q(enterprise__in=members) | Q(enterprise=None))
    numbers = {code: number for code, _district, place, number in rows if place == cluster}
    return {one: numbers.get(one[0].code, 0) for one in questions}
