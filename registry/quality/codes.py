"""Enterprises whose code is missing or doubtful."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, F, Func, QuerySet

from registry import codes
from registry.models import Enterprise
from registry.quality.checks import Check, Findings, Found, Scope, Severity
from registry.quality.memory import OfTable, remembered
from registry.quality.names import mark

WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def _place(number: int) -> str:
    return f"(strpos('{codes.ALPHABET}', substr(%(expressions)s, {number}, 1)) - 1)"


class CheckCharacterIsWrong(Func):
    """Whether the last character of a code is not the one that the first 17 give (GB 32100-2015, modulus 31)."""

    template = (
        f"(mod(31 - mod({' + '.join(f'{_place(place)} * {weight}' for place, weight in enumerate(WEIGHTS, 1))}, 31)"
        f", 31) <> {_place(18)})"
    )
    output_field = BooleanField()


def existing(scope: Scope) -> QuerySet[Enterprise]:
    """Enterprises that exist on the day, of those that the person may see."""
    return Enterprise.objects.visible_to(scope.user).existing_on(scope.day)


def area_of(enterprise: Enterprise | None) -> str:
    return enterprise.district.short_name if enterprise and enterprise.district else ""


def link_to(enterprise: Enterprise) -> tuple[str, int, str]:
    return ("registry.enterprise", enterprise.pk, enterprise.name)


def _told(why: str) -> Any:
    def tell(rows: Sequence[Enterprise]) -> list[Found]:
        return [Found(one.name, why.format(code=one.uscc), area_of(one), (link_to(one),)) for one in rows]

    return tell


class OfEnterprises(OfTable):
    """Findings that depend on names and codes, whose mark is that of the table itself."""

    @cached_property
    def _known(self) -> tuple[int, list[int]]:
        asked = (self.scope.day, self.scope.user.district_id, mark(self.scope))
        found: tuple[int, list[int]] = remembered(self.code, asked, self._compute)
        return found


def without_code(scope: Scope) -> Findings:
    rows = existing(scope).filter(uscc__isnull=True)
    return OfTable("no_code", scope, rows, _told("没有统一社会信用代码"), related=("district",))


def _doubtful(scope: Scope, *, confirmed: bool) -> OfEnterprises:
    rows = existing(scope).filter(uscc__isnull=False, uscc_confirmed=confirmed)
    rows = rows.alias(wrong=CheckCharacterIsWrong(F("uscc"))).filter(wrong=True)
    code = "check_character_confirmed" if confirmed else "check_character"
    why = "{code} 末位校验码不符" + ("，已核实" if confirmed else "，未核实")
    return OfEnterprises(code, scope, rows, _told(why), related=("district",))


def doubtful(scope: Scope) -> Findings:
    return _doubtful(scope, confirmed=False)


def doubtful_confirmed(scope: Scope) -> Findings:
    return _doubtful(scope, confirmed=True)


CHECKS = (
    Check(
        "no_code",
        "无统一社会信用代码",
        "存续企业没有登记统一社会信用代码，名单只能按名称匹配，容易重复登记。",
        "向企业或市场监管部门核实后，在企业页面补填；也可导出后填写代码列再导回。",
        Severity.WARNING,
        without_code,
    ),
    Check(
        "check_character",
        "校验码存疑",
        "代码末位校验码与前17位不符，也没有勾选“校验码不符已核实”，多为抄录错误。",
        "对照营业执照改正；确属该企业代码的，在企业页面勾选“校验码不符已核实”。",
        Severity.ERROR,
        doubtful,
    ),
    Check(
        "check_character_confirmed",
        "校验码不符已核实",
        "校验码不符，但已核实确为企业代码（少数早期代码如此）。",
        "一般无须处理；如发现误勾，取消勾选并改正代码。",
        Severity.NOTICE,
        doubtful_confirmed,
    ),
)
