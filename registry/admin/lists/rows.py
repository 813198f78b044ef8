"""The rows of lists: as they came, what became of them, and the records that they lead to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from registry.admin.base import ReadOnly, RegisterAdmin
from registry.admin.lists.changes import described
from registry.admin.lists.rosters import own_lists
from registry.admin.matching import matching
from registry.choices import RowOutcome
from registry.models import RosterRow


@admin.register(RosterRow)
class RosterRowAdmin(ReadOnly, RegisterAdmin):
    list_display = ("number", "roster", "outcome_label", "content", "reason", "remedy")
    list_display_links = ("number",)
    list_select_related = ("roster",)
    list_filter = (("outcome", ChoicesDropdownFilter), ("roster__kind", ChoicesDropdownFilter))
    search_fields = ("raw__icontains", "reason")
    search_help_text = "行中的文字、原因"
    ordering = ("-roster", "number")
    fields = (
        "roster",
        "number",
        "outcome_label",
        "reason",
        "remedy",
        "as_it_came",
        "candidate_names",
        "records",
    )
    readonly_fields = ("outcome_label", "as_it_came", "candidate_names", "records")

    actions_list = ("matching",)

    @action(description="逐行匹配", url_path="matching", permissions=["match"], icon="join")
    def matching(self, request: HttpRequest) -> HttpResponse:
        return matching(self, request)

    def has_match_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("registry.match_rosterrow"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).defer("roster__content")
        return own_lists(request, rows, "roster__imported_by")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "roster__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(
        description="结果",
        ordering="outcome",
        label={
            RowOutcome.CREATED.label: "success",
            RowOutcome.UPDATED.label: "info",
            RowOutcome.QUEUED.label: "warning",
            RowOutcome.REJECTED.label: "danger",
        },
    )
    def outcome_label(self, row: RosterRow) -> str:
        return row.get_outcome_display()

    @display(description="内容")
    def content(self, row: RosterRow) -> str:
        text = " · ".join(str(value) for value in row.raw.values() if value not in (None, ""))
        return text if len(text) <= 80 else f"{text[:80]}…"

    # On the page of a row

    @display(description="原始内容")
    def as_it_came(self, row: RosterRow) -> SafeString | str:
        in_order = [header for header, _written in row.roster.headers if header in row.raw] or list(row.raw)
        cells = [(header, row.raw[header]) for header in in_order]
        lines = format_html_join("", "<li><b>{}：</b>{}</li>", cells)
        return format_html_join("", "<ul>{}</ul>", [(lines,)]) if row.raw else "—"

    @display(description="候选企业")
    def candidate_names(self, row: RosterRow) -> SafeString | str:
        lines = [(one["name"], one["uscc"] or "无代码", one["score"]) for one in row.candidates]
        return format_html_join("", "<div>{}（{}，相似度 {}）</div>", lines) if lines else "—"

    @display(description="登记册中的记录")
    def records(self, row: RosterRow) -> SafeString | str:
        if not row.changes:
            return "—"
        (found,) = described([row.changes])
        return render_to_string("registry/admin/lists/_changes.html", {"changes": found})
