"""Facts for tests, with the fewest words; what a test does not name is plain and valid."""

import datetime as dt
from decimal import Decimal
from typing import Any

from registry.choices import Level
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    Membership,
    NamedList,
    Relocation,
    Scheme,
    SchemeLevel,
    Series,
    Statistic,
    User,
)
from targets.models import Citation, Plan, Rule, RuleCluster, RuleScheme, Section, Target

NAMES = {"320412": "武进区", "320481": "溧阳市", "320411": "新北区", "320471": "常州经开区"}


def district(code: str = "320412") -> District:
    name = NAMES.get(code, code)
    return District.objects.get_or_create(code=code, defaults={"name": name, "short_name": name[:2]})[0]


def scheme(
    code: str = "green_factory", *, levels: tuple[str, ...] = ("national", "provincial"), **fields: Any
) -> Scheme:
    made, new = Scheme.objects.get_or_create(code=code, defaults={"name": code, **fields})
    if new:
        SchemeLevel.objects.bulk_create(SchemeLevel(scheme=made, level=level) for level in levels)
    return made


def enterprise(
    name: str = "光能科技有限公司", *, district: District | None = None, **fields: Any
) -> Enterprise:
    return Enterprise.objects.create(name=name, district=district, **fields)


def designation(holder: Enterprise | None, valid_from: dt.date | None, **fields: Any) -> Designation:
    """A confirmed title of a green factory at the province's level, unless the fields say otherwise."""
    fields.setdefault("scheme", None)
    fields["scheme"] = fields["scheme"] or scheme()
    fields.setdefault("level", Level.PROVINCIAL)
    return Designation.objects.create(enterprise=holder, valid_from=valid_from, **fields)


def figures(holder: Enterprise, year: int, **fields: Any) -> AnnualFigures:
    return AnnualFigures.objects.create(enterprise=holder, year=year, **fields)


def cluster(code: str, kind: str = "advanced") -> Cluster:
    return Cluster.objects.get_or_create(code=code, defaults={"name": code, "kind": kind})[0]


def member(holder: Enterprise, group: Cluster, **fields: Any) -> Membership:
    return Membership.objects.create(enterprise=holder, cluster=group, **fields)


def relocation(holder: Enterprise, day: dt.date, from_: District | None, to: District | None) -> Relocation:
    return Relocation.objects.create(enterprise=holder, day=day, from_district=from_, to_district=to)


def statistic(series: str, day: dt.date, value: str, **fields: Any) -> Statistic:
    fields.setdefault("source", "统计公报")
    made = Series.objects.get_or_create(code=series, defaults={"name": series, "unit": "家"})[0]
    return Statistic.objects.create(series=made, day=day, value=Decimal(value), **fields)


def named_list(owner: User, code: str = "innovation_loan", **query: list[str]) -> NamedList:
    fields = {"name": "创新贷白名单", "purpose": "供合作银行核验", "owner": owner}
    return NamedList.objects.create(code=code, query=query, **fields)


def plan(code: str = "532", **fields: Any) -> Plan:
    days = {"baseline_date": dt.date(2020, 12, 31), "deadline": dt.date(2025, 12, 31)}
    return Plan.objects.get_or_create(code=code, defaults={"name": code, **days, **fields})[0]


RULE_FIELDS = {
    "feed",
    "level",
    "at_least",
    "cluster_kind",
    "role",
    "figure",
    "lower",
    "upper",
    "denominator_kind",
}
RULE_FIELDS |= {"series", "official", "baseline_value", "baseline_source"}


def target_with_rule(
    code: str,
    *,
    schemes: tuple[Scheme, ...] = (),
    clusters: tuple[Cluster, ...] = (),
    counted: str = "enterprise",
    **fields: Any,
) -> Target:
    """A target of the plan 532 with its rule: 100家 and a stock, unless the fields say otherwise."""
    rule = {"feed": "stock", "unit": counted} | {name: fields.pop(name) for name in RULE_FIELDS & set(fields)}
    whole = fields.setdefault("plan", plan())
    section = Section.objects.get_or_create(plan=whole, code="test", defaults={"name": "数读"})[0]
    defaults = {"name": code, "value": Decimal(100), "unit": "家", "section": section}
    made = Target.objects.create(code=code, **{**defaults, **fields})
    Citation.objects.create(target=made, section=section, quote=f"{made.name}{made.value}{made.unit}")
    made_rule = Rule.objects.create(target=made, **rule)
    RuleScheme.objects.bulk_create(RuleScheme(rule=made_rule, scheme=one) for one in schemes)
    RuleCluster.objects.bulk_create(RuleCluster(rule=made_rule, cluster=one) for one in clusters)
    return made
