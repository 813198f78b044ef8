"""A target with its rule, made and changed in the admin without code."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.models import Scheme
from targets.models import Milestone, Plan, Revision, Rule, Section, Target
from targets.standings import standings, targets_of
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_wujin
from tests.registry.admin.desk import errors_on, filled, page_for_new, page_of, send, sign_in

NEW = page_for_new(Target)
PREVIEW = reverse("admin:targets_target_preview")
DEADLINE = dt.date(2025, 12, 31)


@pytest.fixture
def wang(db: None) -> Client:
    return sign_in(clerk_of_the_city())


@pytest.fixture
def plan(db: None) -> Plan:
    return make.plan()


@pytest.fixture
def scheme(db: None) -> Scheme:
    """Two green factories of the province and one of the nation, all valid at the end of the plan."""
    scheme = make.scheme()
    for number, level in enumerate(("provincial", "provincial", "national")):
        make.designation(make.enterprise(f"企业{number}"), dt.date(2022, 1, 1), scheme=scheme, level=level)
    return scheme


def section(plan: Plan) -> Section:
    return Section.objects.get_or_create(plan=plan, code="numbers", defaults={"name": "数读"})[0]


def fields(of_plan: Plan, /, **others: Any) -> dict[str, Any]:
    plain = {"plan": of_plan.pk, "section": section(of_plan).pk, "code": "green.new", "name": "绿色工厂"}
    return {**plain, "comparator": "gte", "value": "100", "unit": "家", "rule-0-feed": "stock", **others}


def of(*schemes: Scheme) -> dict[str, list[dict[str, Any]]]:
    return {"rule-0-schemes": [{"scheme": scheme.pk} for scheme in schemes]}


def clusters(*kinds: str) -> dict[str, list[dict[str, Any]]]:
    return {"rule-0-cluster_links": [{"cluster": make.cluster(f"of {kind}", kind).pk} for kind in kinds]}


# A new target


def test_a_new_target_counts_at_once(wang: Client, plan: Plan, scheme: Scheme) -> None:
    rule = {"rule-0-level": "provincial", "rule-0-at_least": "on"}
    assert send(wang, NEW, rows=of(scheme), **fields(plan, **rule)).status_code == 302
    (standing,) = standings(targets_of(plan), DEADLINE)
    assert (standing.target.code, standing.value) == ("green.new", Decimal(3))


def test_it_is_found_in_its_list(wang: Client, plan: Plan, scheme: Scheme) -> None:
    send(wang, NEW, rows=of(scheme), **fields(plan))
    page = wang.get("/admin/targets/target/", {"q": "绿色"})
    assert [target.code for target in page.context["cl"].result_list] == ["green.new"]
    assert "达到 100 家" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plan": ""}, "plan"),
        ({"value": "0"}, "value"),
        ({"comparator": "range"}, "value_max"),
        ({"comparator": "range", "value_max": "50"}, "value_max"),
        ({"value_max": "200"}, "value_max"),
        ({"comparator": "approx"}, "tolerance"),
        ({"deadline": "2019-12-31"}, "deadline"),
        ({"rule-0-feed": ""}, "rule-0-feed"),
    ],
)
def test_what_is_wrong_with_a_target_is_said_at_its_field(
    wang: Client, plan: Plan, scheme: Scheme, changes: dict[str, str], field: str
) -> None:
    assert set(errors_on(send(wang, NEW, rows=of(scheme), **fields(plan, **changes)))) == {field}
    assert not Target.objects.exists()


def test_a_code_stands_once_in_a_plan(wang: Client, plan: Plan, scheme: Scheme) -> None:
    make.target_with_rule("green.new")
    assert set(errors_on(send(wang, NEW, rows=of(scheme), **fields(plan)))) == {"code"}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        # nothing to count
        ({"feed": "stock"}, "rule-0-schemes"),
        # green factories are not granted by the city
        ({"feed": "stock", "schemes": True, "level": "municipal"}, "rule-0-level"),
        # above what?
        ({"feed": "stock", "schemes": True, "at_least": "on"}, "rule-0-level"),
        # enterprises hold them, not workshops
        ({"feed": "stock", "schemes": True, "unit": "item"}, "rule-0-unit"),
        ({"feed": "band", "figure": "revenue"}, "rule-0-lower"),
        ({"feed": "band", "figure": "revenue", "lower": "10", "upper": "5"}, "rule-0-upper"),
        ({"feed": "ratio", "figure": "output", "cluster_kind": "chain"}, "rule-0-denominator_kind"),
        # money counted in enterprises
        ({"feed": "sum", "figure": "output"}, "rule-0-figure"),
        ({"feed": "sum", "figure": "employees", "clusters": ("advanced", "chain")}, "rule-0-cluster_links"),
        ({"feed": "statistic"}, "rule-0-series"),
        ({"feed": "multiple"}, "rule-0-schemes"),
        ({"feed": "multiple", "schemes": True, "baseline_value": "3"}, "rule-0-baseline_source"),
        ({"feed": "multiple", "schemes": True, "baseline_source": "公报"}, "rule-0-baseline_source"),
        ({"feed": "least", "cluster_kind": "chain"}, "rule-0-role"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_refused(
    wang: Client, plan: Plan, scheme: Scheme, rule: dict[str, Any], field: str
) -> None:
    rows = of(scheme) if rule.pop("schemes", False) else clusters(*rule.pop("clusters", ()))
    posted = {f"rule-0-{name}": value for name, value in rule.items()}
    assert set(errors_on(send(wang, NEW, rows=rows, **fields(plan, **posted)))) == {field}
    assert not Target.objects.exists()


def test_the_page_knows_which_fields_a_way_of_counting_needs(wang: Client, plan: Plan) -> None:
    for page in (wang.get(NEW), send(wang, NEW, **fields(plan))):
        shown = page.content.decode()
        assert "&quot;statistic&quot;: [&quot;official&quot;, &quot;series&quot;]" in shown
        assert "targets/rule_form.js" in shown
        assert PREVIEW in shown


def test_what_is_hidden_is_emptied(wang: Client, plan: Plan, scheme: Scheme) -> None:
    """A clerk who tried another way of counting first is not held up by fields that are out of sight."""
    make.statistic("gdp", DEADLINE, "1")
    series = make.Series.objects.get().pk
    left_over = {"rule-0-level": "provincial", "rule-0-lower": "abc", "rule-0-at_least": "on"}
    posted = fields(plan, **left_over, **{"rule-0-feed": "statistic", "rule-0-series": series})
    assert (
        send(wang, NEW, rows={"rule-0-schemes": [{"scheme": "", "applies_from": "x"}]}, **posted).status_code
        == 302
    )
    rule = Rule.objects.get()
    assert (rule.level, rule.at_least, rule.lower, rule.schemes.count()) == ("", False, None, 0)


def test_a_milestone_that_is_reached_has_its_evidence(wang: Client, plan: Plan) -> None:
    posted = {"plan": plan.pk, "section": section(plan).pk, "code": "m", "name": "建成", "state": "reached"}
    assert set(errors_on(send(wang, page_for_new(Milestone), **posted))) == {"evidence"}


# Changing one


@pytest.fixture
def target(plan: Plan, scheme: Scheme) -> Target:
    return make.target_with_rule("green", schemes=(scheme,))


def test_a_changed_value_wants_a_reason_and_keeps_the_old_one(wang: Client, target: Target) -> None:
    assert set(errors_on(send(wang, page_of(target), value="120"))) == {"change_reason"}
    revision = {
        "change_reason": "中期评估",
        "revised_on": "2024-07-01",
        "revision_document": "常政办发〔2024〕8号",
    }
    assert send(wang, page_of(target), value="120", **revision).status_code == 302
    kept = Revision.objects.get()
    assert (kept.value_before, kept.day, kept.reason) == (Decimal(100), dt.date(2024, 7, 1), "中期评估")
    assert (kept.document, kept.revised_by.full_name) == ("常政办发〔2024〕8号", "王敏")
    # what was asked of a day before stays what it was
    before, after = (standings(targets_of(target.plan), day)[0] for day in (dt.date(2024, 6, 30), DEADLINE))
    assert (before.terms.value, after.terms.value) == (Decimal(100), Decimal(120))


def test_a_slip_is_no_revision(wang: Client, target: Target) -> None:
    changes = {"value": "120", "only_a_slip": "on", "change_reason": "录入错误"}
    assert send(wang, page_of(target), **changes).status_code == 302
    target.refresh_from_db()
    assert target.value == 120
    assert not Revision.objects.exists()


def test_two_revisions_of_one_day_are_one(wang: Client, target: Target) -> None:
    for value, reason in (("120", "中期评估"), ("130", "再次研究")):
        send(wang, page_of(target), value=value, change_reason=reason, revised_on="2024-07-01")
    kept = Revision.objects.get()
    assert (kept.value_before, kept.reason) == (Decimal(100), "中期评估；再次研究")


def test_a_changed_rule_wants_a_reason(wang: Client, target: Target) -> None:
    changes = {"rule-0-level": "national"}
    assert set(errors_on(send(wang, page_of(target), **changes))) == {"rule"}
    assert send(wang, page_of(target), **changes, change_reason="按国家级口径").status_code == 302
    assert standings(targets_of(target.plan), DEADLINE)[0].value == 1
    assert "按国家级口径" in wang.get(page_of(target.rule, "history")).content.decode()


def test_another_word_wants_none(wang: Client, target: Target) -> None:
    assert send(wang, page_of(target), name="省级以上绿色工厂").status_code == 302
    assert not Revision.objects.exists()


def test_another_way_of_counting_takes_the_schemes_away(wang: Client, target: Target) -> None:
    make.statistic("factories", DEADLINE, "7")
    changes = {"rule-0-feed": "statistic", "rule-0-series": make.Series.objects.get().pk}
    assert send(wang, page_of(target), **changes, change_reason="改用公布数").status_code == 302
    assert not target.rule.schemes.exists()
    assert standings(targets_of(target.plan), DEADLINE)[0].value == 7


def test_a_scheme_is_taken_out_of_a_rule(wang: Client, target: Target, scheme: Scheme) -> None:
    other = make.scheme("parks")
    out = {"rule-0-schemes-0-DELETE": "on", "change_reason": "换类别"}
    assert set(errors_on(send(wang, page_of(target), **out))) == {"rule-0-schemes"}
    assert send(wang, page_of(target), rows=of(other), **out).status_code == 302
    assert [row.scheme for row in target.rule.schemes.all()] == [other]


# Trying a rule out


def test_the_preview_says_what_a_rule_counts_before_it_is_saved(
    wang: Client, plan: Plan, scheme: Scheme
) -> None:
    data = filled(wang, NEW, rows=of(scheme), **fields(plan, **{"rule-0-level": "provincial"}))
    page = wang.post(PREVIEW, data)
    shown = page.content.decode()
    assert "2 家" in shown
    assert "2025-12-31" in shown
    assert "green_factory" in shown
    assert not Target.objects.exists()


def test_the_preview_of_a_target_takes_what_is_typed(wang: Client, target: Target) -> None:
    data = filled(wang, page_of(target), **{"rule-0-level": "national"})
    assert "1 家" in wang.post(f"{PREVIEW}?target={target.pk}", data).content.decode()
    target.rule.refresh_from_db()
    assert target.rule.level == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rule-0-feed": "band"}, "年报指标"),
        ({"plan": ""}, "规划"),
        ({"rule-0-feed": "statistic"}, "公布数指标"),
    ],
)
def test_the_preview_says_what_is_missing(
    wang: Client, plan: Plan, scheme: Scheme, changes: dict[str, str], words: str
) -> None:
    shown = wang.post(PREVIEW, filled(wang, NEW, rows=of(scheme), **fields(plan, **changes))).content.decode()
    assert words in shown
    assert "还算不出来" in shown


def test_the_preview_is_for_those_who_may_edit(wang: Client, target: Target) -> None:
    data = filled(wang, page_of(target))
    assert wang.get(PREVIEW).status_code == 405
    reader = official_of_wujin()
    reader.is_staff = True
    reader.save()
    assert sign_in(reader, every_right=False).post(PREVIEW, data).status_code == 403
    assert Client().post(PREVIEW, data).status_code == 302
