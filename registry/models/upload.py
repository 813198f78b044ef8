"""Lists that were brought and wait to be applied, with their previews; columns as people corrected them."""

from django.conf import settings
from django.db import models

from registry.choices import RosterKind, RowOutcome, UploadState
from registry.models.roster import Roster


class RosterUpload(models.Model):
    """A file that somebody brought (待导入名单): how it is to be read, what it would do, how far the work is."""

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("原文件", editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    kind = models.CharField("种类", max_length=20, choices=RosterKind, blank=True)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    sheets = models.JSONField("全部工作表", default=list, blank=True)
    options = models.JSONField("导入选项", default=dict, blank=True)
    columns = models.JSONField(
        "指定的列", default=dict, blank=True, help_text="表头对应的字段；空为不使用；未列出的自动识别。"
    )
    layout = models.CharField("表头特征", max_length=64, blank=True)
    headers = models.JSONField("表头", default=list, blank=True, help_text="[{header, field, samples}]")
    state = models.CharField("状态", max_length=20, choices=UploadState, default=UploadState.READING)
    problem = models.CharField("问题", max_length=1000, blank=True)
    notice = models.CharField("提示", max_length=500, blank=True)
    # the preview
    fingerprint = models.CharField("预览特征", max_length=64, blank=True)
    counts = models.JSONField("各行结果", default=dict, blank=True)
    notes = models.JSONField("说明", default=list, blank=True)
    removes_demo = models.BooleanField("将清除演示数据", default=False)
    # the work in the background
    job = models.BigIntegerField("后台任务", null=True, blank=True)
    step = models.CharField("步骤", max_length=20, blank=True)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    partial = models.BooleanField("退回的行不导入", default=False)
    reason = models.CharField("导入说明", max_length=300, blank=True)
    roster = models.OneToOneField(
        Roster, models.CASCADE, null=True, blank=True, related_name="upload", verbose_name="名单"
    )

    class Meta:
        verbose_name = verbose_name_plural = "待导入名单"
        ordering = ["-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["uploaded_by", "state"], name="upload_of_person")]

    def __str__(self) -> str:
        return self.file_name


class RosterUploadRow(models.Model):
    """A row of a preview (预览行): what it would do. Rows that would change nothing are only counted."""

    upload = models.ForeignKey(
        RosterUpload, models.CASCADE, db_index=False, related_name="rows", verbose_name="待导入名单"
    )
    number = models.PositiveIntegerField("行号")
    name = models.CharField("名称", max_length=200, blank=True)
    raw = models.JSONField("原始内容", default=dict)
    outcome = models.CharField("结果", max_length=20, choices=RowOutcome)
    reason = models.CharField("原因", max_length=500, blank=True)
    remedy = models.CharField("处理办法", max_length=300, blank=True)
    warnings = models.CharField("提醒", max_length=500, blank=True)
    candidates = models.JSONField("候选企业", default=list, blank=True)
    changes = models.JSONField("改动", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "预览行"
        ordering = ["number", "id"]
        default_permissions = ()
        # a page far behind is found by counting along one of these, and not by sorting all rows
        indexes = [
            models.Index(fields=["upload", "number", "id"], name="upload_row_number"),
            models.Index(fields=["upload", "outcome", "number", "id"], name="upload_row_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.upload} · {self.number}"


class RememberedColumns(models.Model):
    """What the columns of a sender's lists mean (记住的列), as a person corrected them for one layout of headers."""

    layout = models.CharField("表头特征", max_length=64)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="上传人"
    )
    kind = models.CharField("种类", max_length=20, choices=RosterKind)
    columns = models.JSONField("指定的列", default=dict, blank=True)
    used_at = models.DateTimeField("最近使用", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "记住的列"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["layout", "person"],
                name="columns_remembered_once",
                violation_error_message="同一上传人的同一种表头只记一次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()}"
