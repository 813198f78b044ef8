"""Publications in the admin: read only, for whoever looks things over; they are worked on at their own pages."""

from django.contrib import admin

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
        ("drafted_by", "drafted_at"),
        ("signed_by", "signed_at"),
        ("issued_by", "issued_at", "known_at"),
    )
