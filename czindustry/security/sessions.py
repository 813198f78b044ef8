"""How long a session lasts: so long without a sign of the person, and so long at all (GB/T 22239, 8.1.4.1)."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from czindustry.security.ways import first_to
from registry.api.problems import of_api, problem_page

BEGAN, SEEN = "signed_in_at", "seen_at"
# The session is written anew once a minute at most.
MINUTE = 60


class SessionLimitsMiddleware:
    """Ends what has lasted too long, and leads back to where the person was once they have signed in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            reason = ended(request)
            if reason:
                return self._end(request, reason)
        return self.get_response(request)

    def _end(self, request: HttpRequest, reason: str) -> HttpResponse:
        logout(request)
        if of_api(request):
            return problem_page(request, "not_authenticated", reason)
        messages.info(request, reason)
        return first_to("signin", request)


def ended(request: HttpRequest) -> str:
    """Why the session is over, or nothing; notes that the person was seen."""
    now, session = int(time.time()), request.session
    if now - session.get(BEGAN, now) >= settings.SESSION_HOURS * 3600:
        return _("You have been signed in for %(hours)d hours: please sign in again.") % {
            "hours": settings.SESSION_HOURS
        }
    if now - session.get(SEEN, now) >= settings.IDLE_MINUTES * 60:
        return _("You were away for more than %(minutes)d minutes: please sign in again.") % {
            "minutes": settings.IDLE_MINUTES
        }
    session.setdefault(BEGAN, now)
    # a clock that was set back starts anew
    if not 0 <= now - session.get(SEEN, 0) < MINUTE:
        session[SEEN] = now
    return ""
