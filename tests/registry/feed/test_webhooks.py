"""Changes are sent to a system of themselves: signed, each until it is taken, none skipped, within its token."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from registry.choices import Scope
from registry.feed import positions, webhooks
from registry.models import ApiToken, Webhook, WebhookDelivery, WebhookProgress
from registry.services import tokens
from tests import people
from tests.connections import another
from tests.factories import designation, district, enterprise
from tests.tokens import drawn

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Receiver:
    """The other system: keeps what it is sent, and answers as it is told to."""

    url: str = ""
    answer: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def messages(self) -> list[Any]:
        return [json.loads(body) for _headers, body in self.got]

    @property
    def changes(self) -> list[tuple[str, str]]:
        told = [change for one in self.messages for change in one["data"]["changes"]]
        return [(change["change"], change["row"]["name"]) for change in told if change["row"]]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_THIS_SERVER = True
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((dict(self.headers), body))
            self.send_response(receiver.answer)
            self.send_header("Location", receiver.url)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/changes"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()


# After all tokens were drawn: those of the day after, where the tests go on over midnight, hold on that day.
NOW = timezone.now() + dt.timedelta(days=1)
LATER = NOW + dt.timedelta(hours=12)


def webhook(receiver: Receiver, *scopes: Scope, resources: tuple[str, ...] = (), **fields: Any) -> Webhook:
    owner = fields.pop("owner", None) or people.clerk_of_the_city()
    wanted = scopes or (Scope.READ_ENTERPRISES, Scope.READ_RECORDS)
    token = drawn(owner, Scope.FOLLOW_CHANGES, *wanted, **fields)[0]
    hook = Webhook.objects.create(token=token, url=receiver.url, resources=list(resources))
    webhooks.progress_of(hook)
    return hook


def sent(now: dt.datetime = NOW) -> None:
    webhooks.send_due(lambda: now, lambda: False)


def log() -> list[tuple[int, int | None, bool]]:
    rows = WebhookDelivery.objects.order_by("pk").values_list("changes", "status", "problem")
    return [(changes, status, not problem) for changes, status, problem in rows]


def test_what_has_changed_since_is_sent_once(receiver: Receiver) -> None:
    enterprise("从前的厂")
    hook = webhook(receiver, resources=("enterprises",))
    sent()
    assert receiver.got == []
    made = enterprise("新厂")
    made.name = "改名厂"
    made.save()
    sent()
    sent()
    assert receiver.changes == [("created", "新厂"), ("changed", "改名厂")]
    (message,) = receiver.messages
    assert message["type"] == "registry.changes"
    assert message["data"]["position"] == WebhookProgress.objects.get(webhook=hook).position
    assert log() == [(2, 204, True)]


def test_a_message_is_signed_after_standard_webhooks(receiver: Receiver) -> None:
    hook = webhook(receiver)
    enterprise("新厂")
    sent()
    ((headers, body),) = receiver.got
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert int(headers["webhook-timestamp"]) == int(NOW.timestamp())
    assert headers["webhook-id"] == WebhookDelivery.objects.get().message


@pytest.mark.parametrize("status", [500, 404, 400, 302])
def test_what_is_not_taken_is_sent_again_later(receiver: Receiver, status: int) -> None:
    webhook(receiver, resources=("enterprises",))
    enterprise("甲厂")
    receiver.answer = status
    sent()
    sent()
    # it waits, and meanwhile more has come
    assert log() == [(1, status, False)]
    enterprise("乙厂")
    receiver.answer = 200
    sent(NOW + dt.timedelta(seconds=29))
    assert len(receiver.got) == 1
    sent(NOW + dt.timedelta(seconds=30))
    assert receiver.changes == [("created", "甲厂"), ("created", "甲厂"), ("created", "乙厂")]
    assert log() == [(1, status, False), (2, 200, True)]
    assert WebhookProgress.objects.get().failures == 0


def test_a_message_has_the_number_of_its_positions() -> None:
    one, other = Webhook(pk=1), Webhook(pk=2)
    assert webhooks.number_of(one, "a", "b") == webhooks.number_of(one, "a", "b")
    different = {
        webhooks.number_of(one, "a", "b"),
        webhooks.number_of(one, "a", "c"),
        webhooks.number_of(one, "b", "b"),
        webhooks.number_of(other, "a", "b"),
    }
    assert len(different) == 4


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(0, 30), (1, 60), (5, 960), (30, 6 * 3600)],
)
def test_the_pauses_grow(receiver: Receiver, failures: int, pause: int) -> None:
    webhook(receiver)
    enterprise("甲厂")
    WebhookProgress.objects.update(failures=failures, failing_since=NOW)
    receiver.answer = 503
    sent()
    progress = WebhookProgress.objects.get()
    assert progress.next_try_at == NOW + dt.timedelta(seconds=pause)
    assert (progress.failures, progress.failing_since) == (failures + 1, NOW)


@pytest.mark.parametrize(
    ("since", "status", "paused"),
    [
        (dt.timedelta(days=3), 500, True),
        (dt.timedelta(days=3) - dt.timedelta(seconds=1), 500, False),
        (dt.timedelta(0), 410, True),
    ],
)
def test_who_does_not_answer_for_three_days_or_is_gone_is_left_alone(
    receiver: Receiver, since: dt.timedelta, status: int, paused: bool
) -> None:
    hook = webhook(receiver)
    enterprise("甲厂")
    WebhookProgress.objects.update(failures=9, failing_since=NOW - since)
    receiver.answer = status
    sent()
    hook.refresh_from_db()
    assert hook.paused == paused
    # resumed, it goes on where it stopped
    Webhook.objects.update(paused=False)
    receiver.answer = 200
    sent(LATER)
    assert receiver.changes[-1] == ("created", "甲厂")


def test_nobody_is_there(receiver: Receiver) -> None:
    hook = webhook(receiver)
    Webhook.objects.filter(pk=hook.pk).update(url="http://127.0.0.1:9/")
    enterprise("甲厂")
    sent()
    told = WebhookDelivery.objects.get()
    assert (told.status, told.problem) == (None, "未能连接：ConnectionError")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://169.254.1.1/"])
def test_nothing_goes_to_this_server_itself(receiver: Receiver, settings: Any, url: str) -> None:
    settings.WEBHOOKS_TO_THIS_SERVER = False
    hook = webhook(receiver)
    Webhook.objects.filter(pk=hook.pk).update(url=url)
    enterprise("甲厂")
    sent()
    assert "本服务器" in WebhookDelivery.objects.get().problem


def test_within_the_scopes_and_the_area_of_its_token(receiver: Receiver) -> None:
    webhook(receiver, Scope.READ_ENTERPRISES, owner=people.clerk_of_wujin())
    here, there = district("320412"), district("320481")
    own = enterprise("武进厂", district=here, contact_name="张三")
    designation(own, dt.date(2024, 1, 1))
    enterprise("溧阳厂", district=there)
    sent()
    told = [one for message in receiver.messages for one in message["data"]["changes"]]
    rows = [one for one in told if one["resource"] in ("enterprises", "designations")]
    assert [(one["resource"], one["row"]["name"], one["row"]["contact_name"]) for one in rows] == [
        ("enterprises", "武进厂", "张**")
    ]
    assert "溧阳厂" not in json.dumps(told, ensure_ascii=False)


def test_no_longer_than_the_token_is_valid(receiver: Receiver) -> None:
    hook = webhook(receiver)
    tokens.revoke(token=hook.token, by=hook.token.owner, at=NOW, reason="停用")
    enterprise("甲厂")
    sent()
    assert receiver.got == []


def test_it_goes_with_its_token_when_that_is_rotated(receiver: Receiver) -> None:
    hook = webhook(receiver)
    new, _text = tokens.rotate(token=hook.token, by=hook.token.owner, at=NOW, until=NOW)
    enterprise("甲厂")
    sent(timezone.now())
    hook.refresh_from_db()
    assert hook.token == new
    assert ("created", "甲厂") in receiver.changes
    assert ApiToken.objects.count() == 2


def test_what_is_none_of_its_business_is_not_looked_through_for_ever(receiver: Receiver) -> None:
    hook = webhook(receiver, resources=("designations",))
    WebhookProgress.objects.update(moved_at=NOW)
    before = WebhookProgress.objects.get(webhook=hook).position
    enterprise("甲厂")
    sent(NOW + dt.timedelta(minutes=5) - dt.timedelta(seconds=1))
    assert WebhookProgress.objects.get(webhook=hook).position == before
    sent(NOW + dt.timedelta(minutes=5))
    assert WebhookProgress.objects.get(webhook=hook).position != before
    assert receiver.got == []


def test_paused_and_resumed(receiver: Receiver) -> None:
    webhook(receiver, resources=("enterprises",))
    Webhook.objects.update(paused=True)
    enterprise("甲厂")
    sent()
    assert receiver.got == []
    Webhook.objects.update(paused=False)
    sent()
    assert receiver.changes == [("created", "甲厂")]


def test_what_was_sent_is_sent_again_from_a_message_on(receiver: Receiver) -> None:
    webhook(receiver, resources=("enterprises",))
    for name in ("甲厂", "乙厂", "丙厂"):
        enterprise(name)
        sent()
    receiver.got.clear()
    webhooks.replay(WebhookDelivery.objects.order_by("pk")[1])
    sent()
    assert receiver.changes == [("created", "乙厂"), ("created", "丙厂")]


def test_who_sets_it_back_while_it_is_sent_is_not_overruled(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook(receiver, resources=("enterprises",))
    enterprise("甲厂")
    sent()
    enterprise("乙厂")
    post = webhooks.post

    def meanwhile(*args: Any) -> Any:
        webhooks.replay(WebhookDelivery.objects.earliest("pk"))
        monkeypatch.setattr(webhooks, "post", post)
        return post(*args)

    monkeypatch.setattr(webhooks, "post", meanwhile)
    sent()
    sent()
    assert receiver.changes[-2:] == [("created", "甲厂"), ("created", "乙厂")]


def test_many_changes_go_in_several_messages(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_CHANGES", 2)
    webhook(receiver, resources=("enterprises", "designations"))
    for number in range(5):
        designation(enterprise(f"{number}厂"), dt.date(2024, 1, 1))
    sent()
    told = [one for message in receiver.messages for one in message["data"]["changes"]]
    assert len(told) == len({(one["resource"], one["id"]) for one in told}) == 10
    assert all(len(message["data"]["changes"]) <= 2 for message in receiver.messages)


def test_told_of_other_tables_within_a_stretch_it_begins_the_stretch_anew(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_CHANGES", 1)
    monkeypatch.setattr(webhooks, "MOST_MESSAGES", 1)
    webhook(receiver, resources=("enterprises",))
    enterprise("甲厂")
    enterprise("乙厂")
    sent()
    Webhook.objects.update(resources=["enterprises", "designations"])
    for _number in range(4):
        sent()
    assert receiver.changes == [("created", "甲厂"), ("created", "甲厂"), ("created", "乙厂")]


def test_a_position_of_another_cluster_is_told_and_left(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = webhook(receiver, resources=("enterprises",))
    enterprise("甲厂")
    monkeypatch.setattr(positions, "_origin", lambda: "another")
    sent()
    assert "重新" in WebhookDelivery.objects.get().problem
    enterprise("乙厂")
    sent()
    assert receiver.changes == [("created", "乙厂")]
    assert WebhookProgress.objects.get(webhook=hook).failures == 0


def test_one_worker_sends_at_a_time(receiver: Receiver) -> None:
    webhook(receiver)
    enterprise("甲厂")
    with another() as other:
        assert other.run("SELECT pg_try_advisory_lock(%s)", webhooks.LOCK) == [(True,)]
        sent()
        assert receiver.got == []
        other.run("SELECT pg_advisory_unlock(%s)", webhooks.LOCK)
        sent()
    assert len(receiver.got) == 1


def test_what_was_sent_long_ago_is_thrown_away(receiver: Receiver) -> None:
    webhook(receiver)
    enterprise("甲厂")
    sent()
    webhooks.tidy(NOW + webhooks.KEPT)
    assert WebhookDelivery.objects.count() == 1
    webhooks.tidy(NOW + webhooks.KEPT + dt.timedelta(seconds=1))
    assert WebhookDelivery.objects.count() == 0
