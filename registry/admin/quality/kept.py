"""The pairs that somebody has found to be two enterprises."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from registry.admin.base import ReadOnly, RegisterAdmin
from registry.models import NotDuplicate


@admin.register(NotDuplicate)
class NotDuplicateAdmin(ReadOnly, RegisterAdmin):
    """Read here; removing one has the pair proposed again."""

    list_display = ("first", "second", "reason", "decided_by", "decided_at")
    list_select_related = ("first", "second", "decided_by")
    search_fields = ("first__name", "second__name", "reason")
    search_help_text = "企业名称、理由"
    ordering = ("-id",)
    fields = ("first", "second", "reason", "decided_by", "decided_at")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("registry.check_quality"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("registry.check_quality"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
