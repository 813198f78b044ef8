"""变动推送 at the desk: kept by whoever answers for the token; its secret, its log, and sending again."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.choices import Scope
from registry.feed import webhooks
from registry.models import User, Webhook, WebhookDelivery, WebhookProgress
from tests import people
from tests.czindustry.test_rights import signed_in
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send
from tests.tokens import drawn

pytestmark = pytest.mark.django_db

URL = "https://brain.example.cn/changes"
LOG = "/admin/registry/webhookdelivery/"


@pytest.fixture
def wang() -> User:
    return people.clerk_of_the_city()


@pytest.fixture
def hook(wang: User) -> Webhook:
    token = drawn(wang, Scope.FOLLOW_CHANGES, Scope.READ_ENTERPRISES)[0]
    made = Webhook.objects.create(token=token, url=URL)
    webhooks.progress_of(made)
    return made


def step(hook: Webhook, name: str) -> str:
    return reverse("admin:registry_webhook_step", args=[hook.pk, name])


def a_delivery(hook: Webhook, **fields: Any) -> WebhookDelivery:
    told = {"message": "msg_1", "sent_at": timezone.now(), "after": "early", "position": "late", "changes": 2}
    return WebhookDelivery.objects.create(webhook=hook, **{**told, **fields})


def messages_after(client: Client, path: str) -> list[str]:
    answer = client.post(path, follow=True)
    return [str(one) for one in answer.context["messages"]]


def test_a_clerk_has_changes_sent(wang: User) -> None:
    token = drawn(wang, Scope.FOLLOW_CHANGES, Scope.READ_ENTERPRISES)[0]
    answer = send(signed_in(wang), page_for_new(Webhook), token=token.pk, url=URL, resources=["enterprises"])
    assert answer.status_code == 302, errors_on(answer)
    made = Webhook.objects.get()
    assert (made.token, made.url, made.resources, made.paused) == (token, URL, ["enterprises"], False)
    # what comes from now on, not from the first message on
    assert made.progress.position


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"url": "ftp://brain.example.cn/"}, "url"),
        ({"url": "brain"}, "url"),
        ({"resources": ["contacts"]}, "resources"),
        ({"token": ""}, "token"),
    ],
)
def test_what_is_refused(wang: User, fields: dict[str, Any], at: str) -> None:
    token = drawn(wang, Scope.FOLLOW_CHANGES)[0]
    given = {"token": token.pk, "url": URL, **fields}
    assert list(errors_on(send(signed_in(wang), page_for_new(Webhook), **given))) == [at]


def test_only_tokens_of_ones_own_that_follow_changes_are_offered(wang: User) -> None:
    own = drawn(wang, Scope.FOLLOW_CHANGES)[0]
    drawn(wang, Scope.READ_TOTALS)
    drawn(people.clerk_of_wujin(), Scope.FOLLOW_CHANGES)
    page = signed_in(wang).get(page_for_new(Webhook))
    offered = page.context["adminform"].form.fields["token"].queryset
    assert list(offered) == [own]


def test_the_secret_is_shown_to_who_answers_for_the_token(wang: User, hook: Webhook) -> None:
    clerk = signed_in(wang)
    assert hook.secret not in clerk.get(step(hook, "secret")).content.decode()
    shown = clerk.post(step(hook, "secret"))
    assert hook.secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    renewed = clerk.post(step(hook, "renew")).content.decode()
    old = hook.secret
    hook.refresh_from_db()
    assert hook.secret in renewed
    assert old not in renewed


@pytest.mark.parametrize("name", ["secret", "renew", "test", "go_on"])
@pytest.mark.parametrize(
    ("person", "status"),
    [
        (people.clerk_of_wujin, 404),
        (people.system_administrator, 403),
        (people.auditor, 403),
        (people.official_of_the_city, 404),
    ],
)
def test_nobody_else_takes_its_steps(hook: Webhook, name: str, person: Any, status: int) -> None:
    other = signed_in(person())
    assert other.post(step(hook, name)).status_code == status


def test_those_who_look_after_the_site_see_where_it_goes(hook: Webhook) -> None:
    page = signed_in(people.auditor()).get(page_of(hook)).content.decode()
    assert URL in page
    assert hook.secret not in page


def test_a_test_message_tells_what_came_of_it(
    wang: User, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = signed_in(wang)
    for outcome, said in (
        (webhooks.Outcome(204), "对方已接收测试消息（204）。"),
        (webhooks.Outcome(500, "对方答复 500，不是 2xx"), "对方答复 500，不是 2xx"),
    ):
        monkeypatch.setattr(webhooks, "post", lambda *_args, told=outcome: told)
        assert messages_after(clerk, step(hook, "test")) == [said]


def test_who_has_mended_the_other_side_does_not_wait(wang: User, hook: Webhook) -> None:
    later = timezone.now() + dt.timedelta(hours=6)
    WebhookProgress.objects.update(failures=9, failing_since=timezone.now(), next_try_at=later)
    clerk = signed_in(wang)
    assert "等待重试" in clerk.get(page_of(hook)).content.decode()
    assert messages_after(clerk, step(hook, "go_on")) == ["将立即重试。"]
    assert list(Webhook.objects.due(timezone.now())) == [hook]


def test_the_log_and_sending_again(wang: User, hook: Webhook) -> None:
    clerk = signed_in(wang)
    taken, failed = (
        a_delivery(hook, status=204),
        a_delivery(hook, message="msg_2", status=500, problem="对方答复 500"),
    )
    page = clerk.get(f"{LOG}?webhook__id__exact={hook.pk}").content.decode()
    assert "msg_1" in page
    assert "对方答复 500" in page
    replay = reverse("admin:registry_webhookdelivery_again", args=[taken.pk])
    assert "重新推送" in clerk.get(replay).content.decode()
    assert messages_after(clerk, replay) == ["自此以后的变动将重新推送。"]
    assert WebhookProgress.objects.get().position == "early"
    other = signed_in(people.clerk_of_wujin())
    assert other.post(reverse("admin:registry_webhookdelivery_again", args=[failed.pk])).status_code == 404
    auditor = signed_in(people.auditor())
    assert auditor.post(reverse("admin:registry_webhookdelivery_again", args=[failed.pk])).status_code == 403
