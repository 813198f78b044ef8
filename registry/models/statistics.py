"""Published figures (统计数): what no list of enterprises can give, and what others have counted."""

from django.db import models
from django.db.models import Q

from registry import history, state
from registry.choices import Finality, SourceKind
from registry.models.base import Listed
from registry.models.reference import District, Reference
from registry.querysets import StatisticQuerySet


@state.part(state.PLAN)
@history.track()
class Series(Reference):
    """A published figure that comes again and again (统计指标), with its unit."""

    name = models.CharField("名称", max_length=100)
    unit = models.CharField("单位", max_length=20)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta(Reference.Meta):
        verbose_name = verbose_name_plural = "统计指标"


@state.part(state.SERIES, by="series_id")
@history.track()
class Statistic(Listed):
    """One published value (统计数): of the city or an area, on a day, with its source."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="values", verbose_name="统计指标")
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statistics",
        verbose_name="板块",
        help_text="留空表示全市。",
    )
    day = models.DateField("截止日期", help_text="数值所说的那一天；年度数填12月31日。")
    value = models.DecimalField("数值", max_digits=24, decimal_places=6)
    finality = models.CharField("性质", max_length=20, choices=Finality, default=Finality.FINAL)
    source = models.CharField("来源", max_length=300)
    source_kind = models.CharField("来源类型", max_length=20, choices=SourceKind, default=SourceKind.OFFICIAL)
    published_on = models.DateField("发布日期", null=True, blank=True)
    quotation = models.CharField("原文摘录", max_length=300, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)

    objects = StatisticQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统计数"
        ordering = ["series", "-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "district", "day", "finality"],
                name="statistic_once_a_day",
                nulls_distinct=False,
                violation_error_message="该指标当日已有这一性质的数值。",
            ),
            models.CheckConstraint(
                condition=~Q(source=""), name="statistic_has_a_source", violation_error_message="请填写来源。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.day}: {self.value.normalize():f} {self.series.unit}"

    def natural_key(self) -> tuple[object, ...]:
        district = self.district.code if self.district else None
        return (self.series.code, district, self.day.isoformat(), self.finality)

    natural_key.dependencies = ["registry.series", "registry.district"]  # type: ignore[attr-defined]
