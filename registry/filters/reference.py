"""What facts refer to."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from registry.choices import ClusterKind, Level
from registry.filters.base import COUNTED, DAY, RANGE, TEXT, Choices, Codes, FactFilter
from registry.models import Cluster, District, Industry, NamedList, Scheme, Series

REFERENCE = {"id": ["exact"], "code": ["exact"], "name": TEXT, "position": ["exact"], "retired_on": DAY}


class DistrictFilter(FactFilter):
    """Areas."""

    inside = Codes(District, "inside")

    not_filtered = {**COUNTED, "towns": "a help for reading addresses"}

    class Meta:
        model = District
        fields = {**REFERENCE, "short_name": ["exact"], "inside": ["isnull"]}


class ClusterFilter(FactFilter):
    """Clusters and chains."""

    kind = Choices(ClusterKind)

    not_filtered = COUNTED

    class Meta:
        model = Cluster
        fields = REFERENCE


class IndustryFilter(FactFilter):
    """Industries at two digits."""

    not_filtered = COUNTED

    class Meta:
        model = Industry
        fields = {**REFERENCE, "section": ["exact"]}


class SchemeFilter(FactFilter):
    """Kinds of titles."""

    level = Choices(Level, method="by_level", label=_("Is granted at this level"))
    alias = filters.CharFilter(field_name="aliases", lookup_expr="contains", method="by_alias")
    succeeds = Codes(Scheme, "succeeds")

    not_filtered = COUNTED

    class Meta:
        model = Scheme
        fields = {
            **REFERENCE,
            "counts": ["exact"],
            "item_word": ["exact"],
            "measure_word": ["exact"],
            "term_months": [*RANGE, "isnull"],
            "grace_months": RANGE,
            "succeeds": ["isnull"],
            "document": ["icontains"],
        }

    def by_level(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(pk__in=Scheme.objects.filter(levels__level__in=value)) if value else queryset

    def by_alias(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(aliases__contains=[value])


class SeriesFilter(FactFilter):
    """Published figures that come again and again."""

    not_filtered = COUNTED

    class Meta:
        model = Series
        fields = {**REFERENCE, "unit": ["exact"], "note": ["icontains"]}


class NamedListFilter(FactFilter):
    """Named lists."""

    owner = filters.CharFilter(field_name="owner__username", label=_("Who keeps it (user name)"))

    not_filtered = {**COUNTED, "query": "what the list asks of its members is read, not searched"}

    class Meta:
        model = NamedList
        fields = {**REFERENCE, "purpose": ["icontains"]}
