"""What facts refer to: areas, clusters, industries, kinds of titles."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _

from registry import history, state
from registry.choices import ClusterKind, Level, Unit
from registry.models.base import Fact
from registry.querysets import ReferenceManager


class Reference(Fact):
    """A row that facts refer to: it is retired, never deleted."""

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=100)
    position = models.PositiveIntegerField("排序", default=0)
    retired_on = models.DateField(
        "停用日期", null=True, blank=True, help_text="自该日起不再使用；历史记录保留。"
    )

    objects = ReferenceManager()

    class Meta:
        abstract = True
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


@state.part(state.REFERENCE)
# Where enterprises are is told by numbers of the areas that there are.
@state.part(state.ENTERPRISES, columns=("id",), besides="areas")
@history.track()
class District(Reference):
    """An assessed area of the city (板块): a county-level city, a district, or the economic development zone."""

    short_name = models.CharField("简称", max_length=20)
    inside = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name="统计上属于",
        help_text="单独考核、但统计上属于另一行政区的板块（经开区属于武进区）。",
    )
    towns = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        verbose_name="镇、街道",
        help_text="用于从注册地址判断板块，多个之间用逗号隔开。",
    )

    class Meta(Reference.Meta):
        verbose_name = verbose_name_plural = "板块"


@state.part(state.REFERENCE)
@history.track()
class Cluster(Reference):
    """A group of enterprises that the plan speaks of: a cluster, a strategic cluster, a chain or a future industry."""

    kind = models.CharField("类别", max_length=20, choices=ClusterKind)

    class Meta(Reference.Meta):
        verbose_name = verbose_name_plural = "集群与产业链"
        ordering = ["kind", "position", "code"]

    def clean(self) -> None:
        if not self.pk:
            return
        kind = Cluster.objects.filter(pk=self.pk).values_list("kind", flat=True).first()
        if kind != self.kind and self.memberships.exists():
            raise ValidationError({"kind": _("This group has members: its kind can no longer change.")})


@history.track()
class Industry(Reference):
    """A division (大类, two digits) of GB/T 4754-2017."""

    section = models.CharField("门类", max_length=1, validators=[RegexValidator(r"^[A-T]$")])

    class Meta(Reference.Meta):
        verbose_name = verbose_name_plural = "行业大类"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@state.part(state.REFERENCE)
# Until when its titles hold: a new name, or another alias, leaves them as they are known.
@state.part(state.SCHEME, by="id", columns=("grace_months",), inserts=False, besides="grace")
@history.track()
class Scheme(Reference):
    """A kind of title (认定类别): what is granted, by whom, to what, for how long."""

    aliases = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        verbose_name="别名",
        help_text="名单中常见的其他写法，多个之间用逗号隔开。",
    )
    counts = models.CharField("计数单位", max_length=20, choices=Unit, default=Unit.ENTERPRISE)
    item_word = models.CharField(
        "项目称谓",
        max_length=20,
        blank=True,
        help_text="按项目计数时的称谓，如车间、产品、中心、平台、园区。",
    )
    measure_word = models.CharField("量词", max_length=4, default="家")
    term_months = models.PositiveSmallIntegerField(
        "有效期（月）", null=True, blank=True, help_text="没有固定期限的留空。"
    )
    grace_months = models.PositiveSmallIntegerField(
        "宽限期（月）", default=0, help_text="到期后等待复核结果期间仍然计数的月数。"
    )
    succeeds = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name="承接的类别",
        help_text="由哪一类别更名或改制而来。",
    )
    document = models.CharField("依据文件", max_length=200, blank=True)

    class Meta(Reference.Meta):
        verbose_name = verbose_name_plural = "认定类别"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(counts=Unit.ENTERPRISE) | ~models.Q(item_word=""),
                name="scheme_item_has_a_word",
                violation_error_message="按项目计数的类别须填写项目称谓。",
            )
        ]

    def clean(self) -> None:
        if self.succeeds_id is not None and self.succeeds_id == self.pk:
            raise ValidationError({"succeeds": _("A scheme cannot succeed itself.")})


class SchemeLevelManager(models.Manager["SchemeLevel"]):
    def get_by_natural_key(self, scheme: str, level: str) -> "SchemeLevel":
        return self.get(scheme__code=scheme, level=level)


@state.part(state.REFERENCE)
@history.track()
class SchemeLevel(Fact):
    """A level at which a scheme is granted, and the authority that grants it there."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="levels", verbose_name="认定类别")
    level = models.CharField("级别", max_length=20, choices=Level)
    authority = models.CharField("认定机关", max_length=100, blank=True)

    objects = SchemeLevelManager()

    class Meta:
        verbose_name = verbose_name_plural = "认定级别"
        ordering = ["scheme", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "level"],
                name="scheme_level_once",
                violation_error_message="该类别的这一级别已经存在。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.get_level_display()}"

    def natural_key(self) -> tuple[Any, ...]:
        return (self.scheme.code, self.level)

    natural_key.dependencies = ["registry.scheme"]  # type: ignore[attr-defined]
