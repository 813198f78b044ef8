"""Documents, plans, their headings, milestones and quotations."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from registry.admin.base import RegisterAdmin, RegisterTabularInline
from targets.choices import MilestoneState
from targets.models import Citation, Document, Milestone, Plan, Section


@admin.register(Document)
class DocumentAdmin(RegisterAdmin):
    list_display = ("title", "issuer", "published_on", "code")
    search_fields = ("title", "issuer", "code")
    fieldsets = (
        (None, {"fields": ["title", ("code", "published_on"), ("issuer", "url")]}),
        ("全文", {"fields": ["text"], "classes": ["collapse"]}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        # the list does not need whole articles
        match = request.resolver_match
        return rows.defer("text") if match and str(match.url_name).endswith("changelist") else rows


@admin.register(Plan)
class PlanAdmin(RegisterAdmin):
    list_display = ("name", "code", "baseline_date", "deadline", "document")
    list_select_related = ("document",)
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": ["name", ("code", "document"), ("baseline_date", "deadline")]}),
        ("序时进度的界限", {"fields": ["ahead_from", "behind_from", "far_behind_from"]}),
    )


@admin.register(Section)
class SectionAdmin(RegisterAdmin):
    list_display = ("name", "parent", "plan", "code", "position")
    list_filter = (("plan", RelatedDropdownFilter),)
    list_per_page = 100
    search_fields = ("name", "parent__name", "code")
    autocomplete_fields = ("parent",)
    fields = (("plan", "code"), "name", ("parent", "position"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("parent__parent", "plan")


class CitationInline(RegisterTabularInline):
    model = Citation
    fields = ("section", "quote", "position")
    autocomplete_fields = ("section",)
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("section__parent")


@admin.register(Milestone)
class MilestoneAdmin(RegisterAdmin):
    list_display = ("name", "state_label", "reached_on", "office", "section", "code")
    list_select_related = ("section__parent",)
    list_filter = (("plan", RelatedDropdownFilter), ("state", ChoicesDropdownFilter))
    list_per_page = 100
    search_fields = ("name", "code", "citations__quote", "office")
    search_help_text = "名称、代码、引文、责任处室"
    autocomplete_fields = ("section",)
    inlines = (CitationInline,)
    history_of = ("citations",)
    fieldsets = (
        (None, {"fields": ["name", ("plan", "section"), ("code", "position"), ("office", "hedge")]}),
        ("达成情况", {"fields": [("state", "reached_on"), "evidence"]}),
    )

    @display(
        description="状态",
        ordering="state",
        label={
            MilestoneState.REACHED.label: "success",
            MilestoneState.UNDER_WAY.label: "info",
        },
    )
    def state_label(self, milestone: Milestone) -> str:
        return milestone.get_state_display()


@admin.register(Citation)
class CitationAdmin(RegisterAdmin):
    list_display = ("quote", "subject", "section")
    list_select_related = ("target", "milestone", "section__parent")
    list_filter = (("section__plan", RelatedDropdownFilter),)
    search_fields = ("quote", "target__name", "milestone__name")
    autocomplete_fields = ("target", "milestone", "section")
    fields = (("target", "milestone"), "section", "quote", "position")

    @display(description="目标或里程碑")
    def subject(self, citation: Citation) -> str:
        return str(citation.target or citation.milestone)
