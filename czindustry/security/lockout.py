"""Wrong passwords lock the account, and the address from which they come, for a while (django-axes)."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings


class Lockout(AxesDatabaseHandler):
    """Many people sit behind the address of an office: it bears more failures than an account does."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Counted in failures of an account."""
        of_account, of_address = (
            sum(attempts.values_list("failures_since_start", flat=True))
            for attempts in self.get_user_attempts(request, credentials)
        )
        limit: int = settings.AXES_FAILURE_LIMIT
        return max(of_account, of_address * limit // settings.FAILURES_OF_AN_ADDRESS)

    def reset_user_attempts(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """A right password forgives its own account alone: whoever has one must not try others between."""
        username = (credentials or {}).get("username")
        count: int = AccessAttempt.objects.filter(username=username).delete()[0] if username else 0
        return count


def unlock(username: str) -> int:
    """Let an account sign in again before its time; how many failures were forgiven."""
    return AccessAttempt.objects.filter(username=username).delete()[0]
