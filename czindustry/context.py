"""What every page of the site is given."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from registry.demo import demo_is_present

SECONDS = 60


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`: whether made-up enterprises are in the registry, asked at most once a minute; `praise`: its colour."""
    demo = SimpleLazyObject(lambda: cache.get_or_set("demo_is_present", demo_is_present, SECONDS))
    return {"demo": demo, "praise": settings.PRAISE}
