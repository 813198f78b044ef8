"""The facts and what they refer to."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from registry import filters, services
from registry.access import in_area_of
from registry.api import examples, serializers
from registry.api.base import Included, ReferenceResource, Resource
from registry.api.contract import OF_CHANGE, step, written
from registry.api.inputs import (
    AnnualFiguresInput,
    CloseInput,
    DesignationInput,
    EndInput,
    EnterpriseInput,
    MembershipInput,
    MoveInput,
    ReviewInput,
    StatisticInput,
)
from registry.api.permissions import sees_contacts
from registry.api.problems import Conflict
from registry.api.writing import Writable, reason_of, said, version_of
from registry.choices import ReviewOutcome, RowOutcome, Scope, TitleStep
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    Industry,
    Membership,
    Roster,
    RosterRow,
    Scheme,
    Series,
    Statistic,
)
from registry.services import title_steps
from registry.writing import (
    DesignationWriter,
    EnterpriseWriter,
    FiguresWriter,
    MembershipWriter,
    Problem,
    StatisticWriter,
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


@written(EnterpriseInput, serializers.EnterpriseSerializer, examples.ENTERPRISE, address=[BY_USCC])
@extend_schema_view(
    retrieve=extend_schema(parameters=[BY_USCC]),
    update=extend_schema(
        operation_id="enterprises_put",
        summary="Create or change",
        request=EnterpriseInput,
        responses={200: serializers.EnterpriseSerializer, 201: serializers.EnterpriseSerializer},
        parameters=[BY_USCC, *OF_CHANGE],
        examples=[OpenApiExample("one", examples.ENTERPRISE, request_only=True)],
    ),
)
class EnterpriseViewSet(Writable):
    """Enterprises (企业); one is addressed by its unified social credit code or by its id."""

    scope = Scope.READ_ENTERPRISES
    writes = Scope.WRITE_ENTERPRISES
    writer = EnterpriseWriter
    inputs = EnterpriseInput
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
        return self.row("uscc", key.upper()) if len(key) == 18 else self.row("pk", key)

    def pk_of_address(self) -> int:
        key: str = self.kwargs["uscc"]
        seen = Enterprise.objects.visible_to(self.request.user)
        if len(key) == 18:
            return get_object_or_404(seen.only("pk"), uscc=key.upper()).pk
        return get_object_or_404(seen.only("pk"), pk=key).pk

    def update(self, request: Request, **kwargs: Any) -> Response:
        """Create the enterprise of this code, or change it: what is left out stays as it is."""
        key: str = self.kwargs["uscc"]
        if len(key) != 18:
            return self.partial_update(request)
        wanted = EnterpriseInput.read(request.data)
        if wanted.values.setdefault("uscc", key.upper()) != key.upper():
            wanted.problems.append(
                Problem("uscc", "invalid", _("The code differs from that of the address."))
            )
        wanted.version = version_of(request)
        only_new = request.headers.get("If-None-Match", "").strip() == "*"
        return self.performed(lambda: self.create_or_change(wanted, only_new=only_new))

    @step(MoveInput, serializers.EnterpriseSerializer, address=[BY_USCC])
    def move(self, request: Request, **kwargs: Any) -> Response:
        """Record that from a day on it belongs to another area, or to none of the city (迁移)."""
        data = said(MoveInput, request.data)
        by: Any = request.user
        if by.district_id is not None:
            raise PermissionDenied(_("A move concerns two areas: it is the city's to record."))
        return self.take_step(
            lambda one: services.move(
                enterprise=one, to=data["to"], day=data["day"], by=by, reason=reason_of(request)
            )
        )

    @step(CloseInput, serializers.EnterpriseSerializer, address=[BY_USCC])
    def close(self, request: Request, **kwargs: Any) -> Response:
        """Record that from a day on it no longer exists (注销); its titles stay, and no longer count."""
        data = said(CloseInput, request.data)
        by: Any = request.user
        return self.take_step(
            lambda one: services.close(enterprise=one, day=data["day"], by=by, reason=reason_of(request))
        )


@written(DesignationInput, serializers.DesignationSerializer, examples.TITLE)
class DesignationViewSet(Writable):
    """Titles (认定称号) that enterprises and things hold or held."""

    scope = Scope.READ_RECORDS
    writes = Scope.WRITE_TITLES
    writer = DesignationWriter
    inputs = DesignationInput
    queryset = Designation.objects.annotate(
        place=Coalesce("enterprise__district__code", "district__code"),
        its_reviews=serializers.ReviewSerializer.hanging_on("designation"),
        **OF_LIST,
    ).values(*serializers.DesignationSerializer.columns())
    serializer_class = serializers.DesignationSerializer
    filterset_class = filters.DesignationFilter

    @step(EndInput, serializers.DesignationSerializer)
    def end(self, request: Request, **kwargs: Any) -> Response:
        """End a title before its term (终止)."""
        said_of = said(EndInput, request.data)
        return self._carry_out(TitleStep.END, **said_of)

    @step(ReviewInput, serializers.DesignationSerializer)
    def review(self, request: Request, **kwargs: Any) -> Response:
        """Record a re-review (复核): passed, the title runs on; failed, it ends."""
        said_of = said(ReviewInput, request.data)
        passed = said_of.pop("outcome") == ReviewOutcome.PASSED
        return self._carry_out(TitleStep.PASS if passed else TitleStep.FAIL, **said_of)

    def _carry_out(self, what: TitleStep, **said_of: Any) -> Response:
        by: Any = self.request.user
        wish = title_steps.Wish(what, by, reason=reason_of(self.request), **said_of)

        def carry_out(title: Designation) -> None:
            one = Designation.objects.filter(pk=title.pk)
            found = title_steps.look(one, wish)
            for _title, problem in found.unable:
                raise Conflict(problem)
            title_steps.carry_out(titles=one, wish=wish, mark=found.mark)

        return self.take_step(carry_out)


@written(AnnualFiguresInput, serializers.AnnualFiguresSerializer, examples.FIGURES)
class AnnualFiguresViewSet(Writable):
    """Yearly figures (年报) of enterprises: money in 万元."""

    scope = Scope.READ_RECORDS
    writes = Scope.WRITE_FIGURES
    writer = FiguresWriter
    inputs = AnnualFiguresInput
    queryset = AnnualFigures.objects.annotate(place=F("enterprise__district__code"), **OF_LIST).values(
        *serializers.AnnualFiguresSerializer.columns()
    )
    serializer_class = serializers.AnnualFiguresSerializer
    filterset_class = filters.AnnualFiguresFilter


@written(MembershipInput, serializers.ClusterMembershipSerializer, examples.MEMBERSHIP)
class MembershipViewSet(Writable):
    """To which clusters and chains enterprises belong (所属集群与产业链). One that is over has its `until`."""

    scope = Scope.READ_ENTERPRISES
    writes = Scope.WRITE_ENTERPRISES
    writer = MembershipWriter
    inputs = MembershipInput
    queryset = Membership.objects.annotate(place=F("enterprise__district__code")).values(
        *serializers.ClusterMembershipSerializer.columns()
    )
    serializer_class = serializers.ClusterMembershipSerializer
    filterset_class = filters.MembershipFilter


@written(StatisticInput, serializers.StatisticSerializer, examples.STATISTIC)
class StatisticViewSet(Writable):
    """Published figures (统计数) with their sources."""

    scope = Scope.READ_TOTALS
    writes = Scope.WRITE_STATISTICS
    writer = StatisticWriter
    inputs = StatisticInput
    queryset = Statistic.objects.annotate(**OF_LIST).values(*serializers.StatisticSerializer.columns())
    serializer_class = serializers.StatisticSerializer
    filterset_class = filters.StatisticFilter


EnterpriseViewSet.includes = {
    "designations": Included(DesignationViewSet, Scope.READ_RECORDS, "id", "enterprise_id"),
    "annual_figures": Included(AnnualFiguresViewSet, Scope.READ_RECORDS, "id", "enterprise_id"),
}
DesignationViewSet.includes = AnnualFiguresViewSet.includes = MembershipViewSet.includes = {
    "holder": Included(EnterpriseViewSet, Scope.READ_ENTERPRISES, "enterprise_id", "id", many=False)
}


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
