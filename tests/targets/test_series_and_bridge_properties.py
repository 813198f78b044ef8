"""Series and bridges of random worlds: each day of a series is its reading, and every bridge adds up in every place."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.choices import Cause
from targets.measure import measure, measure_on
from targets.measure.bridge import COUNTED, Bridge, bridge, steps
from targets.measure.pages import Window
from tests.targets.recount import CITY, World
from tests.targets.test_measure_properties import close, database, in_a_world
from tests.targets.worlds import DAYS, Stored, worlds

pytestmark = pytest.mark.django_db

two_days = st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True).map(sorted)
# more days than bits of one column
LONG = [dt.date(2020, 6, 1) + dt.timedelta(days=number * 12) for number in range(130)]


@database
@given(worlds())
def test_every_day_of_a_series_is_its_reading(world: World) -> None:
    def check(stored: Stored) -> None:
        for on, readings in zip(DAYS, measure_on(stored.specs, DAYS), strict=True):
            single = measure(stored.specs, on)
            for spec in stored.specs:
                number, alone = readings[spec.code], single[spec.code]
                assert number == alone, (spec, on)
                assert close(number.registry.value, world.answer(spec, on)), (spec, on)

    in_a_world(world, check)


@database
@given(worlds())
def test_long_series_equal_a_recount(world: World) -> None:
    def check(stored: Stored) -> None:
        for on, readings in zip(LONG, measure_on(stored.specs, LONG), strict=True):
            for spec in stored.specs:
                number = readings[spec.code].registry
                assert close(number.value, world.answer(spec, on)), (spec, on)
                for code, pk in stored.districts.items():
                    assert close(number.by_district.get(pk), world.answer(spec, on, code)), (spec, on, code)

    in_a_world(world, check)


@database
@given(worlds(), two_days)
def test_bridges_add_up_in_every_place_and_open_to_their_records(world: World, days: list[dt.date]) -> None:
    first, last = days

    def check(stored: Stored) -> None:
        sides = [measure(stored.specs, on) for on in days]
        for spec in stored.specs:
            if spec.feed not in COUNTED:
                continue
            found = bridge(spec, first, last)
            assert found.start == (world.answer(spec, first) or 0)
            assert found.end == (world.answer(spec, last) or 0)
            assert found.start + sum(found.causes.values()) == found.end, (spec, found)
            adds_up_in_areas_and_clusters(found, stored, *(side[spec.code].registry for side in sides))
            opens(found, stored)

    def adds_up_in_areas_and_clusters(found: Bridge, stored: Stored, before: Any, after: Any) -> None:
        for code, pk in {**stored.districts, CITY: None}.items():
            gained = sum(found.by_district.get(pk, {}).values())
            change = (after.by_district.get(pk) or 0) - (before.by_district.get(pk) or 0)
            assert gained == change, (found, code)
        for cluster in {*before.by_cluster, *after.by_cluster, *found.by_cluster}:
            gained = sum(found.by_cluster.get(cluster, {}).values())
            assert gained == after.by_cluster.get(cluster, 0) - before.by_cluster.get(cluster, 0)

    def opens(found: Bridge, stored: Stored) -> None:
        city = steps(found.spec, first, last)
        assert by_cause(city.records) == found.causes
        assert city.total == len(city.records)
        for pk in stored.districts.values():
            records = steps(found.spec, first, last, Window(district=pk)).records
            causes = {cause: number for cause, number in found.by_district.get(pk, {}).items() if number}
            assert by_cause(records) == causes
        for cluster, causes in found.by_cluster.items():
            records = steps(found.spec, first, last, Window(cluster=cluster)).records
            assert by_cause(records) == {cause: number for cause, number in causes.items() if number}

    in_a_world(world, check)


def by_cause(records: list) -> dict[Cause, int]:
    sums: Counter[Cause] = Counter()
    for record in records:
        sums[record.cause] += record.amount
    return {cause: number for cause, number in sums.items() if number}
