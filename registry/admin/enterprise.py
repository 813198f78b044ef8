"""Enterprises, with all that hangs on them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import MaxLengthValidator
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldBooleanSwitchWidget

from registry import codes, contacts, services
from registry.admin.base import RegisterAdmin, RegisterTabularInline, reason_of
from registry.admin.enterprise_steps import step_view
from registry.admin.filters import MemberOn, Standing
from registry.admin.forms import FactForm
from registry.admin.formsets import MembershipsFormSet, MovesFormSet, TitlesFormSet, problem_of_moves
from registry.admin.history import Mask
from registry.admin.merging import merge_view
from registry.admin.search import EnterpriseSearch
from registry.admin.story import story
from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    Membership,
    Relocation,
)
from registry.models.enterprise import DERIVED
from registry.person import of_area, person
from registry.services import title_steps


def came_from(row: Any) -> SafeString | str:
    """A link to the row of the list that a record came from."""
    if row is None:
        return "—"
    link = reverse("admin:registry_rosterrow_change", args=[row.pk])
    return format_html('<a class="text-link" href="{}">{}</a>', link, row)


class TitleForm(FactForm):
    """A new title of an enterprise; one entered for an area waits for the city."""

    class Meta:
        model = Designation
        fields = ("scheme", "level", "item", "batch", "document", "valid_from", "valid_to")


class TitleInline(RegisterTabularInline):
    """Titles that are there are read here and changed on their own page, where there is room."""

    model = Designation
    form = TitleForm
    formset = TitlesFormSet
    fields = ("scheme", "level", "item", "batch", "document", "valid_from", "valid_to", "ended_on", "state")
    readonly_fields = ("ended_on", "state")
    autocomplete_fields = ("scheme",)
    ordering = ("-valid_from", "-id")
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("scheme", "enterprise")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FiguresInline(RegisterTabularInline):
    model = AnnualFigures
    fields = (
        "year",
        "revenue",
        "output",
        "value_added",
        "rnd",
        "tax",
        "upgrade_investment",
        "exports",
        "software_revenue",
        "employees",
        "invention_patents",
        "above_scale",
        "source",
    )
    ordering = ("-year",)
    hide_title = True


class MembershipInline(RegisterTabularInline):
    model = Membership
    formset = MembershipsFormSet
    fields = ("cluster", "main", "role", "since", "until")
    ordering = ("kind", "-main", "since")
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("cluster", "enterprise")


class RelocationInline(RegisterTabularInline):
    """A move is the city's to record: after it the former area no longer sees the enterprise."""

    model = Relocation
    formset = MovesFormSet
    fields = ("day", "from_district", "to_district")
    ordering = ("day",)
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("from_district", "to_district")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not of_area(request) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not of_area(request) and super().has_change_permission(request, obj)


class FormerNameInline(RegisterTabularInline):
    model = FormerName
    fields = ("name", "ended_on")
    ordering = ("-ended_on",)
    hide_title = True


class EnterpriseForm(FactForm):
    """A changed name is a rename: the old one is kept, unless it was a slip."""

    renamed_on = forms.DateField(
        label="更名日期",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="更名时填写，留空为今天；原名称自动存为曾用名。",
    )
    only_a_slip = forms.BooleanField(
        label="只是更正错字",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="勾选后原名称不存为曾用名。",
    )

    class Meta:
        model = Enterprise
        exclude = DERIVED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "uscc" in self.fields:
            # copied from a table it may come with spaces and hyphens, which are cleaned first
            code = self.fields["uscc"]
            code.validators = [one for one in code.validators if not isinstance(one, MaxLengthValidator)]
            code.widget.attrs.pop("maxlength", None)

    def clean_uscc(self) -> str | None:
        return codes.clean_uscc(self.cleaned_data["uscc"] or "") or None

    @property
    def is_rename(self) -> bool:
        changed = self.instance.pk and "name" in self.changed_data
        return bool(changed) and not self.cleaned_data.get("only_a_slip")


@admin.register(Enterprise)
class EnterpriseAdmin(EnterpriseSearch, RegisterAdmin):
    form = EnterpriseForm
    list_display = ("name", "uscc", "area", "industry", "stock_code", "standing")
    list_select_related = ("district", "industry")
    list_filter = (
        ("district", RelatedDropdownFilter),
        Standing,
        ("industry", AutocompleteSelectFilter),
        ("memberships__cluster", AutocompleteSelectFilter),
        ("founded_on", RangeDateFilter),
    )
    search_help_text = "企业名称、曾用名、统一社会信用代码、旧注册号、股票代码"
    ordering = ("-id",)
    autocomplete_fields = ("industry", "parent")
    inlines = (TitleInline, FiguresInline, MembershipInline, RelocationInline, FormerNameInline)
    history_of = ("designations", "figures", "memberships", "relocations", "former_names")
    actions_detail = ("to_story",)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/story/", view(self.story_view), name="registry_enterprise_story"),
            path("<int:pk>/steps/<str:name>/", view(self.step_view), name="registry_enterprise_step"),
            path("<int:pk>/merge/", view(self.merging_view), name="registry_enterprise_merge"),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        return step_view(self, request, pk, name)

    def merging_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return merge_view(self, request, pk)

    def story_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return story(self, request, pk)

    @action(description="企业档案", url_path="to-story", permissions=["view"], icon="timeline")
    def to_story(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_enterprise_story", pk=object_id)

    def own_fieldsets(self, request: HttpRequest, obj: Enterprise | None = None) -> Any:
        may_edit = self.may_edit(request, obj)
        renaming = [("renamed_on", "only_a_slip")] if obj and may_edit else []
        parent = "parent" if sees_parent(request, obj) else "parent_elsewhere"
        contact = ("contact_name", "contact_phone") if may_edit else ("masked_name", "masked_phone")
        return [
            (
                None,
                {
                    "fields": [
                        "name",
                        *renaming,
                        ("uscc", "uscc_confirmed"),
                        ("registration_no", "stock_code"),
                        ("district", "industry"),
                        "address",
                        ("legal_form", parent),
                        ("founded_on", "closed_on"),
                    ]
                },
            ),
            ("联系方式", {"fields": [contact, *(["origin"] if obj else [])]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Enterprise | None = None) -> Any:
        return ("parent_elsewhere", "masked_name", "masked_phone", "origin")

    @display(description="板块", ordering="district__position")
    def area(self, enterprise: Enterprise) -> str:
        return enterprise.district.short_name if enterprise.district else "—"

    @display(description="存续情况", label={"存续": "success", "已注销": "danger"})
    def standing(self, enterprise: Enterprise) -> str:
        closed = enterprise.closed_on and enterprise.closed_on <= timezone.localdate()
        return "已注销" if closed else "存续"

    @display(description="所属集团")
    def parent_elsewhere(self, enterprise: Enterprise) -> str:
        return _("An enterprise of another area")

    @display(description="联系人")
    def masked_name(self, enterprise: Enterprise) -> str:
        return contacts.masked_name(enterprise.contact_name) or "—"

    @display(description="联系电话")
    def masked_phone(self, enterprise: Enterprise) -> str:
        return contacts.masked_phone(enterprise.contact_phone) or "—"

    @display(description="来源名单行")
    def origin(self, enterprise: Enterprise) -> SafeString | str:
        return came_from(enterprise.roster_row)

    def history_masks(self, request: HttpRequest, instance: Enterprise) -> dict[str, Mask]:
        masks: dict[str, Mask] = {}
        if not self.may_edit(request, instance):
            masks = {"contact_name": contacts.masked_name, "contact_phone": contacts.masked_phone}
        if of_area(request):
            # which group it belonged to may be an enterprise of another area
            masks["parent"] = lambda value: _("An enterprise")
        return masks

    def save_model(self, request: HttpRequest, obj: Enterprise, form: Any, change: bool) -> None:
        if form.is_rename:
            day = form.cleaned_data["renamed_on"] or timezone.localdate()
            services.rename(
                enterprise=obj, name=obj.name, day=day, by=person(request), reason=reason_of(request)
            )
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        if formset.model is Designation:
            for row in formset.extra_forms:
                title_steps.enter(row.instance, person(request), timezone.now())
        super().save_formset(request, form, formset, change)
        if formset.model is Relocation and formset.has_changed():
            services.settle(enterprise=form.instance, by=person(request), reason=reason_of(request))


def sees_parent(request: HttpRequest, enterprise: Enterprise | None) -> bool:
    """People of an area neither learn the name of a group elsewhere nor lose the reference by saving."""
    if enterprise is None or enterprise.parent is None or not of_area(request):
        return True
    return bool(enterprise.parent.district_id == person(request).district_id)


class OfEnterprise(EnterpriseSearch, RegisterAdmin):
    """The lists of what hangs on enterprises, across all of them."""

    search_path = "enterprise"
    search_help_text = "企业名称、曾用名、统一社会信用代码、股票代码"
    autocomplete_fields: tuple[str, ...] = ("enterprise",)
    ordering = ("-id",)


@admin.register(FormerName)
class FormerNameAdmin(OfEnterprise):
    areas = ("enterprise__district",)
    list_display = ("name", "enterprise", "ended_on")
    list_select_related = ("enterprise",)
    list_filter = (("enterprise__district", RelatedDropdownFilter),)
    fields = ("enterprise", "name", "ended_on")


class RelocationForm(FactForm):
    """A move fits between those before and after it."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        enterprise = cleaned.get("enterprise")
        if enterprise is not None and cleaned.get("day"):
            move = Relocation(
                pk=self.instance.pk,
                day=cleaned["day"],
                from_district=cleaned.get("from_district"),
                to_district=cleaned.get("to_district"),
            )
            others = enterprise.relocations.exclude(pk=move.pk)
            problem = problem_of_moves([*others, move], enterprise.district_id)
            if problem:
                self.add_error("from_district", problem)
        return cleaned


@admin.register(Relocation)
class RelocationAdmin(OfEnterprise):
    form = RelocationForm
    areas = ("enterprise__district",)
    list_display = ("enterprise", "day", "from_district", "to_district")
    list_select_related = ("enterprise", "from_district", "to_district")
    list_filter = (
        ("from_district", RelatedDropdownFilter),
        ("to_district", RelatedDropdownFilter),
        ("day", RangeDateFilter),
    )
    fields = ("enterprise", "day", ("from_district", "to_district"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not of_area(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not of_area(request) and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Relocation, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        services.settle(enterprise=obj.enterprise, by=person(request), reason=reason_of(request))


@admin.register(Membership)
class MembershipAdmin(OfEnterprise):
    list_display = ("enterprise", "cluster", "kind", "main", "role", "since", "until")
    list_select_related = ("enterprise", "cluster")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("cluster", AutocompleteSelectFilter),
        ("role", ChoicesDropdownFilter),
        ("enterprise__district", RelatedDropdownFilter),
        MemberOn,
    )
    fields = ("enterprise", "cluster", ("main", "role"), ("since", "until"))
