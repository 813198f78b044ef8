"""Documents, plans, their headings, milestones and quotations."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from registry.admin.base import RegisterAdmin, RegisterTabularInline
from targets.admin.division import table_view
from targets.admin.next_plan import discard_view, open_view, publish_view
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


DRAFT, PUBLISHED = "草案", "已发布"
# What the forms add to the question of a field that suggests: the plan chosen above it.
OF_PLAN = "of_plan"

View = Callable[[HttpRequest, Plan, dict[str, Any]], HttpResponseBase]


@admin.register(Plan)
class PlanAdmin(RegisterAdmin):
    list_display = ("name", "state_label", "code", "baseline_date", "deadline", "document")
    list_select_related = ("document",)
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": ["name", ("code", "document"), ("baseline_date", "deadline"), "state_label"]}),
        ("序时进度的界限", {"fields": ["ahead_from", "behind_from", "far_behind_from"]}),
    )
    readonly_fields = ("state_label",)
    actions_list = ("open_from_newest",)
    actions_detail = ("table", "open_next", "publish", "discard")

    @display(description="状态", ordering="is_draft", label={PUBLISHED: "success", DRAFT: "warning"})
    def state_label(self, plan: Plan) -> str:
        return DRAFT if plan.is_draft or plan.pk is None else PUBLISHED

    def view_on_site(self, plan: Plan) -> str:
        return f"{reverse('reports:overview')}?{urlencode({'plan': plan.code})}"

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        if not change:
            # nobody has decided yet, and a day must not lead to a plan without targets
            obj.is_draft = True
            messages.info(request, _("The plan is a draft until you publish it on its page."))
        super().save_model(request, obj, form, change)

    # The next plan

    def has_open_next_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_add_permission(request) and self._is_draft(object_id) is False

    def has_table_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(request.user.has_perm("targets.view_quota"))

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_change_permission(request) and self._is_draft(object_id) is True

    def has_discard_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_add_permission(request) and self._is_draft(object_id) is True

    @staticmethod
    def _is_draft(object_id: str | None) -> bool | None:
        found = Plan.objects.filter(pk=object_id) if str(object_id).isdecimal() else Plan.objects.none()
        return found.values_list("is_draft", flat=True).first()

    @action(
        description="开启下一规划",
        permissions=["add"],
        url_path="open-next",
        icon="forward",
        variant=ActionVariant.PRIMARY,
    )
    def open_from_newest(self, request: HttpRequest) -> HttpResponse:
        newest = Plan.objects.filter(is_draft=False).order_by("-deadline").first()
        if newest is None:
            messages.warning(
                request, _("There is no published plan from which the next one could be opened.")
            )
            return redirect("admin:targets_plan_changelist")
        return redirect("admin:targets_plan_open_next", object_id=newest.pk)

    @action(
        description="开启下一规划",
        permissions=["open_next"],
        url_path="open-next",
        icon="forward",
        variant=ActionVariant.PRIMARY,
    )
    def open_next(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._of_plan(request, object_id, open_view)

    @action(description="任务分解表", permissions=["table"], url_path="table", icon="table_view")
    def table(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._of_plan(request, object_id, table_view)

    @action(
        description="发布规划",
        permissions=["publish"],
        url_path="publish",
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._of_plan(request, object_id, publish_view)

    @action(
        description="删除草案",
        permissions=["discard"],
        url_path="discard",
        icon="delete",
        variant=ActionVariant.DANGER,
    )
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._of_plan(request, object_id, discard_view)

    def _of_plan(self, request: HttpRequest, object_id: str, view: View) -> HttpResponseBase:
        plan = Plan.objects.get(pk=object_id)
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": plan}
        return self._told(request, lambda: view(request, plan, context))


class OfferedByPlan:
    """Offered in a form are rows of its plan only: headings and targets of two plans have the same names."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        plan = request.GET.get(OF_PLAN, "")[:9]
        rows = queryset.filter(plan=plan) if plan.isdecimal() else queryset
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, rows, search_term)  # type: ignore[misc]
        return found


@admin.register(Section)
class SectionAdmin(OfferedByPlan, RegisterAdmin):
    list_display = ("name", "parent", "plan", "code", "position")
    list_filter = (("plan", RelatedDropdownFilter),)
    list_per_page = 100
    search_fields = ("name", "parent__name", "code")
    autocomplete_fields = ("parent",)
    fields = (("plan", "code"), "name", ("parent", "position"))

    class Media:
        js = ("targets/of_plan.js",)

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

    class Media:
        js = ("targets/of_plan.js",)

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
