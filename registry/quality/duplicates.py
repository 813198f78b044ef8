"""Enterprises that are likely in the register twice."""

from collections.abc import Sequence

from registry.models import Enterprise, NotDuplicate
from registry.quality.checks import Check, Findings, Found, Listed, Scope, Severity
from registry.quality.codes import area_of, link_to
from registry.quality.names import Pair, pairs

WHY = {
    "number": "旧注册号相同",
    "name": "名称相同",
    "former_name": "一方的曾用名是另一方的名称",
    "near": "同一板块内名称相近（相似度 {points}），且至少一方没有代码",
}


def duplicates(scope: Scope) -> Findings:
    """The pairs of which the person may see both, without those that somebody has found to be two."""
    found = pairs(scope)
    apart = set(NotDuplicate.objects.values_list("first_id", "second_id"))
    found = [pair for pair in found if (pair.first, pair.second) not in apart]
    if found and scope.user.district_id is not None:
        ids = {pk for pair in found for pk in (pair.first, pair.second)}
        seen = Enterprise.objects.visible_to(scope.user).filter(pk__in=ids).values_list("pk", flat=True)
        own = set(seen)
        found = [pair for pair in found if pair.first in own and pair.second in own]
    return Listed(found, _tell)


def _tell(rows: Sequence[Pair]) -> list[Found]:
    ids = [pk for pair in rows for pk in (pair.first, pair.second)]
    known = Enterprise.objects.select_related("district").in_bulk(ids)
    return [
        _found(known[pair.first], known[pair.second], pair)
        for pair in rows
        if pair.first in known and pair.second in known
    ]


def _found(first: Enterprise, second: Enterprise, pair: Pair) -> Found:
    why = WHY[pair.by].format(points=pair.points)
    if first.uscc and second.uscc:
        why += "；代码不同，也可能是两家企业"
    return Found(
        f"{_named(first)} / {_named(second)}",
        why,
        "、".join(dict.fromkeys(filter(None, (area_of(first), area_of(second))))),
        (link_to(first), link_to(second)),
        pair=(pair.first, pair.second),
    )


def _named(enterprise: Enterprise) -> str:
    return f"{enterprise.name}（{enterprise.uscc or '无代码'}）"


CHECKS = (
    Check(
        "duplicates",
        "疑似重复",
        "旧注册号相同、名称或曾用名相同，或同一板块内名称相近且一方没有代码的存续企业。",
        "确为同一企业的，合并；确为两家的，注明理由后标记“不是重复”，以后不再提示。",
        Severity.WARNING,
        duplicates,
    ),
)
