"""What was published, and stays as published."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from registry.access import sees_facts
from registry.choices import Level, Role
from targets.choices import BulletinKind, PublicationState
from targets.models.plan import Plan

WORK = ("targets.change_publication", "targets.sign_publication")

# What was signed off is what is issued; only back in the draft is it written again.
SIGNED_TEXT = pgtrigger.Trigger(
    name="signed_as_written",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "OLD.state = 'signed' AND NEW.state <> 'draft' AND (OLD.title, OLD.paragraphs::jsonb, OLD.content::jsonb, "
        "OLD.day, OLD.kind, OLD.plan_id, OLD.known_at, OLD.drafted_by_id, OLD.signed_by_id) IS DISTINCT FROM "
        "(NEW.title, NEW.paragraphs::jsonb, NEW.content::jsonb, "
        "NEW.day, NEW.kind, NEW.plan_id, NEW.known_at, NEW.drafted_by_id, NEW.signed_by_id)"
    ),
    func="RAISE EXCEPTION 'what was signed off never changes: return it to the draft' USING ERRCODE = 'raise_exception';",
)
# Who wrote a row may be corrected as little as the row: the whole of an issue is refused to every statement.
FROZEN = pgtrigger.Trigger(
    name="frozen_when_issued",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Condition("OLD.state = 'issued'"),
    func="RAISE EXCEPTION 'an issued publication never changes' USING ERRCODE = 'raise_exception';",
)
NEVER_CHANGED = pgtrigger.Trigger(
    name="never_changed",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="RAISE EXCEPTION 'what belongs to a publication never changes' USING ERRCODE = 'raise_exception';",
)
NOT_AFTER_ISSUE = pgtrigger.Trigger(
    name="not_after_issue",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF (SELECT state FROM targets_publication WHERE id = NEW.publication_id) = 'issued' THEN
            RAISE EXCEPTION 'nothing is added to an issued publication' USING ERRCODE = 'raise_exception';
        END IF;
        RETURN NEW;
    """,
)

# Row triggers do not see it.
NEVER_EMPTIED = pgtrigger.Trigger(
    name="never_emptied",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="""
        IF EXISTS (SELECT FROM targets_publication WHERE state = 'issued') THEN
            RAISE EXCEPTION 'an issued publication never changes' USING ERRCODE = 'raise_exception';
        END IF;
        RETURN NULL;
    """,
)


def person(verbose_name: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=verbose_name,
    )


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: Any) -> Self:
        """What is issued; drafts for those who write, sign off or look things over."""
        found = self if sees_facts(user) else self.none()
        works = any(user.has_perm(right) for right in WORK) or getattr(user, "role", None) == Role.AUDITOR
        return found if works else found.filter(state=PublicationState.ISSUED)

    def without_content(self) -> Self:
        """For lists: the texts and numbers of a bulletin are long."""
        long = ("content", "paragraphs")
        return self.select_related(
            "plan", "drafted_by", "edited_by", "signed_by", "issued_by", "corrects"
        ).defer(*long, *(f"corrects__{name}" for name in long))


@pgtrigger.register(FROZEN, SIGNED_TEXT, NEVER_EMPTIED)
class Publication(models.Model):
    """A bulletin (通报) on its way from the draft to the issue; once issued, nothing of it changes.

    `content` is the whole bulletin as `targets.bulletin.content.to_json` writes it, of the facts as they were known at
    `known_at`; `paragraphs` are its text as it was edited, which an issue has in its content too. So the second person
    signs the very numbers that are issued. `records_sha256` covers the records behind them.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="publications", verbose_name="规划")
    kind = models.CharField("类别", max_length=10, choices=BulletinKind)
    day = models.DateField("数据截止日")
    title = models.CharField("标题", max_length=200)
    state = models.CharField("状态", max_length=10, choices=PublicationState, default=PublicationState.DRAFT)
    paragraphs = models.JSONField("正文", default=list)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正"
    )
    known_at = models.DateTimeField("取数时间", null=True, blank=True)
    content = models.JSONField("内容", null=True, blank=True, encoder=DjangoJSONEncoder)
    drafted_by = person("起草人")
    drafted_at = models.DateTimeField("起草时间", auto_now_add=True)
    edited_by = person("最后修改人")
    returned_by = person("退回人")
    return_reason = models.CharField("退回原因", max_length=300, blank=True)
    signed_by = person("签发人")
    signed_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_by = person("印发人")
    issued_at = models.DateTimeField("印发时间", null=True, blank=True)
    records_sha256 = models.CharField("明细 SHA-256", max_length=64, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报"
        ordering = ["-day", "-id"]
        permissions = [("sign_publication", "签发通报"), ("issue_publication", "印发通报")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=PublicationState.DRAFT)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="publication_signed_by_somebody",
                violation_error_message="签发须有签发人和时间。",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("drafted_by")),
                name="publication_signed_by_another",
                violation_error_message="起草人不能签发自己起草的通报。",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True)
                | Q(edited_by__isnull=True)
                | ~Q(signed_by=F("edited_by")),
                name="publication_signed_by_no_editor",
                violation_error_message="修改过正文的人不能签发。",
            ),
            models.CheckConstraint(
                condition=Q(state=PublicationState.DRAFT, signed_by__isnull=True, signed_at__isnull=True)
                | (~Q(state=PublicationState.DRAFT) & Q(drafted_by__isnull=False)),
                name="publication_has_its_people",
                violation_error_message="草稿没有签发人；签发须有起草人。",
            ),
            models.CheckConstraint(
                condition=Q(state=PublicationState.ISSUED)
                | Q(issued_by__isnull=True, issued_at__isnull=True),
                name="publication_issued_by_issue_alone",
                violation_error_message="未印发的通报没有印发人和印发时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state=PublicationState.ISSUED)
                | Q(
                    issued_by__isnull=False,
                    issued_at__isnull=False,
                    known_at__isnull=False,
                    content__isnull=False,
                ),
                name="publication_issued_whole",
                violation_error_message="印发须有印发人、时间和内容。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_issued(self) -> bool:
        return self.state == PublicationState.ISSUED


class PublicationDocument(models.Model):
    """A file of an issue, as it was handed on."""

    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="documents", verbose_name="通报"
    )
    kind = models.CharField("格式", max_length=5)
    content = models.BinaryField("文件")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("字节数")

    class Meta:
        verbose_name = verbose_name_plural = "通报文件"
        ordering = ["publication", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "kind"],
                name="publication_document_once",
                violation_error_message="该通报已有这一格式的文件。",
            )
        ]
        triggers = [NEVER_CHANGED, NOT_AFTER_ISSUE, NEVER_EMPTIED]

    def __str__(self) -> str:
        return f"{self.publication}.{self.kind}"


class PublishedRecord(models.Model):
    """A record behind a number of an issue, as it was told; enterprises by plain numbers, which may be merged later."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="records", verbose_name="通报")
    target = models.CharField("目标代码", max_length=60)
    enterprise_id = models.BigIntegerField("企业编号", null=True)
    enterprise = models.CharField("企业", max_length=200, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    district = models.CharField("板块", max_length=50, blank=True)
    item = models.CharField("名称", max_length=300, blank=True)
    title = models.CharField("称号", max_length=200, blank=True)
    level = models.CharField("级别", max_length=20, choices=Level, blank=True)
    document = models.CharField("文号", max_length=200, blank=True)
    valid_from = models.DateField("认定日期", null=True)
    valid_to = models.DateField("有效期至", null=True)
    cluster = models.CharField("集群或产业链", max_length=200, blank=True)
    year = models.PositiveSmallIntegerField("年份", null=True)
    value = models.DecimalField("数值", max_digits=24, decimal_places=4, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "通报明细"
        ordering = ["publication", "target", "id"]
        indexes = [models.Index(fields=["publication", "target", "id"], name="published_record_of_target")]
        triggers = [NEVER_CHANGED, NOT_AFTER_ISSUE, NEVER_EMPTIED]

    def __str__(self) -> str:
        return f"{self.target} {self.enterprise or self.item or self.cluster}"
