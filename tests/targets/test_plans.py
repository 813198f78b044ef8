"""Plans and their baselines: what the database refuses, and which plan a day leads to."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from targets import rules
from targets.choices import Feed
from targets.models import Plan, Target
from targets.standings import default_day, plan_on, standings, targets_of
from tests import factories as make
from tests.targets.next_plan import D

pytestmark = pytest.mark.django_db

FIRST = {"baseline_date": D(2020, 12, 31), "deadline": D(2025, 12, 31)}


def plan(code: str, **fields: Any) -> Plan:
    return Plan.objects.create(code=code, name=code, **{**FIRST, **fields})


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({}, False),
        ({"baseline_date": D(2025, 12, 30), "deadline": D(2030, 12, 31)}, False),  # shares the last day
        ({"baseline_date": D(2025, 12, 31), "deadline": D(2030, 12, 31)}, True),
        ({"baseline_date": D(2015, 12, 31), "deadline": D(2020, 12, 31)}, True),
        ({"baseline_date": D(2015, 12, 31), "deadline": D(2021, 1, 1)}, False),  # shares the first day
        ({"is_draft": True}, True),
    ],
)
def test_published_plans_do_not_overlap(fields: dict[str, Any], allowed: bool) -> None:
    plan("532")
    if allowed:
        assert plan("other", **fields)
        return
    with pytest.raises(IntegrityError, match="plan_periods_do_not_overlap"), transaction.atomic():
        plan("other", **fields)
    with pytest.raises(ValidationError, match="规划期与另一个已发布的规划重叠"):
        Plan(code="other", name="other", **{**FIRST, **fields}).full_clean()


def test_reversed_dates_are_refused_in_words() -> None:
    with pytest.raises(ValidationError) as told:
        Plan(code="a", name="a", baseline_date=D(2025, 12, 31), deadline=D(2020, 12, 31)).full_clean()
    assert told.value.message_dict["deadline"] == ["截止日期须晚于基期。"]


@pytest.mark.parametrize(
    ("value", "source", "allowed"),
    [
        (None, "", True),
        ("0", "登记册", True),
        ("120", "登记册", True),  # more than the target is a baseline as well
        ("3", "", False),
        (None, "登记册", False),
    ],
)
def test_a_baseline_and_its_source_stand_together(value: str | None, source: str, allowed: bool) -> None:
    target = make.target_with_rule("green", schemes=(make.scheme(),))
    target.baseline_value, target.baseline_source = value and Decimal(value), source
    if allowed:
        target.full_clean()
        target.save()
        return
    with pytest.raises(ValidationError, match="基期数与基期数来源须同时填写"):
        target.full_clean()
    with pytest.raises(IntegrityError, match="target_baseline_has_a_source"), transaction.atomic():
        target.save()


@pytest.mark.parametrize("feed", list(Feed))
def test_only_a_level_is_carried_over(feed: Feed) -> None:
    spec = rules.Spec("code", feed, "家", D(2025, 12, 31), carried_over=True)
    refused = "基期数请留空" in rules.problems_of(spec).get("feed", "")
    assert refused == (feed in (Feed.NEW, Feed.YEARLY, Feed.MULTIPLE))


@pytest.mark.parametrize(
    ("feed", "expected"),
    [(Feed.STOCK, "0.6"), (Feed.NEW, "0")],
)
def test_what_begins_anew_is_expected_from_0_whatever_was_written_past_the_form(
    feed: Feed, expected: str
) -> None:
    target = make.target_with_rule("green", schemes=(make.scheme(),), feed=feed)
    Target.objects.update(baseline_value=60, baseline_source="登记册")
    (standing,) = standings(targets_of(target.plan), D(2020, 12, 31))
    assert standing.verdict.expected == Decimal(expected)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (D(2010, 1, 1), "532"),  # before all of them the first
        (D(2020, 12, 31), "532"),
        (D(2025, 12, 31), "532"),
        (D(2026, 1, 1), "155"),
        (D(2030, 12, 31), "155"),
        (D(2031, 1, 1), "155"),  # between two of them the newest that has begun
        (D(2035, 12, 31), "155"),
        (D(2036, 1, 1), "165"),
    ],
)
def test_which_plan_a_day_leads_to(day: Any, code: str) -> None:
    plan("165", baseline_date=D(2035, 12, 31), deadline=D(2040, 12, 31))
    plan("532")
    plan("155", baseline_date=D(2025, 12, 31), deadline=D(2030, 12, 31))
    plan("draft", baseline_date=D(2030, 12, 31), deadline=D(2035, 12, 31), is_draft=True)
    found = plan_on(day)
    assert found is not None
    assert found.code == code
    assert plan_on(day, list(Plan.objects.all())) == found


def test_no_day_leads_to_a_draft_even_where_there_is_no_other() -> None:
    plan("draft", is_draft=True)
    assert plan_on(D(2023, 1, 1)) is None


def test_the_default_day_of_each_plan() -> None:
    today = D(2026, 11, 23)
    old = plan("532")
    new = plan("155", baseline_date=D(2025, 12, 31), deadline=D(2030, 12, 31))
    assert default_day(old, today) == D(2025, 12, 31)
    assert default_day(new, today) == today


def test_a_draft_says_so_in_its_name() -> None:
    assert str(plan("532")) == "532"
    assert str(plan("155", is_draft=True)) == "155（草案）"
