"""The actions of the list of titles: each shows what it would do, asks, and does it for all of them or says why not."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from registry.choices import EndReason, TitleStep
from registry.models import Designation
from registry.person import person
from registry.services import title_steps
from registry.services.title_steps import Look, StepRefused, Wish

NAMED = 50
NAMED_UNABLE = 200
REASON_HELP = "写入修改记录，便于日后查考。"
HELP = {
    TitleStep.CONFIRM: "确认后即计入有关目标。",
    TitleStep.SEND_BACK: "退回后不计数，报送人会看到退回原因，更正后可再次报送。",
    TitleStep.PASS: "每个称号记一条复核记录，有效期顺延。",
    TitleStep.FAIL: "每个称号记一条复核记录，自复核日期起不再有效。",
    TitleStep.END: "自终止日期起不再有效；称号及其历史保留。",
}
FIELDS = {
    TitleStep.CONFIRM: ("reason",),
    TitleStep.SEND_BACK: ("reason",),
    TitleStep.PASS: ("day", "valid_to", "document", "reason"),
    TitleStep.FAIL: ("day", "document", "reason"),
    TitleStep.END: ("day", "end_reason", "document", "reason"),
}
# Which of them must be filled in; the document of a list is not always at hand.
WANTED = {"day", "end_reason"}


class StepForm(forms.Form):
    """What a step wants to know; the fields are those of the step."""

    day = forms.DateField(label="日期", widget=UnfoldAdminSingleDateWidget)
    valid_to = forms.DateField(
        label="新的有效期至",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="留空则各自在原有效期后顺延一个认定周期。",
    )
    end_reason = forms.ChoiceField(
        label="终止原因", choices=[("", "请选择"), *EndReason.choices], widget=UnfoldAdminSelectWidget
    )
    document = forms.CharField(
        label="文号", required=False, max_length=200, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(
        label="原因", max_length=200, help_text=REASON_HELP, widget=UnfoldAdminTextInputWidget
    )
    leave_out = forms.BooleanField(
        label="跳过不能办理的，只办理其余称号", required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, step: TitleStep, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        for name in set(self.fields) - {*FIELDS[step], "leave_out"}:
            del self.fields[name]
        self.fields["reason"].required = step != TitleStep.CONFIRM
        if step == TitleStep.SEND_BACK:
            self.fields["reason"].label = "退回原因"
        if "day" in self.fields:
            self.fields["day"].label = "终止日期" if step == TitleStep.END else "复核日期"

    def wish(self, request: HttpRequest) -> Wish:
        """The step as far as the form is filled in; its day is today's where none is given yet."""
        given = {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}
        given.pop("leave_out", None)
        return Wish(step=self.step, by=person(request), **({"day": timezone.localdate()} | given))

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in FIELDS[self.step]]


def action_of(step: TitleStep) -> Callable[..., HttpResponse | None]:
    """The action of a step, for an admin of titles."""

    def act(
        page: admin.ModelAdmin, request: HttpRequest, titles: QuerySet[Designation]
    ) -> HttpResponse | None:
        return take_step(page, request, titles, step)

    act.__name__ = f"{step.value}_titles"
    permission = title_steps.RIGHTS[step].split(".")[1].split("_")[0]
    return admin.action(description=f"{step.label}…", permissions=[permission])(act)


def take_step(
    page: admin.ModelAdmin, request: HttpRequest, titles: QuerySet[Designation], step: TitleStep
) -> HttpResponse | None:
    """Shows what the step comes to; sent off once more, it does that. None leads back to the list."""
    sent = "mark" in request.POST
    form = StepForm(step, request.POST if sent else None, initial={"day": timezone.localdate()})
    filled = sent and form.is_valid()
    try:
        if filled and "preview" not in request.POST:
            number = title_steps.carry_out(
                titles=titles,
                wish=form.wish(request),
                mark=request.POST["mark"],
                leave_out=form.cleaned_data["leave_out"],
            )
            done = _("%(step)s: %(number)s titles.") % {"step": step.label, "number": f"{number:,}"}
            messages.success(request, done)
            return None
    except StepRefused as refused:
        form.add_error(None, str(refused))
    try:
        found = title_steps.look(titles, form.wish(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return None
    context = {
        **page.admin_site.each_context(request),
        **shown(found),
        "title": f"{step.label}：{len(found.able) + len(found.unable)} 个称号",
        "opts": page.opts,
        "step": step,
        "help": HELP[step],
        "form": form,
        "look": found,
        "action": request.POST.get("action", ""),
        "across": request.POST.get("select_across", "0"),
        "chosen": []
        if request.POST.get("select_across") == "1"
        else request.POST.getlist(ACTION_CHECKBOX_NAME),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "registry/admin/titles/step.html", context)


def shown(found: Look) -> dict[str, Any]:
    """The first names, and how many of each scheme and area."""
    schemes = Counter(title.called for title in found.able)
    areas = Counter(title.area.short_name if title.area else "—" for title in found.able)
    return {
        "schemes": schemes.most_common(),
        "areas": areas.most_common(),
        "first": found.able[:NAMED],
        "more": len(found.able) - NAMED,
        "unable": found.unable[:NAMED_UNABLE],
        "more_unable": len(found.unable) - NAMED_UNABLE,
    }


ACTIONS = [action_of(step) for step in TitleStep]


class TakesSteps:
    """An admin of titles with the actions of all steps; each is offered to whoever has its right."""

    actions = ACTIONS

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("registry.confirm_designation"))

    def has_end_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("registry.end_designation"))
