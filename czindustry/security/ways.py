"""Where a person is led: to a page that must come first, and from there on to where they were going."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def first_to(page: str, request: HttpRequest) -> HttpResponseRedirect:
    """To the page of this name, which leads back here; what was sent to this one is not sent again."""
    following = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': following})}")


def following(request: HttpRequest) -> str:
    """Where the person was going: an address of this site, else the overview."""
    wanted: str = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("reports:overview")
