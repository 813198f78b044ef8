"""One title that waits for the city: what is claimed beside what is known; confirmed or sent back by a key."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from registry.choices import TitleStep
from registry.models import Designation
from registry.person import person
from registry.services import title_steps
from registry.services.title_steps import StepRefused, Wish

KNOWN = 30
# What the address carries from one title to the next: the group that is being worked through.
CARRIED = ("scheme", "level", "area")


class Decision(forms.Form):
    reason = forms.CharField(
        label="退回原因", max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


def check(page: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("registry.confirm_designation"):
        raise PermissionDenied
    titles = Designation.objects.visible_to(person(request)).select_related(
        "scheme", "enterprise__district", "district", "submitted_by", "roster_row__roster__imported_by"
    )
    title = titles.filter(pk=pk).first()
    if title is None:
        raise Http404
    form = Decision(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = decide(request, title, form)
        if answer is not None:
            return answer
    before, after = neighbours(request, title)
    today = timezone.localdate()
    context = {
        **page.admin_site.each_context(request),
        "title": "审核称号",
        "opts": page.opts,
        "one": title,
        "form": form,
        "problem": problem_of(title, request),
        "others": others(title, today),
        "before": before,
        "after": after,
        "left": waiting(request).count(),
        "mark": title_steps.look(Designation.objects.filter(pk=pk), wish_of(TitleStep.CONFIRM, request)).mark,
    }
    return TemplateResponse(request, "registry/admin/checking/one.html", context)


def wish_of(step: TitleStep, request: HttpRequest, reason: str = "") -> Wish:
    return Wish(step=step, by=person(request), day=timezone.localdate(), reason=reason)


def decide(request: HttpRequest, title: Designation, form: Decision) -> HttpResponse | None:
    """On to the next one; None where it was refused, with the reason in the form."""
    reason = form.cleaned_data["reason"].strip()
    step = TitleStep.SEND_BACK if "send_back" in request.POST else TitleStep.CONFIRM
    if step == TitleStep.SEND_BACK and not reason:
        form.add_error("reason", _("Say what is to be corrected."))
        return None
    following = neighbours(request, title)[1]
    try:
        title_steps.carry_out(
            titles=Designation.objects.filter(pk=title.pk),
            wish=wish_of(step, request, reason),
            mark=request.POST.get("mark", ""),
        )
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, f"{step.label}：{title}")
    return redirect(following or reverse("admin:registry_designation_checking"))


def problem_of(title: Designation, request: HttpRequest) -> str:
    found = title_steps.look(
        Designation.objects.filter(pk=title.pk), wish_of(TitleStep.CONFIRM, request)
    ).unable
    return found[0][1] if found else ""


def others(title: Designation, day: dt.date) -> list[dict[str, Any]]:
    """What is known of its holder already; the same scheme first, as there a double entry would be."""
    if title.enterprise is None:
        same = Designation.objects.filter(scheme=title.scheme, item__iexact=title.item)
    else:
        same = Designation.objects.filter(enterprise=title.enterprise)
    found = list(
        same.exclude(pk=title.pk).select_related("scheme", "enterprise").order_by("-valid_from")[:KNOWN]
    )
    valid = set(
        Designation.objects.filter(pk__in=[one.pk for one in found])
        .valid_on(day)
        .values_list("pk", flat=True)
    )
    rows = [
        {"title": one, "same": one.scheme_id == title.scheme_id, "valid": one.pk in valid} for one in found
    ]
    return sorted(rows, key=lambda row: not row["same"])


def waiting(request: HttpRequest) -> Any:
    """What waits of the group that is being worked through; the whole where the address names none."""
    found = Designation.objects.visible_to(person(request)).to_check().order_by("pk")
    scheme, level, area = (request.GET.get(name, "") for name in CARRIED)
    if scheme.isdecimal() and len(scheme) < 19:
        found = found.filter(scheme=int(scheme))
    if level:
        found = found.filter(level=level)
    if area.isdecimal() and len(area) < 19:
        found = found.filter(Q(enterprise__district=int(area)) | Q(enterprise=None, district=int(area)))
    return found


def neighbours(request: HttpRequest, title: Designation) -> tuple[str, str]:
    """The addresses of the one before and the one behind; empty at the ends."""
    rows = waiting(request)
    before = rows.filter(pk__lt=title.pk).values_list("pk", flat=True).last()
    after = rows.filter(pk__gt=title.pk).values_list("pk", flat=True).first()
    return _address(request, before), _address(request, after)


def _address(request: HttpRequest, pk: int | None) -> str:
    if pk is None:
        return ""
    kept = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    return f"{reverse('admin:registry_designation_check', args=[pk])}?{urlencode(kept)}"
