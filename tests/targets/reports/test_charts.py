"""The drawing of a series: places in a picture, and axes of round numbers."""

import datetime as dt
from decimal import Decimal

import pytest

from targets.choices import Interval
from targets.reports.charts import BOTTOM, LEFT, RIGHT, TOP, Chart, Scale, chart, round_step
from targets.series import series
from targets.standings import targets_of
from tests.factories import statistic, target_with_rule

D = dt.date


@pytest.mark.parametrize(
    ("highest", "step"),
    [
        ("0", "0.25"),
        ("1", "0.25"),
        ("4", "1"),
        ("5", "2"),
        ("9", "2.5"),
        ("100", "25"),
        ("101", "50"),
        ("261", "100"),
        ("25000", "10000"),
        ("0.5", "0.25"),
    ],
)
def test_steps_are_round_and_at_most_four(highest: str, step: str) -> None:
    found = round_step(Decimal(highest))
    assert found == Decimal(step)
    assert Decimal(highest) / found <= 4


def test_the_scale_reaches_from_corner_to_corner() -> None:
    scale = Scale([D(2024, 1, 1), D(2024, 1, 11)], Decimal(100), 400, 200)
    assert scale.place(D(2024, 1, 1), Decimal(0)) == (f"{LEFT}.0", f"{200 - BOTTOM}.0")
    assert scale.place(D(2024, 1, 11), Decimal(100)) == (f"{400 - RIGHT}.0", f"{TOP}.0")
    assert scale.values == [0, 25, 50, 75, 100]
    # nothing is drawn below the floor; one day alone stands at the left
    assert scale.y(Decimal(-5)) == scale.y(Decimal(0))
    assert Scale([D(2024, 1, 1)], Decimal(0), 400, 200).x(D(2024, 1, 1)) == f"{LEFT}.0"


def drawing(*published: tuple[dt.date, str]) -> Chart | None:
    target = target_with_rule("trained", feed="statistic", series=_series(*published), value=Decimal(100))
    points = series(targets_of(target.plan).get(), D(2020, 12, 31), D(2024, 12, 31), Interval.YEAR)
    return chart(points, 500, 200)


def _series(*published: tuple[dt.date, str]) -> object:
    made = [statistic("trained", day, value).series for day, value in published]
    return made[0] if made else statistic("trained", D(2030, 1, 1), "1").series


@pytest.mark.django_db
def test_the_line_begins_with_the_data_and_marks_are_published_figures() -> None:
    found = drawing((D(2022, 6, 30), "40"), (D(2023, 12, 31), "80"))
    assert found is not None
    # 2022, 2023 and 2024 of five years
    assert len(found.dots) == 3
    assert found.line.count("M") == found.line.count("M" + " ".join(found.dots[0])) == 1
    assert len(found.marks) == 2
    # expected on the day itself, from nothing at the baseline, whatever day the data are of
    assert found.expected.count("L") == 4
    assert found.expected.startswith(f"M{LEFT}.0 {found.floor}.0")
    assert [label.text for label in found.days][-1] == "2024-12"


@pytest.mark.django_db
def test_without_a_value_there_is_no_drawing() -> None:
    assert drawing() is None
