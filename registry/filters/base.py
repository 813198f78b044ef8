"""Filters that refuse what they do not understand, and the base of all FilterSets."""

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelMultipleChoiceField

ISO_DATE = "%Y-%m-%d"
RANGE = ["exact", "gte", "lte"]
DAY = [*RANGE, "isnull"]
TEXT = ["exact", "icontains"]


class YesNoSelect(forms.NullBooleanSelect):
    """Hands on what was sent; Django's own hides what it does not know."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)


class YesNoField(forms.NullBooleanField):
    widget = YesNoSelect

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]
        found: bool | None = super().to_python(value)
        if found is None and value not in (None, "", "unknown"):
            raise ValidationError(_("Say true or false."), code="invalid")
        return found


class YesNo(filters.BooleanFilter):
    """True or false; django-filter's own takes anything else for “not asked”."""

    field_class = YesNoField


class Day(filters.DateFilter):
    """A day in ISO form; other forms differ from country to country."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", [ISO_DATE])
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}))
        super().__init__(*args, **kwargs)


class CodesField(ModelMultipleChoiceField):
    def _check_values(self, value: Sequence[str]) -> list[int]:
        """The ids of the codes. Django would make objects of whole rows, and a query besides for every code."""
        found = self.queryset.model.objects.ids_of(value)
        for code in value:
            if code not in found:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": code}
                )
        return list(found.values())


class Codes(filters.ModelMultipleChoiceFilter):
    """Rows that refer to any of the codes given; an unknown code is refused."""

    field_class = CodesField

    def __init__(self, model: type[models.Model], field_name: str, **kwargs: Any) -> None:
        kwargs.setdefault("to_field_name", "code")
        super().__init__(field_name=field_name, queryset=model._default_manager.all(), **kwargs)

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Choices(filters.MultipleChoiceFilter):
    """Rows whose field is any of the words given."""

    def __init__(
        self, choices: type[models.TextChoices], field_name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(field_name=field_name, choices=choices.choices, distinct=False, **kwargs)


class Whole(filters.NumberFilter):
    """A whole number; of any size, as one that no row has finds nothing."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> None:
        return None


def defaults() -> dict[type[models.Field], dict[str, Any]]:
    found = copy.deepcopy(filters.FilterSet.FILTER_DEFAULTS)
    found[models.BooleanField] = {"filter_class": YesNo}
    found[models.DateField] = {"filter_class": Day}
    found[models.DateTimeField] = {"filter_class": filters.IsoDateTimeFilter}
    for field in (
        models.AutoField,
        models.BigAutoField,
        models.IntegerField,
        models.BigIntegerField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
    ):
        found[field] = {"filter_class": Whole}
    return found


class FactFilter(filters.FilterSet):
    """Base of all FilterSets of the registry."""

    FILTER_DEFAULTS = defaults()
    base_filters: dict[str, filters.Filter]
    not_filtered: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None:
            # the others ask for nothing, and to copy and check them all takes as long as the answer
            self.base_filters = {name: one for name, one in self.base_filters.items() if name in data}
        super().__init__(data, *args, **kwargs)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = dict.fromkeys(type(self).base_filters) | self.form.cleaned_data
        return self.together(super().filter_queryset(queryset), asked)

    def together(self, queryset: QuerySet, asked: dict[str, Any]) -> QuerySet:
        """Conditions that several filters make together; theirs is the method `later`."""
        return queryset

    def later(self, queryset: QuerySet, name: str, value: object) -> QuerySet:
        return queryset


COUNTED = {"version": "counts changes; it is compared, not searched"}
LISTED_ROW = {"roster_row": "asked by its list: roster"}


def roster() -> Whole:
    return Whole(field_name="roster_row__roster_id", label=_("Number of the list that the row came from"))
