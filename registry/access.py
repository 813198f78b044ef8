"""What a person may see: decided in the queryset, before anything is counted or listed.

People of the city see all of it. People of an area see the enterprises that are in it now, and all that hangs on them.
Administrators of the site see no facts, nor does who has no role yet. Totals are open to everybody else who is signed in.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from registry.choices import Role

WITHOUT_FACTS = (*Role.administrators(), Role.UNASSIGNED)


def sees_facts(user: Any) -> bool:
    """Not the three who look after the site, nor whom nobody has given a role; the first account may do all."""
    return user.is_superuser or getattr(user, "role", None) not in WITHOUT_FACTS


def no_facts_for(user: Any) -> str:
    """What is said to whoever may not see them."""
    if user.role == Role.UNASSIGNED:
        return _("Your account has no role yet. Ask the security administrator to give it one.")
    return _("Administrators of the site do not see its facts.")


def in_area_of(user: Any, *paths: str) -> Q:
    """A condition that keeps a queryset to what `user` may see; each path leads from its model to a district."""
    if not getattr(user, "is_authenticated", False) or not user.is_active or not sees_facts(user):
        return Q(pk__in=[])
    if user.district_id is None:
        return Q()
    return reduce(or_, [Q(**{path: user.district_id}) for path in paths])
