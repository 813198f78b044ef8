"""What a request says of a row that is to be written: each value of its own type, each field by name.

Strict, as programs speak: text is text, a day is 2024-01-31, true is true. An amount may be a number or, as it is told,
a string. What is left out stays as it is, and of a new row empty.
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
)
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from registry import codes
from registry.choices import EndReason, Figure, ReviewOutcome
from registry.models import AnnualFigures, Designation, District, Enterprise, Membership, Statistic
from registry.writing.drafts import ANY_VERSION, Problem, Wanted

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
BIGGEST_ID = 2**63 - 1
NOT_TEXT: dict[str, Any] = {"invalid": gettext_lazy("Not a text.")}
NOT_WHOLE: dict[str, Any] = {"invalid": gettext_lazy("Not a whole number.")}


# what is not plainly right is judged by the field, slowly and with words
UNSURE = object()


class Text(serializers.CharField):
    default_error_messages = NOT_TEXT

    @cached_property
    def plain_up_to(self) -> int:
        """Up to how many characters a text needs no further look; 0 where it always does."""
        known = (MaxLengthValidator, ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)
        always = all(isinstance(one, known) for one in self.validators)
        return self.max_length or 0 if always else 0

    def plainly(self, value: Any) -> Any:
        """The value where it is plainly right, else UNSURE. Of ten thousand rows nearly all are."""
        right = type(value) is str and 0 < len(value) <= self.plain_up_to and value.isprintable()
        return value if right and value[0] != " " and value[-1] != " " else UNSURE

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    def plainly(self, value: Any) -> Any:
        return value if type(value) is str and value and value in self.choices else UNSURE

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    default_error_messages = NOT_WHOLE

    @cached_property
    def bounds(self) -> tuple[int, int]:
        least = [one.limit_value for one in self.validators if isinstance(one, MinValueValidator)]
        most = [one.limit_value for one in self.validators if isinstance(one, MaxValueValidator)]
        return max(least), min(most)

    def plainly(self, value: Any) -> Any:
        least, most = self.bounds
        return value if type(value) is int and least <= value <= most else UNSURE

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


@extend_schema_field({"type": ["string", "number"], "format": "decimal", "example": "1234.5"})
class Amount(serializers.DecimalField):
    """A number in full, as a string or as a number."""

    @cached_property
    def plain(self) -> re.Pattern[str]:
        places = self.decimal_places or 0
        return re.compile(rf"-?\d{{1,{(self.max_digits or 0) - places}}}(\.\d{{1,{places}}})?", re.ASCII)

    def plainly(self, value: Any) -> Any:
        return Decimal(value) if type(value) is str and self.plain.fullmatch(value) else UNSURE

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        return super().to_internal_value(data)


class Day(serializers.DateField):
    def plainly(self, value: Any) -> Any:
        if type(value) is not str or not ISO_DAY.fullmatch(value):
            return UNSURE
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return UNSURE

    def to_internal_value(self, value: Any) -> dt.date:
        if not isinstance(value, str) or not ISO_DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")


class YesNo(serializers.BooleanField):
    def plainly(self, value: Any) -> Any:
        return value if type(value) is bool else UNSURE

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:40])
        return data


class Code(Text):
    """A reference row by its code; `column` is where its id stands."""

    def __init__(self, column: str, **kwargs: Any) -> None:
        self.column = column
        super().__init__(max_length=60, **kwargs)


class Uscc(Text):
    """A unified social credit code, with or without spaces; of the row itself or of what it hangs on."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def plainly(self, value: Any) -> Any:
        return value if type(value) is str and codes.is_uscc(value) else UNSURE

    def to_internal_value(self, data: Any) -> str:
        return codes.clean_uscc(super().to_internal_value(data))


@extend_schema_field({"type": ["integer", "string"], "example": 3})
class Version(serializers.Field):
    """The version from which a change starts."""

    def plainly(self, value: Any) -> Any:
        return UNSURE

    def to_internal_value(self, data: Any) -> int | str:
        if data == ANY_VERSION and isinstance(data, str):
            return ANY_VERSION
        if isinstance(data, int) and not isinstance(data, bool) and data > 0:
            return data
        raise ValidationError(_("A version is a whole number, or * for whichever it is."))


class Input(serializers.ModelSerializer):
    """Base of what may be said of a row."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: Text,
        models.PositiveIntegerField: Whole,
        models.PositiveSmallIntegerField: Whole,
        models.DecimalField: Amount,
        models.DateField: Day,
        models.BooleanField: YesNo,
    }
    serializer_choice_field = Choice
    # said, but not kept in the row
    besides: tuple[str, ...] = ()

    @classmethod
    @cache
    def readers(cls) -> dict[str, Any]:
        return dict(cls().fields)

    @classmethod
    @cache
    def of_many(cls) -> type["Input"]:
        """The same of a row among many, which says itself which record and which version it means."""
        fields = {"id": record_id(), "version": Version(required=False)}
        meta = type("Meta", (), {"model": cls.Meta.model, "fields": ["id", "version", *cls.Meta.fields]})
        return type(
            cls.__name__.replace("Input", "Row"), (cls,), {**fields, "Meta": meta, "__doc__": cls.__doc__}
        )

    @classmethod
    def read(cls, row: Any) -> Wanted:
        """What one row says, with the problems of its values."""
        wanted = Wanted()
        if not isinstance(row, Mapping):
            wanted.problems.append(Problem("", "invalid", _("A row is an object with fields.")))
            return wanted
        readers = cls.readers()
        for name, value in row.items():
            reader = readers.get(name)
            if reader is None:
                wanted.problems.append(Problem(printable(name), "unknown_field", cls._unknown(name)))
                continue
            plain = reader.plainly(value)
            if plain is not UNSURE:
                cls._take(wanted, name, reader, plain)
                continue
            try:
                cls._take(wanted, name, reader, reader.run_validation(value))
            except ValidationError as error:
                details: Any = error.detail
                wanted.problems += [Problem(name, one.code, str(one)) for one in details]
        return wanted

    @classmethod
    def _take(cls, wanted: Wanted, name: str, reader: Any, value: Any) -> None:
        if isinstance(reader, Code) and value:
            wanted.codes[reader.column] = value
        elif isinstance(reader, Code):
            wanted.values[reader.column] = None
        elif name in cls.besides:
            wanted.besides[name] = value
        elif name == "id":
            wanted.pk = value
        elif name == "version":
            wanted.version = value
        else:
            wanted.values[name] = value

    @classmethod
    def _unknown(cls, name: str) -> str:
        names = ", ".join(cls.readers())
        return _("There is no field “%(name)s” here. Known are: %(names)s.") % {
            "name": printable(name)[:40],
            "names": names,
        }


def printable(text: str) -> str:
    """Without halves of pairs, which no answer could carry."""
    return text.encode("utf-8", "backslashreplace").decode()


class Hanging(Input):
    """Base of what hangs on an enterprise, which is named by its code or by its id."""

    @classmethod
    def _take(cls, wanted: Wanted, name: str, reader: Any, value: Any) -> None:
        if name == "uscc":
            wanted.uscc = value
        else:
            super()._take(wanted, name, reader, value)


def record_id() -> Whole:
    return Whole(
        required=False,
        min_value=1,
        max_value=BIGGEST_ID,
        help_text="Of a change: the id of the record; without it the record of the same key, or a new one",
    )


def holder_code(**kwargs: Any) -> Uscc:
    return Uscc(required=False, help_text="The enterprise, by its code", **kwargs)


def holder_id(**kwargs: Any) -> Whole:
    return Whole(
        required=False, min_value=1, max_value=BIGGEST_ID, help_text="The enterprise, by its id", **kwargs
    )


class EnterpriseInput(Input):
    besides = ("renamed_on", "only_a_slip")

    uscc = Uscc(required=False, allow_null=True, allow_blank=True)
    district = Code("district_id", required=False, allow_null=True)
    industry = Code("industry_id", required=False, allow_null=True)
    parent_id = Whole(required=False, allow_null=True, min_value=1, max_value=BIGGEST_ID)
    renamed_on = Day(required=False, help_text="Of a changed name: the day of the rename; without it today")
    only_a_slip = YesNo(required=False, help_text="Of a changed name: true keeps no former name")

    class Meta:
        model = Enterprise
        fields = [
            "uscc",
            "uscc_confirmed",
            "registration_no",
            "name",
            "renamed_on",
            "only_a_slip",
            "district",
            "address",
            "industry",
            "legal_form",
            "parent_id",
            "founded_on",
            "closed_on",
            "stock_code",
            "contact_name",
            "contact_phone",
        ]

    @classmethod
    def _take(cls, wanted: Wanted, name: str, reader: Any, value: Any) -> None:
        super()._take(wanted, name, reader, (value or None) if name == "uscc" else value)


class DesignationInput(Hanging):
    scheme = Code("scheme_id")
    uscc = holder_code()
    enterprise_id = holder_id(allow_null=True)
    district = Code("district_id", required=False, allow_null=True)

    class Meta:
        model = Designation
        fields = [
            "scheme",
            "level",
            "uscc",
            "enterprise_id",
            "item",
            "district",
            "batch",
            "document",
            "certificate",
            "announced_on",
            "valid_from",
            "valid_to",
            "ended_on",
            "end_reason",
            "end_document",
            "source",
            "note",
        ]


class AnnualFiguresInput(Hanging):
    uscc = holder_code()
    enterprise_id = holder_id()

    class Meta:
        model = AnnualFigures
        fields = ["uscc", "enterprise_id", "year", *map(str, Figure), "above_scale", "source"]


class MembershipInput(Hanging):
    uscc = holder_code()
    enterprise_id = holder_id()
    cluster = Code("cluster_id")

    class Meta:
        model = Membership
        fields = ["uscc", "enterprise_id", "cluster", "main", "role", "since", "until"]


class StatisticInput(Input):
    series = Code("series_id")
    district = Code("district_id", required=False, allow_null=True, help_text="null is the whole city")

    class Meta:
        model = Statistic
        fields = [
            "series",
            "district",
            "day",
            "value",
            "finality",
            "source",
            "source_kind",
            "published_on",
            "quotation",
            "note",
        ]


# What happens to a record


class DistrictOf(serializers.SlugRelatedField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=District.objects.filter(retired_on=None), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class MoveInput(serializers.Serializer):
    """A move to another area, or out of the city."""

    to = DistrictOf(allow_null=True, help_text="The code of the area; null is outside the city")
    day = Day(help_text="From this day on it belongs there")


class CloseInput(serializers.Serializer):
    """The end of an enterprise."""

    day = Day(help_text="The first day on which it no longer exists")


class EndInput(serializers.Serializer):
    """The end of a title before its term."""

    day = Day(help_text="The first day on which it no longer holds")
    end_reason = Choice(choices=EndReason.choices)
    document = Text(required=False, max_length=200, allow_blank=True)


class ReviewInput(serializers.Serializer):
    """A re-review of a title."""

    day = Day()
    outcome = Choice(choices=ReviewOutcome.choices)
    valid_to = Day(
        required=False, help_text="Passed: the new last day; without it one more term of the scheme"
    )
    document = Text(required=False, max_length=200, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["outcome"] == ReviewOutcome.FAILED and "valid_to" in attrs:
            raise ValidationError(
                {"valid_to": [_("A failed re-review has no new last day: it ends the title.")]}
            )
        return attrs
