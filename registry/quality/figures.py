"""Yearly figures that are missing or can hardly be right."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import F, Max, Q
from django.db.models.expressions import RawSQL

from registry import state
from registry.choices import COUNT_FIGURES, Figure
from registry.exports import plain
from registry.models import AnnualFigures, Designation, Enterprise
from registry.quality.checks import Check, Findings, Found, Listed, Scope, Severity
from registry.quality.codes import area_of, link_to
from registry.quality.memory import OfTable

TIMES = 10
# Below so much a tenfold is no news: 万元 for amounts, people and patents for counts
LEAST = {figure.value: 50 if figure in COUNT_FIGURES else 1_000 for figure in Figure}
LARGER_THAN = (
    ("value_added", "output"),
    ("rnd", "revenue"),
    ("exports", "revenue"),
    ("software_revenue", "revenue"),
    ("tax", "revenue"),
)
PARTS = (state.FIGURES, state.ENTERPRISES)
RELATED = ("enterprise__district",)


def latest_year() -> int | None:
    """The last year of which anything has been reported."""
    found: int | None = AnnualFigures.objects.aggregate(latest=Max("year"))["latest"]
    return found


def missing(scope: Scope) -> Findings:
    """Above scale the year before, or holding a title today, and without figures of the last year."""
    year = latest_year()
    if year is None:
        return Listed([], lambda rows: [])
    reported = AnnualFigures.objects.filter(year=year).values("enterprise")
    above = AnnualFigures.objects.filter(year=year - 1, above_scale=True).values("enterprise")
    titled = Designation.objects.valid_on(scope.day).filter(enterprise__isnull=False).values("enterprise")
    rows = Enterprise.objects.visible_to(scope.user).existing_on(scope.day)
    rows = rows.filter(Q(pk__in=above) | Q(pk__in=titled)).exclude(pk__in=reported)
    parts = (*PARTS, state.SCHEME, state.REFERENCE)
    return OfTable("figures_missing", scope, rows, partial(_tell_missing, year), parts, ("district",))


def _tell_missing(year: int, rows: Sequence[Enterprise]) -> list[Found]:
    above = set(
        AnnualFigures.objects.filter(
            enterprise__in=[row.pk for row in rows], year=year - 1, above_scale=True
        ).values_list("enterprise_id", flat=True)
    )
    return [
        Found(
            row.name,
            f"没有 {year} 年年报（{f'{year - 1} 年为规上企业' if row.pk in above else '持有有效称号'}）",
            area_of(row),
            (link_to(row),),
        )
        for row in rows
    ]


# Jumps

_JUMPS = " OR ".join(
    f"(greatest(now.{name}, before.{name}) >= {LEAST[name]} AND least(now.{name}, before.{name}) > 0 AND "
    f"greatest(now.{name}, before.{name}) > {TIMES} * least(now.{name}, before.{name}))"
    for name in Figure.values
)
# One join by hashing: as a condition on each row it would look up the year before a million times
JUMPS = f"""
    SELECT now.id FROM registry_annualfigures AS now
      JOIN registry_annualfigures AS before
        ON before.enterprise_id = now.enterprise_id AND before.year = now.year - 1
     WHERE {_JUMPS}
"""


def jumps(scope: Scope) -> Findings:
    rows = AnnualFigures.objects.visible_to(scope.user).filter(pk__in=RawSQL(JUMPS, []))
    return OfTable("figures_jump", scope, rows, _tell_jumps, PARTS, RELATED)


def _tell_jumps(rows: Sequence[AnnualFigures]) -> list[Found]:
    before = {
        (one.enterprise_id, one.year + 1): one
        for one in AnnualFigures.objects.filter(
            enterprise__in=[row.enterprise_id for row in rows], year__in={row.year - 1 for row in rows}
        )
    }
    return [_of_figures(row, _jump_words(row, before.get((row.enterprise_id, row.year)))) for row in rows]


def _jump_words(now: AnnualFigures, before: AnnualFigures | None) -> Iterator[str]:
    for figure in Figure if before is not None else ():
        old, new = getattr(before, figure.value), getattr(now, figure.value)
        if old is not None and new is not None and is_jump(old, new, LEAST[figure.value]):
            yield f"{figure.label} {plain(Decimal(old))} → {plain(Decimal(new))}"


def is_jump(old: Any, new: Any, least: int) -> bool:
    """Over tenfold, up or down, of what is large enough to matter."""
    low, high = sorted((old, new))
    return bool(low > 0 and high >= least and high > TIMES * low)


# What cannot be


def odd(scope: Scope) -> Findings:
    doubt = Q(value_added__lt=0) | Q(tax__lt=0)
    for name, other in LARGER_THAN:
        doubt |= Q(**{f"{name}__gt": F(other)})
    rows = AnnualFigures.objects.visible_to(scope.user).filter(doubt)
    return OfTable("figures_odd", scope, rows, _tell_odd, PARTS, RELATED)


def _tell_odd(rows: Sequence[AnnualFigures]) -> list[Found]:
    return [_of_figures(row, _odd_words(row)) for row in rows]


def _odd_words(row: AnnualFigures) -> Iterator[str]:
    for name in ("value_added", "tax"):
        value = getattr(row, name)
        if value is not None and value < 0:
            yield f"{Figure(name).label}为负：{plain(value)}"
    for name, other in LARGER_THAN:
        value, limit = getattr(row, name), getattr(row, other)
        if value is not None and limit is not None and value > limit:
            yield f"{Figure(name).label} {plain(value)} 大于{Figure(other).label} {plain(limit)}"


def _of_figures(row: AnnualFigures, words: Iterator[str]) -> Found:
    links = (
        ("registry.annualfigures", row.pk, f"{row.year} 年年报"),
        ("registry.enterprise", row.enterprise.pk, row.enterprise.name),
    )
    return Found(f"{row.enterprise.name} {row.year} 年", "；".join(words), area_of(row.enterprise), links)


CHECKS = (
    Check(
        "figures_missing",
        "最新年度缺年报",
        "上一年为规上企业或现持有有效称号的存续企业，没有最新年度（登记册中已有数据的最近一年）的年报。",
        "向企业或统计部门催报，在年报页面补录，或用名单导入。",
        Severity.WARNING,
        missing,
    ),
    Check(
        "figures_jump",
        "数值异常：增减超过十倍",
        "同一指标比上一年增加或减少超过十倍，多为单位弄错（元、万元、亿元）或多抄少抄一位。",
        "对照原始报表改正；属实的可不处理。",
        Severity.WARNING,
        jumps,
    ),
    Check(
        "figures_odd",
        "数值异常：互相矛盾",
        "增加值或税收为负，增加值大于总产值，研发费用、出口额、软件收入或税收大于营业收入。",
        "对照原始报表改正；属实的（如亏损年度增加值为负）可不处理。",
        Severity.WARNING,
        odd,
    ),
)
