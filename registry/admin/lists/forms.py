"""What a person says of a list: how it is to be read, what its columns mean, that it shall go in."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from registry.choices import DesignationState, Level, RosterKind
from registry.models import RosterUpload, Scheme
from registry.rosters.vocabulary import COLUMNS

NOT_SAID = ("", "—")


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; each becomes a list of its own."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        if not any(files):
            raise forms.ValidationError(_("Choose one or several files."))
        # an empty file is told of with its name, by whoever takes it in
        return [one for one in files if one]


class FilesForm(forms.Form):
    file = FilesField(
        label="名单文件",
        widget=ManyFiles(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt,.tsv", "class": "lists-files"}),
        help_text="可同时选择多个文件；支持 xlsx、xls、ods 和 csv，每个不超过 60 MB。",
    )


class DayInput(forms.DateInput):
    """The calendar of the browser itself."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": " ".join(INPUT_CLASSES)})


class OptionsForm(forms.Form):
    """What the list itself does not say, or not in every row. Each field after `sheet` is an option of its name."""

    kind = forms.ChoiceField(label="种类", choices=RosterKind.choices, widget=UnfoldAdminSelectWidget)
    sheet = forms.ChoiceField(label="工作表", required=False, widget=UnfoldAdminSelectWidget)
    scheme = forms.ChoiceField(
        label="认定类别", required=False, widget=UnfoldAdminSelectWidget, help_text="表中没有这一列时填写。"
    )
    level = forms.ChoiceField(
        label="级别",
        required=False,
        choices=[NOT_SAID, *Level.choices],
        widget=UnfoldAdminSelectWidget,
    )
    valid_from = forms.DateField(label="认定日期", required=False, widget=DayInput)
    valid_to = forms.DateField(
        label="有效期至", required=False, widget=DayInput, help_text="空着则按认定类别的有效期推算。"
    )
    batch = forms.CharField(label="批次", required=False, max_length=60, widget=UnfoldAdminTextInputWidget)
    document = forms.CharField(
        label="文号", required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )
    state = forms.ChoiceField(
        label="名单性质",
        required=False,
        choices=[
            (DesignationState.CONFIRMED.value, "公布名单（已认定）"),
            (DesignationState.ANNOUNCED.value, "公示名单（未认定，不计数）"),
        ],
        widget=UnfoldAdminSelectWidget,
        help_text="公示名单不计数；公布名单导入后，公示中的同一称号转为已认定。",
    )
    year = forms.IntegerField(
        label="年份",
        required=False,
        min_value=1990,
        max_value=2100,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    create_missing = forms.BooleanField(
        label="登记册中没有的企业一并新增",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="名称相近的企业已存在时仍进入待匹配，不会自动新增。",
    )
    # which fields belong to which kind of list; the page hides the others
    only_for = {
        "scheme": RosterKind.DESIGNATIONS,
        "level": RosterKind.DESIGNATIONS,
        "valid_from": RosterKind.DESIGNATIONS,
        "valid_to": RosterKind.DESIGNATIONS,
        "batch": RosterKind.DESIGNATIONS,
        "document": RosterKind.DESIGNATIONS,
        "state": RosterKind.DESIGNATIONS,
        "year": RosterKind.ANNUAL_FIGURES,
    }

    def __init__(self, upload: RosterUpload, today: dt.date, data: Any = None) -> None:
        initial = {**upload.options, "kind": upload.kind, "sheet": upload.sheet}
        super().__init__(data, initial=initial)
        self.upload = upload
        for name, field in self.fields.items():
            field.only_for = self.only_for.get(name, "")  # type: ignore[attr-defined]
        schemes = Scheme.objects.in_use_on(today).order_by("position", "name").values_list("code", "name")
        self._choices("scheme", [NOT_SAID, *schemes])
        if upload.uploaded_by.district_id is not None:
            self._choices("kind", [one for one in RosterKind.choices if one[0] != RosterKind.STATISTICS])
        if len(upload.sheets) > 1:
            self._choices("sheet", [(name, name) for name in upload.sheets])
        else:
            del self.fields["sheet"]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("valid_from"), cleaned.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _("The last day must not lie before the first."))
        return cleaned

    @property
    def chosen_sheet(self) -> str:
        return str(self.cleaned_data.get("sheet") or self.upload.sheet)

    def options(self) -> dict[str, Any]:
        """As they are kept: only what was said, and only what belongs to this kind of list."""
        kind = self.cleaned_data["kind"]
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in self.cleaned_data.items()
            if name not in ("kind", "sheet")
            and value not in ("", None, False)
            and self.only_for.get(name, kind) == kind
        }


class ColumnsForm(forms.Form):
    """What each column of the list means; a person corrects what was recognised."""

    def __init__(self, upload: RosterUpload, data: Any = None) -> None:
        super().__init__(data)
        self.upload = upload
        choices = [("", "不使用"), *((one.field, one.title) for one in COLUMNS.get(upload.kind, ()))]
        for place, one in enumerate(upload.headers):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=one["header"],
                required=False,
                choices=choices,
                initial=one["field"],
                widget=UnfoldAdminSelectWidget,
            )

    def lines(self) -> Iterable[tuple[forms.BoundField, list[str]]]:
        return [(self[f"column-{place}"], one["samples"]) for place, one in enumerate(self.upload.headers)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for name, value in list(cleaned.items()):
            if value and value in seen:
                self.add_error(
                    name, _("Another column means this already: %(name)s.") % {"name": seen[value]}
                )
            elif value:
                seen[value] = str(self.fields[name].label)
        return cleaned

    def chosen(self) -> dict[str, str]:
        """What was said before and what is said now otherwise than recognised."""
        chosen = dict(self.upload.columns)
        for place, one in enumerate(self.upload.headers):
            said = self.cleaned_data.get(f"column-{place}", "")
            if said != one["field"]:
                chosen[one["header"]] = said
        return chosen


class ApplyForm(forms.Form):
    """That what the preview shows shall go in."""

    fingerprint = forms.CharField(widget=forms.HiddenInput)
    partial = forms.BooleanField(
        label="退回的行不导入，先导入其余各行", required=False, widget=UnfoldBooleanWidget
    )
    reason = forms.CharField(
        label="导入说明",
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="写入每条记录的修改记录，便于日后查考。",
    )

    def __init__(self, upload: RosterUpload, data: Any = None) -> None:
        super().__init__(data, initial={"fingerprint": upload.fingerprint})
        if not upload.counts.get("rejected"):
            del self.fields["partial"]


class UndoForm(forms.Form):
    """Why a list is taken back."""

    change_reason = forms.CharField(
        label="撤销原因",
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="写入修改记录，便于日后查考。",
    )
