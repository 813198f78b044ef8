"""Yearly figures of enterprises."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeNumericFilter, RelatedDropdownFilter
from unfold.decorators import display

from registry.admin.enterprise import OfEnterprise, came_from
from registry.models import AnnualFigures


@admin.register(AnnualFigures)
class AnnualFiguresAdmin(OfEnterprise):
    list_display = ("enterprise", "year", "revenue", "output", "rnd", "employees", "above_scale")
    list_select_related = ("enterprise",)
    list_filter = (
        ("year", RangeNumericFilter),
        ("enterprise__district", RelatedDropdownFilter),
        "above_scale",
    )
    readonly_fields = ("origin",)
    fieldsets = (
        (None, {"fields": ["enterprise", ("year", "above_scale")]}),
        (
            "金额",
            {
                "fields": [
                    ("revenue", "output"),
                    ("value_added", "rnd"),
                    ("tax", "upgrade_investment"),
                    ("exports", "software_revenue"),
                ]
            },
        ),
        ("数量", {"fields": [("employees", "invention_patents")]}),
        ("来源", {"fields": ["source", "origin"]}),
    )

    @display(description="来源名单行")
    def origin(self, figures: AnnualFigures) -> str:
        return came_from(figures.roster_row)
