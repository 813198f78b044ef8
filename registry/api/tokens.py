"""Other systems sign in by their token: `Authorization: Bearer czi_…`."""

import copy
from typing import Any

import pghistory
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registry import prepared
from registry.api.permissions import ANY, CLOSED, scope_of
from registry.held import HELD
from registry.models import ApiToken, User
from registry.recent import Recent
from registry.services.tokens import parts_of

SCHEME = "Bearer"
# Somebody came with a token that opens nothing: the request, the token if its number is known, and the reason.
token_refused = Signal()
# The versions of the rows of a token and its person, and what that person holds. To ask for these costs a fraction of
# reading both anew, and what was revoked or changed is seen at once.
VERSIONS = f"""
    SELECT token.xmin::text, token.ctid::text, owner.xmin::text, owner.ctid::text, {HELD.format(user="owner.id")}
      FROM registry_apitoken token JOIN registry_user owner ON owner.id = token.owner_id WHERE token.prefix = %s
"""
KNOWN = Recent(500)


def token_of_number(number: str) -> ApiToken | None:
    """The token with its person, as they are now; read once for each version of them."""
    versions = prepared.rows(VERSIONS, [number])
    if not versions:
        return None
    *version, held = versions[0]
    key = (number, *version)
    kept = KNOWN.get_many([key]).get(key)
    if kept is None:
        kept = ApiToken.objects.select_related("owner").get(prefix=number)
        KNOWN.set_many({key: kept})
    # each request has its own, as it acts in the area of the token and remembers rights
    token = copy.copy(kept)
    token.owner = copy.copy(kept.owner)
    token.owner.holds = held
    return token


class TokenAuthentication(BaseAuthentication):
    """The person who answers for a token, within its area; mostly one small statement. What it may do: `permissions`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _sep, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = self._found(request, given.strip())
        now = timezone.now()
        reason = token.refusal(now, timezone.localdate(now))
        if reason:
            token_refused.send(TokenAuthentication, request=request._request, token=token, reason=reason)
            raise AuthenticationFailed(reason)
        # whatever is written in this request is told as written by this token
        pghistory.context(token=str(token))
        return token.principal(), token

    def _found(self, request: Request, given: str) -> ApiToken:
        parts = parts_of(given)
        token = token_of_number(parts[0]) if parts else None
        if parts is None or token is None or not token.answers_to(parts[1]):
            reason = _("There is no such token.")
            token_refused.send(TokenAuthentication, request=request._request, token=token, reason=reason)
            raise AuthenticationFailed(reason)
        return token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="czindustry"'


class TokenScheme(OpenApiAuthenticationExtension):
    """For the schema: with each operation the scope that it needs."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]] | list[Any]:
        scope = scope_of(auto_schema.view, auto_schema.method)
        return [] if scope == CLOSED else {self.name: [] if scope == ANY else [str(scope)]}

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "czi_…",
            "description": "A token of one system, granted and drawn in the administration (接口令牌).",
        }
