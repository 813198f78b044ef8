"""Where changes are sent to of themselves (变动推送), and what became of each sending."""

import base64
import datetime as dt
import secrets
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from registry import history
from registry.choices import Scope
from registry.models.base import Fact
from registry.models.token import ApiToken

KEY_SALT = "registry.webhook"


def fresh_salt() -> str:
    return secrets.token_hex(16)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: Any) -> Self:
        """Of one's own tokens; all of them for those who look after the site, and for the auditor."""
        return self.filter(token__in=ApiToken.objects.visible_to(user))

    def due(self, now: dt.datetime) -> Self:
        """Those that may be sent to now: not paused, and not waiting after a failure."""
        waits_no_longer = Q(progress=None) | Q(progress__next_try_at=None) | Q(progress__next_try_at__lte=now)
        return self.filter(waits_no_longer, paused=False)


@history.track()
class Webhook(Fact):
    """An address of another system to which changes are sent (变动推送).

    It is told what its token could read: within its scopes and its area, as long as it is valid. The secret by which the
    other system knows the sender is derived from that of the site and kept nowhere; a new `salt` makes it a new one.
    """

    token = models.ForeignKey(
        ApiToken,
        models.PROTECT,
        related_name="webhooks",
        verbose_name="接口令牌",
        help_text="推送内容不超出该令牌的权限范围和板块；令牌失效即停止推送，轮换后随新令牌继续。",
    )
    url = models.URLField("接收地址", max_length=500, validators=[URLValidator(schemes=["https", "http"])])
    resources = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        verbose_name="推送内容",
        help_text="不选表示令牌可读的全部内容。",
    )
    paused = models.BooleanField("暂停推送", default=False, help_text="恢复后从暂停处继续，不会遗漏。")
    salt = models.CharField("密钥因子", max_length=32, default=fresh_salt, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变动推送"
        default_permissions = ("view", "add", "change")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token", "url"],
                name="webhook_once",
                violation_error_message="该令牌已向这一地址推送。",
            )
        ]

    def __str__(self) -> str:
        return self.url

    def clean(self) -> None:
        if self.token_id and not self.token.may(Scope.FOLLOW_CHANGES):
            message = _("This token may not follow changes: choose one that was granted it.")
            raise ValidationError({"token": message})

    @property
    def secret(self) -> str:
        """In the form of Standard Webhooks: whsec_ and the key in base64."""
        key = salted_hmac(KEY_SALT, f"{self.pk}:{self.salt}", algorithm="sha256").digest()
        return f"whsec_{base64.b64encode(key).decode()}"


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(webhook__in=Webhook.objects.visible_to(user))


class WebhookProgress(models.Model):
    """How far a webhook has been sent to (推送进度), and whether it has failed since."""

    webhook = models.OneToOneField(
        Webhook, models.CASCADE, primary_key=True, related_name="progress", verbose_name="变动推送"
    )
    position = models.TextField("已推送至")
    moved_at = models.DateTimeField("位置更新时间", null=True)
    failures = models.PositiveIntegerField("连续失败次数", default=0)
    failing_since = models.DateTimeField("开始失败时间", null=True)
    next_try_at = models.DateTimeField("下次重试时间", null=True)
    succeeded_at = models.DateTimeField("最近成功时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "推送进度"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.webhook)


class WebhookDelivery(models.Model):
    """One sending (推送记录): what of, when, and what the other system answered.

    What was sent is not kept a second time: it is what the history holds between the two positions.
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name="变动推送")
    message = models.CharField("消息编号", max_length=40)
    sent_at = models.DateTimeField("推送时间")
    after = models.TextField("起始位置")
    position = models.TextField("截止位置")
    changes = models.PositiveIntegerField("变动条数")
    status = models.PositiveSmallIntegerField("答复状态码", null=True)
    problem = models.CharField("问题", max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送记录"
        default_permissions = ("view",)
        ordering = ["-id"]
        indexes = [models.Index(fields=["sent_at"], name="delivery_sent")]

    def __str__(self) -> str:
        return self.message
