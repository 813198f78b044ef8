"""Why a band of a yearly figure changed: who rose and fell into it and out of it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from targets import rules
from targets.choices import Cause, Feed
from targets.measure.bridge import bridge, steps
from targets.measure.pages import Window
from targets.rules import Spec
from tests.factories import district, enterprise, figures, relocation, target_with_rule
from tests.targets.test_bridge import CLOSED, MOVED_IN, MOVED_OUT, adds_up

pytestmark = pytest.mark.django_db

D = dt.date
ROSE_IN, FELL_IN, ROSE_OUT, FELL_OUT = Cause.ROSE_IN, Cause.FELL_IN, Cause.ROSE_OUT, Cause.FELL_OUT
FIRST_FIGURE, NO_FIGURE = Cause.FIRST_FIGURE, Cause.NO_FIGURE

# Bands of a yearly figure: from 10 to 20 亿元, that is 100,000 to 200,000 万元

BELOW, INSIDE, AT_THE_EDGE, ABOVE = 99_999, 100_000, 200_000, 300_000


@pytest.mark.parametrize(
    ("before", "after", "holder", "causes"),
    [
        (BELOW, INSIDE, {}, {ROSE_IN: 1}),
        (INSIDE, INSIDE, {}, {}),
        (BELOW, BELOW, {}, {}),
        # the upper end belongs to the band above
        (INSIDE, AT_THE_EDGE, {}, {ROSE_OUT: -1}),
        (AT_THE_EDGE, INSIDE, {}, {FELL_IN: 1}),
        (INSIDE, BELOW, {}, {FELL_OUT: -1}),
        (BELOW, ABOVE, {}, {}),
        # no line for the year, and a line that says nothing
        (None, INSIDE, {}, {FIRST_FIGURE: 1}),
        ("", INSIDE, {}, {FIRST_FIGURE: 1}),
        (INSIDE, None, {}, {NO_FIGURE: -1}),
        (INSIDE, "", {}, {NO_FIGURE: -1}),
        # closed on the later day, or on the day after
        (INSIDE, INSIDE, {"closed_on": D(2023, 12, 31)}, {CLOSED: -1}),
        (INSIDE, INSIDE, {"closed_on": D(2024, 1, 1)}, {}),
        (INSIDE, None, {"closed_on": D(2023, 12, 31)}, {CLOSED: -1}),
        # closed on the earlier day already
        (INSIDE, INSIDE, {"closed_on": D(2022, 12, 31)}, {}),
    ],
)
def test_causes_of_a_band(before: Any, after: Any, holder: dict[str, Any], causes: dict[Cause, int]) -> None:
    firm = enterprise(district=district(), **holder)
    for year, revenue in ((2022, before), (2023, after)):
        # somebody else has figures of both years, so that both are asked
        figures(enterprise(f"别家{year}"), year, revenue=1)
        if revenue is not None:
            figures(firm, year, revenue=None if revenue == "" else revenue)
    found = bridge(band(), D(2022, 12, 31), D(2023, 12, 31))
    assert found.causes == causes
    assert found.by_district == ({district().pk: causes} if causes else {})
    assert adds_up(found)


def band() -> Spec:
    limits = {"lower": Decimal(10), "upper": Decimal(20)}
    return rules.spec_of(target_with_rule("band", feed=Feed.BAND, figure="revenue", **limits).rule)


def test_a_band_before_the_first_figures_is_nothing() -> None:
    figures(enterprise(district=district()), 2022, revenue=INSIDE)
    found = bridge(band(), D(2021, 12, 31), D(2022, 12, 31))
    assert (found.start, found.causes, found.end) == (0, {FIRST_FIGURE: 1}, 1)


def test_steps_of_a_band_tell_the_figure_and_moves() -> None:
    wujin, liyang = district("320412"), district("320481")
    moved, fallen = enterprise("甲厂", district=liyang), enterprise("乙厂", district=wujin)
    relocation(moved, D(2023, 3, 1), wujin, liyang)
    for year in (2022, 2023):
        figures(moved, year, revenue=INSIDE)
    figures(fallen, 2022, revenue=150_000)
    figures(fallen, 2023, revenue=BELOW)
    spec, days = band(), (D(2022, 12, 31), D(2023, 12, 31))
    assert bridge(spec, *days).by_district == {
        wujin.pk: {FELL_OUT: -1, MOVED_OUT: -1},
        liyang.pk: {MOVED_IN: 1},
    }
    (record,) = steps(spec, *days).records
    # what it was counted by, in 亿元
    assert (record.enterprise, record.cause, record.amount, record.value) == ("乙厂", FELL_OUT, -1, 15)
    (record,) = steps(spec, *days, Window(district=liyang.pk)).records
    assert (record.enterprise, record.cause, record.amount) == ("甲厂", MOVED_IN, 1)
