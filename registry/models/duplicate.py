"""What a person has found of likely duplicates."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry import history
from registry.models.base import Fact
from registry.models.enterprise import Enterprise


class NotDuplicateQuerySet(models.QuerySet["NotDuplicate"]):
    def visible_to(self, user: Any) -> "NotDuplicateQuerySet":
        """Both of a pair must be visible: of an enterprise elsewhere not even the name is told."""
        seen = Enterprise.objects.visible_to(user).values("pk")
        return self.filter(first__in=seen, second__in=seen)


@history.track()
class NotDuplicate(Fact):
    """That two enterprises which look alike are two (不是重复): the pair is not proposed again."""

    first = models.ForeignKey(Enterprise, models.CASCADE, related_name="+", verbose_name="企业甲")
    second = models.ForeignKey(Enterprise, models.CASCADE, related_name="+", verbose_name="企业乙")
    reason = models.CharField("理由", max_length=300)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="认定人"
    )
    decided_at = models.DateTimeField("认定时间", auto_now_add=True)

    objects = NotDuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "非重复企业"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="not_duplicate_once",
                violation_error_message="这两家企业已认定为不是重复。",
            ),
            # one order, so that a pair stands once
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="not_duplicate_in_order",
                violation_error_message="企业甲的编号应小于企业乙的编号。",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="not_duplicate_has_a_reason",
                violation_error_message="请填写理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"
