"""Titles gained and lost by an area: who only went away for a while is neither."""

import datetime as dt

import pytest

from registry.choices import Unit
from registry.models import District
from targets.choices import Feed
from targets.measure.turnover import Turnover, turnover
from targets.rules import SchemeTerm, Spec
from tests.factories import designation, district, enterprise, relocation, scheme

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2024, 12, 31), dt.date(2025, 12, 31)


@pytest.mark.parametrize(
    ("moves", "wujin", "liyang"),
    [
        ([], Turnover(held=1), Turnover()),
        # to Liyang and back within the year, the last day and the first of it
        ([("2025-03-01", "武进", "溧阳"), ("2025-06-01", "溧阳", "武进")], Turnover(held=1), Turnover()),
        ([("2025-01-01", "武进", "溧阳"), ("2025-12-31", "溧阳", "武进")], Turnover(held=1), Turnover()),
        # from elsewhere, and back to Wujin once more
        (
            [("2025-02-01", "溧阳", "武进"), ("2025-03-01", "武进", "溧阳"), ("2025-04-01", "溧阳", "武进")],
            Turnover(held=1, gained=1),
            Turnover(lost=1),
        ),
        ([("2025-12-31", "溧阳", "武进")], Turnover(held=1, gained=1), Turnover(lost=1)),
        ([("2026-01-01", "武进", "溧阳")], Turnover(held=1), Turnover()),
    ],
)
def test_who_comes_back_is_neither_gained_nor_lost(
    moves: list[tuple[str, str, str]], wujin: Turnover, liyang: Turnover
) -> None:
    areas = {"武进": district("320412"), "溧阳": district("320481")}
    one = enterprise("甲", district=areas[moves[-1][2] if moves else "武进"])
    for day, left, entered in moves:
        relocation(one, dt.date.fromisoformat(day), areas[left], areas[entered])
    designation(one, dt.date(2022, 1, 1), scheme=scheme("a"))
    term = SchemeTerm(scheme("a").pk, "a", ("national", "provincial"), Unit.ENTERPRISE)
    rule = Spec("a", Feed.STOCK, "家", dt.date(2020, 12, 31), schemes=(term,))
    of_areas = [area.pk for area in (areas["武进"], areas["溧阳"])]
    assert turnover([rule], FIRST, LAST, of_areas)["a"] == [wujin, liyang]
    assert District.objects.count() == 2
