"""Answers to requests that may be sent again (Idempotency-Key)."""

import datetime as dt

from django.db import models

KEPT = dt.timedelta(hours=24)


class IdempotentRequest(models.Model):
    """What a request of another system came to (幂等请求), to be told again for a day where it comes twice.

    Written in the transaction of the request itself: where that came to nothing there is no row.
    """

    caller = models.CharField("调用方", max_length=40)
    key = models.CharField("幂等键", max_length=200)
    digest = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码", null=True)
    headers = models.JSONField("答复头", default=dict)
    body = models.JSONField("答复内容", null=True)
    created_at = models.DateTimeField("请求时间")

    class Meta:
        verbose_name = verbose_name_plural = "幂等请求"
        default_permissions = ()
        indexes = [models.Index(fields=["created_at"], name="idempotent_created")]
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "key"],
                name="idempotent_once",
                violation_error_message="该幂等键已被使用。",
            )
        ]

    def __str__(self) -> str:
        return self.key
