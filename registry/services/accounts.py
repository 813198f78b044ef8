"""What a person may do follows from the role."""

from django.contrib.auth.models import Group
from django.db import transaction

from registry.choices import Role
from registry.models import User


@transaction.atomic
def take_up_role(*, account: User) -> None:
    """Put an account into the group of its role and out of those of all others, and give or take its desk.

    Groups that an office has made stay as they are. Who had rights of their own from the time before groups loses them.
    """
    names = {role.chinese for role in Role}
    own = Role(account.role).chinese
    account.groups.remove(*Group.objects.filter(name__in=names - {own}))
    account.groups.add(*Group.objects.filter(name=own))
    account.user_permissions.clear()
    account.is_staff = account.is_superuser or account.role not in Role.without_a_desk()
    account.save(update_fields=["is_staff"])
