"""The trail (审计记录): what is added by the site itself; what tables tell is added by their triggers.

Accounts, rights, tokens, lists that came in or were undone, and publications are told by triggers, so that no way past
the pages is silent. Sign-ins, and what is handed out, are told here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from pghistory.middleware import HistoryMiddleware as WhoDoesIt

from czindustry.security.addresses import address_of, number_of
from czindustry.security.choices import Action
from czindustry.security.models import AuditEvent
from registry.models import ApiToken, User

# Texts longer than their columns are cut: nothing of a request must keep its event from being written.
LONG = 1000
LINES = "application/x-ndjson"
FILES = (
    "text/csv",
    "application/pdf",
    LINES,
    "application/vnd.openxmlformats-officedocument",
)
PRINTED = "application/pdf"


def note(
    action: Action,
    request: HttpRequest | None,
    *,
    person: User | None = None,
    succeeded: bool = True,
    username: str = "",
    subject: str = "",
    rows: int | None = None,
    **details: Any,
) -> AuditEvent:
    """Add an event; outside a transaction it is kept even where the request fails afterwards."""
    token = getattr(request, "auth", None)
    named = person.username if person is not None else username
    return AuditEvent.objects.create(
        action=action,
        succeeded=succeeded,
        person=person,
        username=clean(named, 150),
        token=str(token)[:100] if isinstance(token, ApiToken) else "",
        address=address_of(request) if request is not None else None,
        request=number_of(request)[:100] if request is not None else "",
        path=clean(request.get_full_path(), LONG) if request is not None else "",
        subject=clean(subject, 300),
        rows=rows,
        details=details,
    )


def clean(text: str, most: int) -> str:
    """As PostgreSQL takes it: without NUL and half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]


class HistoryMiddleware(WhoDoesIt):
    """With each change its place and the number of its request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_context(request), "address": address_of(request), "request": number_of(request)}


class HandedOutMiddleware:
    """Whatever leaves as a file is told: lists hold personal data, and drafts are not public.

    A file tells how many rows it has by `rows`; one that streams is counted as it goes, also where it breaks off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 200 and is_file(response):
            self._tell(request, response)
        return response

    def _tell(self, request: HttpRequest, response: Any) -> None:
        user: Any = getattr(request, "user", None)
        person = user if getattr(user, "is_authenticated", False) else None
        action = Action.PRINT if kind_of(response) == PRINTED else Action.EXPORT
        subject = str(getattr(response, "called", "")) or request.path

        def told(rows: int | None, whole: bool = True) -> None:
            note(action, request, person=person, subject=subject, rows=rows, succeeded=whole)

        if kind_of(response) == LINES:
            response.streaming_content = counted(response.streaming_content, told)
        else:
            told(getattr(response, "rows", None))


def counted(parts: Iterable[bytes], told: Callable[[int, bool], object]) -> Iterator[bytes]:
    count, whole = 0, False
    try:
        for part in parts:
            count += part.count(b"\n")
            yield part
        whole = True
    finally:
        told(count, whole)


def kind_of(response: HttpResponse) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def is_file(response: HttpResponse) -> bool:
    """Something for keeping; the site's own scripts and pictures do not come by here."""
    return "attachment" in response.headers.get("Content-Disposition", "") or kind_of(response).startswith(
        FILES
    )
