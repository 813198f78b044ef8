from django.urls import path

from targets.reports import browse, bulletin, publications, views

app_name = "reports"
urlpatterns = [
    path("", views.overview_page, name="overview"),
    path("courses/", views.courses_part, name="courses"),
    path("targets/<str:code>/", views.target_page, name="target"),
    path("targets/<str:code>/differences/", views.target_differences_page, name="target_differences"),
    path("plans/<str:code>/document/", views.source_page, name="source"),
    path("enterprises/", browse.enterprises_page, name="enterprises"),
    path("enterprises/<str:key>/", browse.enterprise_page, name="enterprise"),
    path("districts/", browse.districts_page, name="districts"),
    path("districts/<str:code>/", browse.district_page, name="district"),
    path("clusters/", browse.clusters_page, name="clusters"),
    path("clusters/<str:code>/", browse.cluster_page, name="cluster"),
    path("expiring/", browse.expiring_page, name="expiring"),
    path("bulletin/", bulletin.bulletin_page, name="bulletin"),
    path("publications/", publications.publications_page, name="publications"),
    path("publications/start/", publications.start, name="publication_start"),
    path("publications/compare/", publications.compare_page, name="publication_compare"),
    path("publications/<int:pk>/", publications.publication_page, name="publication"),
    path("publications/<int:pk>/steps/<str:name>/", publications.step, name="publication_step"),
    path("publications/<int:pk>/<str:kind>/", publications.document, name="publication_document"),
    path("publications/<int:pk>/targets/<str:code>/", publications.records_page, name="publication_records"),
    path("find/", browse.find_page, name="find"),
    path("differences/", views.differences_page, name="differences"),
    path("overlaps/", views.overlaps_page, name="overlaps"),
    path("targets/<str:code>/series/", views.series_page, name="series"),
    path("targets/<str:code>/bridge/", views.bridge_page, name="bridge"),
]
