"""The plan divided among the areas as one table (任务分解表): looked at, taken out to Excel, and brought back."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.downloads import about_list, answer
from registry.exports import Column, Layout, Shape
from registry.models import District
from registry.person import person
from registry.rosters.errors import RosterError
from targets import quotas, rules, services
from targets.admin.division import reading
from targets.admin.next_plan.forms import ReasonForm
from targets.models import Plan, Quota, Target
from targets.standings import in_use, place_of, targets_of

SALT = "targets.admin.division"


@dataclass(frozen=True)
class Line:
    """A target with what the city wants by the day, and the quotas of the areas in their order."""

    target: Target
    day: dt.date
    whole: Decimal | None
    cells: list[Decimal | None]

    @property
    def total(self) -> Decimal | None:
        known = [cell for cell in self.cells if cell is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def difference(self) -> Decimal | None:
        """The sum of the areas less the whole; None where nothing is divided or nothing adds up."""
        return None if self.whole is None or self.total is None else self.total - self.whole


class FileForm(ReasonForm):
    """The table as it came back from Excel."""

    file = forms.FileField(label="任务分解表", allow_empty_file=True)
    field_order = ("file", "change_reason")


def table_view(request: HttpRequest, plan: Plan, context: dict[str, Any]) -> HttpResponseBase:
    targets = sorted(in_use(targets_of(plan), plan.deadline), key=place_of)
    days = sorted({day for target in targets for day in quotas.days_to_divide(target)})
    asked = request.GET.get("day", "")
    day = next((one for one in days if str(one) == asked), plan.deadline)
    areas = list(District.objects.in_use_on(day).order_by("position", "code"))
    lines = list(_lines(targets, day, areas))
    if request.GET.get("format") == "xlsx":
        return _workbook(request, plan, day, areas, lines)
    changes: reading.Changes | None = None
    form = FileForm()
    if request.method == "POST":
        if not request.user.has_perm("targets.change_quota"):
            raise PermissionDenied
        if "confirmed" in request.POST:
            return _confirmed(request, plan, day)
        form = FileForm(request.POST, request.FILES)
        changes = _read(form, targets, areas, day) if form.is_valid() else None
    page = {
        **context,
        "title": f"任务分解表：{plan}",
        "plan": plan,
        "day": day,
        "days": days,
        "areas": areas,
        "lines": lines,
        "form": form,
        "changes": changes,
        "packed": _packed(changes, form) if changes else "",
        "may_change": request.user.has_perm("targets.change_quota"),
    }
    return TemplateResponse(request, "targets/admin/division_table.html", page)


def _lines(targets: list[Target], day: dt.date, areas: list[District]) -> Iterator[Line]:
    rows = Quota.objects.filter(target__in=targets, day=day).values_list("target_id", "district_id", "value")
    values = {(target, area): value for target, area, value in rows}
    for target in targets:
        feed = rules.spec_of(target.rule).feed
        cells = [values.get((target.pk, area.pk)) for area in areas]
        divisible = quotas.adds_up(target, feed)
        if target.starts_on < day <= target.due_on and (divisible or any(cell is not None for cell in cells)):
            whole = quotas.whole_on(target, feed, day) if divisible else None
            yield Line(target, day, whole, cells)


# Out


def _workbook(
    request: HttpRequest, plan: Plan, day: dt.date, areas: list[District], lines: list[Line]
) -> FileResponse:
    columns = (
        Column(reading.CODE, "", width=24),
        Column("目标", "", width=40),
        Column(reading.DAY, "", Shape.DAY, 12),
        Column("单位", "", width=8),
        Column("全市", "", Shape.NUMBER, 12),
        *(Column(area.name, "", Shape.NUMBER, 12) for area in areas),
    )
    rows = [[one.target.code, one.target.name, day, one.target.unit, one.whole, *one.cells] for one in lines]
    about = about_list(request, f"{plan.name}任务分解表", moment=timezone.localtime(), as_of=day)
    return answer(request, Layout(columns), rows, about)


# Back


def _read(
    form: FileForm, targets: list[Target], areas: list[District], day: dt.date
) -> reading.Changes | None:
    try:
        return reading.changes(form.cleaned_data["file"].read(), targets, areas, day)
    except RosterError as refused:
        form.add_error("file", str(refused))
        return None


def _packed(changes: reading.Changes, form: FileForm) -> str:
    """What was shown, for the page that confirms it; nobody can alter it on the way."""
    cells = [
        [one.target.pk, str(one.day), one.area.pk, None if one.value is None else str(one.value)]
        for one in changes.cells
    ]
    return signing.dumps([cells, form.cleaned_data["change_reason"]], salt=SALT, compress=True)


def _confirmed(request: HttpRequest, plan: Plan, day: dt.date) -> HttpResponse:
    """Write what was shown: all of it or nothing."""
    back = redirect(f"{reverse('admin:targets_plan_table', args=[plan.pk])}?day={day}")
    try:
        cells, reason = signing.loads(request.POST["confirmed"], salt=SALT, max_age=24 * 3600)
    except signing.BadSignature:
        messages.error(request, _("This preview is too old. Upload the table once more."))
        return back
    wanted: dict[tuple[int, str], dict[int, Decimal | None]] = {}
    for target, of_day, area, value in cells:
        wanted.setdefault((target, of_day), {})[area] = None if value is None else Decimal(value)
    targets = plan.targets.in_bulk([target for target, _day in wanted])
    try:
        with transaction.atomic():
            for (target, of_day), values in wanted.items():
                services.assign(
                    target=targets[target],
                    day=dt.date.fromisoformat(of_day),
                    values=values,
                    by=person(request),
                    reason=reason,
                )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return back
    number = len(cells)
    told = ngettext("%(number)d quota is saved.", "%(number)d quotas are saved.", number)
    messages.success(request, told % {"number": number})
    return back
