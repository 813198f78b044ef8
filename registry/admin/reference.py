"""What facts refer to: rows are retired, never deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
)
from unfold.decorators import display

from registry.admin.base import RegisterAdmin, RegisterTabularInline
from registry.admin.filters import InUse
from registry.models import Cluster, District, Industry, Scheme, SchemeLevel


@admin.register(District)
class DistrictAdmin(RegisterAdmin):
    list_display = ("name", "short_name", "code", "inside", "position", "retired_on")
    list_select_related = ("inside",)
    list_filter = (InUse,)
    search_fields = ("name", "short_name", "code")
    fields = (("code", "position"), ("name", "short_name"), "inside", "towns", "retired_on")


@admin.register(Cluster)
class ClusterAdmin(RegisterAdmin):
    list_display = ("name", "kind", "code", "position", "retired_on")
    list_filter = (("kind", ChoicesDropdownFilter), InUse)
    search_fields = ("name", "code")
    fields = (("code", "position"), ("name", "kind"), "retired_on")


@admin.register(Industry)
class IndustryAdmin(RegisterAdmin):
    list_display = ("code", "name", "section", "retired_on")
    list_display_links = ("code", "name")
    list_filter = ("section", InUse)
    list_per_page = 100
    search_fields = ("code", "name")
    fields = (("code", "section"), ("name", "position"), "retired_on")


class SchemeLevelInline(RegisterTabularInline):
    model = SchemeLevel
    fields = ("level", "authority")
    ordering = ("id",)
    tab = False
    hide_title = True


@admin.register(Scheme)
class SchemeAdmin(RegisterAdmin):
    list_display = ("name", "code", "levels_in_words", "counts", "term", "grace_months", "retired_on")
    list_filter = (("counts", ChoicesDropdownFilter), ("levels__level", ChoicesDropdownFilter), InUse)
    search_fields = ("name", "code", "aliases")
    list_per_page = 100
    autocomplete_fields = ("succeeds",)
    inlines = (SchemeLevelInline,)
    history_of = ("levels",)
    fieldsets = (
        (None, {"fields": [("code", "position"), "name", "aliases"]}),
        ("计数", {"fields": [("counts", "item_word"), "measure_word"]}),
        ("有效期", {"fields": [("term_months", "grace_months")]}),
        ("依据", {"fields": ["document", "succeeds", "retired_on"]}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("levels")

    @display(description="级别")
    def levels_in_words(self, scheme: Scheme) -> str:
        return "、".join(level.get_level_display() for level in scheme.levels.all()) or "—"

    @display(description="有效期", ordering="term_months")
    def term(self, scheme: Scheme) -> str:
        return f"{scheme.term_months} 个月" if scheme.term_months else "不限"


@admin.register(SchemeLevel)
class SchemeLevelAdmin(RegisterAdmin):
    list_display = ("scheme", "level", "authority")
    list_select_related = ("scheme",)
    list_filter = (("scheme", AutocompleteSelectFilter), ("level", ChoicesDropdownFilter))
    search_fields = ("scheme__name", "authority")
    autocomplete_fields = ("scheme",)
    fields = ("scheme", "level", "authority")
