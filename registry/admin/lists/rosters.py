"""Lists that are in: what became of their rows, their files, and the way to take them back."""

import io
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from registry.admin.base import ReadOnly, RegisterAdmin
from registry.admin.lists import downloads, undo_pages
from registry.admin.lists.upload_pages import UploadPages
from registry.admin.lists.words import Outcomes, options_in_words, outcomes
from registry.choices import RowOutcome
from registry.downloads import called
from registry.models import Roster, RosterUpload
from registry.person import of_area, person
from registry.rosters import uploads
from registry.rosters.vocabulary import COLUMNS


def own_lists(request: HttpRequest, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """A list holds enterprises of every area: people of an area see those that they brought in."""
    return rows if not of_area(request) else rows.filter(**{path: request.user})


@admin.register(Roster)
class RosterAdmin(ReadOnly, RegisterAdmin):
    list_display = ("file_name", "kind", "imported_by", "imported_at", "undone")
    list_select_related = ("imported_by",)
    list_filter = (("kind", ChoicesDropdownFilter), ("imported_at", RangeDateTimeFilter))
    search_fields = ("file_name", "sha256")
    search_help_text = "文件名、SHA-256"
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ["file_name", "kind", "outcomes", "rejected_link", "download_link"]}),
        ("导入", {"fields": ["imported_by", "imported_at", "sheet", "said", "meanings", "sha256"]}),
        ("撤销", {"fields": ["undone_by", "undone_at", "undo_reason"]}),
    )
    readonly_fields = ("outcomes", "rejected_link", "download_link", "said", "meanings")
    list_before_template = "registry/admin/lists/_waiting.html"
    actions_list = ("bring",)
    actions_detail = ("take_back",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # the file itself is read only for the download
        return own_lists(request, super().get_queryset(request).defer("content"), "imported_by")

    def get_urls(self) -> list[Any]:
        views: list[tuple[str, Callable[..., Any]]] = [
            ("download", self.download),
            ("rejected", self.rejected),
            ("undo", self.undo),
        ]
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"registry_roster_{name}")
            for name, view in views
        ]
        return [*own, *UploadPages(self).urls(), *super().get_urls()]

    def _visible_roster(self, request: HttpRequest, pk: int) -> Roster:
        if not self.has_view_permission(request):
            raise PermissionDenied
        roster: Roster | None = self.get_object(request, str(pk))
        if roster is None:
            raise Http404
        return roster

    def download(self, request: HttpRequest, pk: int) -> FileResponse:
        roster = self._visible_roster(request, pk)
        file = FileResponse(io.BytesIO(roster.content), as_attachment=True, filename=roster.file_name)
        return called(file, str(roster), roster.rows.count())

    def rejected(self, request: HttpRequest, pk: int) -> HttpResponse:
        roster = self._visible_roster(request, pk)
        return downloads.rejected(roster.file_name, roster.headers, roster.rows)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        own = RosterUpload.objects.filter(uploaded_by=person(request), state__in=uploads.WAITING)
        waiting = own.count() if self.has_bring_permission(request) else 0
        return super().changelist_view(request, {"lists_waiting": waiting, **(extra_context or {})})

    # Bringing and taking back

    def has_bring_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("registry.import_roster")

    def has_take_back_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        standing = Roster.objects.filter(pk=object_id, undone_at=None) if object_id else Roster.objects.all()
        return request.user.has_perm("registry.undo_roster") and standing.exists()

    @action(
        description="上传名单",
        permissions=["bring"],
        url_path="bring",
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
    )
    def bring(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:registry_roster_upload")

    @action(
        description="撤销名单",
        permissions=["take_back"],
        url_path="take-back",
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_roster_undo", pk=object_id)

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        roster = self._visible_roster(request, pk)
        if roster.undone_at:
            messages.info(request, _("This list has been undone already."))
            return redirect("admin:registry_roster_change", roster.pk)
        request.current_app = self.admin_site.name
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "original": roster}
        return undo_pages.undo(request, roster, frame)

    # Columns and fields

    @display(description="已撤销", boolean=True, ordering="undone_at")
    def undone(self, roster: Roster) -> bool:
        return roster.undone_at is not None

    @display(description="各行结果")
    def outcomes(self, roster: Roster) -> SafeString | str:
        counts = dict(roster.rows.order_by().values_list("outcome").annotate(number=Count("pk")))
        return counted(roster, outcomes(counts)) if counts else "—"

    @display(description="导入选项")
    def said(self, roster: Roster) -> str:
        return "，".join(options_in_words(roster.options)) or "—"

    @display(description="识别的列")
    def meanings(self, roster: Roster) -> str:
        """In the order of the file; a header of its own name need not be explained."""
        title_of = {column.field: column.title for column in COLUMNS[roster.kind]}
        in_order = [header for header, _written in roster.headers] or list(roster.columns)
        pairs = [(one, title_of.get(roster.columns.get(one, ""), "不使用")) for one in in_order]
        return "，".join(one if one == title else f"{one} → {title}" for one, title in pairs) or "—"

    @display(description="退回的行")
    def rejected_link(self, roster: Roster) -> SafeString | str:
        if not roster.rows.filter(outcome=RowOutcome.REJECTED).exists():
            return "—"
        link = reverse("admin:registry_roster_rejected", args=[roster.pk])
        return format_html('<a class="text-link" href="{}">下载，改正后可重新上传</a>', link)

    @display(description="原文件")
    def download_link(self, roster: Roster) -> SafeString:
        link = reverse("admin:registry_roster_download", args=[roster.pk])
        return format_html('<a class="text-link" href="{}">下载 {}</a>', link, roster.file_name)


def rows_of(roster: Roster, outcome: str) -> str:
    """The rows of a list with one outcome."""
    rows = reverse("admin:registry_rosterrow_changelist")
    return f"{rows}?roster__id__exact={roster.pk}&outcome__exact={outcome}"


def counted(roster: Roster, found: Outcomes) -> SafeString:
    """共 N 行 = 匹配 + 新增 + 待匹配 + 退回, each number leading to its rows."""

    def part(outcome: RowOutcome, number: int) -> SafeString:
        if not number:
            return format_html("{} 0", outcome.label)
        template = '<a class="text-link underline" href="{}">{} {}</a>'
        return format_html(template, rows_of(roster, outcome), outcome.label, f"{number:,}")

    return format_html(
        "共 {} 行 = 匹配 {}（{}、{}）+ {} + {} + {}",
        f"{found.rows:,}",
        f"{found.matched:,}",
        part(RowOutcome.UPDATED, found.updated),
        part(RowOutcome.UNCHANGED, found.unchanged),
        part(RowOutcome.CREATED, found.created),
        part(RowOutcome.QUEUED, found.queued),
        part(RowOutcome.REJECTED, found.rejected),
    )
