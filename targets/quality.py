"""登记与公布数差异, a check on the page of data quality: the registry counts otherwise than was published."""

from collections.abc import Sequence
from functools import partial

from django.urls import reverse

from registry.models import District
from registry.quality import Check, Found, Scope, Severity
from registry.quality.checks import Findings, Listed
from targets.differences import Difference, differences, largest_first
from targets.standings import default_day, known_targets, plan_on


def differing(scope: Scope) -> Findings:
    """The targets of the running plan whose newest published figure is not the registry's number of its day."""
    plan = plan_on(scope.day)
    if plan is None:
        return Listed([], lambda rows: [])
    area = District.objects.filter(pk=scope.user.district_id).first() if scope.user.district_id else None
    found = differences(known_targets(plan), default_day(plan, scope.day), district=area)
    rows = [one for one in largest_first(found) if one.newest and one.newest.difference]
    return Listed(rows, partial(_tell, area))


def _tell(area: District | None, rows: Sequence[Difference]) -> list[Found]:
    return [_found(one, area) for one in rows]


def _found(one: Difference, area: District | None) -> Found:
    point = one.newest
    assert point is not None
    assert point.registry is not None
    unit = one.target.unit
    why = f"{point.day} 公布 {_plain(point.published.value)}{unit}，登记册 {_plain(point.registry)}{unit}"
    if point.share is not None:
        why += f"，相差 {point.share * 100:+.1f}%"
    page = reverse("reports:target_differences", args=[one.target.code])
    return Found(one.target.name, why, area.short_name if area else "全市", page=page)


def _plain(number: object) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


CHECK = Check(
    "published",
    "登记与公布数差异",
    "同一天登记册的统计结果与公布数不一致：名单缺漏、多余，或公布口径不同。",
    "打开目标页面查看差异和名单，补录缺少的记录或更正多余的记录。",
    Severity.NOTICE,
    differing,
)
