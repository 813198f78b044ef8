"""What a row of a list did or would do, field by field, in the words of the register."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.rosters.ledger import MODELS

EMPTY = "—"
HIDDEN = {"roster_row_id"}
# What a new record of these would repeat of the row beside it.
OF_HOLDER = {"enterprise_id", "designation_id"}


@dataclass(slots=True)
class FieldChange:
    """A field before and after."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class RecordChange:
    """What happens to one record."""

    kind: str
    created: bool
    name: str
    link: str
    fields: list[FieldChange] = field(default_factory=list)


def described(rows: Iterable[list[dict[str, Any]]]) -> list[list[RecordChange]]:
    """For each row its changes; what they refer to is asked for once a model."""
    rows = list(rows)
    names = _Names([change for row in rows for change in row])
    return [[_record(change, names) for change in row] for row in rows]


def _record(change: dict[str, Any], names: "_Names") -> RecordChange:
    model = MODELS[change["model"]]
    found = RecordChange(
        kind=str(model._meta.verbose_name),
        created=change["created"],
        name=names.of_record(change),
        link=names.link(model, change["id"]),
    )
    for column in model._meta.concrete_fields:
        name = column.attname
        if (
            name in change["after"]
            and name not in HIDDEN
            and not (change["created"] and _goes_without(name, change))
        ):
            found.fields.append(
                FieldChange(
                    str(column.verbose_name),
                    names.of(column, change["before"].get(name)),
                    names.of(column, change["after"][name]),
                )
            )
    return found


def _goes_without(name: str, change: dict[str, Any]) -> bool:
    """Of what is new, neither what it leaves empty nor what the row beside it says."""
    return name in OF_HOLDER or change["after"][name] in (None, "")


class _Names:
    """The names of all records that some changes speak of."""

    def __init__(self, changes: list[dict[str, Any]]) -> None:
        wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        for change in changes:
            model = MODELS[change["model"]]
            wanted[model].add(change["id"])
            for values in (change["before"], change["after"]):
                for column in model._meta.concrete_fields:
                    if column.remote_field and values.get(column.attname) and column.attname not in HIDDEN:
                        wanted[column.remote_field.model].add(values[column.attname])
        self.found = {model: _read(model, ids) for model, ids in wanted.items()}

    def of_record(self, change: dict[str, Any]) -> str:
        known = self.found[MODELS[change["model"]]].get(change["id"])
        after = change["after"]
        holder = after.get("enterprise_id") or after.get("designation_id")
        if known is not None:
            return str(known)
        return str(after.get("item") or after.get("name") or "") or self._holder(after, holder)

    def _holder(self, after: dict[str, Any], holder: int | None) -> str:
        model = MODELS["enterprise" if after.get("enterprise_id") else "designation"]
        known = self.found.get(model, {}).get(holder or 0)
        return str(known) if known is not None else ""

    def link(self, model: type[models.Model], pk: int) -> str:
        """Nowhere for what is not there yet, or not any more."""
        if pk not in self.found[model]:
            return ""
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])

    def of(self, column: "models.Field[Any, Any]", value: Any) -> str:
        if value in (None, ""):
            return EMPTY
        if column.remote_field:
            known = self.found[column.remote_field.model].get(value)
            return str(known) if known is not None else _("new")
        if isinstance(value, bool):
            return "是" if value else "否"
        return str(dict(column.flatchoices).get(value, value))


def _read(model: type[models.Model], ids: set[int]) -> dict[int, models.Model]:
    related = [one.name for one in model._meta.concrete_fields if one.remote_field and one.name in NAMED_BY]
    return model._default_manager.select_related(*related).in_bulk([pk for pk in ids if pk > 0])


# The relations that appear in the name of a record.
NAMED_BY = {"enterprise", "scheme", "cluster", "series", "district", "designation"}
