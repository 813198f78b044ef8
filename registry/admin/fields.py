"""Fields of forms that many rows of one page share: the choices are read once, not once a row."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.forms.models import ModelChoiceIterator
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from registry.models import Cluster


class SharedIterator(ModelChoiceIterator):
    """Goes over the rows that the field has read already."""

    field: "SharedChoiceField"

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for row in self.field.rows():
            yield self.choice(row)

    def __len__(self) -> int:
        return len(self.field.rows()) + (self.field.empty_label is not None)


class SharedChoiceField(forms.ModelChoiceField):
    """A choice among few rows (areas, clusters); its copies in a formset read them once together."""

    iterator = SharedIterator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._rows: list[list[models.Model]] = []
        super().__init__(*args, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> "SharedChoiceField":
        copy = super().__deepcopy__(memo)
        copy._rows = self._rows
        return copy

    def rows(self) -> list[models.Model]:
        if not self._rows:
            self._rows.append(list(self.queryset or ()))
        return self._rows[0]

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        found = next((row for row in self.rows() if str(row.pk) == str(getattr(value, "pk", value))), None)
        if found is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return found

    def label_from_instance(self, obj: models.Model) -> str:
        label = f"{obj.get_kind_display()} · {obj}" if isinstance(obj, Cluster) else str(obj)
        return f"{label}（已停用）" if getattr(obj, "retired_on", None) else label


class KnownAutocompleteSelect(AutocompleteSelect):
    """An autocomplete that need not ask for the name of the chosen row where the form has it already."""

    known: models.Model | None = None

    def optgroups(self, name: str, value: Any, attr: dict[str, Any] | None = None) -> list[Any]:
        if self.known is None or value != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        chosen = self.create_option(name, self.known.pk, str(self.known), True, 0, attrs=attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        return [(None, [*options, chosen], 0)]


class PlainNumber(UnfoldAdminDecimalFieldWidget):
    """29856.18 instead of 29856.1800: the zeros only say how the database keeps it."""

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Decimal):
            value = f"{value.normalize():f}"
        return super().format_value(value)
