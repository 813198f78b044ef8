"""Targets: made, revised and tried out here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from registry.admin.base import ReadOnly, RegisterAdmin, RegisterTabularInline, reason_of
from registry.admin.filters import InUse
from registry.admin.forms import FactForm
from registry.person import person
from targets import services
from targets.admin.division import divide_view
from targets.admin.plan import CitationInline, OfferedByPlan
from targets.admin.preview import preview
from targets.admin.rule import RuleInline
from targets.choices import Comparator
from targets.models import Quota, Revision, Rule, Step, Target

# A change of these is a revision of the plan, not of a word.
REVISED = ("comparator", "value", "value_max", "tolerance")


class TargetForm(FactForm):
    """A target; a changed value wants its reason and keeps the old one."""

    revised_on = forms.DateField(
        label="调整日期",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="目标值自该日起适用，此前仍按原值考核；留空为今天。",
    )
    revision_document = forms.CharField(
        label="调整文号", required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )
    only_a_slip = forms.BooleanField(
        label="只是更正录入错误",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="勾选后不作为目标调整，此前各日也按新值考核。",
    )

    class Meta:
        model = Target
        fields = (
            "plan",
            "section",
            "code",
            "name",
            "position",
            "comparator",
            "value",
            "value_max",
            "unit",
            "tolerance",
            "hedge",
            "parent",
            "baseline_date",
            "deadline",
            "baseline_value",
            "baseline_source",
            "office",
            "note",
            "retired_on",
        )

    @property
    def changes_value(self) -> bool:
        """Whether a promise changes; what a draft proposes is none yet."""
        changed = bool(self.instance.pk) and bool(set(REVISED) & set(self.changed_data))
        return changed and self.instance.plan_id is not None and not self.instance.plan.is_draft

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.changes_value and not cleaned.get("change_reason"):
            self.add_error("change_reason", _("Say why the target changes."))
        return cleaned


class StepInline(RegisterTabularInline):
    model = Step
    fields = ("day", "value")
    ordering = ("day",)
    hide_title = True


class RevisionInline(ReadOnly, RegisterTabularInline):
    model = Revision
    fields = (
        "day",
        "comparator_before",
        "value_before",
        "value_max_before",
        "reason",
        "document",
        "revised_by",
    )
    ordering = ("-day",)
    hide_title = True
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("revised_by", "target")


@admin.register(Target)
class TargetAdmin(OfferedByPlan, RegisterAdmin):
    form = TargetForm
    list_display = ("name", "goal", "feed", "section", "plan", "office", "code")
    list_filter = (
        ("plan", RelatedDropdownFilter),
        ("rule__feed", ChoicesDropdownFilter),
        ("rule__official", ChoicesDropdownFilter),
        "hedge",
        InUse,
    )
    list_per_page = 100
    search_fields = ("name", "code", "citations__quote", "office")
    search_help_text = "名称、代码、引文、责任处室"
    autocomplete_fields = ("section", "parent")
    inlines = (RuleInline, CitationInline, StepInline, RevisionInline)
    history_of = ("citations", "steps", "quotas", "revisions")
    history_of_removed = ("citations", "steps", "quotas")
    actions_detail = ("divide",)
    reason_fields: list[Any] = ["change_reason", ("revised_on", "revision_document"), "only_a_slip"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("plan", "section"),
                    ("code", "position"),
                    "name",
                    ("comparator", "unit"),
                    ("value", "value_max"),
                    ("tolerance", "hedge"),
                ]
            },
        ),
        (
            "期限与分工",
            {
                "fields": [
                    ("baseline_date", "deadline"),
                    ("baseline_value", "baseline_source"),
                    ("parent", "office"),
                    "note",
                    "retired_on",
                ]
            },
        ),
    )

    class Media:
        js = ("targets/rule_form.js", "targets/of_plan.js")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("plan", "parent", "section__parent", "rule")

    def get_fieldsets(self, request: HttpRequest, obj: Target | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.plan.is_draft:
            return fieldsets
        asked = {"fields": RegisterAdmin.reason_fields}
        return [
            (name, asked if options["fields"] is self.reason_fields else options)
            for name, options in fieldsets
        ]

    @display(description="目标值", ordering="value")
    def goal(self, target: Target) -> str:
        value = f"{target.value.normalize():f}"
        if target.comparator == Comparator.RANGE and target.value_max is not None:
            value = f"{value}—{target.value_max.normalize():f}"
        after = "左右" if target.comparator == Comparator.APPROX else ""
        before = {Comparator.GT: "超过 ", Comparator.GTE: "达到 "}.get(Comparator(target.comparator), "")
        return f"{'力争' if target.hedge else ''}{before}{value} {target.unit}{after}"

    @display(description="计算方式", ordering="rule__feed", empty_value="没有口径")
    def feed(self, target: Target) -> str | None:
        return target.rule.get_feed_display() if hasattr(target, "rule") else None

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:
        if form.changes_value and not form.cleaned_data["only_a_slip"]:
            services.revise(
                target=obj,
                day=form.cleaned_data["revised_on"] or timezone.localdate(),
                by=person(request),
                reason=reason_of(request),
                document=form.cleaned_data["revision_document"],
            )
        super().save_model(request, obj, form, change)

    # Divided among the areas

    def has_divide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        key = str(object_id)
        has_rule = key.isdecimal() and Rule.objects.filter(target=int(key)).exists()
        return has_rule and bool(request.user.has_perm("targets.change_quota"))

    @action(description="任务分解", permissions=["divide"], url_path="divide", icon="pie_chart")
    def divide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        target = Target.objects.select_related("plan", "rule").get(pk=object_id)
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": target}
        return self._told(request, lambda: divide_view(request, target, context))

    # What the rule says and gives, before it is saved

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.preview_view))
        return [path("preview/", view, name="targets_target_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        pk = request.GET.get("target", "")
        target = self.get_object(request, pk) if pk else None
        if not self.may_edit(request, target):
            raise PermissionDenied
        form = self.get_form(request, target, change=target is not None)(request.POST, instance=target)
        form.is_valid()
        formsets, _inlines = self._create_formsets(request, form.instance, change=target is not None)
        return preview(request, form, formsets[0], timezone.localdate())


@admin.register(Step)
class StepAdmin(RegisterAdmin):
    list_display = ("target", "day", "value")
    list_select_related = ("target",)
    list_filter = (("target__plan", RelatedDropdownFilter),)
    search_fields = ("target__name", "target__code")
    autocomplete_fields = ("target",)
    fields = ("target", "day", "value")


@admin.register(Quota)
class QuotaAdmin(RegisterAdmin):
    """One by one, to look at and correct; a target is divided on its own page."""

    list_display = ("target", "district", "day", "value", "basis")
    list_select_related = ("target", "district")
    list_filter = (
        ("target__plan", RelatedDropdownFilter),
        ("district", RelatedDropdownFilter),
        "day",
    )
    search_fields = ("target__name", "target__code", "basis")
    autocomplete_fields = ("target",)
    fields = ("target", ("district", "day"), "value", "basis")


@admin.register(Revision)
class RevisionAdmin(ReadOnly, RegisterAdmin):
    list_display = ("target", "day", "comparator_before", "value_before", "reason", "document", "revised_by")
    list_select_related = ("target", "revised_by")
    list_filter = (("target__plan", RelatedDropdownFilter),)
    search_fields = ("target__name", "reason", "document")
    fields = RevisionInline.fields
