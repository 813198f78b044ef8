"""What every page of the register's admin has in common."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import IntegrityError, models
from django.db.models import PROTECT, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from registry import history
from registry.access import in_area_of
from registry.admin.export import Exportable
from registry.admin.fields import KnownAutocompleteSelect, PlainNumber, SharedChoiceField
from registry.admin.forms import FactForm
from registry.admin.formsets import LiveFormSet
from registry.admin.history import Mask, changes_of, is_tracked
from registry.models import District
from registry.paging import BoundedPaginator
from registry.person import person
from registry.refusals import refusal_of

Answer = TypeVar("Answer", bound=HttpResponseBase)

# What may follow the name of a relation in an address without a filter of the page.
WHICH_ROW = {"", "id", "pk", "exact", "in", "isnull", "id__exact", "pk__exact", "id__in", "pk__in"}
LATEST = 8
ALL = 500


class PlainChoices:
    """Choices without the four icons beside each that lead out of the form by mistake."""

    # The references beside which a link opens the record referred to.
    leads_to: tuple[str, ...] = ("enterprise", "parent", "designation", "target")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        if isinstance(db_field, models.DecimalField):
            kwargs.setdefault("widget", PlainNumber)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_add_related = False
            field.widget.can_change_related = False
            field.widget.can_delete_related = False
            field.widget.can_view_related = db_field.name in self.leads_to
        return field


class Scoped(PlainChoices):
    """Shows and offers only what the person may see.

    `areas` are the paths to a district for models whose queryset has no `visible_to` of its own.
    """

    areas: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self._visible(super().get_queryset(request), request)  # type: ignore[misc]

    def _visible(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        if hasattr(rows, "visible_to"):
            return rows.visible_to(request.user)
        return rows.filter(in_area_of(request.user, *self.areas)) if self.areas else rows

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        offered = self._offered(db_field.related_model, request)
        if offered is not None:
            kwargs.setdefault("queryset", offered)
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            site = self.admin_site  # type: ignore[attr-defined]
            kwargs.setdefault("widget", KnownAutocompleteSelect(db_field, site))
        elif db_field.name not in getattr(self, "raw_id_fields", ()):
            kwargs.setdefault("form_class", SharedChoiceField)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def _offered(self, model: type[models.Model], request: HttpRequest) -> QuerySet[Any] | None:
        """What may be chosen: people of an area choose their own area."""
        district = person(request).district_id
        if model is District and district is not None:
            return District.objects.filter(pk=district)
        rows = model._default_manager.all()
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else None


class Ended:
    """Facts are ended, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


class ReadOnly:
    """Rows that another part of the site writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RegisterTabularInline(Scoped, Ended, TabularInline):
    form = FactForm
    formset = LiveFormSet
    extra = 0
    show_change_link = True
    tab = True


class RegisterStackedInline(Scoped, Ended, StackedInline):
    form = FactForm
    extra = 0
    tab = True


class RegisterAdmin(Exportable, Scoped, Ended, ModelAdmin):
    """A page of facts: scoped to the person, with its history and the reason of a change."""

    form = FactForm
    paginator = BoundedPaginator
    show_full_result_count = False
    # Facets count the whole table once for each choice of each filter.
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    change_form_outer_after_template = "registry/admin/latest_changes.html"
    reason_fields: list[Any] = ["change_reason"]
    # The relations whose changes the history of a record tells along with its own.
    history_of: tuple[str, ...] = ()
    history_of_removed: tuple[str, ...] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = self.own_fieldsets(request, obj)
        asks = obj is not None and issubclass(self.form, FactForm) and self.may_edit(request, obj)
        return [*fieldsets, ("本次修改", {"fields": self.reason_fields})] if asks else fieldsets

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Through a relation only what a filter of the page asks, or which row it is.

        Django lets one relation pass with any lookup, so that the name of a parent in another area could be guessed.
        """
        name, _sep, rest = lookup.partition(LOOKUP_SEP)
        fields = {field.name: field for field in self.opts.get_fields()}
        related = name in fields and fields[name].is_relation
        if not related or rest in WHICH_ROW:
            return bool(super().lookup_allowed(lookup, value, request))
        declared = [
            one if isinstance(one, str) else one[0]
            for one in self.get_list_filter(request)
            if not isinstance(one, type)
        ]
        return any(lookup == one or lookup.startswith(one + LOOKUP_SEP) for one in declared)

    def own_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields of the record itself."""
        return super().get_fieldsets(request, obj)

    def may_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, obj)

    # Who, why: around everything that one request writes

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        view = super().changeform_view
        return self._told(request, lambda: view(request, object_id, form_url, extra_context))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().delete_view
        return self._told(request, lambda: view(request, object_id, extra_context))

    def _told(self, request: HttpRequest, view: Callable[[], Answer]) -> Answer | HttpResponse:
        if request.method != "POST":
            return view()
        try:
            with history.change(by=person(request), reason=reason_of(request)):
                return view()
        except IntegrityError as error:
            # Two people saved at the same moment; the form could not know.
            messages.error(request, refusal_of(error).message)
            return HttpResponseRedirect(request.get_full_path())

    # History

    def history_masks(self, request: HttpRequest, instance: Any) -> dict[str, Mask]:
        """How values are told in the history, by field: in words of their own, or masked for who may not read them."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        instance = kwargs.get("obj")
        if instance is not None and instance.pk and is_tracked(self.model):
            masks = self.history_masks(request, instance)
            context["latest_changes"] = changes_of(instance, limit=LATEST, masks=masks)
        return super().render_change_form(request, context, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        instance = self.get_object(request, object_id)
        if instance is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not is_tracked(self.model) or not self.has_view_or_change_permission(request, instance):
            return super().history_view(request, object_id, extra_context)
        changes = changes_of(
            instance,
            self.history_of,
            removed=self.history_of_removed,
            limit=ALL,
            masks=self.history_masks(request, instance),
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s") % {"name": instance},
            "changes": changes,
            "original": instance,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "registry/admin/history.html", context)

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What stands in the way, as numbers: a scheme may have a hundred thousand titles."""
        in_the_way = protecting(objs, self.opts)
        if in_the_way:
            return [], {}, set(), in_the_way
        return super().get_deleted_objects(objs, request)


def reason_of(request: HttpRequest) -> str:
    return request.POST.get("change_reason", "").strip()[:300]


def protecting(objs: Any, opts: Any) -> list[str]:
    """The records that refer to these rows and must not lose them, counted by kind."""
    found = []
    for relation in opts.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) is PROTECT and relation.auto_created:
            model, field = relation.related_model, relation.field.name
            count = model._base_manager.filter(**{f"{field}__in": list(objs)}).count()
            if count:
                found.append(
                    _("%(kind)s: %(count)s records")
                    % {"kind": model._meta.verbose_name, "count": f"{count:,}"}
                )
    return found
