"""Who may ask the API, and what for: the one place in which scopes of tokens restrict."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from registry.access import no_facts_for, sees_facts
from registry.choices import Scope
from registry.models import ApiToken
from registry.models.token import NEEDS

# The scope of what tells no facts: reference rows, the schema, addresses that are none. Every token opens it.
ANY = "any"
# What a view needs that does not say what it needs: no token has it.
CLOSED = "closed"


def token_of(request: Any) -> ApiToken | None:
    return request.auth if isinstance(request.auth, ApiToken) else None


def scope_of(view: Any, method: str) -> str:
    """What a token must be good for. `scope` of a view is for reading, `scopes` for actions of these names.

    So a view that forgets to say is closed to all tokens, and so is writing that it does not name.
    """
    named = getattr(view, "scopes", {}).get(getattr(view, "action", None))
    reading: str = getattr(view, "scope", CLOSED) if method in SAFE_METHODS else CLOSED
    return named or reading


def check_scope(request: Any, scope: Scope | None) -> None:
    """PermissionDenied where a token asks for something besides that its scopes do not open."""
    token = token_of(request)
    if token is not None and scope is not None and not token.may(scope):
        raise PermissionDenied(lacking(scope), code="insufficient_scope")


def lacking(scope: Scope) -> str:
    return _("This needs the scope %(scope)s (%(words)s).") % {"scope": scope, "words": scope.label}


def sees_contacts(request: Any) -> bool:
    """Whole, not masked: within the scope of a token whose person may see them whole at the desk."""
    token = token_of(request)
    return token is not None and token.sees_contacts()


class SignedIn(IsAuthenticated):
    """People whose password is their own, and tokens within their scopes; what they see is decided by `visible_to`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        token, scope = token_of(request), scope_of(view, request.method or "")
        if token is not None and not self._is_within(token, scope):
            return False
        if request.method not in SAFE_METHODS and not self._may(request.user, scope):
            return False
        if token is not None:
            return True
        if getattr(request.user, "must_change_password", False):
            self.message = _("Change your first password before you use the API: sign in to the site once.")
            return False
        if not sees_facts(request.user):
            self.message = no_facts_for(request.user)
            return False
        return True

    def _may(self, user: Any, scope: str) -> bool:
        """Whether the person may write so at the desk; reading is decided by `visible_to`."""
        if scope in NEEDS and not user.has_perm(NEEDS[Scope(scope)]):
            self.message = _("Your account may not write this: ask for the right, or let a clerk do it.")
            return False
        return True

    def _is_within(self, token: ApiToken, scope: str) -> bool:
        if scope == ANY or scope in token.scopes:
            return True
        self.code = "insufficient_scope"
        if scope == CLOSED:
            self.message = _("This is not open to tokens.")
        else:
            self.message = lacking(Scope(scope))
        return False
