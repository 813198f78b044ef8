"""How values look in the API: numbers are strings in full, absent is null."""

from decimal import Decimal
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.output import plain


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


def code(source: str | None = None, **kwargs: Any) -> serializers.SlugRelatedField:
    """A reference row by its code."""
    return serializers.SlugRelatedField(slug_field="code", source=source, read_only=True, **kwargs)


def text(source: str, **kwargs: Any) -> serializers.CharField:
    return serializers.CharField(source=source, read_only=True, **kwargs)
