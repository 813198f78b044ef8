"""How many members of a role each cluster or chain has on some days."""

from collections import defaultdict
from collections.abc import Collection

from targets.measure import enterprises
from targets.measure.columns import Columns
from targets.measure.days import Days
from targets.measure.enterprises import Enterprises, Situations
from targets.rules import Spec

ByDistrict = dict[int | None, dict[int, int]]
Roles = dict[tuple[str, str], ByDistrict]


def count_roles(columns: Columns, days: Days, specs: Collection[Spec]) -> list[Roles]:
    """For each day and (kind, role): by area (None: in none) the number of enterprises in each cluster.

    An enterprise belongs to a cluster once on a day: the database refuses a second membership of the same days.
    """
    roles = {spec.role for spec in specs}
    situations = Situations(columns)

    def count(among: Enterprises) -> list[Roles]:
        found: list[Roles] = []
        for day in days.days:
            situation = situations.of(among, day)
            of_day: Roles = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
            for group in situation.members.groups:
                if group.role in roles:
                    for (cluster, area), number in situation.belonging(group).items():
                        of_day[group.kind, group.role][area][cluster] += number
            found.append(of_day)
        return found

    if not roles:
        return [defaultdict(dict) for _ in days.days]
    return enterprises.placed(columns, count)
