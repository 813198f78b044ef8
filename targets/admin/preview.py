"""What a rule says and what it gives today, from a form that is not saved."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from targets import rules
from targets.measure import Reading, measure
from targets.models import Target
from targets.standings import default_day

# Of the target's own fields only these have a part in the value.
NEEDED = ("plan", "unit", "baseline_date", "deadline")


def preview(request: HttpRequest, form: Any, formset: Any, today: dt.date) -> HttpResponse:
    """A fragment of a page: the sentence and the value, or what is missing for them."""
    formset.is_valid()
    problems = problems_of(form, formset)
    context: dict[str, Any] = {"problems": problems}
    if not problems and formset.spec is not None:
        context |= outcome(form.instance, formset.spec, today)
    return render(request, "targets/admin/preview_result.html", context)


def outcome(target: Target, spec: rules.Spec, today: dt.date) -> dict[str, Any]:
    day = default_day(target.plan, today)
    reading: Reading = measure([spec], day)[spec.code]
    return {
        "sentence": rules.sentence(spec),
        "day": day,
        "unit": target.unit,
        "value": _plain(reading.value),
        "data_date": reading.data_date,
        "registry": _plain(reading.registry.value),
        "official": reading.official,
        "official_value": _plain(reading.official.value) if reading.official else None,
    }


def problems_of(form: Any, formset: Any) -> list[str]:
    """The messages that stand in the way, each with the label of its field."""
    found = [(form.fields[name].label, form.errors[name]) for name in NEEDED if name in form.errors]
    for row in formset.forms:
        found += [(_label(row, name), errors) for name, errors in row.errors.items()]
        for nested in getattr(row, "nested_formsets", ()):
            label = nested.opts.verbose_name_plural
            # rows that this way of counting does not use are not looked at
            if not nested.formset.unused:
                found.append((label, nested.formset.non_form_errors()))
                found += [(label, error) for errors in nested.formset.errors for error in errors.values()]
    return [f"{label}：{message}" if label else message for label, messages in found for message in messages]


def _label(form: Any, name: str) -> str:
    return str(form.fields[name].label) if name in form.fields else ""


def _plain(number: Any) -> str | None:
    if number is None:
        return None
    return f"{round(number, 4).normalize():f}"
