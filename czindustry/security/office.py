"""Signing in where an office has one sign-in for all its systems (OpenID Connect, authorization code with PKCE).

The office says who somebody is; the account, its role and its area are kept here. So nobody gets in who has no account,
and nobody becomes more than that account is. The office's sign-in answers for password and second factor.
"""

from functools import cache
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from joserfc.errors import JoseError
from requests import RequestException

from czindustry.security import second_factor, trail, ways
from czindustry.security.choices import Action
from registry.models import User

NEXT, BY_OFFICE = "office_next", "by_office"


@cache
def provider() -> Any:
    """What answers for people; asked for its addresses and keys at the first sign-in."""
    oauth = OAuth()
    return oauth.register(
        "office",
        client_id=settings.OIDC["CLIENT"],
        client_secret=settings.OIDC["SECRET"],
        server_metadata_url=f"{settings.OIDC['ISSUER'].rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )


def is_offered() -> bool:
    return bool(settings.OIDC["ISSUER"])


@login_not_required
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Leads to the office's page, and remembers where the person was going."""
    if not is_offered():
        raise Http404
    request.session[NEXT] = ways.following(request)
    try:
        answer: HttpResponse = provider().authorize_redirect(
            request, request.build_absolute_uri(reverse("office-back"))
        )
    except (OAuthError, RequestException) as error:
        return _refused(
            request, "", str(error), _("The sign-in of the office does not answer. Use your password.")
        )
    return answer


@login_not_required
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """From the office's page: who it is, told with a signature."""
    if not is_offered():
        raise Http404
    try:
        claims = provider().authorize_access_token(request).get("userinfo") or {}
    except (OAuthError, JoseError, RequestException, ValueError) as error:
        return _refused(request, "", str(error), _("The sign-in of the office has failed. Please try again."))
    name = str(claims.get(settings.OIDC["CLAIM"]) or "")
    user = User.objects.filter(username=trail.clean(name, 150), is_active=True, is_superuser=False).first()
    if not name or user is None:
        told = _(
            "You are signed in at your office as “%(name)s”, but have no account here: ask the administrator."
        )
        return _refused(request, name, "no account", told % {"name": name})
    following = request.session.pop(NEXT, reverse("reports:overview"))
    # before, for what happens at signing in; and after, as the session of another person is thrown away
    request.session[BY_OFFICE] = True
    login(request, user, backend=settings.RIGHTS_BACKEND)
    request.session[BY_OFFICE] = True
    request.session[second_factor.STATE] = second_factor.PASSED
    return redirect(following)


def _refused(request: HttpRequest, name: str, reason: str, told: str) -> HttpResponse:
    person = User.objects.filter(username=trail.clean(name, 150)).first() if name else None
    trail.note(
        Action.SIGN_IN,
        request,
        person=person,
        username=name,
        subject=name,
        succeeded=False,
        by="office",
        reason=reason[:300],
    )
    messages.error(request, told)
    return redirect("signin")
