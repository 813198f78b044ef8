"""What lists of the plan can be asked; shared by the API and the pages."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from registry.choices import Figure, Level
from registry.filters.base import COUNTED, DAY, RANGE, TEXT, Choices, Codes, FactFilter
from registry.models import Cluster, District, Scheme, Series
from targets.choices import Comparator, Feed, MilestoneState, Official
from targets.models import Milestone, Quota, Target


def in_section(code: str) -> Q:
    """Under a heading of the plan, or under one of its parts."""
    return Q(section__code=code) | Q(section__parent__code=code)


class InPlan(FactFilter):
    """Base of what stands in a plan."""

    plan = filters.CharFilter(
        field_name="plan__code", label=_("Code of the plan; the one that runs, if absent")
    )
    section = filters.CharFilter(
        method="by_section", label=_("Code of a heading, or of the heading above it")
    )

    def by_section(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(in_section(value))


class TargetFilter(InPlan):
    """Targets: by heading, words, value and rule."""

    comparator = Choices(Comparator)
    parent = filters.CharFilter(
        field_name="parent__code", label=_("Code of the target of which it is a part")
    )
    feed = Choices(Feed, "rule__feed", label=_("How its number comes about"))
    official = Choices(Official, "rule__official", label=_("Which number is the official one"))
    level = Choices(Level, "rule__level", label=_("Level of the titles that it counts"))
    scheme = Codes(Scheme, "rule__schemes__scheme", method="by_rule", label=_("Counts titles of this scheme"))
    cluster = Codes(Cluster, "rule__clusters", method="by_rule", label=_("Counts members of this group"))
    figure = Choices(Figure, "rule__figure", label=_("Adds up this yearly figure"))
    series = Codes(Series, "rule__series", label=_("Published figure beside it"))

    not_filtered = COUNTED

    class Meta:
        model = Target
        fields = {
            "id": ["exact"],
            "code": TEXT,
            "name": TEXT,
            "position": ["exact"],
            "value": RANGE,
            "value_max": ["isnull", "gte", "lte"],
            "unit": ["exact"],
            "tolerance": ["isnull"],
            "hedge": ["exact"],
            "parent": ["isnull"],
            "baseline_date": DAY,
            "deadline": DAY,
            "baseline_value": ["isnull", "gte", "lte"],
            "baseline_source": ["icontains"],
            "office": ["exact"],
            "note": ["icontains"],
            "retired_on": DAY,
        }

    def by_rule(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        found = Target.objects.filter(**{f"{name}__in": value})
        return queryset.filter(pk__in=found.values("pk")) if value else queryset


class QuotaFilter(FactFilter):
    """Quotas: by plan, target, area and day."""

    plan = filters.CharFilter(field_name="target__plan__code", label=_("Code of the plan"))
    target = filters.CharFilter(field_name="target__code", label=_("Code of the target"))
    district = Codes(District, "district")

    not_filtered = COUNTED

    class Meta:
        model = Quota
        fields = {"id": ["exact"], "day": RANGE, "value": RANGE, "basis": ["icontains"]}


class MilestoneFilter(InPlan):
    """Milestones: by heading, words and state."""

    state = Choices(MilestoneState)

    not_filtered = COUNTED

    class Meta:
        model = Milestone
        fields = {
            "id": ["exact"],
            "code": TEXT,
            "name": TEXT,
            "position": ["exact"],
            "hedge": ["exact"],
            "reached_on": DAY,
            "evidence": ["icontains"],
            "office": ["exact"],
        }
