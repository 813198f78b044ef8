"""Corrections of the past: what two moments knew of one day, and in whom they differ."""

import datetime as dt

import pytest

from registry.models import Designation, Enterprise
from targets.choices import Cause
from targets.measure.corrections import corrections, known_bridge
from targets.measure.pages import Window
from targets.rules import Spec
from tests.factories import designation, district, enterprise
from tests.registry.test_past import moment
from tests.targets.test_bridge import GRANTED, green

pytestmark = pytest.mark.django_db

D = dt.date

# Corrections


@pytest.fixture
def corrected() -> tuple[Spec, dt.datetime]:
    """Three of 2022, as known at a moment; then one is found to be void, and one to lie in another area."""
    wujin = district("320412")
    void, misplaced = enterprise("误报厂", district=wujin), enterprise("错区厂", district=wujin)
    for firm in (void, misplaced, enterprise("好厂", district=wujin)):
        designation(firm, D(2022, 3, 1))
    designation(enterprise("新厂", district=wujin), D(2023, 3, 1))
    spec, then = green(), moment()
    Designation.objects.filter(enterprise=void).delete()
    Enterprise.objects.filter(pk=misplaced.pk).update(district=district("320481"))
    return spec, then


def test_corrections_of_the_past_appear_as_such(corrected: tuple[Spec, dt.datetime]) -> None:
    spec, then = corrected
    wujin, liyang = district("320412").pk, district("320481").pk
    found = known_bridge(spec, D(2022, 12, 31), D(2023, 12, 31), then, None)
    assert (found.start, found.causes, found.end) == (3, {Cause.CORRECTED: -1, GRANTED: 1}, 3)
    assert found.by_district == {wujin: {Cause.CORRECTED: -2, GRANTED: 1}, liyang: {Cause.CORRECTED: 1}}
    # known at one moment there is nothing to correct
    for at, start in ((then, 3), (None, 2)):
        same = known_bridge(spec, D(2022, 12, 31), D(2023, 12, 31), at, at)
        assert (same.start, same.causes) == (start, {GRANTED: 1})


@pytest.mark.parametrize(
    ("area", "told"),
    [
        (None, {("误报厂", -1)}),
        ("320412", {("误报厂", -1), ("错区厂", -1)}),
        ("320481", {("错区厂", 1)}),
    ],
)
def test_corrections_open_to_their_records(
    corrected: tuple[Spec, dt.datetime], area: str | None, told: set[tuple[str, int]]
) -> None:
    spec, then = corrected
    window = Window(district=district(area).pk if area else None)
    found = corrections(spec, D(2022, 12, 31), then, None, window)
    assert {(one.enterprise, one.amount) for one in found.records} == told
    assert found.total == len(told)
    assert {one.cause for one in found.records} == {Cause.CORRECTED}
