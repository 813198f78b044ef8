"""How a target is fed: data with a closed vocabulary, read by `targets.rules` and `targets.measure`."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from registry import history, state
from registry.choices import ClusterKind, Figure, Level, MemberRole, Unit
from registry.models import Cluster, Scheme, Series
from registry.models.base import Fact
from targets.choices import Feed, Official
from targets.models.plan import Target


class RuleManager(models.Manager["Rule"]):
    def get_by_natural_key(self, plan: str, target: str) -> "Rule":
        return self.get(target__plan__code=plan, target__code=target)


@state.part(state.PLAN)
@history.track()
class Rule(Fact):
    """The rule (口径) of one target: what is counted, added or looked up, and which number is the official one."""

    target = models.OneToOneField(Target, models.CASCADE, related_name="rule", verbose_name="目标")
    feed = models.CharField("计算方式", max_length=20, choices=Feed)
    unit = models.CharField("计数单位", max_length=20, choices=Unit, default=Unit.ENTERPRISE)
    level = models.CharField("级别", max_length=20, choices=Level, blank=True, help_text="留空表示不限级别。")
    at_least = models.BooleanField(
        "该级别以上", default=False, help_text="勾选为“省级以上”，不勾选为“省级”。"
    )
    cluster_kind = models.CharField("集群类别", max_length=20, choices=ClusterKind, blank=True)
    clusters = models.ManyToManyField(
        Cluster, through="RuleCluster", related_name="+", blank=True, verbose_name="集群与产业链"
    )
    role = models.CharField("成员角色", max_length=20, choices=MemberRole, blank=True)
    figure = models.CharField("年报指标", max_length=30, choices=Figure, blank=True)
    lower = models.DecimalField(
        "下限", max_digits=20, decimal_places=4, null=True, blank=True, help_text="亿元；分档含下限。"
    )
    upper = models.DecimalField(
        "上限", max_digits=20, decimal_places=4, null=True, blank=True, help_text="亿元；分档不含上限。"
    )
    denominator_kind = models.CharField("分母集群类别", max_length=20, choices=ClusterKind, blank=True)
    series = models.ForeignKey(
        Series,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name="公布数指标",
        help_text="统计数的来源；其他计算方式则作为公布数并列显示。",
    )
    official = models.CharField("正式数", max_length=20, choices=Official, default=Official.REGISTRY)
    baseline_value = models.DecimalField(
        "基期数",
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="倍增的基数；留空则由登记册计算。",
    )
    baseline_source = models.CharField("基期数来源", max_length=300, blank=True)

    objects = RuleManager()

    class Meta:
        verbose_name = verbose_name_plural = "口径"
        constraints = [
            models.CheckConstraint(
                condition=Q(lower__isnull=True) | Q(upper__isnull=True) | Q(upper__gt=F("lower")),
                name="rule_thresholds_in_order",
                violation_error_message="上限须大于下限。",
            ),
            models.CheckConstraint(
                condition=Q(baseline_value__isnull=True, baseline_source="")
                | (Q(baseline_value__isnull=False, baseline_value__gt=0) & ~Q(baseline_source="")),
                name="rule_baseline_has_a_source",
                violation_error_message="基期数须大于零并注明来源。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.target)

    def natural_key(self) -> tuple[str, str]:
        return self.target.natural_key()

    natural_key.dependencies = ["targets.target"]  # type: ignore[attr-defined]


@state.part(state.PLAN)
@history.track()
class RuleScheme(Fact):
    """A scheme whose awards feed a rule, and the award days between which it does (renamed titles: one row each)."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="schemes", verbose_name="口径")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="rules", verbose_name="认定类别")
    applies_from = models.DateField(
        "认定日期自", null=True, blank=True, help_text="只计该日起认定的；留空不限。"
    )
    applies_to = models.DateField(
        "认定日期至", null=True, blank=True, help_text="只计该日止认定的；留空不限。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "口径所含类别"
        ordering = ["rule", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "scheme"],
                name="rule_scheme_once",
                violation_error_message="该类别已在口径中。",
            ),
            models.CheckConstraint(
                condition=Q(applies_from__isnull=True)
                | Q(applies_to__isnull=True)
                | Q(applies_to__gte=F("applies_from")),
                name="rule_scheme_days_in_order",
                violation_error_message="止日不能早于起日。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.scheme)

    def clean(self) -> None:
        if self.applies_from and self.applies_to and self.applies_to < self.applies_from:
            raise ValidationError({"applies_to": "止日不能早于起日。"})


@state.part(state.PLAN)
@history.track()
class RuleCluster(Fact):
    """A cluster or chain whose main members feed a rule."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="cluster_links", verbose_name="口径")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+", verbose_name="集群或产业链")

    class Meta:
        verbose_name = verbose_name_plural = "口径所含集群"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "cluster"],
                name="rule_cluster_once",
                violation_error_message="该集群已在口径中。",
            )
        ]

    def __str__(self) -> str:
        return str(self.cluster)
