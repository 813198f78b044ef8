"""Enterprises: who they are, where they are, which groups they belong to."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext as _

from registry import codes, history, state
from registry.choices import ClusterKind, MemberRole
from registry.models.base import Fact, Listed
from registry.models.reference import Cluster, District, Industry
from registry.querysets import EnterpriseQuerySet, MembershipQuerySet, NamedQuerySet


class NameKey(Func):
    """The name as it is compared: NFKC, lower case, without spaces and punctuation (function of the database)."""

    function = "registry_name_key"
    output_field = models.TextField()


class Bigrams(Func):
    """Every two neighbouring characters of the name's key, for search by two Chinese characters through an index."""

    function = "registry_bigrams"
    output_field = ArrayField(models.TextField())


class Named(Fact):
    """Something found by a name: the database derives what is compared and what is searched."""

    name = models.CharField("企业名称", max_length=200)
    name_key = models.GeneratedField(
        expression=NameKey("name"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="名称比对键",
    )
    name_bigrams = models.GeneratedField(
        expression=Bigrams("name"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
        verbose_name="名称检索字",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


DERIVED = ("name_key", "name_bigrams")


# A new one changes no number by itself: what hangs on it (titles, figures, memberships) is a change of its own part.
@state.part(state.ENTERPRISES, columns=("district_id", "founded_on", "closed_on", "parent_id"), inserts=False)
@history.track(generated=DERIVED)
class Enterprise(Named, Listed):
    """A legal person (企业) that is, or was, registered in the city."""

    uscc = models.CharField(
        "统一社会信用代码",
        max_length=18,
        unique=True,
        null=True,
        blank=True,
        help_text="18位，不含字母 I、O、S、V、Z；未知的留空，不要编造。",
        error_messages={"unique": "该统一社会信用代码已属于另一家企业。"},
    )
    uscc_confirmed = models.BooleanField(
        "校验码不符已核实", default=False, help_text="代码末位校验码不符，但经核实确为该企业代码时勾选。"
    )
    registration_no = models.CharField(
        "旧注册号",
        max_length=15,
        blank=True,
        validators=[RegexValidator(r"^\d{15}$", "旧注册号为15位数字。")],
        help_text="三证合一前的15位工商注册号。",
    )
    # no index of its own: enterprise_district begins with it
    district = models.ForeignKey(
        District,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="enterprises",
        verbose_name="板块",
    )
    address = models.CharField("注册地址", max_length=300, blank=True)
    industry = models.ForeignKey(
        Industry, models.PROTECT, null=True, blank=True, related_name="enterprises", verbose_name="行业大类"
    )
    legal_form = models.CharField("企业类型", max_length=100, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name="所属集团",
        help_text="营收分档只计集团，不计其子公司。",
    )
    clusters = models.ManyToManyField(
        Cluster, through="Membership", related_name="enterprises", verbose_name="集群与产业链"
    )
    founded_on = models.DateField("成立日期", null=True, blank=True)
    closed_on = models.DateField(
        "注销日期", null=True, blank=True, help_text="自该日起不再存续，其称号不再计数。"
    )
    stock_code = models.CharField("股票代码", max_length=12, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        permissions = [("merge_enterprise", "合并与分立企业"), ("check_quality", "查看数据质量")]
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["name_key"], name="enterprise_name_key"),
            GinIndex(fields=["name_bigrams"], name="enterprise_bigrams"),
            # a page of an area, newest first, whatever else is asked of it; and all that a count asks of every one
            models.Index(fields=["district", "-id"], include=["closed_on"], name="enterprise_district"),
            models.Index(fields=["stock_code"], name="enterprise_stock_code", condition=~Q(stock_code="")),
            # the few that have closed, which every count has to know
            models.Index(
                fields=["id", "closed_on"], name="enterprise_closed", condition=Q(closed_on__isnull=False)
            ),
            models.Index(
                fields=["registration_no"],
                name="enterprise_registration_no",
                condition=~Q(registration_no=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="enterprise_has_a_name",
                violation_error_message="企业名称不能为空。",
            ),
            models.CheckConstraint(
                condition=Q(uscc__isnull=True) | Q(uscc__regex=codes.USCC_PATTERN),
                name="enterprise_uscc_alphabet",
                violation_error_message="统一社会信用代码应为18位数字或大写字母，且不含 I、O、S、V、Z。",
            ),
            models.CheckConstraint(
                condition=Q(founded_on__isnull=True)
                | Q(closed_on__isnull=True)
                | Q(closed_on__gte=F("founded_on")),
                name="enterprise_closed_after_founded",
                violation_error_message="注销日期不能早于成立日期。",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="enterprise_not_its_own_parent",
                violation_error_message="企业不能是自己的所属集团。",
            ),
        ]

    def clean(self) -> None:
        self.uscc = codes.clean_uscc(self.uscc or "") or None
        if self.uscc and codes.is_uscc(self.uscc) and not codes.has_valid_check_character(self.uscc):
            self._demand_confirmation()

    def _demand_confirmation(self) -> None:
        if not self.uscc_confirmed:
            message = _(
                "The check character of this code is wrong. Compare it with the licence; "
                "if it is right nevertheless, tick the box below."
            )
            raise ValidationError({"uscc": message})

    @property
    def is_demo(self) -> bool:
        """Made up for a first look."""
        return codes.is_made_up(self.uscc)


@history.track(generated=DERIVED)
class FormerName(Named):
    """A name (曾用名) that an enterprise had before."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="former_names", verbose_name="企业"
    )
    ended_on = models.DateField("停用日期", null=True, blank=True)

    objects = NamedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        ordering = ["enterprise", "ended_on"]
        indexes = [
            models.Index(fields=["name_key"], name="former_name_key"),
            GinIndex(fields=["name_bigrams"], name="former_name_bigrams"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "name_key"],
                name="former_name_once",
                violation_error_message="该企业已有这一曾用名。",
            )
        ]


@state.part(state.ENTERPRISES)
@history.track()
class Relocation(Fact):
    """A move (迁移) of an enterprise between areas; on its day the enterprise is already in the new one."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="relocations", verbose_name="企业"
    )
    day = models.DateField("迁移日期", help_text="自该日起属于迁入板块。")
    from_district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="迁出板块"
    )
    to_district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="迁入板块"
    )

    class Meta:
        verbose_name = verbose_name_plural = "迁移记录"
        ordering = ["enterprise", "day"]
        indexes = [models.Index(fields=["day"], name="relocation_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "day"],
                name="relocation_once_a_day",
                violation_error_message="该企业当日已有一条迁移记录。",
            ),
            models.CheckConstraint(
                condition=Q(from_district__isnull=True)
                | Q(to_district__isnull=True)
                | ~Q(from_district=F("to_district")),
                name="relocation_moves",
                violation_error_message="迁出板块与迁入板块不能相同。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.from_district or '—'} → {self.to_district or '—'}"


KIND_OF_CLUSTER = pgtrigger.Trigger(
    name="kind_of_cluster",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="NEW.kind := (SELECT kind FROM registry_cluster WHERE id = NEW.cluster_id); RETURN NEW;",
)


@pgtrigger.register(KIND_OF_CLUSTER)
@state.part(state.ENTERPRISES, state.MEMBERS)
@history.track()
class Membership(Fact):
    """That an enterprise belongs to a cluster or chain: to one of each kind as its main one, to others besides."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="memberships", verbose_name="企业"
    )
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="memberships", verbose_name="集群或产业链"
    )
    # Copied from the cluster by a trigger, so that the database can refuse a second main cluster of one kind.
    kind = models.CharField("类别", max_length=20, choices=ClusterKind, editable=False)
    main = models.BooleanField("主集群", default=True, help_text="每一类别只能有一个主集群，规模计入主集群。")
    role = models.CharField("角色", max_length=20, choices=MemberRole, default=MemberRole.MEMBER)
    since = models.DateField("起始日期", null=True, blank=True, help_text="留空表示一直属于。")
    until = models.DateField(
        "终止日期", null=True, blank=True, help_text="自该日起不再属于；留空表示仍然属于。"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "所属集群与产业链"
        ordering = ["enterprise", "kind", "-main", "cluster"]
        constraints = [
            ExclusionConstraint(
                name="membership_once",
                expressions=[
                    ("enterprise", "="),
                    ("cluster", "="),
                    (Func("since", "until", function="daterange", output_field=DateRangeField()), "&&"),
                ],
                violation_error_message="该企业在这一时期已属于该集群或产业链。",
            ),
            ExclusionConstraint(
                name="membership_one_main_of_a_kind",
                expressions=[
                    ("enterprise", "="),
                    ("kind", "="),
                    (Func("since", "until", function="daterange", output_field=DateRangeField()), "&&"),
                ],
                condition=Q(main=True),
                violation_error_message="该企业在这一类别中已有主集群，请先取消原来的主集群。",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="membership_ends_after_start",
                violation_error_message="终止日期不能早于起始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.cluster}"

    def clean(self) -> None:
        if self.cluster_id:
            self.kind = self.cluster.kind
        if self.since and self.until and self.until < self.since:
            raise ValidationError({"until": _("The end must not lie before the start.")})

    def save(self, **kwargs: Any) -> None:
        self.kind = self.cluster.kind
        super().save(**kwargs)
