"""A plan that ends on 2025-12-31 with a target of every kind, and the next one, opened from it by Wang."""

import datetime as dt
from decimal import Decimal
from typing import Any

from registry.models import User
from targets import services
from targets.models import Milestone, Plan, Revision, Section, Step, Target
from tests import factories as make
from tests.people import clerk_of_the_city

D = dt.date
LAST_DAY = D(2025, 12, 31)
NEXT_DEADLINE = D(2030, 12, 31)
IN_THE_NEXT = D(2026, 6, 30)


def old_plan() -> Plan:
    """On its last day 3 green factories, one of them national; a fourth comes in the next March."""
    plan = make.plan(name="“532”规划")
    green = make.scheme()
    wujin = make.district("320412")
    for name, level, day in [
        ("武进甲厂", "national", D(2019, 1, 1)),
        ("武进乙厂", "provincial", D(2023, 1, 1)),
        ("武进丙厂", "provincial", D(2024, 1, 1)),
        ("武进丁厂", "provincial", D(2026, 3, 1)),
    ]:
        make.designation(make.enterprise(name, district=wujin), day, scheme=green, level=level)
    steel = make.cluster("steel")
    maker = make.enterprise("大钢厂", district=wujin)
    make.member(maker, steel, main=True, kind="advanced")
    make.figures(maker, 2024, revenue=Decimal("90000.1234"))
    _targets_of_titles()
    _targets_of_figures()
    _words_of_the_old(plan)
    return plan


def _targets_of_titles() -> None:
    green = {"schemes": (make.scheme(),)}
    above = {"level": "provincial", "at_least": True}
    whole = make.target_with_rule("green.all", **green, **above, value=Decimal(4))
    make.target_with_rule("green.national", **green, level="national", value=Decimal(2), parent=whole)
    make.target_with_rule("green.new", feed="new", **green, value=Decimal(10))
    make.target_with_rule("green.yearly", feed="yearly", **green, value=Decimal(2))
    make.target_with_rule(
        "green.double",
        feed="multiple",
        **green,
        unit="倍",
        value=Decimal(2),
        baseline_value=1,
        baseline_source="公报",
    )


def _targets_of_figures() -> None:
    steel = (make.cluster("steel"),)
    make.target_with_rule(
        "steel.size", feed="sum", figure="revenue", clusters=steel, unit="亿元", value=Decimal(10)
    )
    output = make.statistic("output", D(2025, 6, 30), "20000.123456", source="统计公报").series
    make.target_with_rule(
        "output", feed="statistic", series=output, official="published", unit="亿元", value=Decimal(25000)
    )
    firms = make.statistic("firms", D(2020, 12, 31), "100").series
    make.statistic("firms", LAST_DAY, "150", source="市场监管局")
    make.target_with_rule(
        "firms.double", feed="multiple", series=firms, official="published", unit="倍", value=Decimal(2)
    )
    silent = make.Series.objects.create(code="silent", name="无数", unit="件")
    make.target_with_rule("silent", feed="statistic", series=silent, official="published")


def _words_of_the_old(plan: Plan) -> None:
    """What stays with it: steps, revisions, milestones, and the quotations that every target has."""
    target = Target.objects.get(code="green.all")
    Step.objects.create(target=target, day=D(2023, 12, 31), value=2)
    Revision.objects.create(
        target=target, day=D(2022, 6, 1), value_before=3, comparator_before="gte", reason="调整"
    )
    section = Section.objects.get(plan=plan)
    Milestone.objects.create(plan=plan, section=section, code="lab", name="实验室")


def opened(plan: Plan, by: User | None = None, **fields: Any) -> services.Opened:
    plain = {"code": "155", "name": "“十五五”规划", "deadline": NEXT_DEADLINE, "reason": "编制下一规划"}
    return services.open_plan(from_plan=plan, by=by, **{**plain, **fields})


def both_plans() -> tuple[Plan, Plan]:
    """The old one and the next one, published."""
    old, wang = old_plan(), clerk_of_the_city()
    draft = opened(old, by=wang).plan
    return old, services.publish_plan(plan=draft, by=wang, reason="市政府印发")
