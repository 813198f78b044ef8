"""What a planner fills in: the plan itself, and what it wants of each target."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from registry.admin.fields import PlainNumber
from targets.choices import Comparator
from targets.models import Document, Plan
from targets.reports import words
from targets.services import Choice, Proposal


class ReasonForm(forms.Form):
    """Why something is done to a whole plan."""

    change_reason = forms.CharField(
        label="原因",
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="写入修改记录，便于日后查考。",
    )


class OpeningForm(ReasonForm):
    """The next plan itself; it begins where the old one ends."""

    code = forms.SlugField(
        label="代码",
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text="字母、数字、连字符，如 533。",
    )
    name = forms.CharField(label="名称", max_length=100, widget=UnfoldAdminTextInputWidget)
    deadline = forms.DateField(
        label="截止日期", widget=UnfoldAdminSingleDateWidget, help_text="新规划期的最后一天。"
    )
    document = forms.ModelChoiceField(
        Document.objects.defer("text"), label="规划文件", required=False, widget=UnfoldAdminSelectWidget
    )
    field_order = ("name", "code", "deadline", "document", "change_reason")

    class Media:
        # the calendar of the date calls what only the pages of models load by themselves
        js = ("admin/js/core.js", "admin/js/calendar.js", "admin/js/admin/DateTimeShortcuts.js")


def initial_of(plan: Plan) -> dict[str, Any]:
    """The next plan is as long as this one, unless somebody says otherwise."""
    years = plan.deadline.year - plan.baseline_date.year
    try:
        deadline = plan.deadline.replace(year=plan.deadline.year + years)
    except ValueError:
        deadline = plan.deadline + dt.timedelta(days=365 * years)
    return {"deadline": deadline}


class TargetRowForm(forms.Form):
    """What the next plan wants of one target of the old one; without a tick it is left out."""

    chosen = forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanWidget)
    with_baseline = forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanWidget)
    value = forms.DecimalField(required=False, max_digits=20, decimal_places=4, widget=PlainNumber)
    value_max = forms.DecimalField(required=False, max_digits=20, decimal_places=4, widget=PlainNumber)

    def __init__(self, proposal: Proposal, posted: QueryDict | None = None) -> None:
        target = proposal.target
        super().__init__(
            posted,
            prefix=f"target-{target.pk}",
            initial={"value": target.value, "value_max": target.value_max},
        )
        self.proposal, self.target = proposal, target
        if target.comparator != Comparator.RANGE:
            del self.fields["value_max"]
        if proposal.baseline is None:
            del self.fields["with_baseline"]
        for name, label in LABELS.items():
            if name in self.fields:
                self.fields[name].widget.attrs["aria-label"] = f"{target.name}：{label}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("chosen"):
            # what is left out need not be right
            self.errors.clear()
            return cleaned
        value, highest = cleaned.get("value"), cleaned.get("value_max")
        if "value" not in self.errors and (value is None or value <= 0):
            self.add_error("value", _("The value of a target is more than 0."))
        elif "value_max" in self.fields and "value_max" not in self.errors and not _above(highest, value):
            self.add_error("value_max", _("The upper end of a range lies above its lower end."))
        return cleaned

    @property
    def choice(self) -> Choice | None:
        given = self.cleaned_data
        if not given["chosen"]:
            return None
        return Choice(
            self.target.code,
            given["value"],
            given.get("value_max"),
            with_baseline=given.get("with_baseline", False),
        )

    # For the page

    @property
    def wanted(self) -> str:
        """What the old plan wanted on its last day."""
        return words.wanted(self.proposal.standing)

    @property
    def reading(self) -> str:
        """The baseline as it was shown, to be compared when the page comes back."""
        baseline = self.proposal.baseline
        return "" if baseline is None else f"{baseline.normalize():f}"

    @property
    def whose(self) -> str:
        """Where the baseline comes from, without the plan and the day, which stand above the column."""
        return self.proposal.whose

    @property
    def unit(self) -> str:
        """The unit of the baseline; a multiple divides enterprises, or what its series counts."""
        if not self.proposal.is_multiple:
            return self.target.unit
        series = self.target.rule.series
        return series.unit if series and not self.proposal.standing.spec.schemes else _("enterprises")

    @property
    def has_changed_since(self) -> bool:
        """Whether the reading is another than that on the page that was sent."""
        return self.data.get(self.add_prefix("reading")) != self.reading


LABELS = {"chosen": "沿用", "with_baseline": "取为基期数", "value": "新目标值", "value_max": "新目标值上限"}


def _above(highest: Decimal | None, lowest: Decimal | None) -> bool:
    return highest is not None and lowest is not None and highest > lowest
