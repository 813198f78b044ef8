"""Rules: edited and judged on the page of their target; their own lists are for reading."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from registry.admin.base import ReadOnly, RegisterAdmin, RegisterStackedInline, RegisterTabularInline
from targets import rules
from targets.admin.rule_forms import PartsFormSet, RuleForm, RuleFormSet
from targets.models import Rule, RuleCluster, RuleScheme


class OfRule:
    """What makes up a rule may be taken out of it again; the history keeps it."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(self.has_change_permission(request, obj))  # type: ignore[attr-defined]


class RuleSchemeInline(OfRule, RegisterTabularInline):
    model = RuleScheme
    formset = PartsFormSet
    fields = ("scheme", "applies_from", "applies_to")
    autocomplete_fields = ("scheme",)
    hide_title = True
    show_change_link = False
    tab = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("scheme").prefetch_related("scheme__levels")


class RuleClusterInline(OfRule, RegisterTabularInline):
    model = RuleCluster
    formset = PartsFormSet
    fields = ("cluster",)
    hide_title = True
    show_change_link = False
    tab = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("cluster")


class RuleInline(RegisterStackedInline):
    model = Rule
    form = RuleForm
    formset = RuleFormSet
    min_num = max_num = 1
    can_delete = False
    tab = False
    hide_title = True
    inlines = (RuleSchemeInline, RuleClusterInline)
    template_after = "targets/admin/preview.html"
    fields = (
        ("feed", "official"),
        "unit",
        ("level", "at_least"),
        ("cluster_kind", "denominator_kind"),
        "role",
        "figure",
        ("lower", "upper"),
        "series",
        ("baseline_value", "baseline_source"),
    )
    autocomplete_fields = ("series",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("series")


def target_link(rule: Rule) -> SafeString:
    page = reverse("admin:targets_target_change", args=[rule.target_id])
    return format_html('<a class="text-link" href="{}">{}</a>', page, rule.target)


@admin.register(Rule)
class RuleAdmin(ReadOnly, RegisterAdmin):
    list_display = ("target", "feed", "text", "official")
    list_filter = (
        ("target__plan", RelatedDropdownFilter),
        ("feed", ChoicesDropdownFilter),
        ("official", ChoicesDropdownFilter),
        ("schemes__scheme", AutocompleteSelectFilter),
    )
    list_per_page = 100
    search_fields = ("target__code", "target__name")
    fields = ("edited_at", "feed", "text", "official")
    readonly_fields = ("edited_at", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("target__plan", "series")
            .prefetch_related("schemes__scheme__levels", "cluster_links__cluster")
        )

    @display(description="口径")
    def text(self, rule: Rule) -> str:
        return rules.sentence(rules.spec_of(rule))

    @display(description="目标")
    def edited_at(self, rule: Rule) -> SafeString:
        return target_link(rule)


@admin.register(RuleScheme)
class RuleSchemeAdmin(ReadOnly, RegisterAdmin):
    list_display = ("scheme", "rule", "applies_from", "applies_to")
    list_select_related = ("scheme", "rule__target")
    list_filter = (("scheme", AutocompleteSelectFilter),)
    search_fields = ("scheme__name", "rule__target__name")
    fields = ("edited_at", "scheme", "applies_from", "applies_to")
    readonly_fields = ("edited_at",)

    @display(description="目标")
    def edited_at(self, row: RuleScheme) -> SafeString:
        return target_link(row.rule)


@admin.register(RuleCluster)
class RuleClusterAdmin(ReadOnly, RegisterAdmin):
    list_display = ("cluster", "rule")
    list_select_related = ("cluster", "rule__target")
    list_filter = (("cluster", AutocompleteSelectFilter),)
    search_fields = ("cluster__name", "rule__target__name")
    fields = ("edited_at", "cluster")
    readonly_fields = ("edited_at",)

    @display(description="目标")
    def edited_at(self, row: RuleCluster) -> SafeString:
        return target_link(row.rule)
