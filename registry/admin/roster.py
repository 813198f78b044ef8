"""Lists as they came in: read here, written by the import."""

import io
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from registry.admin.base import ReadOnly, RegisterAdmin
from registry.admin.person import of_area
from registry.choices import RowOutcome
from registry.models import Roster, RosterRow


def own_lists(request: HttpRequest, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """A list holds enterprises of every area: people of an area see those that they brought in."""
    return rows if not of_area(request) else rows.filter(**{path: request.user})


@admin.register(Roster)
class RosterAdmin(ReadOnly, RegisterAdmin):
    list_display = ("file_name", "kind", "imported_by", "imported_at", "undone")
    list_select_related = ("imported_by",)
    list_filter = (("kind", ChoicesDropdownFilter), ("imported_at", RangeDateTimeFilter))
    search_fields = ("file_name", "sha256")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ["file_name", "kind", "outcomes", "download_link"]}),
        ("导入", {"fields": ["imported_by", "imported_at", "sheet", "options", "columns", "sha256"]}),
        ("撤销", {"fields": ["undone_by", "undone_at", "undo_reason"]}),
    )
    readonly_fields = ("outcomes", "download_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # the file itself is read only for the download
        return own_lists(request, super().get_queryset(request).defer("content"), "imported_by")

    def get_urls(self) -> list[Any]:
        view: Callable[..., HttpResponse] = self.admin_site.admin_view(self.download)
        return [path("<int:pk>/download/", view, name="registry_roster_download"), *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> FileResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        roster = self.get_object(request, str(pk))
        if roster is None:
            raise Http404
        return FileResponse(io.BytesIO(roster.content), as_attachment=True, filename=roster.file_name)

    @display(description="已撤销", boolean=True, ordering="undone_at")
    def undone(self, roster: Roster) -> bool:
        return roster.undone_at is not None

    @display(description="各行结果")
    def outcomes(self, roster: Roster) -> SafeString | str:
        rows = reverse("admin:registry_rosterrow_changelist")
        counts = roster.rows.order_by().values_list("outcome").annotate(number=Count("pk"))
        lines = [
            (
                f"{rows}?roster__id__exact={roster.pk}&outcome__exact={outcome}",
                RowOutcome(outcome).label,
                number,
            )
            for outcome, number in sorted(counts, key=lambda pair: RowOutcome.values.index(pair[0]))
        ]
        template = '<a class="text-link mr-4" href="{}">{} {:,} 行</a>'
        return format_html_join("", template.replace("{:,}", "{}"), lines) if lines else "—"

    @display(description="原文件")
    def download_link(self, roster: Roster) -> SafeString:
        link = reverse("admin:registry_roster_download", args=[roster.pk])
        return format_html('<a class="text-link" href="{}">下载 {}</a>', link, roster.file_name)


@admin.register(RosterRow)
class RosterRowAdmin(ReadOnly, RegisterAdmin):
    list_display = ("number", "roster", "outcome_label", "content", "reason")
    list_display_links = ("number",)
    list_select_related = ("roster",)
    list_filter = (("outcome", ChoicesDropdownFilter), ("roster__kind", ChoicesDropdownFilter))
    search_fields = ("raw__icontains", "reason")
    search_help_text = "行中的文字、原因"
    ordering = ("-roster", "number")
    fields = ("roster", "number", "outcome", "reason", "raw", "candidates", "changes")

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
