"""Published figures."""

from django.contrib import admin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from registry.admin.base import RegisterAdmin
from registry.admin.enterprise import came_from
from registry.admin.filters import InUse
from registry.models import Series, Statistic


@admin.register(Series)
class SeriesAdmin(RegisterAdmin):
    list_display = ("name", "code", "unit", "note", "retired_on")
    list_filter = (InUse,)
    search_fields = ("name", "code")
    fields = (("code", "name"), ("unit", "position"), "note", "retired_on")


@admin.register(Statistic)
class StatisticAdmin(RegisterAdmin):
    list_display = ("series", "district_or_city", "day", "number", "finality", "source_kind", "source")
    list_select_related = ("series", "district")
    list_filter = (
        ("series", AutocompleteSelectFilter),
        ("district", RelatedDropdownFilter),
        ("day", RangeDateFilter),
        ("finality", ChoicesDropdownFilter),
        ("source_kind", ChoicesDropdownFilter),
    )
    search_fields = ("series__name", "series__code", "source", "quotation")
    ordering = ("-day", "-id")
    autocomplete_fields = ("series",)
    readonly_fields = ("origin",)
    fieldsets = (
        (None, {"fields": [("series", "district"), ("day", "value"), "finality"]}),
        (
            "来源",
            {"fields": ["source", ("source_kind", "published_on"), "quotation", "note", "origin"]},
        ),
    )

    @display(description="板块", ordering="district__position")
    def district_or_city(self, statistic: Statistic) -> str:
        return statistic.district.short_name if statistic.district else "全市"

    @display(description="数值", ordering="value")
    def number(self, statistic: Statistic) -> str:
        return f"{statistic.value.normalize():f} {statistic.series.unit}"

    @display(description="来源名单行")
    def origin(self, statistic: Statistic) -> str:
        return came_from(statistic.roster_row)
