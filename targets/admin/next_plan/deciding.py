"""发布规划, 删除草案: a draft is looked over, then decided or thrown away."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from registry.person import person
from targets import rules, services
from targets.admin.next_plan.forms import ReasonForm
from targets.models import Plan, Target
from targets.standings import plan_before, targets_of

WANTED = ("comparator", "value", "value_max", "tolerance", "unit")


def publish_view(request: HttpRequest, plan: Plan, context: dict[str, Any]) -> HttpResponse:
    """What somebody should know of a draft before it is published, and the question whether it is to be."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["change_reason"]
        try:
            published = services.publish_plan(plan=plan, by=person(request), reason=reason)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("%(plan)s is published.") % {"plan": published})
            return redirect(reverse("admin:targets_plan_change", args=[plan.pk]))
    page = {**context, "title": "发布规划", "plan": plan, "form": form, **looked_over(plan)}
    return TemplateResponse(request, "targets/admin/publish_plan.html", page)


def looked_over(plan: Plan) -> dict[str, Any]:
    """What may be unfinished in a draft."""
    targets = list(targets_of(plan))
    before = plan_before(plan)
    former = {target.code: target for target in before.targets.all()} if before else {}
    with_rule = [target for target in targets if hasattr(target, "rule")]
    return {
        "number": len(targets),
        "before": before,
        "same": [target for target in targets if _wants_the_same(target, former.get(target.code))],
        "without_rule": [target for target in targets if not hasattr(target, "rule")],
        "not_evaluated": [target for target in with_rule if rules.problems(target.rule)],
        "without_quotation": [target for target in targets if not target.citations.all()],
    }


def _wants_the_same(target: Target, former: Target | None) -> bool:
    return former is not None and all(getattr(target, name) == getattr(former, name) for name in WANTED)


def discard_view(request: HttpRequest, plan: Plan, context: dict[str, Any]) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name = str(plan)
        services.discard_draft(plan=plan, by=person(request), reason=form.cleaned_data["change_reason"])
        messages.success(request, _("%(plan)s was thrown away; the history keeps it.") % {"plan": name})
        return redirect(reverse("admin:targets_plan_changelist"))
    page = {**context, "title": "删除草案", "plan": plan, "form": form, "number": plan.targets.count()}
    return TemplateResponse(request, "targets/admin/discard_plan.html", page)
