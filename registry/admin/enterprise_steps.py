"""What happens to an enterprise, entered on a page of its own: a new name, a move, its end, a part split off."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from registry import codes, services
from registry.admin.base import ReadOnly, RegisterAdmin
from registry.models import District, Enterprise, Split
from registry.person import of_area, person
from registry.services import merging

OUTSIDE = "outside"


class StepForm(forms.Form):
    """The day and the reason, which every step asks for."""

    day = forms.DateField(label="日期", widget=UnfoldAdminSingleDateWidget)
    reason = forms.CharField(
        label="原因",
        max_length=300,
        help_text="写入修改记录，便于日后查考。",
        widget=UnfoldAdminTextInputWidget,
    )
    order: tuple[str, ...] = ()

    def __init__(self, enterprise: Enterprise, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enterprise = enterprise
        self.order_fields([*self.order, "day", "reason"])


class RenameForm(StepForm):
    name = forms.CharField(label="新名称", max_length=200, widget=UnfoldAdminTextInputWidget)
    order = ("name",)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name == self.enterprise.name:
            raise ValidationError("新名称与现名称相同。")
        return name


class MoveForm(StepForm):
    to = forms.ChoiceField(label="迁入板块", widget=UnfoldAdminSelectWidget)
    order = ("to",)

    def __init__(self, enterprise: Enterprise, *args: Any, **kwargs: Any) -> None:
        super().__init__(enterprise, *args, **kwargs)
        others = [one for one in District.objects.filter(retired_on=None) if one.pk != enterprise.district_id]
        self.areas = {str(one.pk): one for one in others}
        offered: Any = self.fields["to"]
        named = [(key, one.name) for key, one in self.areas.items()]
        # nothing is chosen beforehand: whoever presses Enter too early moves nobody out of the city
        offered.choices = [("", "请选择"), *named, (OUTSIDE, "市外")]

    def clean_to(self) -> District | None:
        return self.areas.get(self.cleaned_data["to"])


class SplitForm(StepForm):
    name = forms.CharField(label="分立出的企业", max_length=200, widget=UnfoldAdminTextInputWidget)
    uscc = forms.CharField(
        label="统一社会信用代码",
        max_length=40,
        required=False,
        help_text="未知的留空，不要编造。",
        widget=UnfoldAdminTextInputWidget,
    )
    uscc_confirmed = forms.BooleanField(
        label="校验码不符已核实", required=False, widget=UnfoldBooleanSwitchWidget
    )
    district = forms.ModelChoiceField(
        queryset=District.objects.filter(retired_on=None), label="板块", widget=UnfoldAdminSelectWidget
    )
    document = forms.CharField(
        label="依据文件", max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    join_clusters = forms.BooleanField(
        label="一并归入原企业所属的集群与产业链",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )
    order = ("name", "uscc", "uscc_confirmed", "district", "document", "join_clusters")

    def clean_uscc(self) -> str | None:
        return codes.clean_uscc(self.cleaned_data["uscc"] or "") or None


@dataclass(frozen=True)
class Step:
    """One thing that can happen: its words, its form, who may enter it, and what does it."""

    title: str
    explained: str
    form: type[StepForm]
    allowed: Callable[[HttpRequest], bool]
    apply: Callable[[Enterprise, dict[str, Any], Any], None]


def _rename(one: Enterprise, data: dict[str, Any], by: Any) -> None:
    services.rename(enterprise=one, name=data["name"], day=data["day"], by=by, reason=data["reason"])


def _move(one: Enterprise, data: dict[str, Any], by: Any) -> None:
    services.move(enterprise=one, to=data["to"], day=data["day"], by=by, reason=data["reason"])


def _close(one: Enterprise, data: dict[str, Any], by: Any) -> None:
    services.close(enterprise=one, day=data["day"], by=by, reason=data["reason"])


def _split(one: Enterprise, data: dict[str, Any], by: Any) -> None:
    new = Enterprise(
        name=data["name"],
        uscc=data["uscc"],
        uscc_confirmed=data["uscc_confirmed"],
        district=data["district"],
        industry_id=one.industry_id,
    )
    services.split_off(
        enterprise=one,
        new=new,
        day=data["day"],
        by=by,
        reason=data["reason"],
        document=data["document"],
        join_clusters=data["join_clusters"],
    )


def _changes(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("registry.change_enterprise"))


def _moves(request: HttpRequest) -> bool:
    """A move concerns two areas, so that the city enters it."""
    return not of_area(request) and bool(request.user.has_perm("registry.add_relocation"))


def _splits(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(merging.RIGHT)) and bool(
        request.user.has_perm("registry.add_enterprise")
    )


STEPS = {
    "rename": Step("更名", "原名称自动存为曾用名，以后仍可按原名称查到。", RenameForm, _changes, _rename),
    "move": Step(
        "迁移",
        "自该日起属于迁入板块；此前各日的统计仍计在迁出板块。迁出后原板块不再看到这家企业。",
        MoveForm,
        _moves,
        _move,
    ),
    "close": Step("注销", "自该日起不再存续，其称号和数据保留，不再计数。", StepForm, _changes, _close),
    "split": Step(
        "分立",
        "登记分立出的新企业。称号和年报数据仍归原企业；新企业取得称号须另经认定，按新认定登记。",
        SplitForm,
        _splits,
        _split,
    ),
}


def offered(request: HttpRequest, enterprise: Enterprise) -> list[tuple[str, str]]:
    """The steps that a person may enter, as (name in the address, title)."""
    closed = enterprise.closed_on is not None
    return [
        (name, step.title)
        for name, step in STEPS.items()
        if step.allowed(request) and not (name == "close" and closed)
    ]


def step_view(page: admin.ModelAdmin, request: HttpRequest, pk: int, name: str) -> HttpResponse:
    step = STEPS.get(name)
    enterprise = Enterprise.objects.visible_to(person(request)).filter(pk=pk).first()
    if step is None or enterprise is None:
        raise Http404
    if not step.allowed(request):
        raise PermissionDenied
    today = timezone.localdate()
    form = step.form(
        enterprise, request.POST or None, initial={"day": today, "district": enterprise.district_id}
    )
    if request.method == "POST" and form.is_valid() and _done(step, form, enterprise, request):
        messages.success(request, f"已登记{step.title}：{enterprise}。")
        return redirect("admin:registry_enterprise_story", pk=pk)
    context = {
        **page.admin_site.each_context(request),
        "title": f"{step.title}：{enterprise}",
        "opts": page.opts,
        "one": enterprise,
        "step": step,
        "form": form,
        "affected": affected(enterprise, today) if name in ("move", "close") else None,
    }
    return TemplateResponse(request, "registry/admin/enterprise_step.html", context)


def _done(step: Step, form: StepForm, enterprise: Enterprise, request: HttpRequest) -> bool:
    """Whether it could be entered; what stands in the way goes to its field."""
    try:
        step.apply(enterprise, form.cleaned_data, person(request))
    except ValidationError as error:
        told = getattr(error, "error_dict", None) or {"__all__": error.error_list}
        for field, problems in told.items():
            form.add_error(field if field in form.fields else None, problems)
        return False
    return True


def affected(enterprise: Enterprise, day: dt.date) -> list[str]:
    """The titles that are valid today, which the step takes from the counts here."""
    titles = enterprise.designations.valid_on(day).select_related("scheme", "enterprise")
    return [title.called for title in titles.order_by("scheme__position", "level", "pk")]


@admin.register(Split)
class SplitAdmin(ReadOnly, RegisterAdmin):
    """What was split off what; entered on the page of the enterprise."""

    list_display = ("day", "enterprise", "successor", "document")
    list_select_related = ("enterprise", "successor")
    search_fields = ("enterprise__name", "successor__name")
    search_help_text = "企业名称"
    ordering = ("-day", "-id")
    fields = ("enterprise", "successor", "day", "document")
