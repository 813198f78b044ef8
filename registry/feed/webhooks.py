"""Changes sent to other systems of themselves (变动推送), after Standard Webhooks: signed, and sent again until taken.

Each webhook has a position in the feed. What follows it goes out in one message; when that is taken (2xx), the position
moves on. So nothing is skipped; after a broken line a message may come twice, and a receiver tells by the version of a
row. What is sent is what the token of the webhook could read at that moment.
"""

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import history
from registry.feed import positions
from registry.feed.changes import Page, Reader
from registry.feed.positions import BadPosition, Forgotten
from registry.feed.resources import BY_NAME, named
from registry.models import Webhook, WebhookDelivery, WebhookProgress
from registry.rendering import Json

logger = logging.getLogger(__name__)

CHANGES, TEST = "registry.changes", "registry.test"
MOST_CHANGES = 500
# of one webhook, before the others have their turn
MOST_MESSAGES = 20
CONNECT, ANSWER = 5, 10
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(hours=6)
GIVE_UP_AFTER = dt.timedelta(days=3)
KEPT = dt.timedelta(days=90)
# without anything to tell
MOVED_ON_AFTER = dt.timedelta(minutes=5)
GONE = 410
# one that sends at a time, however many workers there are
LOCK = 532_003


@dataclass(frozen=True)
class Outcome:
    """What the other system answered: the status, and what is wrong with it; nothing where it was taken."""

    status: int | None
    problem: str = ""


class NotForUs(Exception):
    """An address to which nothing is sent, with the reason."""


# Sending what is due


def send_due(now: Callable[[], dt.datetime], should_stop: Callable[[], bool]) -> None:
    """Send what has come since to all who may be sent to; another worker that does it already is left to it."""
    with _alone() as is_mine:
        if not is_mine:
            return
        for pk in Webhook.objects.due(now()).order_by("pk").values_list("pk", flat=True):
            for _number in range(MOST_MESSAGES):
                if should_stop() or not send(pk, now()):
                    break


@contextmanager
def _alone() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def send(pk: int, now: dt.datetime) -> bool:
    """One message to a webhook, if there is something to tell; whether more may follow at once."""
    hook = Webhook.objects.due(now).select_related("token__owner", "progress").filter(pk=pk).first()
    if hook is None:
        return False
    follow_rotation(hook)
    if hook.token.refusal(now, timezone.localtime(now).date()):
        return False
    progress = progress_of(hook)
    try:
        page = _page(hook, progress.position)
    except Forgotten:
        _begin_anew(hook, progress, now)
        return False
    if not page.changes:
        # what was none of its business need not be looked through again and again
        if page.more or progress.moved_at is None or now - progress.moved_at >= MOVED_ON_AFTER:
            _move_on(progress, page, moved_at=now)
        return page.more
    body = message(CHANGES, now, {"changes": page.changes, "position": str(page.position)})
    number = number_of(hook, progress.position, str(page.position))
    outcome = post(hook, number, body, now)
    WebhookDelivery.objects.create(
        webhook=hook,
        message=number,
        sent_at=now,
        after=progress.position,
        position=str(page.position),
        changes=len(page.changes),
        status=outcome.status,
        problem=outcome.problem[:300],
    )
    if outcome.problem:
        _failed(hook, progress, outcome, now)
        return False
    mended = {"failures": 0, "failing_since": None, "next_try_at": None}
    _move_on(progress, page, moved_at=now, succeeded_at=now, **mended)
    return page.more


def follow_rotation(hook: Webhook) -> None:
    """The webhook goes with its token when that is rotated."""
    token = hook.token
    while (after := getattr(token, "successor", None)) is not None and after.drawn_at is not None:
        token = after
    if token != hook.token:
        hook.token = token
        with history.change(reason=_("The token was rotated")):
            hook.save(update_fields=["token"])


def progress_of(hook: Webhook) -> WebhookProgress:
    """How far it is; a new one begins with what comes from now on."""
    found: WebhookProgress | None = getattr(hook, "progress", None)
    if found is not None:
        return found
    made, _new = WebhookProgress.objects.get_or_create(
        webhook=hook, defaults={"position": str(positions.now())}
    )
    return made


def reader_of(hook: Webhook) -> Reader:
    token = hook.token
    tables = [one for one in named(hook.resources or BY_NAME) if one.scope is None or token.may(one.scope)]
    return Reader(tables, token.district_id, token.sees_contacts())


def _page(hook: Webhook, position: str) -> Page:
    after, reader = positions.read(position), reader_of(hook)
    try:
        return reader.page(after, MOST_CHANGES)
    except BadPosition:
        # what it is told of has changed within a stretch: that is told once more, from its beginning
        return reader.page(after.begun, MOST_CHANGES)


def _begin_anew(hook: Webhook, progress: WebhookProgress, now: dt.datetime) -> None:
    here = str(positions.now())
    WebhookDelivery.objects.create(
        webhook=hook,
        message="-",
        sent_at=now,
        after=progress.position,
        position=here,
        changes=0,
        problem=_(
            "The changes from there on are not kept. Take an export anew, and go on from its position."
        ),
    )
    WebhookProgress.objects.filter(pk=progress.pk).update(position=here)


def _move_on(progress: WebhookProgress, page: Page, **fields: Any) -> None:
    # whoever has set it back meanwhile is not overruled
    here = WebhookProgress.objects.filter(pk=progress.pk, position=progress.position)
    here.update(position=str(page.position), **fields)


def _failed(hook: Webhook, progress: WebhookProgress, outcome: Outcome, now: dt.datetime) -> None:
    failures, since = progress.failures + 1, progress.failing_since or now
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
    WebhookProgress.objects.filter(pk=progress.pk).update(
        failures=failures, failing_since=since, next_try_at=now + pause
    )
    if outcome.status == GONE or now - since >= GIVE_UP_AFTER:
        with history.change(
            reason=_("Sending has failed for too long: %(problem)s") % {"problem": outcome.problem}
        ):
            Webhook.objects.filter(pk=hook.pk).update(paused=True)


# One message


def message(kind: str, now: dt.datetime, data: dict[str, Any]) -> bytes:
    told: bytes = Json().render({"type": kind, "timestamp": now, "data": data})
    return told


def number_of(hook: Webhook, after: str, position: str) -> str:
    """The same for the same changes, however often they are sent."""
    return f"msg_{hashlib.sha256(f'{hook.pk}|{after}|{position}'.encode()).hexdigest()[:32]}"


def signature(secret: str, number: str, stamp: str, body: bytes) -> str:
    """Of Standard Webhooks, version 1."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def post(hook: Webhook, number: str, body: bytes, now: dt.datetime) -> Outcome:
    stamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "czindustry",
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(hook.secret, number, stamp, body),
    }
    try:
        _check_address(hook.url)
        # what it answers is not read, and where it leads on is not followed
        with requests.post(
            hook.url,
            data=body,
            headers=headers,
            timeout=(CONNECT, ANSWER),
            allow_redirects=False,
            stream=True,
        ) as answer:
            status = answer.status_code
    except NotForUs as refused:
        return Outcome(None, str(refused))
    except (requests.RequestException, OSError, ValueError) as error:
        return Outcome(None, _("Not reached: %(error)s") % {"error": type(error).__name__})
    if 200 <= status < 300:
        return Outcome(status)
    return Outcome(status, _("Answered %(status)d, not 2xx") % {"status": status})


def _check_address(url: str) -> None:
    """Nothing goes to this server itself: a webhook must not reach what listens here for nobody else."""
    if settings.WEBHOOKS_TO_THIS_SERVER:
        return
    parts = urlsplit(url)
    found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    for *_rest, address in found:
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            raise NotForUs(_("This address leads to this server itself: nothing is sent there."))


def test(hook: Webhook, now: dt.datetime) -> Outcome:
    """A message without changes, for whoever sets up the other side."""
    body = message(TEST, now, {"changes": [], "position": progress_of(hook).position})
    return post(hook, f"msg_test_{int(now.timestamp())}", body, now)


# What people do with it


def replay(delivery: WebhookDelivery) -> None:
    """Send again what was sent in this message, and all that followed; at once, if it was waiting."""
    WebhookProgress.objects.filter(pk=delivery.webhook_id).update(
        position=delivery.after, failures=0, failing_since=None, next_try_at=None
    )


def go_on(hook: Webhook) -> None:
    """Do not wait for the next try: somebody has mended the other side."""
    WebhookProgress.objects.filter(pk=hook.pk).update(failures=0, failing_since=None, next_try_at=None)


def tidy(now: dt.datetime) -> None:
    """Throw away what was sent long ago."""
    WebhookDelivery.objects.filter(sent_at__lt=now - KEPT).delete()
