"""开启下一规划: one page with the plan, and every target with the reading that becomes its baseline."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.person import person
from targets import services
from targets.admin.next_plan.forms import OpeningForm, TargetRowForm, initial_of
from targets.models import Document, Plan, Section

MOST_NAMES = 20


@dataclass(frozen=True)
class Chapter:
    """The targets under a heading of the first order."""

    section: Section
    rows: list[TargetRowForm]


def open_view(request: HttpRequest, plan: Plan, context: dict[str, Any]) -> HttpResponse:
    """The page, and what comes back from it: saved in one go or shown again with what is wrong."""
    posted = request.POST if request.method == "POST" else None
    form = OpeningForm(posted, initial=initial_of(plan))
    rows = [TargetRowForm(proposal, posted) for proposal in services.proposals(plan)]
    if posted is not None and _are_valid(form, rows):
        opened = _open(request, plan, form, rows)
        if opened is not None:
            _tell(request, opened)
            return redirect(reverse("admin:targets_plan_change", args=[opened.plan.pk]))
    page = {
        **context,
        "title": "开启下一规划",
        "plan": plan,
        "form": form,
        "chapters": _chapters(rows),
        "errors": _errors(form, rows),
        "still_runs": timezone.localdate() <= plan.deadline,
        "media": form.media,
    }
    return TemplateResponse(request, "targets/admin/open_plan.html", page)


def _errors(form: OpeningForm, rows: list[TargetRowForm]) -> dict[str, Any]:
    """What is wrong on the page, by the name of the field or the row."""
    found: dict[str, Any] = dict(form.errors)
    found.update((str(row.prefix), row.errors) for row in rows if row.errors)
    return found


def _are_valid(form: OpeningForm, rows: list[TargetRowForm]) -> bool:
    sound = all([form.is_valid(), *(row.is_valid() for row in rows)])
    changed = [row.target.name for row in rows if row.is_valid() and row.choice and row.has_changed_since]
    if changed:
        message = _("These readings have changed since the page was opened; look at them again: %(names)s")
        form.add_error(None, message % {"names": _named(changed)})
    return sound and not changed


def _open(
    request: HttpRequest, plan: Plan, form: OpeningForm, rows: list[TargetRowForm]
) -> services.Opened | None:
    """None where it is refused; the form then says why."""
    given = form.cleaned_data
    document: Document | None = given["document"]
    try:
        return services.open_plan(
            from_plan=plan,
            code=given["code"],
            name=given["name"],
            deadline=given["deadline"],
            document=document,
            by=person(request),
            reason=given["change_reason"],
            targets=[choice for row in rows if (choice := row.choice)],
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return None


def _tell(request: HttpRequest, opened: services.Opened) -> None:
    number = len(opened.targets)
    message = ngettext(
        "%(plan)s was opened with %(number)d target. The days lead to it only once it is published.",
        "%(plan)s was opened with %(number)d targets. The days lead to it only once it is published.",
        number,
    )
    messages.success(request, message % {"plan": opened.plan, "number": number})
    if opened.without_baseline:
        names = _named([target.name for target in opened.without_baseline])
        message = _("Without a baseline, as there was no number or it was not wanted: %(names)s")
        messages.warning(request, message % {"names": names})


def _named(names: list[str]) -> str:
    shown = _(", ").join(names[:MOST_NAMES])
    if len(names) <= MOST_NAMES:
        return shown
    return _("%(names)s and %(number)d more") % {"names": shown, "number": len(names) - MOST_NAMES}


def _chapters(rows: list[TargetRowForm]) -> list[Chapter]:
    found: dict[int, Chapter] = {}
    for row in rows:
        section = row.target.section.parent or row.target.section
        found.setdefault(section.pk, Chapter(section, [])).rows.append(row)
    return list(found.values())
