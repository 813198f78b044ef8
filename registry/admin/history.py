"""The history of a record, as a clerk reads it: who, when, what changed, why."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Window
from django.db.models.functions import Lag

from registry.models import User

KINDS = {"insert": "新增", "update": "修改", "delete": "删除"}
OWN_COLUMNS = {"id", "version"}
EMPTY = "—"
LONGEST = 80

Mask = Callable[[Any], str]


@dataclass(frozen=True)
class FieldChange:
    """A field before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One version of a record."""

    at: dt.datetime
    who: str
    kind: str
    what: str
    reason: str
    # the system by whose token it was written, if any
    token: str
    # and the id of its request, by which that system knows it
    request: str
    fields: list[FieldChange]


def is_tracked(model: type[models.Model]) -> bool:
    return any(field.name == "events" for field in model._meta.related_objects)


def changes_of(
    instance: models.Model,
    relations: Iterable[str] = (),
    *,
    removed: Iterable[str] = (),
    limit: int = 50,
    masks: dict[str, Mask] | None = None,
) -> list[Change]:
    """The newest changes of a record and of the rows that hang on it, the newest first.

    Rows that were deleted are found for the relations in `removed` only: their events are searched by the
    column of the reference, which has no index and suits small tables.
    """
    found = list(_events(type(instance), limit, pgh_obj=instance.pk))
    for name in relations:
        rows = getattr(instance, name)
        found += _events(rows.model, limit, pgh_obj__in=rows.order_by("-pk").values("pk")[:500])
    for name in removed:
        relation: Any = instance._meta.get_field(name)
        found += _events(relation.related_model, limit, **{relation.field.name: instance.pk})
    found.sort(key=lambda event: event.pgh_created_at, reverse=True)
    return _Reader(found[:limit], masks or {}).read()


def _events(model: type[models.Model], limit: int, **condition: Any) -> Iterator[Any]:
    """The newest events, each with the one before it of the same row."""
    relation: Any = model._meta.get_field("events")
    events = relation.related_model._default_manager.all()
    before = Window(Lag("pgh_id"), partition_by=[F("pgh_obj")], order_by=F("pgh_id").asc())
    newest = list(
        events.filter(**condition)
        .annotate(before=before)
        .select_related("pgh_context")
        .order_by("-pgh_id")[:limit]
    )
    former = events.in_bulk([event.before for event in newest if event.before])
    for event in newest:
        event.former = former.get(event.before)
        event.tracked = model
        yield event


class _Reader:
    """Turns events into words; the names of what they refer to are asked for once a model."""

    def __init__(self, events: list[Any], masks: dict[str, Mask]) -> None:
        self.events = events
        self.masks = masks
        self.people = User.objects.in_bulk({self._user(event) for event in events} - {None})
        self.names = self._names()

    def read(self) -> list[Change]:
        changes = [self._change(event) for event in self.events]
        return [change for change in changes if change.fields or change.kind != KINDS["update"]]

    def _change(self, event: Any) -> Change:
        user = self._user(event)
        metadata = event.pgh_context.metadata if event.pgh_context else {}
        return Change(
            at=event.pgh_created_at,
            who=str(self.people.get(user, "")) if user else "系统",
            kind=KINDS.get(event.pgh_label, event.pgh_label),
            what=str(event.tracked._meta.verbose_name),
            reason=metadata.get("reason", ""),
            token=metadata.get("token", ""),
            request=metadata.get("request", ""),
            fields=list(self._fields(event)),
        )

    def _fields(self, event: Any) -> Iterator[FieldChange]:
        for field in _columns(event.tracked):
            after = getattr(event, field.attname)
            before = getattr(event.former, field.attname) if event.former else None
            if event.pgh_label == "delete":
                before, after = after, None
            if before != after and not (before in (None, "") and after in (None, "", [])):
                yield FieldChange(
                    str(field.verbose_name), self._word(field, before), self._word(field, after)
                )

    @staticmethod
    def _user(event: Any) -> int | None:
        return event.pgh_context.metadata.get("user") if event.pgh_context else None

    def _names(self) -> dict[type[models.Model], dict[Any, models.Model]]:
        wanted: dict[Any, set[Any]] = defaultdict(set)
        for event in self.events:
            for field in _columns(event.tracked):
                if field.is_relation:
                    versions = [event, event.former] if event.former else [event]
                    wanted[field.related_model] |= {getattr(version, field.attname) for version in versions}
        return {
            model: model._base_manager.in_bulk(keys - {None})
            for model, keys in wanted.items()
            if keys - {None}
        }

    def _word(self, field: Any, value: Any) -> str:
        if value in (None, "", []):
            return EMPTY
        if field.name in self.masks:
            return self.masks[field.name](value)
        if field.is_relation:
            return str(self.names.get(field.related_model, {}).get(value, f"#{value}"))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        value = "、".join(map(str, value))
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _columns(model: type[models.Model]) -> list[Any]:
    """The columns that people fill in."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in OWN_COLUMNS and not isinstance(field, models.GeneratedField)
    ]
