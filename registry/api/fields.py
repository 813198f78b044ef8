"""How values look in the API: numbers are strings in full, absent is null."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from django.db import models
from django.db.models import F, Func, OuterRef, Subquery, Value
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.output import plain

WHOLE_ROW = "*"
Look = Callable[[Any], Any]
# What makes a value of the database presentable; None where it is told as it comes.
LOOKS: dict[type[serializers.Field], Look | None] = {
    serializers.CharField: None,
    serializers.ChoiceField: None,
    serializers.IntegerField: None,
    serializers.BigIntegerField: None,
    serializers.BooleanField: None,
    serializers.DateField: dt.date.isoformat,
}
# As PostgreSQL writes them in JSON, too.
IN_JSON = (None, dt.date.isoformat)


@extend_schema_field({"type": "string", "format": "decimal", "example": "0.45"})
class PlainNumber(serializers.Field):
    """A number as a string, for reading."""

    def __init__(self, **kwargs: Any) -> None:
        # what ModelSerializer says of a DecimalField
        for name in ("max_digits", "decimal_places"):
            kwargs.pop(name, None)
        super().__init__(**{"read_only": True, **kwargs})

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


class Row(serializers.ModelSerializer):
    """A row of a model, for reading."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DecimalField: PlainNumber,
    }

    def choose(self, names: frozenset[str]) -> None:
        """Show these fields alone."""
        for name in self.fields.keys() - names:
            del self.fields[name]


class Hanging(Subquery):
    """The rows that hang on a row, as they are told, in a JSON array that comes as text: who writes JSON passes it on.

    Every request says it in the same words: they are made once.
    """

    template = "array_to_json(ARRAY(%(subquery)s))::text"
    output_field = models.JSONField()
    words: tuple[str, Any] | None = None

    def copy(self) -> "Hanging":
        # a copy may go under another name of the outer table
        other: Hanging = super().copy()
        other.words = None
        return other

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        if self.words is None:
            self.words = super().as_sql(*args, **kwargs)
        return self.words


class FlatRow(Row):
    # As `values()` gives it. Each field names its column (`source`), a method gets the whole row. To make objects,
    # and the fields of a serializer anew for every request, takes several times as long as the database does.
    __doc__ = Row.__doc__

    # The names of those fields that a request has chosen; None is all of them.
    chosen: frozenset[str] | None = None

    @classmethod
    @cache
    def shown(cls) -> tuple[tuple[str, str, Look | None], ...]:
        """Of each field the name, the column, and what makes its value presentable."""
        return tuple((name, field.source or name, _look_of(field)) for name, field in cls().fields.items())

    @classmethod
    @cache
    def columns(cls) -> tuple[str, ...]:
        """What `values()` must give."""
        return tuple(column for _name, column, _look in cls.shown() if column != WHOLE_ROW)

    @classmethod
    def columns_of(cls, chosen: frozenset[str]) -> tuple[str, ...]:
        """What `values()` must give for some fields; a field made of the whole row needs all columns."""
        wanted = tuple(column for name, column, _look in cls.shown() if name in chosen)
        return cls.columns() if WHOLE_ROW in wanted else wanted

    def choose(self, names: frozenset[str]) -> None:
        self.chosen = names

    @classmethod
    def hanging_on(cls, path: str) -> Hanging:
        """The rows that refer by `path` to each row of a list, in their own order, within the same statement."""
        model: Any = cls.Meta.model
        order = [name for name in model._meta.ordering if name != path]
        return cls.these_on(model._default_manager.order_by(*order), path)

    @classmethod
    def these_on(cls, rows: models.QuerySet[Any], path: str) -> Hanging:
        """The same of some rows only."""
        shown = cls.shown()
        assert all(look in IN_JSON for _name, _column, look in shown), f"{cls}: JSON tells some otherwise"
        pairs = [part for name, column, _look in shown for part in (Value(name), F(column))]
        told = Func(*pairs, function="json_build_object", output_field=models.JSONField())
        return Hanging(rows.filter(**{path: OuterRef("pk")}).values(row=told))

    def to_representation(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value
            if (value := row if column == WHOLE_ROW else row[column]) is None or look is None
            else look(value)
            for name, column, look in self._wanted
        }

    @cached_property
    def _wanted(self) -> tuple[tuple[str, str, Look | None], ...]:
        chosen = self.chosen
        return tuple(one for one in self.shown() if chosen is None or one[0] in chosen)


def _look_of(field: Any) -> Look | None:
    if isinstance(field, serializers.ListSerializer):
        return None  # of rows that hang on this one, see `hanging_on`
    look: Look | None = LOOKS.get(type(field), field.to_representation)
    return look


def code(source: str | None = None, **kwargs: Any) -> serializers.SlugRelatedField:
    """A reference row by its code."""
    return serializers.SlugRelatedField(slug_field="code", source=source, read_only=True, **kwargs)


def code_of(relation: str, **kwargs: Any) -> serializers.CharField:
    """The code of the reference row to which a flat row refers."""
    return text(f"{relation}__code", label="代码", **kwargs)


def text(source: str, **kwargs: Any) -> serializers.CharField:
    return serializers.CharField(source=source, read_only=True, **kwargs)
