"""The life of a token: granted by one person, drawn by another, rotated, revoked.

Who grants never sees a secret: administrators of the site see no facts, and a secret in their hands would show them.
"""

import datetime as dt
import secrets
import string
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.choices import TokenState
from registry.models.token import GRANT, ApiToken, digest_of

MARK = "czi"
ALPHABET = string.ascii_letters + string.digits
# 62 ** 43 is more than 2 ** 256
LENGTH, PREFIX = 43, 10
# Whoever opened a page so long ago and left the time as it was meant at once.
AT_ONCE = dt.timedelta(minutes=10)


class TokenRefused(Exception):
    """Why a step cannot be taken, in words."""


def grant(*, token: ApiToken, by: Any, at: dt.datetime) -> ApiToken:
    """A new token without a secret: its owner draws it."""
    token.granted_by, token.granted_at = by, at
    token.full_clean()
    token.save(force_insert=True)
    return token


@transaction.atomic
def draw(*, token: ApiToken, by: Any, at: dt.datetime) -> str:
    """The whole token, which is told this once: only its digest is kept."""
    token = _locked(token)
    if by.pk != token.owner_id:
        raise TokenRefused(_("Only the person who answers for a token draws it."))
    if token.drawn_at is not None:
        raise TokenRefused(_("This token has been drawn already. If its secret is lost, rotate it."))
    _refuse_if_over(token, at)
    text = _give_secret(token, at)
    token.save(update_fields=["prefix", "digest", "drawn_at"])
    return text


@transaction.atomic
def rotate(
    *, token: ApiToken, by: Any, at: dt.datetime, until: dt.datetime, expires_on: dt.date | None = None
) -> tuple[ApiToken, str]:
    """A successor with the same scopes; the old one opens until a moment.

    Its owner gets the new secret at once, within the days granted. Who grants gives it new days, and the owner draws it.
    """
    token = _locked(token)
    grants = expires_on is not None
    if not (by.has_perm(GRANT) if grants else by.pk == token.owner_id):
        raise TokenRefused(_("You may not rotate this token."))
    if token.drawn_at is None or hasattr(token, "successor"):
        raise TokenRefused(_("This token was never drawn, or has a successor already."))
    _refuse_if_over(token, at)
    if until < at - AT_ONCE:
        raise TokenRefused(_("The old token cannot end in the past."))
    new = ApiToken(
        **{
            name: getattr(token, name) for name in ("name", "purpose", "owner", "scopes", "lists", "district")
        },
        predecessor=token,
    )
    if expires_on is not None:
        new.valid_from, new.expires_on = _day_of(at), expires_on
        new.granted_by, new.granted_at = by, at
    else:
        new.valid_from, new.expires_on = token.valid_from, token.expires_on
        new.granted_by, new.granted_at = token.granted_by, token.granted_at
    text = "" if grants else _give_secret(new, at)
    new.full_clean()
    new.save(force_insert=True)
    token.superseded_at = max(until, at)
    token.save(update_fields=["superseded_at"])
    return new, text


@transaction.atomic
def revoke(*, token: ApiToken, by: Any, at: dt.datetime, reason: str) -> list[ApiToken]:
    """Ends a token at once, and with it those before it that still open."""
    found, one = [], _locked(token)
    if not (by.pk == one.owner_id or by.has_perm(GRANT)):
        raise TokenRefused(_("You may not revoke this token."))
    if one.revoked_at is not None:
        raise TokenRefused(_("This token was revoked."))
    before: ApiToken | None = one
    while before is not None:
        if before is one or before.state_at(at, _day_of(at)) in TokenState.still_open():
            before.revoked_at, before.revoked_by, before.revoke_reason = at, by, reason
            before.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
            found.append(before)
        before = before.predecessor
    return found


def parts_of(text: str) -> tuple[str, str] | None:
    """Of a token as a program sends it the number and the secret, if it looks like one."""
    mark, _sep, rest = text.partition("_")
    prefix, _sep, secret = rest.partition("_")
    looks_so = mark == MARK and len(prefix) == PREFIX and len(secret) == LENGTH and text.isascii()
    return (prefix, secret) if looks_so else None


def _locked(token: ApiToken) -> ApiToken:
    return ApiToken.objects.select_for_update().get(pk=token.pk)


def _refuse_if_over(token: ApiToken, at: dt.datetime) -> None:
    reason = token.refusal(at, max(_day_of(at), token.valid_from))
    if reason:
        raise TokenRefused(reason)


def _give_secret(token: ApiToken, at: dt.datetime) -> str:
    token.prefix, secret = _random(PREFIX), _random(LENGTH)
    token.digest, token.drawn_at = digest_of(secret), at
    return f"{MARK}_{token.prefix}_{secret}"


def _day_of(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(length))
