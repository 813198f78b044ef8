"""Lists as they came in (名单), and what became of every row."""

from django.conf import settings
from django.db import models

from registry.choices import RosterKind, RowOutcome


class Roster(models.Model):
    """An imported file (名单): kept as it came, with who imported it, when and how; it can be undone as a whole."""

    kind = models.CharField("种类", max_length=20, choices=RosterKind)
    file_name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("原文件", editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    options = models.JSONField("导入选项", default=dict, blank=True)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    columns = models.JSONField("识别的列", default=dict, blank=True)
    headers = models.JSONField(
        "表头", default=list, blank=True, help_text="[[表头, 带单位的表头]]，按原文件的次序。"
    )
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rosters",
        verbose_name="导入人",
    )
    imported_at = models.DateTimeField("导入时间", auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="撤销人",
    )
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undo_reason = models.CharField("撤销原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "名单"
        permissions = [("import_roster", "导入名单"), ("undo_roster", "撤销名单")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.file_name}"


class RosterRow(models.Model):
    """A row of a list, as read, with its outcome, and what it made or changed."""

    # no index of its own: roster_row_outcome begins with it
    roster = models.ForeignKey(
        Roster, models.CASCADE, db_index=False, related_name="rows", verbose_name="名单"
    )
    number = models.PositiveIntegerField("行号", help_text="在原文件中的行号。")
    raw = models.JSONField("原始内容", default=dict)
    outcome = models.CharField("结果", max_length=20, choices=RowOutcome)
    reason = models.CharField("原因", max_length=500, blank=True)
    remedy = models.CharField("处理办法", max_length=300, blank=True)
    candidates = models.JSONField(
        "候选企业", default=list, blank=True, help_text="[{id, name, uscc, score, by}]，按相似度从高到低。"
    )
    changes = models.JSONField(
        "改动",
        default=list,
        blank=True,
        help_text="[{model, id, created, before, after}]，撤销名单时据此恢复。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "名单行"
        permissions = [("match_rosterrow", "匹配名单行")]
        ordering = ["roster", "number", "id"]
        indexes = [models.Index(fields=["roster", "outcome", "number"], name="roster_row_outcome")]

    def __str__(self) -> str:
        return f"{self.roster} · {self.number}"
