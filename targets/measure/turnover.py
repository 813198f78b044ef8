"""What was gained and lost between two days in each area, of many rules of titles at once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from targets.measure.days import Days
from targets.measure.memory import Question, remembered
from targets.measure.titles import question, rows_of
from targets.rules import Spec

# Of two days: counted on the earlier only, on the later only.
EARLIER, LATER = (1,), (2,)


@dataclass(frozen=True)
class Turnover:
    """Holders that count on the later day only, and on the earlier only: who moves in is gained, who moves out lost."""

    gained: int = 0
    lost: int = 0


# By the id of the district (None: in no area).
ByArea = dict[int | None, Turnover]


def turnover(specs: Iterable[Spec], first: dt.date, last: dt.date) -> dict[str, ByArea]:
    """By the code of the rule; areas without any change are left out. Causes are told by `bridge`, one rule at a time."""
    asked = {spec.code: (spec, last, "turnover", first) for spec in specs}
    found = remembered(asked.values(), _count)
    return {code: found[one] for code, one in asked.items()}


def _count(questions: list[Question]) -> dict[Question, ByArea]:
    found: dict[Question, ByArea] = {}
    together: dict[tuple[dt.date, dt.date], list[Question]] = defaultdict(list)
    for one in questions:
        together[one[3], one[1]].append(one)
    for (first, last), asked in together.items():
        of_code = _between([one[0] for one in asked], Days([first, last]))
        found |= {one: of_code[one[0].code] for one in asked}
    return found


def _between(specs: list[Spec], days: Days) -> dict[str, ByArea]:
    gained: dict[tuple[str, int | None], int] = defaultdict(int)
    lost: dict[tuple[str, int | None], int] = defaultdict(int)
    for code, district, cluster, number, *bits in rows_of(
        [question(spec, days.first) for spec in specs], days
    ):
        if cluster is None and tuple(bits) == LATER:
            gained[code, district] += number
        elif cluster is None and tuple(bits) == EARLIER:
            lost[code, district] += number
    by_code: dict[str, ByArea] = {spec.code: {} for spec in specs}
    for code, district in gained.keys() | lost.keys():
        by_code[code][district] = Turnover(gained[code, district], lost[code, district])
    return by_code
