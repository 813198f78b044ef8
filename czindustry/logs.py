"""Logs: one line a record, as JSON for machines or as text for people; each with the number of its request."""

import json
import logging
import time
from typing import Any

from django.http import HttpRequest, HttpResponse

from czindustry.security.addresses import CURRENT, address_of

requests = logging.getLogger("czindustry.requests")
OWN = ("method", "path", "status", "ms", "user", "address")


class NumberFilter(logging.Filter):
    """Gives each record the number of the request during which it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_number = CURRENT.get()
        return True


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, request, and what a request tells of itself."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": getattr(record, "request_number", ""),
        }
        told |= {name: getattr(record, name) for name in OWN if hasattr(record, name)}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """A record for a request: what, with what result, how long, by whom, from where. Never what was sent."""
    told = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "user": name_of(request),
        "address": address_of(request),
    }
    requests.info("%(method)s %(path)s %(status)s %(ms)s ms", told, extra=told)


def name_of(request: HttpRequest) -> str:
    """Of whoever is known already: a log asks no database."""
    known: Any = getattr(request, "_cached_user", None) or getattr(request, "user", None)
    wrapped = getattr(known, "_wrapped", known)
    name: str = getattr(wrapped, "username", "") or ""
    return name
