"""Readings as they were known: every moment gives what was computed at that moment, by the same statements."""

import datetime as dt
import json
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.models import Designation
from registry.past import as_known_at, moment_of
from targets.measure import contributors, measure, measure_on
from targets.measure.bridge import COUNTED, bridge
from targets.measure.overlaps import counts_enterprises, matrix
from targets.rules import TITLES
from targets.standings import standings, targets_of
from tests.factories import designation, district, enterprise, scheme, target_with_rule
from tests.people import clerk_of_the_city
from tests.registry.test_past import moment
from tests.targets.recount import World
from tests.targets.worlds import DAYS, Stored, day, store, worlds

pytestmark = pytest.mark.django_db

CORRECTIONS = [
    "DELETE FROM registry_designation WHERE id %% 2 = %s",
    "UPDATE registry_designation SET valid_to = valid_from WHERE id %% 3 = %s",
    "UPDATE registry_designation SET state = 'returned' WHERE id %% 4 = %s",
    "UPDATE registry_enterprise SET closed_on = '2021-08-31' WHERE id %% 3 = %s",
    "UPDATE registry_enterprise SET district_id = (SELECT min(id) FROM registry_district) WHERE id %% 2 = %s",
    "DELETE FROM registry_relocation WHERE id %% 2 = %s",
    "UPDATE registry_membership SET role = 'leader' WHERE id %% 2 = %s",
    "DELETE FROM registry_membership WHERE id %% 3 = %s",
    "UPDATE registry_annualfigures SET revenue = revenue * 2 WHERE id %% 2 = %s",
    "UPDATE registry_statistic SET value = value + 1 WHERE id %% 2 = %s",
    "UPDATE registry_scheme SET grace_months = grace_months + 3 WHERE id %% 2 = %s",
    "UPDATE registry_cluster SET retired_on = '2021-01-01' WHERE id %% 5 = %s",
]

corrections = st.lists(st.tuples(st.sampled_from(CORRECTIONS), st.integers(0, 1)), min_size=1, max_size=6)


def answers(stored: Stored, on: dt.date) -> dict[str, Any]:
    readings = {code: (one.registry, one.official) for code, one in measure(stored.specs, on).items()}
    opened = {spec.code: contributors(spec, on) for spec in stored.specs if spec.feed in TITLES}
    counting = [spec for spec in stored.specs if counts_enterprises(spec)]
    here = next(iter(stored.districts.values()))
    overlaps = [matrix(counting, on), matrix(counting, on, district=here)]
    series = [
        {code: one.registry for code, one in found.items()} for found in measure_on(stored.specs, DAYS[::5])
    ]
    counted = [spec for spec in stored.specs if spec.feed in COUNTED and on > DAYS[0]]
    bridges = {spec.code: bridge(spec, DAYS[0], on) for spec in counted}
    return {
        "readings": readings,
        "contributors": opened,
        "overlaps": overlaps,
        "series": series,
        "bridges": bridges,
    }


@settings(
    deadline=None,
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds(), corrections, day)
def test_every_moment_answers_as_it_did(world: World, steps: list[tuple[str, int]], on: dt.date) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        stored = store(world)
        seen = [(moment(), answers(stored, on))]
        for statement, remainder in steps:
            cursor.execute(statement, [remainder])
            seen.append((moment(), answers(stored, on)))
        for when, then in seen:
            with as_known_at(when):
                assert answers(stored, on) == then
        transaction.set_rollback(True)


def test_rules_and_targets_of_then() -> None:

    on = dt.date(2023, 12, 31)
    target = target_with_rule("green", schemes=(scheme(),), level="provincial")
    designation(enterprise(district=district()), dt.date(2022, 3, 1))
    then = moment()
    target.rule.level = "national"
    target.rule.save()
    target.value = 7
    target.save()
    (now,) = standings(targets_of(target.plan), on)
    with as_known_at(then):
        (known,) = standings(targets_of(target.plan), on)
    assert (now.value, now.terms.value) == (0, 7)
    assert (known.value, known.terms.value) == (1, 100)


def test_the_edges_take_a_moment(client: Client) -> None:
    client.force_login(clerk_of_the_city())
    target_with_rule("green", schemes=(scheme(),), level="provincial")
    title = designation(enterprise("光能科技", district=district()), dt.date(2022, 3, 1))
    then = moment().isoformat()
    Designation.objects.filter(pk=title.pk).delete()

    for known_at, value in (({}, "0"), ({"known_at": then}, "1")):
        asked = {"as_of": "2023-12-31", **known_at}
        (row,) = client.get("/api/v1/progress/", asked).json()["results"]
        opened = client.get("/api/v1/targets/green/contributors/", asked).json()
        out = StringIO()
        words = [word for name, given in asked.items() for word in (f"--{name.replace('_', '-')}", given)]
        call_command("progress", *words, "--format", "json", stdout=out)
        (printed,) = json.loads(out.getvalue())
        assert (row["value"], str(opened["count"]), printed["value"]) == (value, value, value)


def test_before_anything_was_entered_there_is_no_target(client: Client) -> None:
    client.force_login(clerk_of_the_city())
    target_with_rule("green", schemes=(scheme(),))
    asked = {"as_of": "2023-12-31", "known_at": "2021-12-31"}
    assert client.get("/api/v1/progress/", asked).json()["results"] == []


@pytest.mark.parametrize(
    ("text", "moment_told"),
    [
        ("2025-06-30", "2025-06-30T23:59:59.999999+08:00"),
        ("2025-06-30T12:00:00", "2025-06-30T12:00:00+08:00"),
        ("2025-06-30T12:00:00Z", "2025-06-30T12:00:00+00:00"),
        ("2025-06-30T12:00:00+01:00", "2025-06-30T12:00:00+01:00"),
    ],
)
def test_moments(text: str, moment_told: str) -> None:
    assert moment_of(text).isoformat() == moment_told


@pytest.mark.parametrize("text", ["", "soon", "2025-02-30", "2025-06-30T25:00:00", "20250630x"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="2025-06-30T12:00:00"):
        moment_of(text)


def test_pages_show_what_was_known_and_keep_it_in_their_links(client: Client) -> None:
    client.force_login(clerk_of_the_city())
    target_with_rule("green", schemes=(scheme(),), level="provincial")
    title = designation(enterprise("光能科技", district=district()), dt.date(2022, 3, 1))
    then = moment()
    Designation.objects.filter(pk=title.pk).delete()

    asked = {"as_of": "2023-12-31", "known_at": then.isoformat()}
    past, present = (
        client.get("/targets/green/", asked),
        client.get("/targets/green/", {"as_of": "2023-12-31"}),
    )
    assert "光能科技" in past.content.decode()
    assert "光能科技" not in present.content.decode()
    assert f"known_at={quote(asked['known_at'], safe='')}" in past.content.decode()
    assert client.get("/", asked).status_code == 200
    assert client.get("/", {"known_at": "soon"}).status_code == 400
