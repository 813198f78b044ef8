"""One target divided among the areas for one day: entered, or proposed by a key and then corrected."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from registry.admin.fields import PlainNumber
from registry.models import District
from registry.person import person
from targets import quotas, rules, services
from targets.admin.next_plan.forms import ReasonForm
from targets.choices import DivideBy, Divided
from targets.measure import Reading, measure
from targets.models import Quota, Target


class KeyForm(forms.Form):
    """By what to divide; what it proposes is filled in below, and saved only when the page is."""

    of = forms.ChoiceField(label="分什么", choices=Divided, widget=UnfoldAdminSelectWidget)
    by = forms.ChoiceField(label="按什么分", choices=DivideBy, widget=UnfoldAdminSelectWidget)
    counted_on = forms.DateField(
        label="取数日期", widget=UnfoldAdminSingleDateWidget, help_text="现有数和分摊所依据的数取这一天的。"
    )

    class Media:
        js = ("admin/js/core.js", "admin/js/calendar.js", "admin/js/admin/DateTimeShortcuts.js")


class QuotasForm(ReasonForm):
    """The quotas of a day, a field for each area; empty is none."""

    basis = forms.CharField(
        label="分解依据",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="如文号，或按什么分摊。",
    )

    def __init__(self, areas: list[District], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = areas
        for area in areas:
            self.fields[name_of(area)] = forms.DecimalField(
                label=area.name,
                required=False,
                min_value=Decimal(0),
                max_digits=20,
                decimal_places=4,
                widget=PlainNumber(attrs={"aria-label": f"{area.name}：任务数", "data-quota": ""}),
            )

    @property
    def values(self) -> dict[int, Decimal | None]:
        return {area.pk: self.cleaned_data[name_of(area)] for area in self.areas}


@dataclass(frozen=True)
class AreaLine:
    """An area with its field and the numbers that it had on the first day and has on the last day that is known."""

    area: District
    field: Any
    began: Decimal | None
    now: Decimal | None


def name_of(area: District) -> str:
    return f"area-{area.code}"


def divide_view(request: HttpRequest, target: Target, context: dict[str, Any]) -> HttpResponse:
    days = quotas.days_to_divide(target)
    asked = request.GET.get("day", "")
    day = next((one for one in days if str(one) == asked), days[-1])
    areas = list(District.objects.in_use_on(day).order_by("position", "code"))
    key = KeyForm(request.GET if "by" in request.GET else None, initial=_usual(target))
    form = QuotasForm(areas, request.POST or None, initial=_present(target, day, key))
    if request.method == "POST" and form.is_valid() and _saved(request, target, day, form):
        return redirect(f"{reverse('admin:targets_target_divide', args=[target.pk])}?day={day}")
    page = {
        **context,
        "title": f"任务分解：{target}",
        "target": target,
        "day": day,
        "days": days,
        "key": key,
        "form": form,
        "lines": _lines(target, areas, form),
        "divisible": quotas.adds_up(target, rules.spec_of(target.rule).feed),
        "whole": quotas.whole_on(target, rules.spec_of(target.rule).feed, day),
        "media": key.media,
    }
    return TemplateResponse(request, "targets/admin/divide.html", page)


def _usual(target: Target) -> dict[str, Any]:
    return {"of": Divided.INCREASE, "by": DivideBy.NUMBER, "counted_on": target.starts_on}


def _present(target: Target, day: dt.date, key: KeyForm) -> dict[str, Any]:
    """What stands in the fields at first: the proposal that is asked for, else what was saved."""
    saved = list(Quota.objects.filter(target=target, day=day).select_related("district"))
    found: dict[str, Any] = {name_of(one.district): one.value for one in saved}
    found["basis"] = next((one.basis for one in saved if one.basis), "")
    if not key.is_bound or not key.is_valid():
        return found
    given = key.cleaned_data
    by, of = DivideBy(given["by"]), Divided(given["of"])
    try:
        proposed = services.propose(target, day, by=by, of=of, counted_on=given["counted_on"])
    except ValidationError as refused:
        key.add_error(None, refused)
        return found
    areas = District.objects.in_bulk(list(proposed))
    found |= {name_of(areas[pk]): value for pk, value in proposed.items()}
    found["basis"] = f"{of.chinese}按{by.chinese}分摊（{given['counted_on']}）"
    return found


def _saved(request: HttpRequest, target: Target, day: dt.date, form: QuotasForm) -> bool:
    given = form.cleaned_data
    try:
        services.assign(
            target=target,
            day=day,
            values=form.values,
            by=person(request),
            reason=given["change_reason"],
            basis=given["basis"],
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    messages.success(
        request, _("The quotas of %(target)s for %(day)s are saved.") % {"target": target, "day": day}
    )
    return True


def _lines(target: Target, areas: list[District], form: QuotasForm) -> list[AreaLine]:
    spec = rules.spec_of(target.rule)
    began = measure([spec], target.starts_on)[spec.code]
    now = measure([spec], min(timezone.localdate(), target.due_on))[spec.code]
    return [AreaLine(area, form[name_of(area)], _number(began, area), _number(now, area)) for area in areas]


def _number(reading: Reading, area: District) -> Decimal | None:
    return reading.by_district.get(area.pk)
