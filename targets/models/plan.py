"""The plan: what the city has promised, in whose words, until when."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext as _

from registry import history, state
from registry.models.base import Fact
from targets.choices import Comparator


class ByCode(models.Manager[Any]):
    def get_by_natural_key(self, code: str) -> Any:
        return self.get(code=code)


class InPlan(models.Manager[Any]):
    def get_by_natural_key(self, plan: str, code: str) -> Any:
        return self.get(plan__code=plan, code=code)


@history.track()
class Document(Fact):
    """The paper that states a plan (规划文件); its text may be stored to show quotations at their place."""

    code = models.CharField("代码", max_length=60, unique=True)
    title = models.CharField("标题", max_length=200)
    issuer = models.CharField("发布单位", max_length=100, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    url = models.URLField("网址", blank=True)
    text = models.TextField(
        "全文", blank=True, help_text="可用 manage.py load_document 载入；仅供内部核对引文。"
    )

    objects = ByCode()

    class Meta:
        verbose_name = verbose_name_plural = "规划文件"
        ordering = ["-published_on"]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class PlanPeriod(Func):
    """The days of a plan: from the day after its baseline to its last day, both included."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self) -> None:
        super().__init__(F("baseline_date"), F("deadline"), Value("(]"))


@state.part(state.PLAN)
@history.track()
class Plan(Fact):
    """A plan (规划) with its baseline, its deadline and the thresholds by which states are told.

    A draft (草案) is not decided yet: no day leads to it, only its code does. Of published plans one runs at a time.
    """

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=100)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="规划文件"
    )
    baseline_date = models.DateField("基期", help_text="基期数所说的那一天。")
    deadline = models.DateField("截止日期", help_text="规划期的最后一天。")
    is_draft = models.BooleanField(
        "草案", default=False, editable=False, help_text="草案不按日期显示，发布后才显示。"
    )
    ahead_from = models.DecimalField(
        "超序时界限",
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.05"),
        help_text="超序时不少于此数，如0.05为5个百分点。",
    )
    behind_from = models.DecimalField(
        "滞后界限",
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.05"),
        help_text="落后序时超过此数为滞后。",
    )
    far_behind_from = models.DecimalField(
        "严重滞后界限",
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.15"),
        help_text="落后序时超过此数为严重滞后。",
    )

    objects = ByCode()

    class Meta:
        verbose_name = verbose_name_plural = "规划"
        ordering = ["-deadline"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline__gt=F("baseline_date")),
                name="plan_deadline_after_baseline",
                violation_error_message="截止日期须晚于基期。",
            ),
            models.CheckConstraint(
                condition=Q(ahead_from__gte=0, behind_from__gte=0, far_behind_from__gte=F("behind_from")),
                name="plan_thresholds_in_order",
                violation_error_message="界限不能为负，且严重滞后界限不能小于滞后界限。",
            ),
            ExclusionConstraint(
                name="plan_periods_do_not_overlap",
                expressions=[(PlanPeriod(), "&&")],
                condition=Q(is_draft=False),
                violation_error_message="规划期与另一个已发布的规划重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（草案）" if self.is_draft else self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def first_day(self) -> dt.date:
        """The first day of its period; the baseline is the evening before."""
        return self.baseline_date + dt.timedelta(days=1)

    def published_beside(self) -> "models.QuerySet[Plan]":
        """Other published plans whose period overlaps this one's."""
        others = Plan.objects.filter(is_draft=False).exclude(pk=self.pk)
        return others.filter(baseline_date__lt=self.deadline, deadline__gt=self.baseline_date)

    def clean(self) -> None:
        # the database falls over a range whose ends are reversed before it can refuse it in words
        if self.baseline_date and self.deadline and self.deadline <= self.baseline_date:
            raise ValidationError({"deadline": "截止日期须晚于基期。"})


@state.part(state.PLAN)
@history.track()
class Section(Fact):
    """A heading of the plan's document; targets stand under it in the document's order."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="sections", verbose_name="规划")
    code = models.CharField("代码", max_length=60)
    name = models.CharField("标题", max_length=100)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="subsections", verbose_name="上级标题"
    )
    position = models.PositiveIntegerField("排序", default=0)

    objects = InPlan()

    class Meta:
        verbose_name = verbose_name_plural = "章节"
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="section_code_once",
                violation_error_message="该规划已有这一章节代码。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.parent.name} · {self.name}" if self.parent else self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.code)

    natural_key.dependencies = ["targets.plan"]  # type: ignore[attr-defined]


@state.part(state.PLAN)
@history.track()
class Target(Fact):
    """A number that the plan promises (目标)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="targets", verbose_name="规划")
    section = models.ForeignKey(Section, models.PROTECT, related_name="targets", verbose_name="章节")
    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=100)
    position = models.PositiveIntegerField("排序", default=0)
    comparator = models.CharField("比较方式", max_length=10, choices=Comparator, default=Comparator.GTE)
    value = models.DecimalField("目标值", max_digits=20, decimal_places=4)
    value_max = models.DecimalField("目标值上限", max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField("单位", max_length=20, help_text="如家、个、亿元、%、倍。")
    tolerance = models.DecimalField(
        "允许偏差",
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="“左右”所允许的偏差，与目标值同单位；规划未作规定时由本系统约定。",
    )
    hedge = models.BooleanField("力争", default=False, help_text="原文用“力争”“争创”等表述。")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name="其中于",
        help_text="“其中”所属的目标。",
    )
    baseline_date = models.DateField("基期", null=True, blank=True, help_text="与规划的基期不同时填写。")
    deadline = models.DateField("截止日期", null=True, blank=True, help_text="与规划的截止日期不同时填写。")
    baseline_value = models.DecimalField(
        "基期数",
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="基期当日已有的数，与目标值同单位：序时进度由此起算。从零起算的（新增、每年新增、倍增）不填。",
    )
    baseline_source = models.CharField("基期数来源", max_length=300, blank=True)
    office = models.CharField("责任处室", max_length=60, blank=True)
    note = models.CharField("口径说明", max_length=500, blank=True)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = InPlan()

    class Meta:
        verbose_name = verbose_name_plural = "目标"
        ordering = ["plan", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="target_code_once",
                violation_error_message="该规划已有这一目标代码。",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0),
                name="target_value_positive",
                violation_error_message="目标值须大于零。",
            ),
            models.CheckConstraint(
                # comparing with nothing is neither true nor false, and would pass
                condition=Q(comparator=Comparator.RANGE, value_max__isnull=False, value_max__gt=F("value"))
                | (~Q(comparator=Comparator.RANGE) & Q(value_max__isnull=True)),
                name="target_range_has_a_maximum",
                violation_error_message="比较方式为区间的须填写大于目标值的上限；其他方式不填上限。",
            ),
            models.CheckConstraint(
                condition=Q(comparator=Comparator.APPROX, tolerance__isnull=False, tolerance__gte=0)
                | (~Q(comparator=Comparator.APPROX) & Q(tolerance__isnull=True)),
                name="target_approx_has_a_tolerance",
                violation_error_message="比较方式为左右的须填写允许偏差；其他方式不填。",
            ),
            models.CheckConstraint(
                condition=Q(baseline_value__isnull=True, baseline_source="")
                | (Q(baseline_value__isnull=False) & ~Q(baseline_source="")),
                name="target_baseline_has_a_source",
                violation_error_message="基期数与基期数来源须同时填写，或都不填。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.code)

    natural_key.dependencies = ["targets.plan", "targets.section"]  # type: ignore[attr-defined]

    @property
    def starts_on(self) -> dt.date:
        """The baseline date: its own, or the plan's."""
        return self.baseline_date or self.plan.baseline_date

    @property
    def due_on(self) -> dt.date:
        """The deadline: its own, or the plan's."""
        return self.deadline or self.plan.deadline

    @property
    def quote(self) -> str:
        """The phrase of the document that states the target; the first, where it is stated twice."""
        return next((citation.quote for citation in self.citations.all()), "")

    def clean(self) -> None:
        if self.plan_id is None:
            # a form calls this also where the plan was left out, and says so itself
            return
        errors = {}
        if self.starts_on >= self.due_on:
            errors["deadline"] = _("The deadline must lie after the baseline date.")
        if self.parent_id and self.parent_id == self.pk:
            errors["parent"] = _("A target cannot be a part of itself.")
        elif self.parent and self.parent.plan_id != self.plan_id:
            errors["parent"] = _("A part and its whole belong to the same plan.")
        if self.section_id and self.section.plan_id != self.plan_id:
            errors["section"] = _("This section belongs to another plan.")
        if errors:
            raise ValidationError(errors)


@state.part(state.PLAN)
@history.track()
class Step(Fact):
    """What a target wants by a day before its deadline (分年度目标), in place of the straight line."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="steps", verbose_name="目标")
    day = models.DateField("日期")
    value = models.DecimalField("应达到", max_digits=20, decimal_places=4)

    class Meta:
        verbose_name = verbose_name_plural = "分年度目标"
        ordering = ["target", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "day"],
                name="step_once_a_day",
                violation_error_message="该日已有分年度目标。",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="step_not_negative",
                violation_error_message="分年度目标不能为负。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.value.normalize():f}"


@state.part(state.PLAN)
@history.track()
class Revision(Fact):
    """A change of a target's value (目标调整): what it was before the day, why, by whom."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="revisions", verbose_name="目标")
    day = models.DateField("调整日期", help_text="自该日起适用新的目标值。")
    value_before = models.DecimalField("原目标值", max_digits=20, decimal_places=4)
    value_max_before = models.DecimalField("原上限", max_digits=20, decimal_places=4, null=True, blank=True)
    comparator_before = models.CharField("原比较方式", max_length=10, choices=Comparator)
    reason = models.CharField("原因", max_length=300)
    document = models.CharField("文号", max_length=200, blank=True)
    revised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="调整人",
    )

    class Meta:
        verbose_name = verbose_name_plural = "目标调整"
        ordering = ["target", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "day"],
                name="revision_once_a_day",
                violation_error_message="该日已有一次调整。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.day}"
