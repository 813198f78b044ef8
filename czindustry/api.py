"""The API that other systems rely on, /api/v1/: every resource in one place, its schema and its pages."""

from typing import Any

from django.http import Http404
from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from registry.api import views as registry
from targets.api import overlaps, publications, quotas
from targets.api import views as targets

router = DefaultRouter()
router.include_format_suffixes = False
router.register("districts", registry.DistrictViewSet)
router.register("clusters", registry.ClusterViewSet)
router.register("industries", registry.IndustryViewSet)
router.register("schemes", registry.SchemeViewSet)
router.register("series", registry.SeriesViewSet)
router.register("enterprises", registry.EnterpriseViewSet)
router.register("designations", registry.DesignationViewSet)
router.register("annual-figures", registry.AnnualFiguresViewSet)
router.register("statistics", registry.StatisticViewSet)
router.register("rosters", registry.RosterViewSet)
router.register("targets", targets.TargetViewSet)
router.register("milestones", targets.MilestoneViewSet)
router.register("quotas", quotas.QuotaViewSet)
router.register("progress", targets.ProgressViewSet, basename="progress")
router.register("differences", targets.DifferenceViewSet, basename="differences")
router.register("publications", publications.PublicationViewSet)
router.register("overlaps", overlaps.OverlapViewSet, basename="overlaps")
router.register("sums", overlaps.SumViewSet, basename="sums")


@extend_schema(exclude=True)
class Nothing(APIView):
    """An address that is none: programs get their 404 as JSON."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise Http404


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    *router.urls,
    # with the slash only: without it Django still leads to the address that has one
    re_path(r"^.*/$", Nothing.as_view()),
]
