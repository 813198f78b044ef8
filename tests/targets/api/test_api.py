"""Targets, readings and the records behind them, for an integrator and the people of two areas."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import District
from targets.choices import Feed, Official
from targets.models import Milestone, Plan, Section
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    scheme,
    statistic,
    target_with_rule,
)
from tests.registry.api.conftest import Get, errors_of
from tests.registry.api.test_schema import READING, TARGET

pytestmark = pytest.mark.django_db

D = dt.date
DAY = "2023-06-30"


@pytest.fixture
def factories() -> None:
    """Green factories: two in Wujin (one expired), one in Liyang, one in no area; 2 of 4 wanted."""
    for position, code in enumerate(["320481", "320412"]):
        place = district(code)
        District.objects.filter(pk=place.pk).update(position=position)
    one = enterprise("武进一厂", district=district("320412"))
    two = enterprise("武进二厂", district=district("320412"))
    three = enterprise("溧阳厂", district=district("320481"))
    four = enterprise("外地厂")
    designation(one, D(2022, 1, 1))
    designation(two, D(2019, 1, 1), valid_to=D(2021, 12, 31))
    designation(three, D(2022, 1, 1), document="苏工信〔2022〕1号")
    designation(four, D(2022, 1, 1), level="national")
    target_with_rule(
        "green.factories",
        schemes=(scheme(),),
        level="provincial",
        at_least=True,
        name="绿色工厂",
        value=Decimal("4.0000"),
        comparator="gte",
    )


# Targets


@pytest.mark.usefixtures("factories")
def test_a_target_has_the_promised_fields(brain: Get) -> None:
    target_with_rule("green.national", parent=None, level="national", schemes=(scheme(),), hedge=True)
    target = brain("targets/green.factories/")
    assert set(TARGET) <= set(target)
    assert target["value"] == "4"
    assert (target["value_max"], target["parent"], target["feed"]) == (None, None, "stock")
    assert (target["section"], target["subsection"]) == ("数读", None)
    assert (target["baseline_date"], target["deadline"]) == ("2020-12-31", "2025-12-31")
    assert target["quote"].startswith("绿色工厂4")
    assert target["rule_text"]
    assert [row["code"] for row in brain("targets/", hedge="true")] == ["green.national"]
    assert [row["code"] for row in brain("targets/", scheme="green_factory", level="national")] == [
        "green.national"
    ]
    brain("targets/nothing/", status=404)


@pytest.mark.usefixtures("factories")
def test_fields_of_targets_are_chosen(brain: Get) -> None:
    whole = brain("targets/green.factories/")
    for name, value in whole.items():
        assert brain("targets/green.factories/", fields=name) == {name: value}
        assert brain("targets/", fields=name) == [{name: value}]
    # what is measured has one shape
    brain("targets/green.factories/progress/", status=400, fields="value")


def test_headings_above_and_below(brain: Get) -> None:
    target = target_with_rule("a", schemes=(scheme(),))
    below = Section.objects.create(plan=target.plan, code="test.part", name="规模", parent=target.section)
    target.section = below
    target.save()
    row = brain("targets/a/")
    assert (row["section"], row["subsection"], row["section_code"]) == ("数读", "规模", "test.part")
    for code, number in (("test", 1), ("test.part", 1)):
        assert len(brain("targets/", section=code)) == number
        assert len(brain("progress/", section=code, as_of=DAY)) == number


def test_milestones(brain: Get) -> None:
    target = target_with_rule("a", schemes=(scheme(),))
    Milestone.objects.create(
        plan=target.plan, section=target.section, code="milestone.lab", name="龙城实验室"
    )
    (row,) = brain("milestones/", state="not_started")
    assert (row["code"], row["section"], row["reached_on"]) == ("milestone.lab", "数读", None)
    assert brain("milestones/milestone.lab/")["name"] == "龙城实验室"


def test_another_plan_has_its_own_targets(brain: Get) -> None:
    target_with_rule("a", schemes=(scheme(),))
    later = Plan.objects.create(
        code="next", name="下一个", baseline_date=D(2035, 12, 31), deadline=D(2040, 12, 31)
    )
    section = Section.objects.create(plan=later, code="test", name="数读")
    target_with_rule("a", schemes=(scheme(),), plan=later, section=section, value=Decimal(7))
    assert brain("targets/a/")["value"] == "100"
    assert brain("targets/a/", plan="next")["value"] == "7"
    assert brain("targets/a/progress/", as_of="2036-06-30")["target"] == "7"
    brain("targets/", plan="none", status=400)


# Readings


@pytest.mark.usefixtures("factories")
def test_a_reading_has_the_promised_fields(brain: Get) -> None:
    (reading,) = brain("progress/", as_of="2025-12-31")
    assert set(READING) <= set(reading)
    assert {name: reading[name] for name in READING if name != "by_district"} == {
        "code": "green.factories",
        "value": "3",
        "unit": "家",
        "target": "4",
        "comparator": "gte",
        "completion": "0.75",
        "expected": "1",
        "lead": "-0.25",
        "state": "far_behind",
        "as_of": "2025-12-31",
        "data_date": "2025-12-31",
        "official": None,
        "difference": None,
    }
    # the areas in their order, then what lies in none
    assert [(area["code"], area["value"]) for area in reading["by_district"]] == [
        ("320481", "1"),
        ("320412", "1"),
        (None, "1"),
    ]
    assert brain("targets/green.factories/progress/", as_of="2025-12-31") == reading


@pytest.mark.usefixtures("factories")
def test_totals_are_open_to_people_of_every_area(brain: Get, wujin: Get, liyang: Get) -> None:
    answers = [get("progress/", as_of=DAY) for get in (brain, wujin, liyang)]
    assert answers[0] == answers[1] == answers[2]
    (reading,) = liyang("progress/", as_of=DAY, district="320412")
    assert (reading["district"], reading["value"], reading["target"]) == ("320412", "1", "4")


@pytest.mark.usefixtures("factories")
def test_states_sections_and_targets_choose(brain: Get) -> None:
    assert len(brain("progress/", as_of=DAY, state="ahead")) == 1
    assert brain("progress/", as_of=DAY, state="missed") == []
    assert len(brain("progress/", as_of=DAY, target="green.factories")) == 1


def test_the_published_figure_stands_beside_it(brain: Get) -> None:
    made = statistic("shops", D(2022, 12, 31), "9.500000", source="统计公报 2022")
    designation(enterprise(district=district()), D(2022, 1, 1))
    target_with_rule("shops", schemes=(scheme(),), series=made.series, official=Official.PUBLISHED)
    reading = brain("targets/shops/progress/", as_of="2022-12-31")
    assert (reading["value"], reading["registry_value"], reading["basis"]) == ("9.5", "1", "published")
    assert reading["official"]["value"] == "9.5"
    assert (reading["official"]["as_of"], reading["official"]["source"]) == ("2022-12-31", "统计公报 2022")
    assert reading["difference"] == "-8.5"
    here = brain("targets/shops/progress/", as_of="2022-12-31", district="320412")
    assert (here["value"], here["basis"], here["official"]) == ("1", "registry", None)


def test_an_area_is_not_judged_by_what_the_registry_does_not_keep(brain: Get) -> None:
    """上云企业 are published for the city; 0 in the registry is no number of an area."""
    made = statistic("clouds", D(2022, 12, 31), "20000")
    district()
    target_with_rule("clouds", schemes=(scheme(),), series=made.series, official=Official.PUBLISHED)
    reading = brain("targets/clouds/progress/", as_of=DAY, district="320412")
    assert (reading["value"], reading["state"]) == (None, "no_data")


def test_a_ratio_keeps_its_parts(brain: Get) -> None:
    holder = enterprise(district=district())
    member(holder, cluster("chain.a", "chain"))
    member(holder, cluster("strategic.a", "strategic"))
    other = enterprise("别家", district=district())
    member(other, cluster("strategic.a", "strategic"))
    figures(holder, 2022, revenue=30)
    figures(other, 2022, revenue=90)
    target_with_rule(
        "share",
        feed=Feed.RATIO,
        figure="revenue",
        cluster_kind="chain",
        denominator_kind="strategic",
        unit="%",
    )
    reading = brain("targets/share/progress/", as_of=DAY)
    assert (reading["value"], reading["numerator"], reading["denominator"]) == ("25", "30", "120")
    assert reading["data_date"] == "2022-12-31"


def test_without_data_there_is_null_and_no_zero(brain: Get) -> None:
    target_with_rule("sum", feed=Feed.SUM, figure="revenue", unit="亿元")
    reading = brain("targets/sum/progress/", as_of=DAY)
    assert [reading[name] for name in ("value", "completion", "lead", "data_date")] == [None] * 4
    assert reading["state"] == "no_data"


def test_progress_costs_a_fixed_number_of_queries(brain: Get) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            brain("progress/", as_of=DAY)
            brain("targets/")
        return len(caught)

    target_with_rule("a", schemes=(scheme(),))
    few = queries()
    for place in range(5):
        target_with_rule(f"b{place}", schemes=(scheme(f"s{place}"),))
        designation(
            enterprise(f"企业{place}", district=district()), D(2022, 1, 1), scheme=scheme(f"s{place}")
        )
    assert queries() == few


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("progress/", {"as_of": "2021-02-30"}),
        ("progress/", {"as_of": "0001-01-01"}),
        ("progress/", {"as_of": "9999-12-31"}),
        ("progress/", {"known_at": "2024-02-30"}),
        ("progress/", {"known_at": "soon"}),
        ("progress/", {"district": "999999"}),
        ("progress/", {"district": "\x00"}),
        ("progress/", {"target": "nothing"}),
        ("progress/", {"section": "nothing"}),
        ("progress/", {"state": "fine"}),
        ("progress/", {"plan": "nothing"}),
        ("progress/", {"limit": "5"}),
        ("targets/green.factories/progress/", {"known_at": "now"}),
        ("targets/green.factories/contributors/", {"limit": "0"}),
        ("targets/green.factories/contributors/", {"limit": "201"}),
        ("targets/green.factories/contributors/", {"offset": "-1"}),
        ("targets/green.factories/contributors/", {"offset": "9" * 30}),
        ("targets/green.factories/contributors/", {"reason": "expired"}),
        ("targets/green.factories/exclusions/", {"reason": "because"}),
        ("targets/green.factories/exclusions/", {"search": "a\x00"}),
    ],
)
@pytest.mark.usefixtures("factories")
def test_what_makes_no_sense_is_refused(brain: Get, path: str, asked: dict[str, str]) -> None:
    (name,) = asked
    assert errors_of(brain(path, status=400, **asked))[name]


def test_without_a_plan_there_is_a_word(brain: Get) -> None:
    brain("progress/", status=400)
    brain("targets/", status=404)


# Records


def holders(rows: list[dict[str, str]]) -> list[str]:
    return sorted(row["enterprise"] for row in rows)


@pytest.mark.usefixtures("factories")
def test_a_number_opens_to_its_records(brain: Get) -> None:
    path = "targets/green.factories/contributors/"
    assert holders(brain(path, as_of=DAY)) == ["外地厂", "武进一厂", "溧阳厂"]
    (row,) = brain(path, as_of=DAY, district="320481")
    assert row["document"] == "苏工信〔2022〕1号"
    assert (row["district"], row["district_name"], row["level"]) == ("320481", "溧阳市", "provincial")
    assert (row["valid_from"], row["valid_to"], row["value"]) == ("2022-01-01", None, None)
    assert holders(brain(path, as_of=DAY, search="武进")) == ["武进一厂"]


@pytest.mark.usefixtures("factories")
def test_what_is_left_out_says_why(brain: Get) -> None:
    path = "targets/green.factories/exclusions/"
    (row,) = brain(path, as_of=DAY)
    assert (row["enterprise"], row["reason"]) == ("武进二厂", "expired")
    assert row["reason_text"] == "已到期"
    reasons = {row["reason"] for row in brain(path, as_of=DAY, district="320481")}
    assert reasons == {"expired", "other_area"}
    assert brain(path, as_of=DAY, reason="ended") == []


@pytest.mark.usefixtures("factories")
def test_people_of_an_area_open_numbers_to_their_own_enterprises(wujin: Get, liyang: Get) -> None:
    contributors, exclusions = "targets/green.factories/contributors/", "targets/green.factories/exclusions/"
    assert holders(wujin(contributors, as_of=DAY)) == ["武进一厂"]
    assert holders(liyang(contributors, as_of=DAY)) == ["溧阳厂"]
    assert holders(wujin(exclusions, as_of=DAY)) == ["武进二厂"]
    assert holders(liyang(exclusions, as_of=DAY)) == []
    assert holders(liyang(contributors, as_of=DAY, search="武进")) == []
    assert holders(wujin(contributors, as_of=DAY, district="320412")) == ["武进一厂"]
    for path in (contributors, exclusions):
        wujin(path, as_of=DAY, district="320481", status=403)


@pytest.mark.usefixtures("factories")
def test_pages_of_records_are_counted(brain: Get) -> None:
    client = brain.client  # type: ignore[attr-defined]
    address: str | None = f"/api/v1/targets/green.factories/contributors/?as_of={DAY}&limit=2"
    seen = []
    while address:
        page = client.get(address).json()
        assert page["count"] == 3
        seen += holders(page["results"])
        address = page["next"]
    assert sorted(seen) == ["外地厂", "武进一厂", "溧阳厂"]
    past = client.get(f"/api/v1/targets/green.factories/contributors/?as_of={DAY}&offset=50").json()
    assert (past["count"], past["results"], past["next"]) == (3, [], None)


@pytest.mark.usefixtures("factories")
def test_a_target_without_a_rule_has_no_reading(brain: Get) -> None:
    for tail in ("progress", "contributors", "exclusions"):
        brain(f"targets/nothing/{tail}/", as_of=DAY, status=404)
