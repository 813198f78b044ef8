"""The API that other systems rely on, /api/v1/: every resource in one place, its schema and its pages."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.routers import APIRootView, DefaultRouter
from rest_framework.views import APIView

from registry.api import feed, named_lists, problem_views
from registry.api import views as registry
from registry.api.permissions import ANY
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
router.register("memberships", registry.MembershipViewSet)
router.register("statistics", registry.StatisticViewSet)
router.register("lists", named_lists.NamedListViewSet)
router.register("rosters", registry.RosterViewSet)
router.register("targets", targets.TargetViewSet)
router.register("milestones", targets.MilestoneViewSet)
router.register("quotas", quotas.QuotaViewSet)
router.register("progress", targets.ProgressViewSet, basename="progress")
router.register("differences", targets.DifferenceViewSet, basename="differences")
router.register("publications", publications.PublicationViewSet)
router.register("changes", feed.ChangesViewSet, basename="changes")
router.register("overlaps", overlaps.OverlapViewSet, basename="overlaps")
router.register("sums", overlaps.SumViewSet, basename="sums")


@extend_schema(exclude=True)
class Nothing(APIView):
    """An address that is none, by whatever method."""

    scope = ANY

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


class Root(APIRootView):
    """All resources."""

    scope = ANY


class Schema(SpectacularAPIView):
    """What the API promises (OpenAPI)."""

    scope = ANY


class Pages(SpectacularSwaggerSplitView):
    """The pages to read and try it; whoever opens them signs in as on every page."""

    scope = ANY
    template_name = "api/docs.html"

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path(), reverse("signin"))
        return super().handle_exception(exc)


router.APIRootView = Root

urlpatterns = [
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Pages.as_view(url_name="api-schema"), name="api-docs"),
    path("problems/", problem_views.Problems.as_view(), name="problems"),
    path("problems/<str:code>/", problem_views.OneProblem.as_view(), name="problem"),
    path("export/<str:table>.ndjson", feed.ExportViewSet.as_view({"get": "retrieve"}), name="export"),
    path(
        "lists/<str:code>/members/",
        named_lists.MembersViewSet.as_view({"get": "list"}, basename="list_members"),
        name="list-members",
    ),
    path(
        "lists/<str:code>/changes/",
        named_lists.ListChangesViewSet.as_view({"get": "list"}),
        name="list-changes",
    ),
    *router.urls,
]
