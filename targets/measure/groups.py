"""Titles of a list by scheme and area, with the first of them: what a page of a long list tells."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from registry.models import Designation
from registry.paging import FIRST
from registry.reading import connection
from targets.measure.titles import as_subquery

# One look at them tells both how many there are of which, and which are the first.
GROUPS_AND_FIRST = f"""
    WITH found AS MATERIALIZED ({{rows}})
    SELECT scheme_id, place, count(*), NULL::bigint[] FROM found GROUP BY scheme_id, place
     UNION ALL
    SELECT NULL, NULL, NULL, ARRAY(SELECT id FROM found ORDER BY valid_to, id LIMIT {FIRST})
"""


@dataclass(frozen=True)
class Groups:
    """How many there are by the ids of scheme and area (None: in none), and the ids of those that run out first."""

    numbers: list[tuple[int, int | None, int]]
    first: list[int]


def groups_and_first(titles: QuerySet[Designation]) -> Groups:
    """Of titles that all have a last day; each is in the area that its enterprise is in now, or its own."""
    told = titles.order_by().annotate(place=Coalesce("enterprise__district_id", "district_id"))
    sql, parameters = as_subquery(told.values("id", "scheme_id", "place", "valid_to"))
    with connection.cursor() as cursor:
        cursor.execute(GROUPS_AND_FIRST.format(rows=sql), parameters)
        *numbers, (_scheme, _area, _number, first) = cursor.fetchall()
    return Groups([(scheme, area, number) for scheme, area, number, _first in numbers], first)
