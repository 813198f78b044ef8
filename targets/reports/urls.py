from django.urls import path

from targets.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.overview_page, name="overview"),
    path("targets/<str:code>/", views.target_page, name="target"),
    path("targets/<str:code>/differences/", views.target_differences_page, name="target_differences"),
    path("differences/", views.differences_page, name="differences"),
    path("overlaps/", views.overlaps_page, name="overlaps"),
]
