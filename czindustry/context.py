"""What every page of the site is given."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from registry.demo import demo_is_present


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`: whether made-up enterprises are in the registry; asked only by pages that show it."""
    return {"demo": SimpleLazyObject(demo_is_present)}
