"""What areas hold, gained and lost since an earlier day, of many rules of titles at once."""

import datetime as dt
from collections.abc import Collection, Iterable

from targets.measure import enterprises, holders, title_counts
from targets.measure.columns import Columns
from targets.measure.lanes import side_by_side
from targets.measure.memory import Question, remembered
from targets.measure.title_counts import Turnover
from targets.rules import Spec


def turnover(
    specs: Iterable[Spec], first: dt.date, last: dt.date, districts: Collection[int]
) -> dict[str, list[Turnover]]:
    """By the code of the rule, for each of the districts in their order. For causes there is `bridge`."""

    def count(questions: list[Question]) -> dict[Question, dict[int | None, Turnover]]:
        wanted = {question[0].code: question for question in questions}
        rules = [question[0] for question in questions]
        columns = Columns()
        side_by_side([*holders.read(columns, rules), *enterprises.read(columns)])
        found = title_counts.turnover(columns, rules, first, last)
        return {wanted[code]: of for code, of in found.items()}

    asked = {spec.code: (spec, last, "turnover", first) for spec in specs}
    found = remembered(asked.values(), count)
    return {
        code: [found[one].get(district, Turnover()) for district in districts] for code, one in asked.items()
    }
