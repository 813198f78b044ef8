"""What happens at signing in and out: the trail, the limits of the session, the second factor, used passwords."""

import time
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.http import HttpRequest

from czindustry.security import last_sign_in, office, passwords, second_factor, sessions, trail
from czindustry.security.addresses import address_of
from czindustry.security.choices import Action
from registry.api.tokens import token_refused
from registry.models import ApiToken, User
from registry.recent import Recent

# What this process has told of refused tokens.
REFUSED = Recent(1_000)


def connect() -> None:
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    user_login_failed.connect(failed)
    user_locked_out.connect(locked)
    post_save.connect(saved, sender=User)
    token_refused.connect(refused)


def signed_in(request: HttpRequest, user: User, **_signal: Any) -> None:
    now = int(time.time())
    request.session[sessions.BEGAN] = request.session[sessions.SEEN] = now
    second_factor.begin(request, user)
    last_sign_in.tell(request, user)
    by_office = request.session.get(office.BY_OFFICE, False)
    if not by_office:
        passwords.demand_new_one(user)
    trail.note(
        Action.SIGN_IN, request, person=user, subject=user.username, by="office" if by_office else "password"
    )


def signed_out(request: HttpRequest, user: User | None, **_signal: Any) -> None:
    if user is not None:
        trail.note(Action.SIGN_OUT, request, person=user, subject=user.username)


def failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: Any) -> None:
    if getattr(request, "axes_locked_out", False):
        return
    typed = str(credentials.get("username") or "")
    person = User.objects.filter(username=trail.clean(typed, 150)).first()
    trail.note(Action.SIGN_IN, request, person=person, username=typed, succeeded=False, subject=typed)


def locked(request: HttpRequest, username: str | None, **_signal: Any) -> None:
    typed = username or ""
    person = User.objects.filter(username=trail.clean(typed, 150)).first()
    trail.note(Action.LOCKED, request, person=person, username=typed, succeeded=False, subject=typed)


def refused(request: Any, token: ApiToken | None, reason: str, **_signal: Any) -> None:
    """A program that goes on and on is told once a minute: what it sends must not fill the trail."""
    minute = int(time.time()) // 60
    key = (minute, address_of(request), token.pk if token else None)
    if REFUSED.get_many([key]):
        return
    REFUSED.set_many({key: True})
    subject = str(token) if token else ""
    person = token.owner if token else None
    trail.note(Action.TOKEN, request, person=person, subject=subject, succeeded=False, reason=reason)


def saved(instance: User, update_fields: Any = None, **_signal: Any) -> None:
    if update_fields is not None and set(update_fields) == {"password"} and instance._password is None:  # type: ignore[attr-defined]
        # Django has hashed the same password anew, as it does when hashing has become stronger
        passwords.hashed_anew(instance)
    elif update_fields is None or "password" in update_fields:
        passwords.keep(instance)
