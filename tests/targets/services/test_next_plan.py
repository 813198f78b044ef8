"""The next plan: what it takes from the last day of the old one, what it leaves there, and when a day leads to it."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from targets import services
from targets.choices import Comparator
from targets.models import Citation, Document, Milestone, Plan, Rule, RuleCluster, RuleScheme, Section, Target
from targets.services import Choice
from targets.standings import plan_before, plan_on, standings, targets_of
from tests import factories as make
from tests.people import clerk_of_the_city
from tests.targets.next_plan import IN_THE_NEXT, LAST_DAY, NEXT_DEADLINE, D, old_plan, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def old() -> Plan:
    return old_plan()


def in_next(code: str) -> Target:
    return Target.objects.get(plan__code="155", code=code)


def refused(old: Plan, **fields: Any) -> str:
    """Why it is refused; nothing is written."""
    with pytest.raises(ValidationError) as told:
        opened(old, **fields)
    assert not Plan.objects.filter(code="155").exists()
    return " ".join(told.value.messages)


# Baselines


@pytest.mark.parametrize(
    ("code", "baseline", "whose"),
    [
        ("green.all", "3", "登记册"),
        ("green.national", "1", "登记册"),
        # of the year before: the figures of 2025 are not in yet
        ("steel.size", "9.0000", "登记册，数据截止 2024-12-31"),
        # as many places as the column has
        ("output", "20000.1235", "公布数：统计公报，2025-06-30"),
        # what is new begins from 0
        ("green.new", None, None),
        ("green.yearly", None, None),
        # nobody knows
        ("silent", None, None),
        # has its baseline in its rule
        ("green.double", None, None),
        ("firms.double", None, None),
    ],
)
def test_a_target_begins_where_the_old_plan_ended(
    old: Plan, code: str, baseline: str | None, whose: str | None
) -> None:
    opened(old)
    target = in_next(code)
    assert target.baseline_value == (None if baseline is None else Decimal(baseline))
    source = f"“532”规划 2025-12-31 的读数（{whose}）" if whose else ""
    assert target.baseline_source == source


@pytest.mark.parametrize(
    ("code", "baseline", "whose"),
    [
        ("green.double", 3, "登记册"),
        ("firms.double", 150, "公布数：市场监管局，2025-12-31"),
    ],
)
def test_a_multiple_divides_by_what_there_was_at_the_end(
    old: Plan, code: str, baseline: int, whose: str
) -> None:
    opened(old)
    rule = in_next(code).rule
    assert rule.baseline_value == baseline
    assert rule.baseline_source == f"“532”规划 2025-12-31 的读数（{whose}）"


def test_a_multiple_of_titles_judged_by_a_published_series_takes_the_published_number(old: Plan) -> None:
    """The registry counts 3; the office publishes 40, and that is the number the plan is judged by."""
    series = make.statistic("green.published", D(2020, 12, 31), "20").series
    make.statistic("green.published", LAST_DAY, "40", source="工信局")
    Rule.objects.filter(target__code="green.double").update(
        series=series, official="published", baseline_value=20
    )
    opened(old)
    assert in_next("green.double").rule.baseline_value == 40


def test_a_multiple_of_nothing_has_no_baseline(old: Plan) -> None:
    """By 0 nothing can be divided: the rule stays open, and the planner is told."""
    make.Designation.objects.all().delete()
    result = opened(old)
    rule = in_next("green.double").rule
    assert (rule.baseline_value, rule.baseline_source) == (None, "")
    assert "green.double" in [target.code for target in result.without_baseline]


def test_the_result_names_what_has_no_baseline(old: Plan) -> None:
    result = opened(old)
    assert [target.code for target in result.without_baseline] == ["silent"]
    assert len(result.targets) == 9


def test_a_total_that_begins_anew_is_taken_without_its_baseline(old: Plan) -> None:
    """新增市场主体 is a statistic, but what was new in the old period is not new in the next."""
    result = opened(old, targets=[Choice("output", with_baseline=False), Choice("green.all")])
    assert (in_next("output").baseline_value, in_next("output").baseline_source) == (None, "")
    assert [target.code for target in result.without_baseline] == ["output"]


def test_the_readings_of_the_next_plan_begin_at_its_baseline(old: Plan) -> None:
    opened(old)
    plan = Plan.objects.get(code="155")
    found = {one.target.code: one for one in standings(targets_of(plan), LAST_DAY)}
    # on its baseline date it is where it began: nothing is new, everything is once itself
    assert {code: found[code].value for code in ("green.all", "green.new", "green.double")} == {
        "green.all": 3,
        "green.new": 0,
        "green.double": 1,
    }
    assert found["green.all"].verdict.expected == Decimal("0.75")
    later = {one.target.code: one for one in standings(targets_of(plan), IN_THE_NEXT)}
    assert {code: later[code].value for code in ("green.all", "green.new", "green.yearly")} == {
        "green.all": 4,
        "green.new": 1,
        "green.yearly": 1,
    }


# What is copied, and what is not


def test_wang_opens_a_draft_with_all_that_is_in_use(old: Plan) -> None:
    wang = clerk_of_the_city()
    paper = Document.objects.create(code="paper", title="“十五五”规划纲要")
    plan = opened(old, by=wang, document=paper).plan
    assert (plan.is_draft, plan.baseline_date, plan.deadline) == (True, LAST_DAY, NEXT_DEADLINE)
    assert plan.document == paper
    old_codes = list(old.targets.order_by("code").values_list("code", flat=True))
    assert list(plan.targets.order_by("code").values_list("code", flat=True)) == old_codes
    for row in (plan, in_next("green.all"), in_next("green.all").rule, Section.objects.get(plan=plan)):
        event = type(row).pgh_event_model.objects.get(pgh_obj_id=row.pk)
        assert event.pgh_context.metadata == {"user": wang.pk, "reason": "编制下一规划"}


# What the copy of a row has of its own; all else is that of the old row, a new column included.
OWN = {
    Plan: {"code", "name", "document", "baseline_date", "deadline", "is_draft"},
    Section: {"plan", "parent"},
    Target: {
        *("plan", "section", "parent", "baseline_date", "deadline"),
        *("baseline_value", "baseline_source", "retired_on"),
    },
    Rule: {"target", "baseline_value", "baseline_source"},
    RuleScheme: {"rule"},
    RuleCluster: {"rule"},
}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_no_column_is_forgotten(old: Plan, model: type[models.Model]) -> None:
    Plan.objects.update(ahead_from="0.1", far_behind_from="0.3")
    RuleScheme.objects.update(applies_from=D(2019, 1, 1))
    Target.objects.update(position=7, note="口径", hedge=True)
    old.refresh_from_db()
    opened(old)
    own = {"id", "version", *OWN[model]}
    columns = [column.attname for column in model._meta.concrete_fields if column.name not in own]
    path = {Plan: "", Section: "plan__", Target: "plan__", Rule: "target__plan__"}.get(
        model, "rule__target__plan__"
    )
    before, after = (
        list(model._default_manager.filter(**{f"{path}code": code}).order_by("pk").values(*columns))
        for code in ("532", "155")
    )
    assert before
    assert sorted(map(str, after)) == sorted(map(str, before))


def test_the_words_of_the_old_plan_stay_with_it(old: Plan) -> None:
    plan = opened(old).plan
    target = in_next("green.all")
    assert not Citation.objects.filter(section__plan=plan).exists()
    assert not target.steps.exists()
    assert not target.revisions.exists()
    assert not plan.milestones.exists()
    assert Milestone.objects.filter(plan=old).count() == 1


def test_headings_and_parts_keep_their_wholes(old: Plan) -> None:
    top = Section.objects.get(plan=old)
    below = Section.objects.create(plan=old, code="test.part", name="绿色", parent=top, position=1)
    Target.objects.filter(code="green.all").update(section=below)
    plan = opened(old).plan
    section = in_next("green.all").section
    assert (section.code, section.parent and section.parent.code) == ("test.part", "test")
    assert {section.plan_id, section.parent and section.parent.plan_id} == {plan.pk}
    assert in_next("green.national").parent == in_next("green.all")


def test_a_part_whose_whole_is_left_behind_stands_by_itself(old: Plan) -> None:
    opened(old, targets=[Choice("green.national")])
    assert in_next("green.national").parent is None


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        # of the old period they say nothing in the next
        ({"baseline_date": D(2021, 12, 31), "deadline": D(2023, 12, 31)}, (None, None)),
        ({"deadline": LAST_DAY}, (None, None)),
        ({"deadline": D(2026, 1, 1)}, (None, D(2026, 1, 1))),
    ],
)
def test_own_dates_of_the_old_period_are_dropped(old: Plan, dates: dict[str, Any], kept: Any) -> None:
    Target.objects.filter(code="green.all").update(**dates)
    opened(old)
    target = in_next("green.all")
    assert (target.baseline_date, target.deadline) == kept


@pytest.mark.parametrize(
    ("retired_on", "taken"), [(LAST_DAY, False), (D(2026, 1, 1), True), (D(2024, 1, 1), False)]
)
def test_what_was_in_use_on_the_last_day_is_offered(old: Plan, retired_on: Any, taken: bool) -> None:
    Target.objects.filter(code="green.new").update(retired_on=retired_on)
    opened(old)
    found = Target.objects.filter(plan__code="155", code="green.new")
    assert [target.retired_on for target in found] == ([None] if taken else [])


def test_values_are_those_of_the_old_plan_unless_others_are_given(old: Plan) -> None:
    Target.objects.filter(code="green.new").update(comparator=Comparator.RANGE, value=1, value_max=2)
    opened(old, targets=[Choice("green.all", Decimal(9)), Choice("green.new", Decimal(3), Decimal(5))])
    assert in_next("green.all").value == 9
    assert (in_next("green.new").value, in_next("green.new").value_max) == (3, 5)


# What is refused


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"code": "532"}, "已有代码为“532”的规划"),
        # the last day of the old plan is the baseline of the next
        ({"deadline": LAST_DAY}, "截止日期须晚于基期"),
        ({"deadline": D(2020, 1, 1)}, "截止日期须晚于基期"),
        ({"code": ""}, ""),
        ({"targets": []}, "请至少选择一个目标"),
        ({"targets": [Choice("green.all"), Choice("nothing")]}, "没有在用的目标 nothing"),
        ({"targets": [Choice("green.all", Decimal(0))]}, "green.all：目标值须大于零"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words(old: Plan, fields: dict[str, Any], words: str) -> None:
    assert words in refused(old, **fields)


@pytest.mark.parametrize(
    ("baseline", "deadline", "allowed"),
    [
        (D(2025, 12, 31), D(2026, 1, 1), False),  # one day of the next period is taken
        (D(2030, 12, 30), D(2035, 12, 31), False),  # its first day is the last of the next
        (D(2030, 12, 31), D(2035, 12, 31), True),
    ],
)
def test_of_published_plans_one_runs_at_a_time(
    old: Plan, baseline: Any, deadline: Any, allowed: bool
) -> None:
    Plan.objects.create(code="other", name="另一规划", baseline_date=baseline, deadline=deadline)
    if allowed:
        assert opened(old).plan.is_draft
    else:
        assert "另一规划" in refused(old)


def test_two_drafts_may_lie_beside_each_other_and_one_of_them_is_published(old: Plan) -> None:
    first, second = opened(old).plan, opened(old, code="other").plan
    services.publish_plan(plan=first, by=None, reason="印发")
    with pytest.raises(ValidationError, match="“十五五”规划"):
        services.publish_plan(plan=second, by=None, reason="印发")


def test_a_draft_opens_no_other(old: Plan) -> None:
    draft = opened(old).plan
    with pytest.raises(ValidationError, match="本身还是草案"):
        opened(draft, code="160", deadline=D(2035, 12, 31))


# Publishing, discarding


def test_days_lead_to_the_next_plan_once_it_is_published(old: Plan) -> None:
    wang = clerk_of_the_city()
    draft = opened(old, by=wang).plan
    assert plan_on(IN_THE_NEXT) == plan_on(LAST_DAY) == old
    published = services.publish_plan(plan=draft, by=wang, reason="市政府印发")
    assert not published.is_draft
    # the last day still belongs to the old plan, the day after to the next
    assert plan_on(LAST_DAY) == old
    assert plan_on(D(2026, 1, 1)) == plan_on(D(2031, 1, 1)) == published
    event = Plan.pgh_event_model.objects.filter(pgh_obj_id=draft.pk).latest("pgh_id")
    assert event.pgh_context.metadata == {"user": wang.pk, "reason": "市政府印发"}


def test_a_plan_is_published_once(old: Plan) -> None:
    with pytest.raises(ValidationError, match="已经发布"):
        services.publish_plan(plan=old, by=None, reason="再发")


def test_a_draft_is_thrown_away_and_the_history_keeps_it(old: Plan) -> None:
    before = list(Target.objects.order_by("pk").values_list("pk", "version"))
    wang = clerk_of_the_city()
    plan = opened(old, by=wang).plan
    pk = plan.pk
    section = Section.objects.get(plan=plan)
    Milestone.objects.create(plan=plan, section=section, code="lab", name="实验室")
    services.discard_draft(plan=plan, by=wang, reason="重新编制")
    assert not Plan.objects.filter(code="155").exists()
    assert list(Target.objects.order_by("pk").values_list("pk", "version")) == before
    event = Plan.pgh_event_model.objects.filter(pgh_obj_id=pk).latest("pgh_id")
    assert (event.pgh_label, event.pgh_context.metadata["reason"]) == ("delete", "重新编制")


def test_a_published_plan_is_not_thrown_away(old: Plan) -> None:
    with pytest.raises(ValidationError, match="已经发布"):
        services.discard_draft(plan=old, by=None, reason="不要了")
    assert Plan.objects.filter(pk=old.pk).exists()


def test_the_plan_before(old: Plan) -> None:
    draft = opened(old).plan
    assert plan_before(draft) == old
    assert plan_before(old) is None
