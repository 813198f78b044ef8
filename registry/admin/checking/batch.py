"""按批次复核: all titles of a batch on one page, those that passed ticked; one button does both."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from registry.admin.title_steps import FIELDS, StepForm
from registry.choices import DesignationState, Level, TitleStep
from registry.models import Designation, Scheme
from registry.person import person
from registry.services import title_steps
from registry.services.title_steps import StepRefused, Wish

MOST = 2_000


class BatchForm(forms.Form):
    """Which batch: of a scheme and level, by its name or its document."""

    scheme = forms.ModelChoiceField(
        Scheme.objects.order_by("position"), label="认定类别", widget=UnfoldAdminSelectWidget
    )
    level = forms.ChoiceField(label="级别", choices=Level.choices, widget=UnfoldAdminSelectWidget)
    batch = forms.CharField(label="批次", required=False, max_length=60, widget=UnfoldAdminTextInputWidget)
    document = forms.CharField(
        label="认定文号",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="批次、文号至少填一项，都填的须同时符合。",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("batch") and not cleaned.get("document"):
            self.add_error("batch", _("Name the batch or the document."))
        return cleaned

    def titles(self, request: HttpRequest) -> QuerySet[Designation]:
        """The confirmed titles of the batch that have not ended."""
        found = Designation.objects.visible_to(person(request)).filter(
            scheme=self.cleaned_data["scheme"],
            level=self.cleaned_data["level"],
            state=DesignationState.CONFIRMED,
            ended_on__isnull=True,
        )
        for name in ("batch", "document"):
            if self.cleaned_data[name]:
                found = found.filter(**{name: self.cleaned_data[name].strip()})
        return found.select_related("scheme", "enterprise__district", "district").order_by("pk")


def batch_review(page: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    chosen = BatchForm(request.GET or None)
    form = StepForm(TitleStep.PASS, request.POST or None, initial={"day": timezone.localdate()})
    titles: list[Designation] = []
    if chosen.is_valid():
        titles = list(chosen.titles(request)[: MOST + 1])
        if request.method == "POST" and form.is_valid():
            done = review(request, form, titles)
            if done:
                messages.success(request, done)
                return redirect(reverse("admin:registry_designation_changelist"))
    context = {
        **page.admin_site.each_context(request),
        "title": "按批次复核",
        "opts": page.opts,
        "chosen": chosen,
        "asked": chosen.is_bound and chosen.is_valid(),
        "form": form,
        "fields": [form[name] for name in FIELDS[TitleStep.PASS]],
        "titles": titles[:MOST],
        "too_many": len(titles) > MOST,
        "most": MOST,
        "passed": set(request.POST.getlist("passed")) if request.method == "POST" else None,
    }
    return TemplateResponse(request, "registry/admin/checking/batch.html", context)


def review(request: HttpRequest, form: StepForm, titles: list[Designation]) -> str:
    """Both outcomes together or none; what stands in the way is said in the form, by name. Returns what was done."""
    if not request.user.has_perm("registry.end_designation"):
        raise PermissionDenied
    shown, passed = set(request.POST.getlist("shown")), set(request.POST.getlist("passed"))
    if shown != {str(title.pk) for title in titles}:
        form.add_error(None, _("The batch has changed meanwhile. Look at it once more."))
        return ""
    wish = form.wish(request)
    parts = {
        TitleStep.PASS: [title.pk for title in titles if str(title.pk) in passed],
        TitleStep.FAIL: [title.pk for title in titles if str(title.pk) not in passed],
    }
    done = {}
    try:
        with transaction.atomic():
            for step, keys in parts.items():
                done[step] = _one_step(keys, step, wish, form) if keys else 0
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return ""
    return _("Re-reviewed: %(passed)s passed, %(failed)s failed.") % {
        "passed": done[TitleStep.PASS],
        "failed": done[TitleStep.FAIL],
    }


def _one_step(keys: list[int], step: TitleStep, wish: Wish, form: StepForm) -> int:
    rows = Designation.objects.filter(pk__in=keys)
    own = Wish(
        step=step,
        by=wish.by,
        day=wish.day,
        valid_to=wish.valid_to if step == TitleStep.PASS else None,
        document=wish.document,
        reason=wish.reason,
    )
    found = title_steps.look(rows, own)
    for title, problem in found.unable:
        form.add_error(None, f"{title}：{problem}")
    return title_steps.carry_out(titles=rows, wish=own, mark=found.mark)
