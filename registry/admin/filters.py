"""Filters of lists."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.widgets import INPUT_CLASSES

from registry import validity


class DayForm(forms.Form):
    """One day, by the browser's own calendar."""

    def __init__(self, name: str, label: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = forms.DateInput(attrs={"type": "date", "class": " ".join(INPUT_CLASSES)})
        self.fields[name] = forms.CharField(label=label, required=False, widget=widget)


class DayFilter(TextFilter):
    """Keeps what holds on a day; a day that is none is said and passed over."""

    form_class = DayForm

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = self._day(request)
        return queryset if day is None else self.on(day, queryset)

    def _day(self, request: HttpRequest) -> dt.date | None:
        text = self.value() or ""
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if text and day is None:
            messages.warning(request, _("%(text)s is not a date such as 2025-12-31.") % {"text": text})
        return day

    def on(self, day: dt.date, queryset: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError


class ValidOn(DayFilter):
    title = "该日有效"
    parameter_name = "valid_on"

    def on(self, day: dt.date, queryset: Any) -> QuerySet[Any]:
        return queryset.valid_on(day)


class Expiring(DropdownFilter):
    """Titles that run out soon and that no other follows."""

    title = "到期"
    parameter_name = "expiring"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(days), f"{days} 天内到期") for days in (30, 60, 90, 180, 365)]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        value = self.value() or ""
        # also what an address says that no choice does, up to a hundred years
        if value.isascii() and value.isdigit() and int(value) <= 36_500:
            return queryset.expiring(timezone.localdate(), int(value))
        return queryset


class Expired(DropdownFilter):
    """Titles past their last day that were neither renewed nor ended."""

    title = "过期未复核"
    parameter_name = "expired"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "全部"), ("counting", "宽限期内，仍计数"), ("over", "已不计数")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        today, value = timezone.localdate(), self.value()
        if value not in ("all", "counting", "over"):
            return queryset
        found = queryset.expired_without_review(today)
        if value == "counting":
            return found.valid_on(today)
        return found.exclude(pk__in=found.valid_on(today).values("pk")) if value == "over" else found


class Batch(TextFilter):
    title = "批次"
    parameter_name = "batch"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(batch=self.value().strip()) if self.value() else queryset


class MemberOn(DayFilter):
    title = "该日属于"
    parameter_name = "member_on"

    def on(self, day: dt.date, queryset: Any) -> QuerySet[Any]:
        return queryset.on(day)


class Standing(DropdownFilter):
    """Whether an enterprise still exists."""

    title = "存续情况"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "存续"), ("closed", "已注销")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        if self.value() == "open":
            return queryset.filter(validity.enterprise_exists(today))
        if self.value() == "closed":
            return queryset.filter(closed_on__lte=today)
        return queryset


class InUse(DropdownFilter):
    """Whether a row of reference is still used."""

    title = "使用情况"
    parameter_name = "in_use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "在用"), ("no", "已停用")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        used = Q(retired_on__isnull=True) | Q(retired_on__gt=timezone.localdate())
        if self.value() == "yes":
            return queryset.filter(used)
        if self.value() == "no":
            return queryset.exclude(used)
        return queryset
