"""What every page of the site is given."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from registry.choices import Role
from registry.demo import demo_is_present
from registry.models import User

SECONDS = 60


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`: whether made-up enterprises are in the registry, asked at most once a minute; `praise`: its colour;
    `first_account`: whether the one that may do everything is still there, for whom that concerns."""
    demo = SimpleLazyObject(lambda: cache.get_or_set("demo_is_present", demo_is_present, SECONDS))
    first = SimpleLazyObject(lambda: first_account_is_there(request))
    return {"demo": demo, "praise": settings.PRAISE, "first_account": first}


def first_account_is_there(request: HttpRequest) -> bool:
    """Told to that account itself, and to those who are to see that it goes."""
    user: Any = request.user
    if user.is_superuser:
        return True
    watches = user.is_authenticated and user.role in Role.administrators()
    return watches and User.objects.filter(is_superuser=True, is_active=True).exists()
