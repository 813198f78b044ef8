"""Titles and their re-reviews."""

import copy
import datetime as dt
from typing import Any

from django.contrib import admin
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display

from registry import services
from registry.admin.base import RegisterAdmin, RegisterTabularInline, reason_of
from registry.admin.checking import batch_review, check, worklist
from registry.admin.enterprise import came_from
from registry.admin.filters import Batch, Expired, Expiring, ValidOn
from registry.admin.forms import FactForm
from registry.admin.formsets import ReviewsFormSet, problems_after
from registry.admin.search import EnterpriseSearch
from registry.admin.title_steps import TakesSteps
from registry.choices import DesignationState
from registry.models import Designation, Review, User
from registry.person import of_area, person
from registry.services import title_steps


class DesignationForm(FactForm):
    """A title; a change of what counts wants its reason. Its state follows from who enters it, and from the steps."""

    by: User

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        entry = copy.copy(self.instance)
        entry.valid_from, entry.announced_on = cleaned.get("valid_from"), cleaned.get("announced_on")
        self.instance.state = title_steps.state_after(entry, self.by)
        decisive = self.instance.pk and title_steps.DECISIVE & set(self.changed_data)
        if decisive and not cleaned.get("change_reason"):
            self.add_error("change_reason", _("Say why: this changes on which days the title counts."))
        return cleaned


class ReviewInline(RegisterTabularInline):
    """A re-review that is there is not edited: it has changed its title already."""

    model = Review
    formset = ReviewsFormSet
    fields = ("day", "outcome", "valid_to", "document")
    ordering = ("day",)
    tab = False
    hide_title = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Designation)
class DesignationAdmin(TakesSteps, EnterpriseSearch, RegisterAdmin):
    form = DesignationForm
    actions_list = ("checking", "batch_review")
    list_display = (
        "holder",
        "scheme",
        "level",
        "area",
        "valid_from",
        "valid_to",
        "ended_on",
        "state_label",
        "document",
    )
    list_select_related = ("scheme", "enterprise__district", "district")
    list_filter = (
        ("scheme", AutocompleteSelectFilter),
        ("level", ChoicesDropdownFilter),
        ("enterprise__district", RelatedDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ValidOn,
        Expiring,
        Expired,
        Batch,
        ("valid_from", RangeDateFilter),
        ("valid_to", RangeDateFilter),
        ("end_reason", ChoicesDropdownFilter),
    )
    search_path = "enterprise"
    search_also = ("item", "document")
    search_help_text = "企业名称、曾用名、代码、项目名称、文号"
    ordering = ("-id",)
    autocomplete_fields = ("scheme", "enterprise")
    inlines = (ReviewInline,)
    history_of = ("reviews",)

    def own_fieldsets(self, request: HttpRequest, obj: Designation | None = None) -> Any:
        return [
            (None, {"fields": [("scheme", "level"), "enterprise", ("item", "district")]}),
            ("认定", {"fields": [("batch", "document"), ("certificate", "announced_on")]}),
            ("有效期", {"fields": [("valid_from", "valid_to"), ("ended_on", "end_reason"), "end_document"]}),
            (
                "审核与来源",
                {
                    "fields": [
                        ("state_label", "return_reason"),
                        ("sent_in", "decided"),
                        "source",
                        "note",
                        "origin",
                    ]
                },
            ),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Designation | None = None) -> Any:
        return ("state_label", "return_reason", "sent_in", "decided", "origin")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = person(request)
        return form

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/check/", view(self.check_view), name="registry_designation_check"),
            *super().get_urls(),
        ]

    @action(description="审核与报送", url_path="checking", permissions=["view"], icon="fact_check")
    def checking(self, request: HttpRequest) -> HttpResponse:
        return worklist(self, request)

    @action(description="按批次复核", url_path="batch-review", permissions=["end"], icon="event_repeat")
    def batch_review(self, request: HttpRequest) -> HttpResponse:
        return batch_review(self, request)

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return check(self, request, pk)

    def has_change_permission(self, request: HttpRequest, obj: Designation | None = None) -> bool:
        """What the city has confirmed, an area no longer changes."""
        confirmed = obj is not None and obj.state == DesignationState.CONFIRMED
        if confirmed and of_area(request):
            return False
        return bool(super().has_change_permission(request, obj))

    @display(
        description="状态",
        ordering="state",
        label={
            DesignationState.CONFIRMED.label: "success",
            DesignationState.SUBMITTED.label: "warning",
            DesignationState.RETURNED.label: "danger",
            DesignationState.ANNOUNCED.label: "info",
        },
    )
    def state_label(self, title: Designation) -> str:
        return title.get_state_display()

    @display(description="持有者")
    def holder(self, title: Designation) -> str:
        return title.holder

    @display(description="板块")
    def area(self, title: Designation) -> str:
        return title.area.short_name if title.area else "—"

    @display(description="报送")
    def sent_in(self, title: Designation) -> str:
        return when_and_who(title.submitted_at, title.submitted_by)

    @display(description="审核")
    def decided(self, title: Designation) -> str:
        return when_and_who(title.decided_at, title.decided_by)

    @display(description="来源名单行")
    def origin(self, title: Designation) -> SafeString | str:
        return came_from(title.roster_row)

    def save_model(self, request: HttpRequest, obj: Designation, form: Any, change: bool) -> None:
        title_steps.enter(obj, person(request), timezone.now())
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        if not isinstance(formset, ReviewsFormSet):
            super().save_formset(request, form, formset, change)
            return
        new = list(formset.new_reviews())
        formset.save(commit=False)
        for gone in formset.deleted_objects:
            gone.delete()
        for row in new:
            review = row.save(commit=False)
            review.designation = form.instance
            services.record_review(review=review, by=person(request), reason=reason_of(request))


def when_and_who(moment: dt.datetime | None, person: User | None) -> str:
    """When and by whom it was sent in or decided."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M} {person or ''}".strip() if moment else "—"


class ReviewForm(FactForm):
    """A re-review entered by itself is judged as on the page of its title."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            title = copy.copy(self.instance.designation)
            for problem in problems_after(title, self.instance):
                self.add_error("outcome", problem)


@admin.register(Review)
class ReviewAdmin(EnterpriseSearch, RegisterAdmin):
    """All re-reviews; a new one changes its title as it does on the page of the title."""

    form = ReviewForm
    areas = ("designation__enterprise__district", "designation__district")
    list_display = ("designation", "day", "outcome", "valid_to", "document")
    list_select_related = ("designation__scheme", "designation__enterprise")
    list_filter = (("outcome", ChoicesDropdownFilter), ("day", RangeDateFilter))
    search_path = "designation__enterprise"
    search_also = ("document",)
    search_help_text = "企业名称、曾用名、代码、文号"
    ordering = ("-id",)
    autocomplete_fields = ("designation",)
    fields = ("designation", "day", "outcome", "valid_to", "document")

    def has_change_permission(self, request: HttpRequest, obj: Review | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        services.record_review(review=obj, by=person(request), reason=reason_of(request))
