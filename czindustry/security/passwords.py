"""What a password must be, and how long it is good for (GB/T 22239, 8.1.4.1)."""

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from czindustry.security.models import UsedPassword
from registry.models import User

CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


class Classes:
    """At least so many of: small letters, capitals, digits, others."""

    def __init__(self, least: int = 3) -> None:
        self.least = least

    def validate(self, password: str, user: Any = None) -> None:
        if sum(bool(re.search(one, password)) for one in CLASSES) < self.least:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return _("Use at least %(least)d of: small letters, capitals, digits, other characters.") % {
            "least": self.least
        }


class NotUsedLately:
    """None of the last ones, the present one among them."""

    def __init__(self, last: int = 5) -> None:
        self.last = last

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        used = [user.password, *user.used_passwords.values_list("password", flat=True)[: self.last]]
        if any(check_password(password, one) for one in dict.fromkeys(used) if one):
            raise ValidationError(self.get_help_text(), code="password_used_lately")

    def get_help_text(self) -> str:
        return _("Choose a password that is none of your last %(last)d.") % {"last": self.last}


def keep(user: User) -> None:
    """Remember the password that the account has now; older ones than are asked for are forgotten."""
    if not user.has_usable_password():
        return
    latest = user.used_passwords.first()
    if latest is None or latest.password != user.password:
        UsedPassword.objects.create(person=user, password=user.password)
    kept = user.used_passwords.values_list("pk", flat=True)[: settings.PASSWORDS_REMEMBERED]
    user.used_passwords.exclude(pk__in=list(kept)).delete()


def hashed_anew(user: User) -> None:
    latest = user.used_passwords.first()
    if latest is not None:
        latest.password = user.password
        latest.save(update_fields=["password"])


def demand_new_one(user: User) -> None:
    """At sign-in: a password that is too old is to be changed first."""
    if not user.must_change_password and is_too_old(user):
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])


def set_at(user: User) -> dt.datetime:
    """Since when the account has its password; an account of before this was remembered, since it was made."""
    since = user.used_passwords.filter(password=user.password).values_list("since", flat=True).first()
    return since or user.date_joined


def is_too_old(user: User) -> bool:
    if not settings.PASSWORD_DAYS or not user.has_usable_password():
        return False
    return timezone.now() - set_at(user) >= dt.timedelta(days=settings.PASSWORD_DAYS)
