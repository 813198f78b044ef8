"""Errors that no view has met: pages for people, problems for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

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
    return problem_page(request, "error") if of_api(request) else defaults.server_error(request)
