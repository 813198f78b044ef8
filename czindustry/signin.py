"""Signing in and out, and the password that must be changed first."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from czindustry.security import office
from czindustry.security.ways import first_to, following
from registry.access import no_facts_for, sees_facts
from registry.api.problems import of_api, problem_page
from registry.models import User

# What a person may do before the password is changed, by the name of the address.
ALLOWED_BEFORE_CHANGE = {"language", "signin", "signin-code", "signout", "password", "admin:logout"}


class SignIn(auth_views.LoginView):
    """The one page for signing in, to the pages as to the admin."""

    template_name = "signin/signin.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"office": office.is_offered()}


def locked_out(request: HttpRequest, *_given: object, **_named: object) -> HttpResponse:
    """After too many wrong passwords, for an account as for an address."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    answer = render(request, "signin/locked.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


class SignOut(auth_views.LogoutView):
    """Signing out, by POST only; leads back to the page for signing in."""


@login_not_required
def admin_signin(request: HttpRequest) -> HttpResponse:
    """Where the admin sends people who may not see it: to our page, unless they are signed in already."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied(_("Your account has no access to the administration."))
    wanted = request.GET.get("next") or reverse("admin:index")
    return redirect(f"{reverse('signin')}?{urlencode({'next': wanted})}")


class NewPasswordForm(PasswordChangeForm):
    """A new password; it ends the duty to change."""

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = False
        return super().save(commit)


class ChangePassword(auth_views.PasswordChangeView):
    """Changing one's own password; afterwards on to where the person was going."""

    form_class = NewPasswordForm
    template_name = "signin/password.html"

    def get_success_url(self) -> str:
        return following(self.request)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password has been changed."))
        return answer


class PasswordChangeMiddleware:
    """Whoever must change the password is led there from every page and from the admin; the API refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not user.must_change_password:
            return None
        if request.session.get(office.BY_OFFICE):
            # who never uses the password here need not change it
            return None
        match = request.resolver_match
        if match is not None and match.view_name in ALLOWED_BEFORE_CHANGE:
            return None
        if of_api(request):
            return problem_page(request, "permission_denied", _("Change your password first."))
        return first_to("password", request)


class FactsMiddleware:
    """Pages and API with facts are for those whose role works with them; who looks after the site has the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or sees_facts(user):
            return None
        if request.path == "/" and user.is_staff:
            return redirect("admin:index")
        message = no_facts_for(user)
        if of_api(request):
            return problem_page(request, "permission_denied", message)
        match = request.resolver_match
        if match is not None and match.app_name == "reports":
            raise PermissionDenied(message)
        return None
