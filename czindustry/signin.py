"""Signing in and out, and the password that must be changed first."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from czindustry.security import office
from czindustry.security.choices import Action
from czindustry.security.models import AuditEvent
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

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        before = last_signed_in(user)
        answer = super().form_valid(form)
        if before is not None:
            messages.info(self.request, told_of(before))
        if user.is_superuser:
            messages.warning(
                self.request,
                _(
                    "This first account may do everything. Make the three administrators and the people's accounts "
                    "with it, give each a role, and then switch it off."
                ),
            )
        return answer


@dataclass(frozen=True)
class Before:
    """When somebody signed in last, from where, and how often that failed since."""

    at: dt.datetime
    address: str
    failures: int


def last_signed_in(user: User) -> Before | None:
    """By the trail; None for the first time."""
    known = AuditEvent.objects.filter(person=user, action=Action.SIGN_IN)
    last = known.filter(succeeded=True).first()
    if last is None:
        return None
    failures = known.filter(succeeded=False, pk__gt=last.pk).count()
    return Before(timezone.localtime(last.at), last.address or "", failures)


def told_of(before: Before) -> str:
    words = {"at": f"{before.at:%Y-%m-%d %H:%M}", "address": before.address or _("this server")}
    told = _("You signed in last at %(at)s, from %(address)s.") % words
    if before.failures:
        told += " " + ngettext(
            "Since then %(count)d attempt with your name has failed: was it you?",
            "Since then %(count)d attempts with your name have failed: was it you?",
            before.failures,
        ) % {"count": before.failures}
    return told


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
    following = request.GET.get("next") or reverse("admin:index")
    return redirect(f"{reverse('signin')}?{urlencode({'next': following})}")


class NewPasswordForm(PasswordChangeForm):
    """A new password that is not the old one again; it ends the duty to change."""

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = False
        return super().save(commit)


class ChangePassword(auth_views.PasswordChangeView):
    """Changing one's own password; afterwards on to where the person was going."""

    form_class = NewPasswordForm
    template_name = "signin/password.html"
    success_url = reverse_lazy("reports:overview")

    def get_success_url(self) -> str:
        following = self.request.POST.get("next", "")
        hosts = {self.request.get_host()}
        if url_has_allowed_host_and_scheme(following, hosts, require_https=self.request.is_secure()):
            return following
        return super().get_success_url()

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
        following = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{reverse('password')}?{urlencode({'next': following})}")


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
