"""Which columns a list has that goes out; those of the four kinds of lists are the ones that the import reads back."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from registry.choices import ClusterKind, Figure
from registry.exports import ID, VERSION, Added, Column, Layout, Shape
from registry.models import AnnualFigures, Designation, Enterprise, FormerName, Membership, Statistic

# What no list gives out: files, and what people sign in with.
SECRET = frozenset(["password", "content"])
CONTACTS = frozenset(["contact_name", "contact_phone"])


def layout_of(model: type[models.Model], *, contacts: bool = False) -> Layout:
    """The columns of the lists of a model; those of the four kinds of lists are the ones that the import reads."""
    if model in OWN:
        own = OWN[model]
        if model is Enterprise and contacts:
            return replace(own, columns=(*own.columns, *CONTACT_COLUMNS))
        return own
    return Layout(tuple(_generic(model)))


def can_return(model: type[models.Model]) -> bool:
    """Whether a list of the model can be edited and imported back."""
    return model in OWN


def _generic(model: type[models.Model]) -> Iterator[Column]:
    for column in model._meta.concrete_fields:
        if column.primary_key:
            yield Column(ID, column.attname, Shape.NUMBER, 9)
        elif column.name == "version":
            yield Column(VERSION, "version", Shape.NUMBER, 7)
        elif not (
            column.generated or column.name in SECRET | CONTACTS or isinstance(column, models.BinaryField)
        ):
            yield _generic_column(column)


def _generic_column(column: Any) -> Column:
    title = str(column.verbose_name)
    if column.is_relation:
        return Column(title, f"{column.name}{_named_by(column.related_model)}", width=26)
    if isinstance(column, models.DateTimeField):
        return Column(title, column.attname, Shape.MOMENT, 19)
    if isinstance(column, models.DateField):
        return Column(title, column.attname, Shape.DAY, 12)
    if isinstance(column, models.IntegerField | models.DecimalField) and not column.choices:
        return Column(title, column.attname, Shape.NUMBER, 12)
    words = {key: str(label) for key, label in column.flatchoices} if column.choices else None
    return Column(title, column.attname, width=20, words=words)


def _named_by(model: Any) -> str:
    names = {one.name for one in model._meta.concrete_fields}
    known = next(
        (name for name in ("name", "full_name", "file_name", "title", "code") if name in names), "pk"
    )
    return f"__{known}"


# The lists that the import reads back, under its canonical names


def _choices(model: type[models.Model], name: str) -> dict[Any, str]:
    return {key: str(label) for key, label in model._meta.get_field(name).flatchoices}  # type: ignore[union-attr]


def _label(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def clusters_of(kind: str) -> Added:
    """The names of the groups of one kind that enterprises still belong to, the main one first."""

    def read(ids: list[int]) -> dict[int, Any]:
        rows = Membership.objects.filter(enterprise__in=ids, kind=kind, until__isnull=True)
        return _gathered(rows.order_by("-main", "pk").values_list("enterprise_id", "cluster__name"))

    return read


def former_names(ids: list[int]) -> dict[int, Any]:
    rows = FormerName.objects.filter(enterprise__in=ids).order_by("ended_on", "pk")
    return _gathered(rows.values_list("enterprise_id", "name"))


def _gathered(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pk, name in pairs:
        found.setdefault(pk, []).append(name)
    return found


RECORD = (Column(ID, "id", Shape.NUMBER, 9), Column(VERSION, "version", Shape.NUMBER, 7))
CONTACT_COLUMNS = (Column("联系人", "contact_name"), Column("联系电话", "contact_phone", width=16))


def _holder(prefix: str) -> tuple[Column, ...]:
    return (
        Column("企业名称", f"{prefix}name", width=34),
        Column("统一社会信用代码", f"{prefix}uscc", width=22),
    )


ENTERPRISES = Layout(
    (
        *RECORD,
        *_holder(""),
        Column("旧注册号", "registration_no", width=18),
        Column("板块", "district__name"),
        Column("注册地址", "address", width=40),
        Column("行业代码", "industry__code", width=10),
        Column("企业类型", "legal_form", width=20),
        Column("成立日期", "founded_on", Shape.DAY, 12),
        Column("注销日期", "closed_on", Shape.DAY, 12),
        Column("股票代码", "stock_code", width=12),
        Column("集群", "advanced", width=20),
        Column("战略性新兴产业集群", "strategic", width=20),
        Column("产业链", "chain", width=20),
        Column("曾用名", "former_names", width=30),
    ),
    {
        "advanced": clusters_of(ClusterKind.ADVANCED),
        "strategic": clusters_of(ClusterKind.STRATEGIC),
        "chain": clusters_of(ClusterKind.CHAIN),
        "former_names": former_names,
    },
)
DESIGNATIONS = Layout(
    (
        *RECORD,
        *_holder("enterprise__"),
        Column("板块", "area_name"),
        Column("认定类别", "scheme__name", width=24),
        Column("级别", "level", width=8, words=_choices(Designation, "level")),
        Column("名称", "item", width=30),
        Column("批次", "batch"),
        Column("文号", "document", width=26),
        Column("证书编号", "certificate", width=18),
        Column("公示日期", "announced_on", Shape.DAY, 12),
        Column("认定日期", "valid_from", Shape.DAY, 12),
        Column("有效期至", "valid_to", Shape.DAY, 12),
        Column("终止日期", "ended_on", Shape.DAY, 12),
        Column("终止原因", "end_reason", words=_choices(Designation, "end_reason")),
        Column("终止文号", "end_document", width=20),
        Column("审核状态", "state", width=10, words=_choices(Designation, "state")),
        Column("来源", "source", width=30),
        Column("备注", "note", width=30),
    ),
    computed={"area_name": Coalesce("enterprise__district__name", "district__name")},
)
FIGURES = Layout(
    (
        *RECORD,
        *_holder("enterprise__"),
        Column("板块", "enterprise__district__name"),
        Column("年份", "year", Shape.NUMBER, 7),
        *[Column(_label(AnnualFigures, figure.value), figure.value, Shape.NUMBER, 16) for figure in Figure],
        Column("规上", "above_scale", width=7),
        Column("来源", "source", width=30),
    )
)
STATISTICS = Layout(
    (
        *RECORD,
        Column("指标", "series__name", width=28),
        Column("板块", "district__name"),
        Column("截止日期", "day", Shape.DAY, 12),
        Column("数值", "value", Shape.NUMBER, 16),
        Column("单位", "series__unit", width=8),
        Column("性质", "finality", width=10, words=_choices(Statistic, "finality")),
        Column("来源", "source", width=30),
        Column("来源类型", "source_kind", width=10, words=_choices(Statistic, "source_kind")),
        Column("发布日期", "published_on", Shape.DAY, 12),
        Column("原文摘录", "quotation", width=40),
        Column("备注", "note", width=30),
    )
)
OWN: dict[type[models.Model], Layout] = {
    Enterprise: ENTERPRISES,
    Designation: DESIGNATIONS,
    AnnualFigures: FIGURES,
    Statistic: STATISTICS,
}
