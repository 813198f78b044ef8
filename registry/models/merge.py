"""What became of an enterprise that stood in the registry twice."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Merge(models.Model):
    """That two records were one enterprise (合并): what moved and what was dropped, so that it can be undone whole.

    Enterprises are told by plain numbers: the absorbed one is gone, and the one that stays may itself be absorbed later.
    """

    kept_id = models.BigIntegerField("保留企业编号", db_index=True)
    absorbed_id = models.BigIntegerField("并入企业编号")
    kept_name = models.CharField("保留企业", max_length=200)
    absorbed_name = models.CharField("并入企业", max_length=200)
    absorbed = models.JSONField("并入企业原内容", encoder=DjangoJSONEncoder)
    taken = models.JSONField("保留企业的改动", default=dict, encoder=DjangoJSONEncoder)
    moved = models.JSONField("转入的记录", default=dict, help_text="{模型: {编号: 版本}}")
    dropped = models.JSONField("重复而未转入的记录", default=list, encoder=DjangoJSONEncoder)
    made = models.JSONField("新增的记录", default=dict, help_text="{模型: {编号: 版本}}")
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="合并人"
    )
    merged_at = models.DateTimeField("合并时间", auto_now_add=True)
    reason = models.CharField("合并原因", max_length=300)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="撤销人"
    )
    undone_at = models.DateTimeField("撤销时间", null=True)
    undo_reason = models.CharField("撤销原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "合并记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.absorbed_name} → {self.kept_name}"
