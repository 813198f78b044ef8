"""Errors that no view has met: pages for people, problems for programs."""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views import defaults

from czindustry.probes import RETRY_AFTER
from registry.api.problems import of_api, problem_page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, "invalid") if of_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if of_api(request):
        return problem_page(request, "permission_denied")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if of_api(request):
        return problem_page(request, "not_found")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *_args: Any) -> HttpResponse:
    """A database that does not answer is no fault of the program: that is told, and when to come again."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return problem_page(request, "error") if of_api(request) else defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    if of_api(request):
        response: HttpResponse = problem_page(request, "unavailable")
    else:
        response = HttpResponse(get_template("503.html").render(), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
