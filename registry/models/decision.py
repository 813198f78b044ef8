"""What people decided about names that no rule can tell."""

from django.conf import settings
from django.db import models

from registry import history
from registry.models.base import Fact
from registry.models.enterprise import Enterprise
from registry.models.roster import RosterRow


@history.track()
class MatchDecision(Fact):
    """That a name of a list means an enterprise of the registry, or none (匹配决定); the next list is read by it."""

    name = models.CharField("名单所写名称", max_length=200)
    name_key = models.CharField("名称比对键", max_length=200, editable=False)
    uscc = models.CharField("名单所写代码", max_length=18, blank=True)
    enterprise = models.ForeignKey(
        Enterprise,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="对应企业",
        help_text="留空表示不属本市登记范围。",
    )
    roster_row = models.ForeignKey(
        RosterRow,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="来自名单行",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="决定人",
    )
    decided_at = models.DateTimeField("决定时间", auto_now=True)
    revoked = models.BooleanField("已撤销", default=False, help_text="撤销后，以后的名单不再据此匹配。")

    class Meta:
        verbose_name = verbose_name_plural = "匹配决定"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key", "uscc"],
                name="match_decision_once",
                violation_error_message="这一名称和代码已有匹配决定。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} → {self.enterprise or '不属本市'}"
