"""The tables that can be followed and exported: one shape of a row for both, and for whom it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from registry.choices import Scope
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    FormerName,
    Industry,
    Membership,
    Relocation,
    Review,
    Scheme,
    SchemeLevel,
    Series,
    Statistic,
)

# The area of a row, as an expression over its columns; `{row}` is the row itself.
OWN = "{row}.district_id"
OF_ENTERPRISE = "(SELECT district_id FROM registry_enterprise WHERE id = {row}.enterprise_id)"
OF_TITLE = f"COALESCE({OF_ENTERPRISE}, {OWN})"
REVIEWED = OF_TITLE.format(row="title")
OF_REVIEW = f"(SELECT {REVIEWED} FROM registry_designation title WHERE title.id = {{row}}.designation_id)"
# Told inside the office only, or derived.
WITHIN = frozenset(
    ["roster_row", "submitted_by", "submitted_at", "decided_by", "decided_at", "name_key", "name_bigrams"]
)
MASKS = {
    "contact_name": "CASE WHEN {value} = '' THEN '' ELSE left({value}, 1) || '**' END",
    "contact_phone": "CASE WHEN {value} = '' THEN '' WHEN length({value}) < 11 THEN '****' "
    "ELSE left({value}, 3) || '****' || right({value}, 4) END",
}
# Of an enterprise that has gone into another, by a merge that stands.
MERGED_INTO = (
    "(SELECT kept_id FROM registry_merge merge WHERE merge.absorbed_id = {row}.id AND merge.undone_at IS NULL"
    " ORDER BY merge.id DESC LIMIT 1)"
)


@dataclass(frozen=True)
class Followed:
    """A table that can be followed."""

    name: str
    model: type[models.Model]
    # what a token must be good for; None where no facts are told
    scope: Scope | None
    # None where everybody sees all of it
    area: str | None = None
    besides: dict[str, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def events(self) -> str:
        model: Any = self.model
        return str(model.pgh_event_models["insert"]._meta.db_table)

    def shape(self, row: str, *, contacts: bool) -> str:
        """What is told of a row, as an expression of JSON over its columns."""
        parts = []
        for column in self.columns:
            value = f'{row}."{column.column}"'
            if column.name in MASKS and not contacts:
                value = MASKS[column.name].format(value=value)
            parts.append(f"'{_name(column)}', {_told(column, value)}")
        return f"json_build_object({', '.join(parts)})"

    @property
    def columns(self) -> list[Any]:
        fields: list[Any] = list(self.model._meta.concrete_fields)
        return [one for one in fields if one.name not in WITHIN]

    @property
    def names(self) -> list[str]:
        return [_name(column) for column in self.columns]


def _has_code(column: Any) -> bool:
    return column.is_relation and any(one.name == "code" for one in column.related_model._meta.fields)


def _name(column: Any) -> str:
    return str(column.name if _has_code(column) else column.attname)


def _told(column: Any, value: str) -> str:
    """As in the API: amounts in full as text, reference rows by their code."""
    if isinstance(column, models.DecimalField):
        return f"trim_scale({value})::text"
    if _has_code(column):
        return f'(SELECT code FROM "{column.related_model._meta.db_table}" WHERE id = {value})'
    return value


# What is referred to comes first.
FOLLOWED = (
    Followed("districts", District, None),
    Followed("clusters", Cluster, None),
    Followed("industries", Industry, None),
    Followed("schemes", Scheme, None),
    Followed("scheme-levels", SchemeLevel, None),
    Followed("series", Series, None),
    Followed("enterprises", Enterprise, Scope.READ_ENTERPRISES, OWN, {"merged_into": MERGED_INTO}),
    Followed("former-names", FormerName, Scope.READ_ENTERPRISES, OF_ENTERPRISE),
    Followed("memberships", Membership, Scope.READ_ENTERPRISES, OF_ENTERPRISE),
    Followed("relocations", Relocation, Scope.READ_ENTERPRISES, OF_ENTERPRISE),
    Followed("designations", Designation, Scope.READ_RECORDS, OF_TITLE),
    Followed("reviews", Review, Scope.READ_RECORDS, OF_REVIEW),
    Followed("annual-figures", AnnualFigures, Scope.READ_RECORDS, OF_ENTERPRISE),
    Followed("statistics", Statistic, Scope.READ_TOTALS),
)
BY_NAME = {one.name: one for one in FOLLOWED}


def named(names: Iterable[str]) -> list[Followed]:
    """In their order."""
    wanted = set(names)
    return [one for one in FOLLOWED if one.name in wanted]
