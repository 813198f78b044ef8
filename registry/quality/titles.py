"""Titles that somebody should have looked at."""

from collections.abc import Callable, Sequence
from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from registry import state, validity
from registry.choices import DesignationState, Level
from registry.models import Designation
from registry.quality.checks import Check, Findings, Found, Scope, Severity
from registry.quality.codes import area_of
from registry.quality.memory import OfTable

PARTS = (state.SCHEME, state.ENTERPRISES, state.REFERENCE)
RELATED = ("scheme", "enterprise__district", "district")


def _open_titles(scope: Scope) -> QuerySet[Designation]:
    titles = Designation.objects.visible_to(scope.user)
    return titles.filter(state=DesignationState.CONFIRMED, ended_on__isnull=True)


def past_their_day(scope: Scope) -> Findings:
    """Run out, grace included, and neither ended, nor re-reviewed, nor followed by another award."""
    # a thing of no enterprise is compared by its name alone; NULL would equal nothing
    holder = Coalesce("enterprise", 0)
    later = Designation.objects.alias(who=holder).filter(
        scheme=OuterRef("scheme"),
        level=OuterRef("level"),
        who=OuterRef("who"),
        item=OuterRef("item"),
        valid_from__gt=OuterRef("valid_from"),
        state__in=[DesignationState.CONFIRMED, DesignationState.SUBMITTED],
    )
    rows = (
        _open_titles(scope)
        .filter(valid_to__lt=scope.day)
        .alias(over=validity.term_end(), who=holder)
        .filter(over__lte=scope.day)
        .filter(Q(enterprise__isnull=True) | Q(enterprise__closed_on__isnull=True))
        .filter(~Exists(later))
    )
    return OfTable("past_their_day", scope, rows, partial(_tell, _expired), PARTS, RELATED)


def of_closed(scope: Scope) -> Findings:
    """The enterprise has closed, its title has no end and would have run on."""
    rows = (
        _open_titles(scope)
        .filter(enterprise__closed_on__lte=scope.day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=F("enterprise__closed_on")))
    )
    return OfTable("titles_of_closed", scope, rows, partial(_tell, _closed), PARTS, RELATED)


def _tell(why: Callable[[Designation], str], rows: Sequence[Designation]) -> list[Found]:
    return [_found(title, why(title)) for title in rows]


def _found(title: Designation, why: str) -> Found:
    links = [("registry.designation", title.pk, str(title.scheme))]
    if title.enterprise:
        links.append(("registry.enterprise", title.enterprise.pk, title.enterprise.name))
    area = area_of(title.enterprise) or (title.district.short_name if title.district else "")
    level = "" if title.level == Level.NONE else title.get_level_display()
    return Found(f"{level}{title.scheme} · {title.holder}", why, area, tuple(links))


def _expired(title: Designation) -> str:
    grace = title.scheme.grace_months
    return (
        f"有效期至 {title.valid_to}" + (f"（宽限 {grace} 个月也已过）" if grace else "") + "，无复核、无终止"
    )


def _closed(title: Designation) -> str:
    assert title.enterprise is not None
    return f"企业已于 {title.enterprise.closed_on} 注销，称号未终止"


CHECKS = (
    Check(
        "past_their_day",
        "称号已过期未处理",
        "有效期（含宽限期）已过，没有复核记录，没有终止，也没有后续认定的称号。到期后已不再计数。",
        "按复核结果登记“通过”至新的有效期，或登记终止日期与原因。",
        Severity.WARNING,
        past_their_day,
    ),
    Check(
        "titles_of_closed",
        "注销企业仍有有效称号",
        "企业已注销，其称号没有终止。注销之日起已不再计数，但名单上看不出来。",
        "在称号页面登记终止日期，原因选“企业注销”。",
        Severity.WARNING,
        of_closed,
    ),
)
