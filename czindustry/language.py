"""The language of each answer: Chinese, unless somebody has chosen English here, or a program prefers it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from registry.api.problems import of_api

# The desk of staff, whose forms speak the city's terms.
DESK = "/admin/"


class LanguageMiddleware:
    """Around all that can refuse a request, so that refusals are told in the same language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            if of_api(request):
                response.headers.setdefault("Content-Language", translation.get_language())
        if of_api(request):
            patch_vary_headers(response, ("Accept-Language",))
        return response


def language_of(request: HttpRequest) -> str:
    """Of pages by the switch on them alone: offices buy their browsers in English. Programs say what they prefer."""
    if of_api(request):
        return translation.get_language_from_request(request)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    known = chosen in dict(settings.LANGUAGES) and not request.path.startswith(DESK)
    return chosen if known else settings.LANGUAGE_CODE
