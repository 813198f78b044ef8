"""合并: two records of one enterprise, side by side; what would move, what stands in the way, and back again."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from registry import search
from registry.admin.base import ReadOnly, RegisterAdmin
from registry.models import Enterprise, Merge
from registry.person import person
from registry.services import merging
from registry.services.merging import MergeRefused, Preview

NAMED = 12


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=300, widget=UnfoldAdminTextInputWidget)


def merge_view(page: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The enterprise of the address stays; `?other=` names the one that goes into it."""
    if not request.user.has_perm(merging.RIGHT):
        raise PermissionDenied
    keep = of_own(request, str(pk))
    if keep is None:
        raise Http404
    other = of_own(request, request.GET.get("other", ""))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and other is not None and form.is_valid():
        try:
            done = merging.merge(
                keep=keep, other=other, by=person(request), reason=form.cleaned_data["reason"]
            )
        except MergeRefused as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("Merged: %(merge)s.") % {"merge": done})
            return redirect("admin:registry_enterprise_story", pk=keep.pk)
    text = request.GET.get("q", "").strip()[:100]
    hits = search.find(request.user, text, day=timezone.localdate()) if text else []
    context = {
        **page.admin_site.each_context(request),
        "title": "合并重复的企业",
        "opts": page.opts,
        "keep": keep,
        "other": other,
        "form": form,
        "text": text,
        "hits": [hit for hit in hits if hit.pk != keep.pk],
        "swapped": swapped(keep, other) if other else "",
        **(told(merging.look(keep, other)) if other else {}),
    }
    return TemplateResponse(request, "registry/admin/merge.html", context)


def of_own(request: HttpRequest, pk: str) -> Enterprise | None:
    rows = Enterprise.objects.visible_to(person(request)).select_related("district", "industry")
    return rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 19 else None


def swapped(keep: Enterprise, other: Enterprise) -> str:
    link = reverse("admin:registry_enterprise_merge", args=[other.pk])
    return f"{link}?{urlencode({'other': keep.pk})}"


def told(found: Preview) -> dict[str, Any]:
    """What would happen, in words."""
    moves = [
        {
            "kind": model._meta.verbose_name,
            "number": len(rows),
            "first": [str(row) for row in rows[:NAMED]],
            "more": len(rows) - NAMED,
        }
        for model, rows in found.moves.items()
        if rows
    ]
    labels = {one.attname: one.verbose_name for one in Enterprise._meta.concrete_fields}
    return {
        "moves": moves,
        "drops": [f"{row._meta.verbose_name} {row}" for row in found.drops],
        "taken": [str(labels[name]) for name in found.taken],
        "obstacles": found.obstacles,
    }


@admin.register(Merge)
class MergeAdmin(ReadOnly, RegisterAdmin):
    """What was merged, and the way back."""

    list_display = ("kept_name", "absorbed_name", "merged_by", "merged_at", "undone")
    list_select_related = ("merged_by",)
    search_fields = ("kept_name", "absorbed_name")
    search_help_text = "企业名称"
    ordering = ("-id",)
    fields = (
        "kept_name",
        "absorbed_name",
        "merged_by",
        "merged_at",
        "reason",
        "undone_by",
        "undone_at",
        "undo_reason",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        own = person(request).district_id
        kept = Enterprise.objects.visible_to(request.user).values("pk")
        return rows if own is None else rows.filter(kept_id__in=kept)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="registry_merge_undo"), *super().get_urls()]

    @display(description="已撤销", boolean=True, ordering="undone_at")
    def undone(self, merge: Merge) -> bool:
        return merge.undone_at is not None

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(merging.RIGHT):
            raise PermissionDenied
        done = self.get_queryset(request).filter(pk=pk).first()
        if done is None:
            raise Http404
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                restored = merging.undo(done=done, by=person(request), reason=form.cleaned_data["reason"])
            except MergeRefused as refused:
                form.add_error(None, refused.messages)
            else:
                messages.success(request, _("The merge is undone: %(merge)s.") % {"merge": done})
                return redirect("admin:registry_enterprise_story", pk=restored.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"撤销合并：{done}",
            "opts": self.opts,
            "done": done,
            "form": form,
        }
        return TemplateResponse(request, "registry/admin/merge_undo.html", context)
