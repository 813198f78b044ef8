from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from czindustry import api, signin
from czindustry.desk import find_view
from czindustry.security import office, second_factor
from czindustry.security.printing import printed

# Errors that no view has met.
handler400 = "czindustry.errors.bad_request"
handler403 = "czindustry.errors.permission_denied"
handler404 = "czindustry.errors.not_found"
handler500 = "czindustry.errors.server_error"

urlpatterns = [
    path("", include("targets.reports.urls")),
    path("signin/", signin.SignIn.as_view(), name="signin"),
    path("signin/code/", second_factor.code_page, name="signin-code"),
    path("signin/office/", office.start, name="office"),
    path("signin/office/back/", office.back, name="office-back"),
    path("signout/", signin.SignOut.as_view(), name="signout"),
    path("language/", login_not_required(set_language), name="language"),
    path("password/", signin.ChangePassword.as_view(), name="password"),
    path("password/second-factor/", second_factor.own_page, name="second-factor"),
    path("printed/", printed, name="printed"),
    # People sign in and change their password in one place, not in two.
    path("admin/login/", signin.admin_signin),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    path("admin/find/", find_view, name="admin-find"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("czindustry.api")),
    # with the slash only: without it Django still leads to the address that has one
    re_path(r"^api/(.*/)?$", api.Nothing.as_view()),
]
