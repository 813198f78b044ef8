"""What a person may see: decided in the queryset, before anything is counted or listed.

People of the city see all of it. People of an area see the enterprises that are in it now, and all that hangs on them.
Totals (readings of targets) are open to everybody who is signed in.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q


def in_area_of(user: Any, *paths: str) -> Q:
    """A condition that keeps a queryset to what `user` may see; each path leads from its model to a district."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Q(pk__in=[])
    if user.district_id is None:
        return Q()
    return reduce(or_, [Q(**{path: user.district_id}) for path in paths])
