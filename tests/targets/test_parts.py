"""Which parts of the facts a reading comes from: none is forgotten."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import state
from registry.choices import Unit
from targets.choices import Feed
from targets.measure import Reading
from targets.measure.memory import Key, key_of
from targets.measure.parts import parts_of
from targets.measure.readings import count
from targets.rules import SchemeTerm, Spec
from tests.targets.recount import World
from tests.targets.worlds import BASELINE, day, store, worlds

DAY = dt.date(2023, 12, 31)


def spec(feed: Feed, **fields: Any) -> Spec:
    return Spec("x", feed, "家", BASELINE, **fields)


TERMS = tuple(SchemeTerm(pk, str(pk), ("national",), Unit.ENTERPRISE) for pk in (3, 4))
ALWAYS = {"everything", "reference"}
TITLES = ALWAYS | {"enterprises", "scheme:3", "scheme:4"}
FIGURES = ALWAYS | {"enterprises", "figures:2020", "figures:2022"}
PARTS: list[tuple[Feed, dict[str, Any], set[str]]] = [
    (Feed.STOCK, {"schemes": TERMS}, TITLES),
    (Feed.STOCK, {"schemes": TERMS, "series": 7}, TITLES | {"series:7"}),
    (Feed.NEW, {"schemes": TERMS}, TITLES),
    (Feed.YEARLY, {"schemes": TERMS}, TITLES),
    (Feed.MULTIPLE, {"schemes": TERMS}, TITLES),
    (Feed.MULTIPLE, {"series": 7}, ALWAYS | {"enterprises", "series:7"}),
    (Feed.BAND, {"figure": "revenue"}, FIGURES),
    (Feed.SUM, {"figure": "revenue", "series": 7}, FIGURES | {"series:7"}),
    (Feed.RATIO, {"figure": "revenue"}, FIGURES),
    (Feed.CLUSTERS_OVER, {"figure": "revenue"}, FIGURES),
    (Feed.LEAST, {"cluster_kind": "chain"}, ALWAYS | {"enterprises"}),
    (Feed.STATISTIC, {"series": 7}, ALWAYS | {"series:7"}),
]


@pytest.mark.parametrize(("feed", "fields", "parts"), PARTS)
def test_which_parts_an_answer_comes_from(feed: Feed, fields: dict[str, Any], parts: set[str]) -> None:
    # the figures of 2023 are asked on its last day, not on the day before
    assert set(parts_of(spec(feed, **fields), dt.date(2023, 12, 30), [2020, 2022, 2023])) == parts


def test_every_feed_says_what_it_reads() -> None:
    assert {feed for feed, _fields, _parts in PARTS} == set(Feed)


def test_the_year_that_ends_on_the_day_is_read() -> None:
    parts = parts_of(spec(Feed.SUM, figure="revenue"), DAY, [2022, 2023, 2024])
    assert [part for part in parts if part.startswith("figures")] == ["figures:2022", "figures:2023"]


# One statement for each column that measuring might read; `{n}` is 0 or 1.
CHANGES = [
    "UPDATE registry_designation SET valid_to = valid_from WHERE id % 3 = {n}",
    "UPDATE registry_designation SET state = 'returned' WHERE id % 4 = {n}",
    "UPDATE registry_designation SET state = 'announced', level = 'national' WHERE id % 3 = {n}",
    "UPDATE registry_designation SET state = 'announced', item = 'B' WHERE id % 2 = {n} AND item <> ''",
    "UPDATE registry_designation SET scheme_id = (SELECT min(id) FROM registry_scheme), state = 'announced'",
    "DELETE FROM registry_designation WHERE id % 2 = {n}",
    "UPDATE registry_enterprise SET closed_on = '2021-08-31' WHERE id % 3 = {n}",
    "UPDATE registry_enterprise SET parent_id = NULL WHERE id % 2 = {n}",
    "UPDATE registry_enterprise SET name = name || '新', address = '一号' WHERE id % 2 = {n}",
    "UPDATE registry_enterprise SET district_id = (SELECT min(id) FROM registry_district) WHERE id % 2 = {n}",
    "INSERT INTO registry_relocation (enterprise_id, day, to_district_id, version) SELECT id, '2099-01-01', "
    "(SELECT max(id) FROM registry_district), 1 FROM registry_enterprise WHERE id % 2 = {n} ON CONFLICT DO NOTHING",
    "DELETE FROM registry_relocation WHERE id % 2 = {n}",
    "UPDATE registry_membership SET role = 'leader' WHERE id % 2 = {n}",
    "UPDATE registry_membership SET main = false WHERE id % 2 = {n}",
    "UPDATE registry_membership SET until = since WHERE id % 3 = {n} AND since IS NOT NULL",
    "DELETE FROM registry_membership WHERE id % 3 = {n}",
    "UPDATE registry_annualfigures SET revenue = revenue * 2 WHERE id % 2 = {n}",
    "UPDATE registry_annualfigures SET year = year + 10 WHERE id % 3 = {n}",
    "DELETE FROM registry_annualfigures WHERE id % 2 = {n}",
    "DELETE FROM registry_annualfigures WHERE year = 2021 + {n}",
    "UPDATE registry_statistic SET value = value + 1 WHERE id % 2 = {n}",
    "DELETE FROM registry_statistic WHERE id % 2 = {n}",
    "UPDATE registry_scheme SET grace_months = grace_months + 3 WHERE id % 2 = {n}",
    "UPDATE registry_cluster SET retired_on = '2021-01-01' WHERE id % 5 = {n}",
    "UPDATE registry_district SET retired_on = '2021-01-01' WHERE id % 2 = {n}",
]  # fmt: skip
changes = st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 1)), min_size=1, max_size=6)


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds(), changes, day)
@pytest.mark.django_db
def test_an_answer_that_changes_gets_another_key(
    world: World, steps: list[tuple[str, int]], on: dt.date
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        specs = store(world).specs

        def look() -> dict[str, tuple[Reading, Key]]:
            found, now = count([(one, on) for one in specs]), state.read()
            return {one.code: (found[one, on], key_of((one, on), now)) for one in specs}

        seen = look()
        for statement, remainder in steps:
            cursor.execute(statement.format(n=remainder))
            found = look()
            for code, (reading, key) in found.items():
                assert reading == seen[code][0] or key != seen[code][1], (code, statement)
            seen = found
        transaction.set_rollback(True)
