"""Who sits before the page: behind the admin's door always one of our people."""

from typing import cast

from django.http import HttpRequest

from registry.models import User


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def of_area(request: HttpRequest) -> bool:
    """Whether the person works for one area and sees that one only."""
    return person(request).district_id is not None
