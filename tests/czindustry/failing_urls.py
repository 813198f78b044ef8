"""Pages that fail, to see what a person is then shown."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from czindustry.urls import handler400, handler403, handler404, handler500
from czindustry.urls import urlpatterns as real

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@login_not_required
def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


@login_not_required
def refuses(request: HttpRequest) -> HttpResponse:
    raise BadRequest("a bad address")


@login_not_required
def forbids(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("fails/", fails),
    path("refuses/", refuses),
    path("forbids/", forbids),
    path("api/v1/fails/", fails),
    path("api/v1/refuses/", refuses),
    path("api/v1/forbids/", forbids),
    *real,
]
