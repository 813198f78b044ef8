"""Progress is rendered once for one state of facts and plan, and anew after any change that it tells of."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Designation, District, Enterprise
from targets.api.answers import ANSWERS
from targets.models import Plan, Rule, Section, Step, Target
from tests import factories as make
from tests import people
from tests.registry.api.conftest import Get, reader

pytestmark = pytest.mark.django_db(transaction=True)
DAY = "2024-12-31"


@pytest.fixture
def city() -> Get:
    ANSWERS.clear()
    green = make.scheme()
    make.designation(make.enterprise("甲厂", district=make.district()), dt.date(2023, 1, 1), scheme=green)
    make.target_with_rule("green.all", schemes=(green,), feed="stock", value=3)
    return reader(people.official_of_the_city())


def statements(get: Get, **asked: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        get("progress/", **asked)
    return len([one for one in seen if "django_session" not in one["sql"]])


def test_what_is_remembered_costs_the_question_for_the_state_alone(city: Get) -> None:
    first = city("progress/", as_of=DAY)
    assert statements(city, as_of=DAY) == 2  # who asks, and the state
    assert city("progress/", as_of=DAY) == first
    assert len(ANSWERS) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda: make.designation(make.enterprise("乙厂"), dt.date(2023, 1, 1)),
        lambda: Designation.objects.update(ended_on=dt.date(2024, 1, 1), end_reason="revoked"),
        lambda: Enterprise.objects.update(closed_on=dt.date(2024, 1, 1)),
        lambda: District.objects.update(name="新武进"),
        lambda: Target.objects.update(name="新名"),
        lambda: Target.objects.update(value=4),
        lambda: Rule.objects.update(level="national"),
        lambda: Plan.objects.update(far_behind_from="0.9"),
        lambda: Step.objects.create(target=Target.objects.get(), day=dt.date(2024, 1, 1), value=2),
    ],
    ids=["title", "end", "closed", "area", "name", "value", "rule", "thresholds", "step"],
)
def test_any_change_is_told_at_once(city: Get, change: Callable[[], Any]) -> None:
    before = city("progress/", as_of=DAY), city("targets/green.all/progress/", as_of=DAY)
    change()
    after = city("progress/", as_of=DAY), city("targets/green.all/progress/", as_of=DAY)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_questions_are_kept_apart(city: Get) -> None:
    Section.objects.update(name="绿色")
    answers = [
        city("progress/", **asked)
        for asked in (
            {"as_of": DAY},
            {"as_of": "2022-12-31"},
            {"as_of": DAY, "district": "320412"},
            {"as_of": DAY, "state": "reached"},
            {"as_of": DAY, "known_at": "2020-01-01"},
        )
    ]
    # two of them find nothing
    assert len({str(one) for one in answers}) == 4
    assert len(ANSWERS) == 5


def test_what_cannot_be_answered_is_not_kept(city: Get) -> None:
    for _again in range(2):
        assert city("progress/", status=400, as_of="2024-02-30")["code"] == "invalid"
        assert city("targets/none/progress/", status=404)["code"] == "not_found"
    assert len(ANSWERS) == 0
