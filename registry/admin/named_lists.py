"""企业名录: kept by what their members must meet; who is on one on a day is shown on its page."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from registry import named_lists
from registry.admin.base import RegisterAdmin
from registry.admin.filters import InUse
from registry.admin.forms import FactForm
from registry.admin.history import Mask
from registry.models import NamedList, User
from registry.named_lists import CODED, CONDITIONS, WORDS
from registry.person import person

CODE = r"^[a-z0-9_.-]+$"
# Before the names of the conditions, so that none is taken for a field of the list.
ASKS = "ask_"
HELP = {
    "scheme": "任意一项即可；“省级以上”请在称号级别中同时选择国家级和省级。",
    "main": "仅限所选集群为企业的主要集群。",
    "district": "按查询当日企业所在板块。",
}


class NamedListForm(FactForm):
    """A list, with a field for each condition that it may set."""

    code = forms.RegexField(
        CODE,
        label="代码",
        max_length=60,
        help_text="用于接口地址，如 innovation_loan；只用小写字母、数字和 _ . -",
        error_messages={"invalid": "代码只能含小写字母、数字和 _ . -"},
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = NamedList
        fields = ("code", "name", "purpose", "owner", "position", "retired_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.query or {}
        today = timezone.localdate()
        for name in CONDITIONS:
            # an address that leads here may bring conditions along, as the page of enterprises does
            values = kept.get(name) or self.initial.get(ASKS + name) or []
            field = _field(name, today, values)
            self.fields[ASKS + name] = field
            self.initial[ASKS + name] = (
                values if isinstance(field, forms.MultipleChoiceField) else next(iter(values), "")
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        query = {name: _values(cleaned.get(ASKS + name)) for name in CONDITIONS}
        self.instance.query = {name: values for name, values in query.items() if values}
        for name, problems in named_lists.problems_of(self.instance.query).items():
            if ASKS + name not in self.errors:
                self.add_error(ASKS + name, problems)
        return cleaned

    def _check_constraints(self) -> None:
        # as long as a condition is refused nobody knows what the list asks
        if not any(name.startswith(ASKS) for name in self.errors):
            super()._check_constraints()


def _field(name: str, today: dt.date, kept: list[str]) -> forms.Field:
    label, help_text = CONDITIONS[name], HELP.get(name, "")
    if name in CODED:
        rows = [*CODED[name].objects.in_use_on(today), *CODED[name].objects.filter(code__in=kept)]
        choices = list(dict.fromkeys((one.code, str(one)) for one in rows))
    elif name in WORDS:
        choices = list(WORDS[name].choices)
    elif name == "main":
        offered = [("", "不限"), ("true", "是"), ("false", "否")]
        return forms.ChoiceField(
            label=label, choices=offered, required=False, help_text=help_text, widget=UnfoldAdminSelectWidget
        )
    else:
        return forms.CharField(label=label, required=False, max_length=60, widget=UnfoldAdminTextInputWidget)
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminSelect2MultipleWidget,
    )


def _values(given: Any) -> list[str]:
    return [given] if isinstance(given, str) and given.strip() else list(given or [])


def _told(query: dict[str, list[str]]) -> str:
    return "；".join(f"{label}：{words}" for label, words in named_lists.in_words(query))


@admin.register(NamedList)
class NamedListAdmin(RegisterAdmin):
    form = NamedListForm
    list_display = ("name", "code", "purpose", "owner", "retired_on")
    list_select_related = ("owner",)
    list_filter = (InUse,)
    search_fields = ("name", "code", "purpose")
    own_fields = (None, {"fields": (("name", "code"), "purpose", ("owner", "position"), "retired_on")})
    asked_fields = (
        "入册条件",
        {
            "fields": (
                (f"{ASKS}scheme", f"{ASKS}level"),
                (f"{ASKS}cluster", f"{ASKS}cluster_kind"),
                (f"{ASKS}role", f"{ASKS}main"),
                (f"{ASKS}district", f"{ASKS}industry"),
                f"{ASKS}search",
            ),
            "description": "同时满足各项条件的企业即在册；每项可选多个，满足其一即可。名录随日期变动，无需逐户增删。",
        },
    )
    shown_fields = ("入册条件", {"fields": ("conditions",)})

    def own_fieldsets(self, request: HttpRequest, obj: NamedList | None = None) -> Any:
        return (self.own_fields, self.asked_fields if self.may_edit(request, obj) else self.shown_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: NamedList | None = None) -> Any:
        return ("conditions",) if obj is None or not self.may_edit(request, obj) else ("code",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # the fields of the conditions are made with each form, and are no columns
        return super().get_form(request, obj, change, **{**kwargs, "fields": NamedListForm.Meta.fields})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        brought = {ASKS + name: request.GET.getlist(name) for name in CONDITIONS if name in request.GET}
        return {"owner": person(request).pk, **brought}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.with_perm(
                "registry.view_namedlist", include_superusers=True, backend=settings.RIGHTS_BACKEND
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="入册条件")
    def conditions(self, one: NamedList) -> str:
        return _told(one.query)

    def history_masks(self, request: HttpRequest, instance: NamedList) -> dict[str, Mask]:
        return {"query": _told}

    def view_on_site(self, one: NamedList) -> str:
        return reverse("reports:named_list", args=[one.code])
