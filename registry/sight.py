"""What a person of one area sees of the past: decided by where an enterprise is today, whatever was known then."""

from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from registry import past
from registry.models import Enterprise, User

Rows = TypeVar("Rows", bound=QuerySet[Any])


def seen_today(rows: Rows, user: User, path: str = "pk") -> Rows:
    """Without those that are another area's by now, for lists that are counted or go out whole, see `still_seen`.

    What is known now has them left out already.
    """
    if user.district_id is None or past.moment_in_force() is None:
        return rows
    own = past.as_they_are(Enterprise.objects.visible_to(user).order_by()).values("pk")
    seen = Q(**{f"{path}__in": own})
    return rows.filter(seen if path == "pk" else seen | Q(**{f"{path}__isnull": True}))


def still_seen(found: list[Any], user: User, path: str = "pk") -> list[Any]:
    """Without those that are another area's by now: what a person may see is decided by where an enterprise is today."""
    if user.district_id is None:
        return found
    keys = {getattr(one, path) for one in found} - {None}
    with past.of_now():
        own = set(Enterprise.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    return [one for one in found if getattr(one, path) is None or getattr(one, path) in own]
