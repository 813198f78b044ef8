"""How often a token may ask, counted in the database for all web processes together.

A process takes a twentieth of the rate at a time and spends it from memory, so that most requests cost no statement. A
token never gets more than its rate; what one process has taken and not spent is lost to the others for that minute.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections, router
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from registry.api.permissions import token_of
from registry.models import TokenUse

SHARES = 20
TAKE = """
    INSERT INTO registry_tokenuse AS use (token_id, minute, taken, used_at, used_from)
    VALUES (%s, %s, %s, now(), %s)
    ON CONFLICT (token_id) DO UPDATE SET
        taken = EXCLUDED.taken + CASE WHEN use.minute = EXCLUDED.minute THEN use.taken ELSE 0 END,
        minute = EXCLUDED.minute, used_at = EXCLUDED.used_at, used_from = EXCLUDED.used_from
    RETURNING taken
"""


@dataclass
class Held:
    """What a process may still spend for a token in one minute; `over` once there is nothing more to take."""

    minute: int
    left: int = 0
    over: bool = False


HELD: dict[int, Held] = {}
LOCK = threading.Lock()


class TokenThrottle(BaseThrottle):
    """The rate of each token, by the minutes of the clock; people are not counted."""

    def allow_request(self, request: Request, view: Any) -> bool:
        token = token_of(request)
        if token is None:
            return True
        with LOCK:
            return spend(token.pk, int(time.time()) // 60, request.META.get("REMOTE_ADDR") or None)

    def wait(self) -> float:
        return 60 - time.time() % 60


def spend(token: int, minute: int, address: str | None) -> bool:
    held = HELD.get(token)
    if held is None or held.minute != minute:
        held = HELD[token] = Held(minute)
    if not held.left and not held.over:
        held.left = take(token, minute, address)
        held.over = not held.left
    if held.over:
        return False
    held.left -= 1
    return True


def take(token: int, minute: int, address: str | None) -> int:
    """Takes a share out of the rate, and notes that the token is used."""
    rate = settings.API_TOKEN_RATE
    share = max(1, rate // SHARES)
    with connections[router.db_for_write(TokenUse)].cursor() as cursor:
        cursor.execute(TAKE, [token, minute, share, address])
        (taken,) = cursor.fetchone()
    return max(0, min(share, rate - (taken - share)))
