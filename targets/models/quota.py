"""What the areas are to contribute: the plan divided among them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from registry import history
from registry.models import District
from registry.models.base import Fact
from targets.models.plan import Target


@history.track()
class Quota(Fact):
    """What an area is to have of a target by a day (任务分解), in the target's unit; all of it, not the increase."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="quotas", verbose_name="目标")
    district = models.ForeignKey(District, models.PROTECT, related_name="quotas", verbose_name="板块")
    day = models.DateField("截至日期", help_text="目标的截止日期，或其间某年的最后一天。")
    value = models.DecimalField("任务数", max_digits=20, decimal_places=4, help_text="与目标值同单位。")
    basis = models.CharField("分解依据", max_length=200, blank=True, help_text="如文号，或按什么分摊。")

    class Meta:
        verbose_name = verbose_name_plural = "任务分解"
        ordering = ["target", "day", "district"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "district", "day"],
                name="quota_once_a_day",
                violation_error_message="该板块在该日已有这一目标的任务数。",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="quota_not_negative",
                violation_error_message="任务数不能为负。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.district} {self.day}"

    def clean(self) -> None:
        if self.target_id and self.day and not self.target.starts_on < self.day <= self.target.due_on:
            message = _("Choose a day after %(first)s and not after %(last)s, within the target's period.")
            words = {"first": self.target.starts_on, "last": self.target.due_on}
            raise ValidationError({"day": message % words})
