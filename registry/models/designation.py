"""Titles that enterprises and things hold (认定称号)."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from registry import history, state
from registry.choices import DesignationState, EndReason, Level, ReviewOutcome
from registry.models.base import Fact, Listed
from registry.models.enterprise import Enterprise
from registry.models.reference import District, Scheme
from registry.querysets import DesignationQuerySet


class AwardRange(Func):
    """The days of an award without grace: from its start to the last day, or to the day before its end."""

    template = "daterange(%(expressions)s)"
    output_field = DateRangeField()

    def __init__(self) -> None:
        # The cast is for forms: there an empty day is a bare NULL, and NULL + 1 a number that LEAST refuses.
        last = Func(F("valid_to"), template="(%(expressions)s::date + 1)", output_field=models.DateField())
        end = Func(last, F("ended_on"), function="LEAST", output_field=models.DateField())
        super().__init__(F("valid_from"), end)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return ("registry.models.designation.AwardRange", [], {})


@state.part(state.SCHEME, by="scheme_id")
@history.track()
class Designation(Listed):
    """A title (认定) granted by a list: to an enterprise, to a named thing of an enterprise, or to a named thing."""

    # no index of its own: designation_scheme_level begins with it
    scheme = models.ForeignKey(
        Scheme, models.PROTECT, db_index=False, related_name="designations", verbose_name="认定类别"
    )
    level = models.CharField("级别", max_length=20, choices=Level)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="designations", verbose_name="企业"
    )
    item = models.CharField(
        "项目名称",
        max_length=200,
        blank=True,
        help_text="车间、产品、中心、平台、园区等的名称；授予企业本身的留空。",
    )
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="designations",
        verbose_name="项目所在板块",
        help_text="仅用于不属于某一企业的项目；企业的称号随企业的板块。",
    )
    batch = models.CharField("批次", max_length=60, blank=True)
    document = models.CharField("文号", max_length=200, blank=True)
    certificate = models.CharField("证书编号", max_length=60, blank=True)
    announced_on = models.DateField("公示日期", null=True, blank=True)
    valid_from = models.DateField("认定日期", null=True, blank=True, help_text="自该日起有效。")
    valid_to = models.DateField(
        "有效期至", null=True, blank=True, help_text="当日仍有效；没有固定期限的留空。"
    )
    ended_on = models.DateField("终止日期", null=True, blank=True, help_text="自该日起不再有效。")
    end_reason = models.CharField("终止原因", max_length=20, choices=EndReason, blank=True)
    end_document = models.CharField("终止文号", max_length=200, blank=True)
    state = models.CharField(
        "状态", max_length=20, choices=DesignationState, default=DesignationState.CONFIRMED
    )
    return_reason = models.CharField("退回原因", max_length=200, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="报送人",
    )
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name="审核人",
    )
    decided_at = models.DateTimeField("审核时间", null=True, blank=True, editable=False)
    source = models.CharField("来源", max_length=300, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)

    objects = DesignationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "认定称号"
        permissions = [("confirm_designation", "审核认定称号"), ("end_designation", "批量复核与终止称号")]
        ordering = ["-valid_from", "-id"]
        indexes = [
            models.Index(fields=["scheme", "level", "valid_from"], name="designation_scheme_level"),
            # who holds a title, in the order in which enterprises are listed
            models.Index(fields=["scheme", "enterprise"], name="designation_holder"),
            models.Index(fields=["valid_to"], name="designation_valid_to"),
            # the few that wait for a person
            models.Index(
                fields=["state", "submitted_at"],
                name="designation_waiting",
                condition=~Q(state=DesignationState.CONFIRMED),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise__isnull=False, district__isnull=True)
                | (Q(enterprise__isnull=True) & ~Q(item="")),
                name="designation_has_one_holder",
                violation_error_message="请填写企业，或填写项目名称（可注明板块）；企业的称号不另填板块。",
            ),
            models.CheckConstraint(
                condition=~Q(state=DesignationState.CONFIRMED) | Q(valid_from__isnull=False),
                name="designation_confirmed_has_a_day",
                violation_error_message="已确认的称号须填写认定日期。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="designation_ends_after_start",
                violation_error_message="有效期至不能早于认定日期。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(ended_on__gte=F("valid_from")),
                name="designation_ended_after_start",
                violation_error_message="终止日期不能早于认定日期。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="")
                | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="designation_end_has_a_reason",
                violation_error_message="终止日期与终止原因须同时填写。",
            ),
            ExclusionConstraint(
                name="designation_no_overlap",
                expressions=[
                    ("scheme", "="),
                    ("level", "="),
                    (Coalesce("enterprise", 0), "="),
                    (Coalesce("district", 0), "="),
                    (Lower("item"), "="),
                    (AwardRange(), "&&"),
                ],
                condition=Q(
                    valid_from__isnull=False,
                    state__in=[DesignationState.CONFIRMED, DesignationState.SUBMITTED],
                ),
                violation_error_message="同一持有者在这一时期已有该类别、该级别的称号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.called} · {self.holder}"

    @property
    def called(self) -> str:
        """The title without its holder: 国家级绿色工厂, or 瞪羚企业 where there are no levels."""
        return f"{self.scheme}" if self.level == Level.NONE else f"{self.get_level_display()}{self.scheme}"

    @property
    def holder(self) -> str:
        """The name of who or what holds the title."""
        names = [self.enterprise.name if self.enterprise else "", self.item]
        return " · ".join(name for name in names if name)

    @property
    def area(self) -> District | None:
        """Where it counts now: the area of its enterprise, or that of a thing which belongs to none."""
        return self.enterprise.district if self.enterprise else self.district

    @property
    def entered_by(self) -> int | None:
        """The id of the person who sent it in, by hand or with a list; None where nobody is known."""
        if self.submitted_by_id is None and self.roster_row is not None:
            return self.roster_row.roster.imported_by_id
        return self.submitted_by_id

    def clean(self) -> None:
        errors = self._errors_of_dates()
        if self.scheme_id and self.level and not self._is_granted_at_level():
            errors["level"] = _("This scheme is not granted at this level.")
        if errors:
            raise ValidationError(errors)

    def _is_granted_at_level(self) -> bool:
        # all of them: who judges many titles has them at hand
        return any(one.level == self.level for one in self.scheme.levels.all())

    def _errors_of_dates(self) -> dict[str, str]:
        # Keyed to the end dates: reversed dates would make the database's range function fail in the overlap check.
        errors = {}
        start = self.valid_from
        if start and _before(self.valid_to, start):
            errors["valid_to"] = _("The last day must not lie before the first.")
        if start and _before(self.ended_on, start):
            errors["ended_on"] = _("The end must not lie before the start.")
        if bool(self.ended_on) != bool(self.end_reason):
            errors["end_reason"] = _("An end needs its day and its reason, both or neither.")
        return errors


def _before(day: dt.date | None, other: dt.date) -> bool:
    return day is not None and day < other


@history.track()
class Review(Fact):
    """A re-review (复核) of a title: passed, it runs on to a new last day; failed, it ends."""

    designation = models.ForeignKey(
        Designation, models.CASCADE, related_name="reviews", verbose_name="认定称号"
    )
    day = models.DateField("复核日期")
    outcome = models.CharField("复核结果", max_length=10, choices=ReviewOutcome)
    valid_to = models.DateField("新有效期至", null=True, blank=True)
    document = models.CharField("文号", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "复核记录"
        ordering = ["designation", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["designation", "day"],
                name="review_once_a_day",
                violation_error_message="该称号当日已有一条复核记录。",
            ),
            models.CheckConstraint(
                condition=Q(outcome=ReviewOutcome.PASSED) | Q(valid_to__isnull=True),
                name="review_failed_has_no_new_term",
                violation_error_message="复核未通过的不填新有效期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_outcome_display()}"
