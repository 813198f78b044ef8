"""What went wrong, as RFC 9457 tells it: one form for every error of the API, whatever raised it.

    {"type", "title", "status", "detail", "instance", "code", "errors": [{"row", "field", "code", "message"}]}

`code` is for programs and never changes; `title` and `detail` are for people, in the language of the request.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, ValidationError
from django.db import DatabaseError, DataError, IntegrityError
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from registry.refusals import Refusal, refusal_of
from registry.rendering import Json
from registry.services.title_steps import StepRefused

CONTENT_TYPE = "application/problem+json"
OF_NO_FIELD = {NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY}
# what a trigger of ours raises: something that never changes should change
RAISED = "P0001"
# serialization failure and deadlock: of two that wanted the same one was sent away
COLLIDED = {"40001", "40P01"}


@dataclass(frozen=True)
class Kind:
    """One kind of problem, by its code."""

    status: int
    title: Any


KINDS = {
    "invalid": Kind(400, gettext_lazy("The request cannot be accepted")),
    "parse_error": Kind(400, gettext_lazy("The body cannot be read")),
    "not_authenticated": Kind(401, gettext_lazy("Nobody is signed in")),
    "authentication_failed": Kind(401, gettext_lazy("The token opens nothing")),
    "permission_denied": Kind(403, gettext_lazy("Not open to this account")),
    "insufficient_scope": Kind(403, gettext_lazy("Not open to this token")),
    "not_found": Kind(404, gettext_lazy("Nothing is found here")),
    "method_not_allowed": Kind(405, gettext_lazy("This method is not possible here")),
    "not_acceptable": Kind(406, gettext_lazy("There is no such form of the answer")),
    "conflict": Kind(409, gettext_lazy("Another record stands against it")),
    "gone": Kind(410, gettext_lazy("This is no longer kept")),
    "precondition_failed": Kind(412, gettext_lazy("The record has changed meanwhile")),
    "too_large": Kind(413, gettext_lazy("The request is too large")),
    "unsupported_media_type": Kind(415, gettext_lazy("There is no reading this kind of body")),
    "unprocessable": Kind(422, gettext_lazy("The key of this request belongs to another one")),
    "precondition_required": Kind(428, gettext_lazy("A change must say from which version it starts")),
    "throttled": Kind(429, gettext_lazy("Too many requests")),
    "error": Kind(500, gettext_lazy("The server has failed")),
    "unavailable": Kind(503, gettext_lazy("The register is not available just now: ask again in a moment")),
}


class Told(exceptions.APIException):
    """A problem of one of KINDS; `errors` name each thing that is wrong, by row, field, code and message."""

    def __init__(self, code: str, detail: str = "", errors: list[dict[str, Any]] | None = None) -> None:
        self.errors = errors or []
        self.status_code = KINDS[code].status
        super().__init__(detail or (summary(self.errors) if self.errors else str(KINDS[code].title)), code)


class Conflict(exceptions.APIException):
    """What is asked for does not go together with what is there."""

    status_code = 409
    default_code = "conflict"
    default_detail = gettext_lazy("This does not go together with what the registry holds.")


def of_api(request: HttpRequest) -> bool:
    """Whether a program asks, which wants its errors as problems and not as pages."""
    return request.path.startswith("/api/")


def problem(
    code: str, path: str, *, status: int = 0, detail: str = "", errors: list[Any] | None = None
) -> dict[str, Any]:
    kind = KINDS[code]
    return {
        "type": reverse("problem", args=[code]),
        "title": str(kind.title),
        "status": status or kind.status,
        "detail": detail or str(kind.title),
        "instance": escape_uri_path(path),
        "code": code,
        "errors": errors or [],
    }


def problem_page(request: HttpRequest, code: str, detail: str = "") -> JsonResponse:
    """A problem that no view of the API has met: told by the site around it."""
    body = problem(code, request.path, detail=detail)
    return JsonResponse(
        body,
        status=body["status"],
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The handler of all errors of the API. None is for what nobody foresaw: Django logs it, and `error` is told."""
    known = as_api_error(error)
    if known is None:
        return None
    set_rollback()
    request = context["request"]
    # also of what speaks YAML or HTML itself, and of what could not agree on a form
    request.accepted_renderer, request.accepted_media_type = Json(), Json.media_type
    code = code_of(known)
    errors = errors_of(known)
    detail = summary(errors) if errors else str(known.detail)
    body = problem(code, request.path, status=known.status_code, detail=detail, errors=errors)
    return Response(body, status=known.status_code, headers=headers_of(known), content_type=CONTENT_TYPE)


def errors_of(error: exceptions.APIException) -> list[dict[str, Any]]:
    if isinstance(error, Told):
        return error.errors
    return list(flat(error.get_full_details())) if isinstance(error, exceptions.ValidationError) else []


def as_api_error(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied(*error.args)
        case ValidationError():
            return exceptions.ValidationError(get_error_detail(error))
        case RequestDataTooBig():
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
            return Told("too_large", _("At most %(most)d MB: send it in parts.") % {"most": most})
        case StepRefused():
            return Conflict(str(error))
        case DatabaseError():
            return of_database(error)
    return None


def of_database(error: DatabaseError) -> exceptions.APIException | None:
    if isinstance(error, IntegrityError):
        return refused(refusal_of(error))
    if isinstance(error, DataError):
        return exceptions.ValidationError(
            _("A value is not possible here: too large, or with a character that is not allowed.")
        )
    state = getattr(error.__cause__, "sqlstate", None)
    if state == RAISED:
        return Conflict(_("This record never changes any more."))
    if state in COLLIDED:
        return Conflict(_("Somebody else is changing the same records. Try again."))
    return None


def refused(refusal: Refusal) -> exceptions.APIException:
    """What the database has refused, in the words of the constraint."""
    if refusal.conflicts:
        return Conflict(refusal.message)
    field = refusal.field or api_settings.NON_FIELD_ERRORS_KEY
    detail = exceptions.ErrorDetail(refusal.message, code=refusal.code)
    return exceptions.ValidationError({field: [detail]})


def code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    for code in (codes, error.default_code):
        if isinstance(code, str) and code in KINDS:
            return code
    return next((code for code, kind in KINDS.items() if kind.status == error.status_code), "error")


def headers_of(error: exceptions.APIException) -> dict[str, str]:
    """What the view has noted on the error: how to sign in, when to ask again."""
    how, wait = getattr(error, "auth_header", None), getattr(error, "wait", None)
    headers = {"WWW-Authenticate": how} if how else {}
    return headers | ({"Retry-After": f"{wait:.0f}"} if wait is not None else {})


def flat(details: Any, at: str = "") -> Iterator[dict[str, Any]]:
    """The problems one by one, each with the way to its field: `reviews.0.day`."""
    if isinstance(details, Mapping) and isinstance(details.get("message"), str):
        yield {"row": None, "field": at or None, "code": details["code"], "message": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, below in details.items():
            yield from flat(below, at if name in OF_NO_FIELD else _below(at, name))
    else:
        for place, below in enumerate(details):
            is_row = isinstance(below, Mapping) and not isinstance(below.get("message"), str)
            yield from flat(below, _below(at, place) if is_row else at)


def _below(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)


def summary(errors: list[dict[str, Any]]) -> str:
    if len(errors) == 1:
        return str(errors[0]["message"])
    number = len(errors)
    return ngettext(
        "%(number)d thing cannot be accepted: see errors.",
        "%(number)d things cannot be accepted: see errors.",
        number,
    ) % {"number": number}
