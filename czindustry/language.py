"""The language of the pages: Chinese, unless somebody has chosen English here."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

# The desk of staff, whose forms speak the city's terms, and programs that write no language into a cookie.
CHINESE_ALONE = ("/admin/", "/api/")


class LanguageMiddleware:
    """What a browser is set to says nothing: offices buy them in English. Only the switch on the pages does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            return self.get_response(request)


def language_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    known = dict(settings.LANGUAGES)
    if chosen not in known or request.path.startswith(CHINESE_ALONE):
        return settings.LANGUAGE_CODE
    return chosen
