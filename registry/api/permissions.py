from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from registry.access import no_facts_for, sees_facts


class SignedIn(IsAuthenticated):
    """People with an account whose password is their own; what they see is decided by `visible_to`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if getattr(request.user, "must_change_password", False):
            self.message = _("Change your first password before you use the API: sign in to the site once.")
            return False
        if not sees_facts(request.user):
            self.message = no_facts_for(request.user)
            return False
        return True
