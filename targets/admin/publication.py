"""Publications in the admin: read only, for whoever looks things over; they are worked on at their own pages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from registry.admin.base import ReadOnly, RegisterAdmin
from targets.models import Publication


@admin.register(Publication)
class PublicationAdmin(ReadOnly, RegisterAdmin):
    list_display = ("title", "kind", "day", "state", "drafted_by", "signed_by", "issued_at")
    list_select_related = ("drafted_by", "signed_by")
    search_fields = ("title",)
    search_help_text = "标题"
    ordering = ("-day", "-id")
    fields = (
        "title",
        ("plan", "kind", "day"),
        ("state", "corrects"),
        ("drafted_by", "drafted_at", "edited_by"),
        ("returned_by", "return_reason"),
        ("signed_by", "signed_at"),
        ("issued_by", "issued_at", "known_at"),
        "records_sha256",
    )

    # the bulletin itself is read at its own page
    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        return super().get_queryset(request).defer("content", "paragraphs")
