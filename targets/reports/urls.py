from django.urls import URLPattern, path

from targets.reports import browse, bulletin, publications, views
from targets.reports.paper import View, printable

app_name = "reports"


def page(route: str, view: View, name: str) -> URLPattern:
    """A page, which can also be had as PDF."""
    return path(route, printable(view), name=name)


urlpatterns = [
    page("", views.overview_page, "overview"),
    path("courses/", views.courses_part, name="courses"),
    page("targets/<str:code>/", views.target_page, "target"),
    page("targets/<str:code>/differences/", views.target_differences_page, "target_differences"),
    page("plans/<str:code>/document/", views.source_page, "source"),
    page("enterprises/", browse.enterprises_page, "enterprises"),
    page("enterprises/<str:key>/", browse.enterprise_page, "enterprise"),
    page("districts/", browse.districts_page, "districts"),
    page("districts/<str:code>/", browse.district_page, "district"),
    path("districts/<str:code>/holdings/", browse.district_part, name="district_part"),
    page("clusters/", browse.clusters_page, "clusters"),
    page("clusters/<str:code>/", browse.cluster_page, "cluster"),
    page("lists/", browse.named_lists_page, "named_lists"),
    page("lists/<str:code>/", browse.named_list_page, "named_list"),
    page("expiring/", browse.expiring_page, "expiring"),
    path("bulletin/", bulletin.bulletin_page, name="bulletin"),
    page("publications/", publications.publications_page, "publications"),
    path("publications/start/", publications.start, name="publication_start"),
    page("publications/compare/", publications.compare_page, "publication_compare"),
    page("publications/<int:pk>/", publications.publication_page, "publication"),
    path("publications/<int:pk>/steps/<str:name>/", publications.step, name="publication_step"),
    path("publications/<int:pk>/<str:kind>/", publications.document, name="publication_document"),
    page("publications/<int:pk>/targets/<str:code>/", publications.records_page, "publication_records"),
    page("find/", browse.find_page, "find"),
    page("differences/", views.differences_page, "differences"),
    page("overlaps/", views.overlaps_page, "overlaps"),
    page("targets/<str:code>/series/", views.series_page, "series"),
    page("targets/<str:code>/bridge/", views.bridge_page, "bridge"),
]
