"""The facts and what they refer to."""

from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import get_object_or_404

from registry import filters
from registry.access import in_area_of
from registry.api import serializers
from registry.api.base import ReferenceResource, Resource
from registry.api.permissions import sees_contacts
from registry.choices import RowOutcome, Scope
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    Industry,
    Roster,
    RosterRow,
    Scheme,
    Series,
    Statistic,
)

OF_LIST = {"roster": F("roster_row__roster_id")}


class DistrictViewSet(ReferenceResource):
    """The areas (板块) by which the plan is assessed."""

    queryset = District.objects.select_related("inside")
    serializer_class = serializers.DistrictSerializer
    filterset_class = filters.DistrictFilter


class ClusterViewSet(ReferenceResource):
    """Clusters, strategic clusters, chains and future industries."""

    queryset = Cluster.objects.all()
    serializer_class = serializers.ClusterSerializer
    filterset_class = filters.ClusterFilter
    ordering = ("kind", "position", "code")


class IndustryViewSet(ReferenceResource):
    """Industries (行业大类) of GB/T 4754 at two digits."""

    queryset = Industry.objects.all()
    serializer_class = serializers.IndustrySerializer
    filterset_class = filters.IndustryFilter
    ordering = ("code",)


class SchemeViewSet(ReferenceResource):
    """Kinds of titles (认定类别) with the levels at which they are granted."""

    queryset = Scheme.objects.select_related("succeeds").prefetch_related("levels")
    serializer_class = serializers.SchemeSerializer
    filterset_class = filters.SchemeFilter


class SeriesViewSet(ReferenceResource):
    """Published figures that come again and again (统计指标)."""

    queryset = Series.objects.all()
    serializer_class = serializers.SeriesSerializer
    filterset_class = filters.SeriesFilter


BY_USCC = OpenApiParameter(
    "uscc", str, OpenApiParameter.PATH, description="Unified social credit code (18 characters), or the id"
)


@extend_schema_view(retrieve=extend_schema(parameters=[BY_USCC]))
class EnterpriseViewSet(Resource):
    """Enterprises (企业); one is addressed by its unified social credit code or by its id."""

    scope = Scope.READ_ENTERPRISES
    queryset = Enterprise.objects.annotate(
        its_former_names=serializers.FormerNameSerializer.hanging_on("enterprise"),
        its_memberships=serializers.MembershipSerializer.hanging_on("enterprise"),
        its_relocations=serializers.RelocationSerializer.hanging_on("enterprise"),
        **OF_LIST,
    ).values(*serializers.EnterpriseSerializer.columns())
    serializer_class = serializers.EnterpriseSerializer
    filterset_class = filters.EnterpriseFilter
    lookup_field = "uscc"
    lookup_value_regex = "[0-9A-Za-z]+"

    def get_serializer_class(self) -> type[serializers.EnterpriseSerializer]:
        request = getattr(self, "request", None)
        whole = request is not None and sees_contacts(request)
        return serializers.EnterpriseWithContactsSerializer if whole else serializers.EnterpriseSerializer

    def get_object(self) -> dict[str, Any]:
        key: str = self.kwargs["uscc"]
        wanted: dict[str, Any] = {"uscc": key.upper()} if len(key) == 18 else {"pk": key}
        found: dict[str, Any] = get_object_or_404(self.get_queryset(), **wanted)
        return found


class DesignationViewSet(Resource):
    """Titles (认定称号) that enterprises and things hold or held."""

    scope = Scope.READ_RECORDS
    queryset = Designation.objects.annotate(
        place=Coalesce("enterprise__district__code", "district__code"),
        its_reviews=serializers.ReviewSerializer.hanging_on("designation"),
        **OF_LIST,
    ).values(*serializers.DesignationSerializer.columns())
    serializer_class = serializers.DesignationSerializer
    filterset_class = filters.DesignationFilter


class AnnualFiguresViewSet(Resource):
    """Yearly figures (年报) of enterprises: money in 万元."""

    scope = Scope.READ_RECORDS
    queryset = AnnualFigures.objects.annotate(place=F("enterprise__district__code"), **OF_LIST).values(
        *serializers.AnnualFiguresSerializer.columns()
    )
    serializer_class = serializers.AnnualFiguresSerializer
    filterset_class = filters.AnnualFiguresFilter


class StatisticViewSet(Resource):
    """Published figures (统计数) with their sources."""

    scope = Scope.READ_TOTALS
    queryset = Statistic.objects.annotate(**OF_LIST).values(*serializers.StatisticSerializer.columns())
    serializer_class = serializers.StatisticSerializer
    filterset_class = filters.StatisticFilter


def outcomes() -> Subquery:
    """How many rows of a list came to what, as one JSON object."""
    counts = {str(outcome): Count("pk", filter=Q(outcome=outcome)) for outcome in RowOutcome}
    rows = RosterRow.objects.filter(roster=OuterRef("pk")).order_by().values("roster")
    return Subquery(rows.annotate(counts=JSONObject(**counts)).values("counts"))


class RosterViewSet(Resource):
    """Imported lists (名单). People of an area see those that people of their area have imported."""

    scope = Scope.READ_RECORDS
    queryset = (
        Roster.objects.select_related("imported_by", "undone_by")
        .defer("content")
        .annotate(outcomes=outcomes())
    )
    serializer_class = serializers.RosterSerializer
    filterset_class = filters.RosterFilter

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(in_area_of(self.request.user, "imported_by__district"))
