"""Every feed, level, unit, area and day against a recount in plain Python."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from registry.choices import Unit
from registry.models import Enterprise
from targets.choices import Feed
from targets.measure import contributors, exclusions, measure
from targets.measure.records import Window, number_excluded
from targets.measure.turnover import turnover
from targets.rules import TITLES, Spec, problems_of
from tests.targets.recount import CITY, World
from tests.targets.worlds import DAYS, Stored, day, store, worlds

pytestmark = pytest.mark.django_db

database = settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def in_a_world(world: World, check: Callable[[Stored], None]) -> None:
    """Store a world, check it, take it back."""
    with transaction.atomic():
        check(store(world))
        transaction.set_rollback(True)


def close(one: Decimal | None, other: Decimal | None) -> bool:
    """Equal, but for the last digits of a quotient."""
    return one == other or (one is not None and other is not None and abs(one - other) < Decimal("1e-15"))


@database
@given(worlds(), day)
def test_city_and_areas_equal_a_recount(world: World, on: dt.date) -> None:
    def check(stored: Stored) -> None:
        readings = measure(stored.specs, on)
        for spec in stored.specs:
            number = readings[spec.code].registry
            assert not problems_of(spec), spec
            assert close(number.value, world.answer(spec, on)), (spec, on)
            for code, pk in stored.districts.items():
                assert close(number.by_district.get(pk), world.answer(spec, on, code)), (spec, on, code)

    in_a_world(world, check)


@database
@given(worlds(), day)
def test_counts_open_to_their_records(world: World, on: dt.date) -> None:
    """As many contributors as the number says, city and areas; every record of the schemes is on one side."""

    def check(stored: Stored) -> None:
        for spec in stored.specs:
            if spec.feed not in (*TITLES, Feed.BAND):
                continue
            areas = [(CITY, Window())] + [
                (code, Window(district=pk)) for code, pk in stored.districts.items()
            ]
            for code, window in areas:
                counted, left_out = contributors(spec, on, window), exclusions(spec, on, window)
                assert counted.total == (world.answer(spec, on, code) or 0), (spec, on, code)
                assert counted.total == len(counted.records)
                assert all(record.reason is None for record in counted.records)
                assert all(record.reason is not None for record in left_out.records)
                if spec.feed != Feed.BAND:
                    assert counted.total + left_out.total == of_the_schemes(world, spec)

    in_a_world(world, check)


@database
@given(worlds(), day, day)
def test_what_areas_hold_and_lose_equals_their_records(world: World, one: dt.date, other: dt.date) -> None:
    """Titles of an area on a day, gained and lost since another, and how many records are left out of its number."""
    first, last = min(one, other), max(one, other)

    def check(stored: Stored) -> None:
        specs = [spec for spec in stored.specs if spec.feed == Feed.STOCK]
        areas = list(stored.districts.values())
        changes = turnover(specs, first, last, areas) if first < last else {}
        for spec in specs:
            for place, area in enumerate(areas):
                window = Window(district=area, within=True)
                assert number_excluded(spec, last, window) == exclusions(spec, last, window).total
                if not changes:
                    continue
                then, now = (holders(spec, on, area) for on in (first, last))
                found = changes[spec.code][place]
                assert (found.held, found.gained, found.lost) == (len(now), len(now - then), len(then - now))
            assert number_excluded(spec, last, Window()) == exclusions(spec, last).total

    in_a_world(world, check)


def holders(spec: Spec, on: dt.date, area: int) -> set[tuple[object, ...]]:
    """Who is counted in an area on a day, as `targets.measure.holders` tells holders apart."""
    records = contributors(spec, on, Window(district=area)).records
    by_item = spec.unit == Unit.ITEM
    return {
        (
            one.enterprise_id,
            one.item.lower() if by_item or one.enterprise_id is None else "",
            one.scheme if by_item else "",
        )
        for one in records
    }


def of_the_schemes(world: World, spec: Spec) -> int:
    names = {term.name for term in spec.schemes}
    return sum(title.scheme in names for title in world.titles)


@database
@given(worlds())
def test_sums_open_to_the_enterprises_that_make_them_up(world: World) -> None:
    on = DAYS[-1]

    def check(stored: Stored) -> None:
        for spec in stored.specs:
            if spec.feed == Feed.SUM:
                records = contributors(spec, on).records
                total = sum((record.value for record in records if record.value is not None), Decimal(0))
                assert total == (world.answer(spec, on) or 0), spec

    in_a_world(world, check)


@database
@given(worlds(), day)
def test_the_district_of_a_day_is_the_same_said_in_both_ways(world: World, on: dt.date) -> None:
    def check(stored: Stored) -> None:
        codes = {pk: code for code, pk in stored.districts.items()} | {None: None}
        for enterprise in Enterprise.objects.with_district_on(on):
            assert codes[enterprise.district_then] == world.district_on(enterprise.name, on)

    in_a_world(world, check)
