"""What the state of the facts is told by, see `registry.state`."""

import pgtrigger
from django.db import models
from django.db.models.expressions import RawSQL

from registry import state


@pgtrigger.register(state.emptied())
class PartChange(models.Model):
    """A statement that changed a part of the facts (变动), or several folded into one; written by triggers only."""

    part = models.CharField("部分", max_length=60)
    nonce = models.BigIntegerField(
        "随机数", db_default=RawSQL("hashtextextended(gen_random_uuid()::text, 0)", [])
    )
    weight = models.BigIntegerField("变动次数", db_default=1)

    class Meta:
        verbose_name = verbose_name_plural = "事实变动"

    def __str__(self) -> str:
        return self.part
