"""How many records are left out is remembered, and never stale."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.choices import DesignationState
from registry.models import Designation, Enterprise
from targets import rules
from targets.measure import exclusions
from targets.measure.pages import Window
from targets.measure.records import number_excluded
from tests import factories as make

D = dt.date
DAY = D(2025, 12, 31)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spec() -> Any:
    scheme, wujin = make.scheme(), make.district("320412")
    make.designation(make.enterprise("武进重工", district=wujin), D(2020, 1, 1), valid_to=D(2022, 12, 31))
    make.designation(make.enterprise("武进智造", district=wujin), D(2024, 1, 1))
    return rules.spec_of(make.target_with_rule("green.all", schemes=(scheme,), level="provincial").rule)


def both(spec: Any, **window: Any) -> tuple[int, int]:
    """Remembered, and counted anew."""
    asked = Window(**window)
    return number_excluded(spec, DAY, asked), exclusions(spec, DAY, asked).total


def test_it_is_counted_once(spec: Any) -> None:
    number_excluded(spec, DAY, Window())
    with CaptureQueriesContext(connection) as queries:
        assert number_excluded(spec, DAY, Window()) == 1
    assert len(queries) == 1, "the state of the facts alone is read"


def test_every_change_that_matters_is_seen(spec: Any) -> None:
    assert both(spec) == (1, 1)
    announced = make.designation(
        make.enterprise("武进新厂"), None, state=DesignationState.ANNOUNCED, announced_on=DAY
    )
    assert both(spec) == (2, 2)
    Designation.objects.filter(pk=announced.pk).update(state="confirmed", valid_from=D(2025, 1, 1))
    assert both(spec) == (1, 1)
    Enterprise.objects.filter(name="武进智造").update(closed_on=D(2025, 1, 1))
    assert both(spec) == (2, 2)
    Designation.objects.filter(pk=announced.pk).delete()
    assert both(spec) == (2, 2)


def test_in_an_area_what_is_not_confirmed_is_left_out_too(spec: Any) -> None:
    """Of enterprises where they were on the day, of things of none where they are entered."""
    wujin, liyang = make.district("320412"), make.district("320481")
    gone, waiting = make.enterprise("武进新厂", district=liyang), DesignationState.ANNOUNCED
    make.relocation(gone, D(2026, 1, 1), wujin, liyang)
    for holder, more in (
        (gone, {}),
        (None, {"item": "园区", "district": wujin}),
        (None, {"item": "无区园区"}),
    ):
        make.designation(holder, None, state=waiting, announced_on=DAY, **more)
    assert both(spec, district=wujin.pk, within=True) == (3, 3)
    assert both(spec, district=liyang.pk, within=True) == (0, 0)
    make.designation(None, D(2020, 1, 1), valid_to=D(2021, 1, 1), item="旧园区", district=wujin)
    assert both(spec, district=wujin.pk, within=True) == (4, 4)
    nowhere = max(wujin.pk, liyang.pk) + 100
    assert both(spec, district=nowhere, within=True) == (0, 0)


def test_areas_and_days_are_apart(spec: Any) -> None:
    wujin, liyang = make.district("320412"), make.district("320481")
    assert both(spec, district=wujin.pk, within=True) == (1, 1)
    assert both(spec, district=liyang.pk, within=True) == (0, 0)
    assert both(spec, district=liyang.pk) == (exclusions(spec, DAY, Window(district=liyang.pk)).total,) * 2
    assert number_excluded(spec, D(2022, 12, 31), Window()) == 1
    make.relocation(Enterprise.objects.get(name="武进重工"), D(2026, 1, 1), wujin, liyang)
    Enterprise.objects.filter(name="武进重工").update(district=liyang)
    assert both(spec, district=wujin.pk, within=True) == (1, 1), "on the day it was still there"
