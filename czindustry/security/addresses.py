"""From where a request comes, and by which number it is known."""

import ipaddress
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

REQUEST_ID = "X-Request-Id"
# The number of the request that this thread answers, for its logs.
CURRENT: ContextVar[str] = ContextVar("request", default="")
# as programs make them; anything else is replaced, so that no log is written by who asks
KNOWN_BY = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class OriginMiddleware:
    """Outermost: the address behind our own proxies, and the number of the request, on the answer and in all logs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXIES:
            request.META["REMOTE_ADDR"] = behind_proxies(request)
        number = request.headers.get(REQUEST_ID, "")
        request.number = number if KNOWN_BY.fullmatch(number) else uuid.uuid4().hex  # type: ignore[attr-defined]
        current = CURRENT.set(request.number)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            CURRENT.reset(current)
        response.headers.setdefault(REQUEST_ID, request.number)  # type: ignore[attr-defined]
        return response


def behind_proxies(request: HttpRequest) -> str:
    """The address that the outermost of our proxies saw; what the client itself claims stands further left."""
    seen = request.META.get("REMOTE_ADDR", "")
    claimed = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
    told = claimed[-settings.PROXIES] if len(claimed) >= settings.PROXIES else seen
    return told if is_address(told) else seen


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def address_of(request: HttpRequest) -> str | None:
    """None where a server does not tell it, as over a Unix socket."""
    told = request.META.get("REMOTE_ADDR", "")
    return told if is_address(told) else None


def number_of(request: HttpRequest) -> str:
    number: str = getattr(request, "number", "")
    return number
