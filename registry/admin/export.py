"""导出: any list as a workbook, with the filters, the search and the order that it has on the page."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import exports, layouts
from registry.downloads import about_list, answer


class Exportable:
    """For admins: a button above the list that gives out all rows that match, not only those of the page."""

    list_before_template = "registry/admin/export_button.html"

    def get_urls(self) -> list[Any]:
        view: Callable[..., HttpResponse] = self.admin_site.admin_view(self.export_view)  # type: ignore[attr-defined]
        return [path("export/", view, name=f"{self._view}_export"), *super().get_urls()]  # type: ignore[misc]

    @property
    def _view(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        link = reverse(f"admin:{self._view}_export")
        asked = request.GET.urlencode()
        context = {"export_link": f"{link}?{asked}" if asked else link, **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def export_layout(self, request: HttpRequest) -> exports.Layout:
        """Contacts only for whoever may edit them."""
        may_edit = self.has_change_permission(request)  # type: ignore[attr-defined]
        return layouts.layout_of(self.model, contacts=may_edit)  # type: ignore[attr-defined]

    def export_view(self, request: HttpRequest) -> HttpResponse | FileResponse:
        if not self.has_view_or_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        back = f"{reverse(f'admin:{self._view}_changelist')}?{request.GET.urlencode()}"
        try:
            listing = self.get_changelist_instance(request)  # type: ignore[attr-defined]
            layout = self.export_layout(request)
            about = about_list(
                request,
                str(self.opts.verbose_name_plural),  # type: ignore[attr-defined]
                moment=timezone.localtime(),
                as_of=timezone.localdate(),
                model=self.model,  # type: ignore[attr-defined]
                filters=_filters(listing),
            )
            return answer(request, layout, exports.rows_of(layout, listing.queryset), about)
        except exports.TooManyRows as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(back)
        except IncorrectLookupParameters:
            messages.error(
                request, _("The filters of this address are not understood; nothing was exported.")
            )
            return HttpResponseRedirect(reverse(f"admin:{self._view}_changelist"))


# The filters in words


def _filters(listing: Any) -> list[tuple[str, str]]:
    found = []
    if listing.query:
        found.append(("检索", str(listing.query)))
    for spec in listing.filter_specs:
        words = "、".join(_words(spec))
        if words:
            found.append((f"筛选：{spec.title}", words))
    if listing.params.get("o"):
        found.append(("排序", "、".join(_order(listing))))
    return found


def _words(spec: Any) -> Iterator[str]:
    for name, given in getattr(spec, "used_parameters", {}).items():
        for value in given if isinstance(given, list | tuple) else [given]:
            if value in (None, ""):
                continue
            if name.endswith("_from") or name.endswith("__gte"):
                yield f"自 {value}"
            elif name.endswith("_to") or name.endswith("__lte"):
                yield f"至 {value}"
            else:
                yield _choice(spec, value)


def _choice(spec: Any, value: Any) -> str:
    """The word of a chosen value: of a list of its own, of the choices of a field, or the name of what it refers to."""
    offered = {str(key): str(label) for key, label in getattr(spec, "lookup_choices", None) or ()}
    field = getattr(spec, "field", None)
    if str(value) in offered:
        return offered[str(value)]
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field is not None and field.is_relation:
        row = (
            field.related_model._default_manager.filter(pk=value).first() if str(value).isdecimal() else None
        )
        return str(row) if row else str(value)
    return {"1": "是", "0": "否", "True": "是", "False": "否"}.get(str(value), str(value))


def _order(listing: Any) -> Iterator[str]:
    model, shown = listing.model, listing.list_display
    for place, direction in listing.get_ordering_field_columns().items():
        name = shown[place] if place < len(shown) else ""
        try:
            label = model._meta.get_field(name).verbose_name
        except FieldDoesNotExist:
            label = getattr(getattr(listing.model_admin, name, None), "short_description", name)
        yield f"{label}{'（降序）' if direction == 'desc' else ''}"
