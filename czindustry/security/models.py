"""The trail of what was done, and what signing in needs to remember."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from czindustry.security.choices import Action

FIRST = "0" * 64


class AuditEvent(models.Model):
    """Something that an auditor asks about (审计记录): who, when, from where, what, with what result.

    Written by triggers of the database where tables tell it, by the site where they do not; never changed, and dropped
    only past the days for which it must be kept. See `czindustry.security.trail`.
    """

    at = models.DateTimeField("时间", db_default=Now())
    action = models.CharField("事项", max_length=30, choices=Action)
    succeeded = models.BooleanField("成功", default=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="audit_events",
        verbose_name="人员",
    )
    username = models.CharField(
        "用户名", max_length=150, blank=True, help_text="登录失败时为所填的用户名，可能并无此账号。"
    )
    token = models.CharField("接口令牌", max_length=100, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)
    request = models.CharField("请求编号", max_length=100, blank=True)
    path = models.CharField("页面", max_length=1000, blank=True)
    subject = models.CharField("对象", max_length=300, blank=True)
    rows = models.BigIntegerField("行数", null=True, blank=True)
    details = models.JSONField("详情", default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        default_permissions = ("view",)
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"]),
            models.Index(fields=["person", "-id"]),
            models.Index(fields=["action", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.get_action_display()}"


class AuditSeal(models.Model):
    """The place of an event in the chain (审计链): its hash holds that of the event before it.

    Written when the transaction of the event commits, one after the other: the order is that of commits.
    """

    event = models.OneToOneField(
        AuditEvent, models.DO_NOTHING, primary_key=True, db_constraint=False, verbose_name="审计记录"
    )
    position = models.BigIntegerField("序号", unique=True)
    previous = models.CharField("前一摘要", max_length=64)
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计链"
        default_permissions = ()
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"


class AuditArchive(models.Model):
    """Events that were written to a file and dropped (审计归档): the chain of what is kept begins at its end."""

    file_name = models.CharField("文件", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    events = models.BigIntegerField("记录数")
    first_position = models.BigIntegerField("起始序号")
    last_position = models.BigIntegerField("末尾序号", unique=True)
    last_digest = models.CharField("末尾摘要", max_length=64)
    archived_at = models.DateTimeField("归档时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "审计归档"
        default_permissions = ("view",)
        ordering = ["-last_position"]

    def __str__(self) -> str:
        return self.file_name


class UsedPassword(models.Model):
    """A password that a person has had (用过的密码), as a hash: none of the last five is taken again."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="used_passwords", verbose_name="人员"
    )
    password = models.CharField("密码摘要", max_length=128)
    since = models.DateTimeField("启用时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        default_permissions = ()
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.since:%Y-%m-%d}"


class LastWrite(models.Model):
    """How far the WAL was when somebody's last request that may have written was done (最近写入位置).

    Only where there are replicas: until one has replayed that, the person is read to from the primary.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, verbose_name="人员"
    )
    position = models.BigIntegerField("WAL 位置")
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "最近写入位置"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.position}"
