"""What became two where one was."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from registry import history
from registry.models.base import Fact
from registry.models.enterprise import Enterprise


class SplitQuerySet(models.QuerySet["Split"]):
    def visible_to(self, user: Any) -> "SplitQuerySet":
        """Both must be visible: of an enterprise elsewhere not even the name is told."""
        seen = Enterprise.objects.visible_to(user).values("pk")
        return self.filter(enterprise__in=seen, successor__in=seen)


@history.track()
class Split(Fact):
    """That an enterprise was split off another (分立); titles stay with the one that holds them.

    Source: 优质中小企业梯度培育管理办法, which has an enterprise report a reorganisation and its title examined anew.
    """

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="splits", verbose_name="原企业")
    successor = models.OneToOneField(
        Enterprise, models.CASCADE, related_name="split_off", verbose_name="分立出的企业"
    )
    day = models.DateField("分立日期")
    document = models.CharField("依据文件", max_length=200, blank=True)

    objects = SplitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分立记录"
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(enterprise=F("successor")),
                name="split_in_two",
                violation_error_message="原企业与分立出的企业不能是同一家。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.enterprise} → {self.successor}"
