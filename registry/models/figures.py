"""Yearly figures of enterprises (年报)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from registry import history, state
from registry.choices import Figure
from registry.models.base import Listed
from registry.models.enterprise import Enterprise
from registry.querysets import AnnualFiguresQuerySet


def money(label: str) -> models.DecimalField:
    """An amount in 万元; four places keep single yuan exact."""
    return models.DecimalField(f"{label}（万元）", max_digits=18, decimal_places=4, null=True, blank=True)


@state.part(state.FIGURES, by="year")
@history.track()
class AnnualFigures(Listed):
    """What an enterprise reported for a year: money in 万元, unknown is empty and never 0."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="figures", verbose_name="企业")
    year = models.PositiveSmallIntegerField(
        "年份", validators=[MinValueValidator(1949), MaxValueValidator(2100)]
    )
    revenue = money("营业收入")
    output = money("工业总产值")
    value_added = money("增加值")
    rnd = money("研发费用")
    tax = money("税收")
    upgrade_investment = money("技改投资")
    exports = money("出口额")
    software_revenue = money("软件收入")
    employees = models.PositiveIntegerField("从业人数", null=True, blank=True)
    invention_patents = models.PositiveIntegerField("有效发明专利（件）", null=True, blank=True)
    above_scale = models.BooleanField("规上", null=True, blank=True)
    source = models.CharField("来源", max_length=300, blank=True)

    objects = AnnualFiguresQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年报数据"
        ordering = ["-year", "enterprise"]
        indexes = [models.Index(fields=["year"], name="figures_year")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year"],
                name="figures_once_a_year",
                violation_error_message="该企业这一年份已有年报数据。",
            ),
            # value added and tax may be negative in a bad year; what is counted or sold may not
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{figure}__isnull": True}) | Q(**{f"{figure}__gte": 0}),
                    name=f"figures_{figure}_not_negative",
                    violation_error_message=f"{figure.chinese}不能为负数。",
                )
                for figure in Figure
                if figure not in (Figure.VALUE_ADDED, Figure.TAX)
            ],
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.year}"
