"""Sets of enterprises laid upon each other, against sets in plain Python."""

import datetime as dt
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.models import Enterprise
from targets.choices import Part
from targets.measure import measure
from targets.measure.overlaps import Overlap, counts_enterprises, enterprises, matrix, overlap, together
from targets.measure.records import Window
from targets.rules import Spec
from tests.targets.recount import CITY, World
from tests.targets.test_measure_properties import database, in_a_world
from tests.targets.worlds import Stored, day, worlds

pytestmark = pytest.mark.django_db


def counting(stored: Stored) -> list[Spec]:
    return [spec for spec in stored.specs if counts_enterprises(spec)]


def laid(one: set[str], other: set[str]) -> Overlap:
    return Overlap(len(one - other), len(other - one), len(one & other))


@database
@given(worlds(), day)
def test_every_pair_equals_a_recount(world: World, on: dt.date) -> None:
    """All at once, for the city and each area; what is added up and what is counted once as well."""

    def check(stored: Stored) -> None:
        specs = counting(stored)
        for area, pk in {CITY: None, **stored.districts}.items():
            sets = [world.companies_of(spec, on, area) for spec in specs]
            found = matrix(specs, on, district=pk)
            assert found.sizes == list(map(len, sets)), (on, area)
            for one, other in combinations(range(len(specs)), 2):
                told = found.overlap(one, other)
                assert told == laid(sets[one], sets[other]), (specs[one], specs[other], on, area)
            all_of_them = together(specs, on, district=pk)
            assert (all_of_them.added, all_of_them.once) == (sum(map(len, sets)), len(set.union(*sets)))

    in_a_world(world, check)


@database
@given(worlds(), day, st.data())
def test_two_sets_equal_a_recount_and_open_to_their_names(
    world: World, on: dt.date, data: st.DataObject
) -> None:
    def check(stored: Stored) -> None:
        specs = counting(stored)
        for _ in range(4):
            first, second = data.draw(st.sampled_from(specs)), data.draw(st.sampled_from(specs))
            found = overlap(first, second, on)
            for area, pk in {CITY: None, **stored.districts}.items():
                one, other = (world.companies_of(spec, on, area) for spec in (first, second))
                told = found.city if pk is None else found.by_district.get(pk, Overlap())
                assert told == laid(one, other), (first, second, on, area)
                parts = {Part.BOTH: one & other, Part.FIRST: one - other, Part.SECOND: other - one}
                for part, names in parts.items():
                    page = enterprises(first, second, on, part, Window(district=pk))
                    assert {record.enterprise for record in page.records} == names
                    assert page.total == len(page.records) == len(names)

    in_a_world(world, check)


@database
@given(worlds(), day)
def test_a_set_is_as_large_as_the_number_that_it_stands_behind(world: World, on: dt.date) -> None:
    """Where enterprises are counted; of things several may be one enterprise's, and some are nobody's."""

    def check(stored: Stored) -> None:
        assert Enterprise.objects.count() == len(world.companies)
        specs = [
            spec for spec in counting(stored) if all(term.counts == "enterprise" for term in spec.schemes)
        ]
        readings = measure(specs, on)
        sizes = matrix(specs, on).sizes
        assert sizes == [readings[spec.code].registry.value or 0 for spec in specs]

    in_a_world(world, check)
