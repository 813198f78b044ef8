"""变动推送: kept by whoever answers for the token; its log, and sending again."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from registry import history
from registry.admin.base import ReadOnly, RegisterAdmin, Scoped
from registry.admin.forms import FactForm
from registry.choices import Scope
from registry.feed import webhooks
from registry.feed.resources import FOLLOWED
from registry.models import ApiToken, Webhook, WebhookDelivery
from registry.models.webhook import fresh_salt
from registry.paging import BoundedPaginator
from registry.person import person

TAKEN, FAILED = "已接收", "失败"
GOING, WAITING, PAUSED, NO_TOKEN = "推送中", "等待重试", "已暂停", "令牌已失效"


class WebhookForm(FactForm):
    """Where to, by which token, what of."""

    url = forms.URLField(
        label="接收地址", max_length=500, assume_scheme="https", widget=UnfoldAdminTextInputWidget
    )
    resources = forms.MultipleChoiceField(
        label="推送内容",
        choices=[(one.name, str(one.model._meta.verbose_name)) for one in FOLLOWED],
        required=False,
        help_text=Webhook._meta.get_field("resources").help_text,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Webhook
        fields = ("token", "url", "resources", "paused")


@dataclass(frozen=True)
class Step:
    """What is done with a webhook: its words, and what does it; it answers a secret to be shown, or nothing."""

    title: str
    explained: str
    apply: Callable[[HttpRequest, Webhook, dt.datetime], str]


def _show(request: HttpRequest, hook: Webhook, at: dt.datetime) -> str:
    return hook.secret


def _renew(request: HttpRequest, hook: Webhook, at: dt.datetime) -> str:
    hook.salt = fresh_salt()
    with history.change(by=person(request), reason=_("A new secret")):
        hook.save(update_fields=["salt"])
    return hook.secret


def _test(request: HttpRequest, hook: Webhook, at: dt.datetime) -> str:
    outcome = webhooks.test(hook, at)
    if outcome.problem:
        messages.error(request, outcome.problem)
    else:
        messages.success(request, _("The test message was taken: %(status)d.") % {"status": outcome.status})
    return ""


def _go_on(request: HttpRequest, hook: Webhook, at: dt.datetime) -> str:
    webhooks.go_on(hook)
    messages.success(request, _("It is tried again at once."))
    return ""


STEPS = {
    "secret": Step(
        "显示密钥", "对方系统用密钥核对消息的签名，确认来自本系统。请勿用邮件或聊天工具传送。", _show
    ),
    "renew": Step("更换密钥", "旧密钥立即作废；对方系统换上新密钥之前，会拒收消息，之后自动补发。", _renew),
    "test": Step("发送测试消息", "向接收地址发送一条不含变动的消息，用于对方调试。", _test),
    "go_on": Step("立即重试", "不再等待下次重试时间；对方系统恢复后使用。", _go_on),
}


@admin.register(Webhook)
class WebhookAdmin(RegisterAdmin):
    form = WebhookForm
    list_display = ("token", "url", "state", "owner", "succeeded_at", "failures")
    list_select_related = ("token__owner", "token__district", "progress")
    list_filter = ("paused",)
    search_fields = ("url", "token__name", "token__owner__full_name")
    readonly_fields = ("state", "succeeded_at", "failures", "next_try_at")
    actions_detail = ("log", "secret", "renew", "test", "go_on")

    def own_fieldsets(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        own = (None, {"fields": ("token", "url", "resources", "paused")})
        told = ("推送情况", {"fields": (("state", "succeeded_at"), ("failures", "next_try_at"))})
        return (own,) if obj is None else (own, told)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def has_change_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        own = obj is None or obj.token.owner_id == person(request).pk
        return own and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "token":
            now = timezone.now()
            kwargs["help_text"] = f"只列出由您负责、可“跟踪变动”的令牌。{db_field.help_text}"
            kwargs["queryset"] = ApiToken.objects.open_at(now, timezone.localdate(now)).filter(
                owner=person(request), scopes__contains=[Scope.FOLLOW_CHANGES]
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        # another token would be another reader: that is another webhook
        return self.readonly_fields if obj is None else ("token", *self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # from now on, and not from the first message on
        webhooks.progress_of(obj)

    # What is shown

    @display(
        description="状态",
        label={GOING: "success", WAITING: "warning", PAUSED: "info", NO_TOKEN: "danger"},
    )
    def state(self, hook: Webhook) -> str:
        now = timezone.now()
        if hook.paused:
            return PAUSED
        if hook.token.refusal(now, timezone.localdate(now)):
            return NO_TOKEN
        return WAITING if self.failures(hook) else GOING

    @display(description="责任人")
    def owner(self, hook: Webhook) -> str:
        return str(hook.token.owner)

    @display(description="最近成功", ordering="progress__succeeded_at")
    def succeeded_at(self, hook: Webhook) -> dt.datetime | str:
        return (hook.progress.succeeded_at if hasattr(hook, "progress") else None) or "从未"

    @display(description="连续失败", ordering="progress__failures")
    def failures(self, hook: Webhook) -> int:
        return hook.progress.failures if hasattr(hook, "progress") else 0

    @display(description="下次重试")
    def next_try_at(self, hook: Webhook) -> dt.datetime | str:
        return (hook.progress.next_try_at if hasattr(hook, "progress") else None) or "—"

    # What is done

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.step_view)
        name = "registry_webhook_step"
        return [path("<int:pk>/step/<slug:name>/", view, name=name), *super().get_urls()]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        step, hook = STEPS.get(name), self.get_queryset(request).filter(pk=pk).first()
        if step is None or hook is None:
            raise Http404
        if not self.has_change_permission(request, hook):
            raise PermissionDenied(_("Only the person who answers for its token does this."))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.title}：{hook}",
            "opts": self.opts,
            "hook": hook,
            "step": step,
        }
        if request.method == "POST":
            secret = step.apply(request, hook, timezone.now())
            if not secret:
                return redirect("admin:registry_webhook_change", pk)
            answer = TemplateResponse(
                request, "registry/admin/webhook_step.html", {**context, "secret": secret}
            )
            answer["Cache-Control"] = "no-store"
            return answer
        return TemplateResponse(request, "registry/admin/webhook_step.html", context)

    def has_step_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        hook = self.get_queryset(request).filter(pk=object_id).first() if object_id else None
        return hook is not None and self.has_change_permission(request, hook)

    @action(description="推送记录", url_path="log", icon="history")
    def log(self, request: HttpRequest, object_id: str) -> HttpResponse:
        log = reverse("admin:registry_webhookdelivery_changelist")
        return redirect(f"{log}?webhook__id__exact={object_id}")

    @action(description="显示密钥", permissions=["step"], url_path="secret", icon="key")
    def secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_webhook_step", pk=object_id, name="secret")

    @action(description="更换密钥", permissions=["step"], url_path="renew", icon="sync")
    def renew(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_webhook_step", pk=object_id, name="renew")

    @action(description="发送测试消息", permissions=["step"], url_path="test", icon="send")
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_webhook_step", pk=object_id, name="test")

    @action(description="立即重试", permissions=["step"], url_path="go-on", icon="refresh")
    def go_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_webhook_step", pk=object_id, name="go_on")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, Scoped, ModelAdmin):
    list_display = ("message", "webhook", "sent_at", "changes", "outcome", "status", "problem")
    list_select_related = ("webhook__token",)
    list_filter = (("webhook", RelatedDropdownFilter),)
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    search_fields = ("message",)
    ordering = ("-id",)
    fields = ("webhook", ("message", "sent_at"), "changes", ("outcome", "status"), "problem")
    actions_detail = ("replay",)

    @display(description="结果", label={TAKEN: "success", FAILED: "danger"})
    def outcome(self, delivery: WebhookDelivery) -> str:
        return FAILED if delivery.problem else TAKEN

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.replay_view)
        name = "registry_webhookdelivery_again"
        return [path("<int:pk>/replay/", view, name=name), *super().get_urls()]

    def _may_replay(self, request: HttpRequest, delivery: WebhookDelivery | None) -> bool:
        own = delivery is not None and delivery.webhook.token.owner_id == person(request).pk
        return own and request.user.has_perm("registry.change_webhook")

    def has_replay_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        rows = self.get_queryset(request).select_related("webhook__token")
        return self._may_replay(request, rows.filter(pk=object_id).first() if object_id else None)

    def replay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        delivery = self.get_queryset(request).select_related("webhook__token").filter(pk=pk).first()
        if delivery is None:
            raise Http404
        if not self._may_replay(request, delivery):
            raise PermissionDenied(_("Only the person who answers for its token does this."))
        if request.method == "POST":
            webhooks.replay(delivery)
            messages.success(request, _("What was sent from here on is sent once more."))
            return redirect("admin:registry_webhook_change", delivery.webhook_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"重新推送：{delivery.webhook}",
            "opts": self.opts,
            "hook": delivery.webhook,
            "step": Step(
                "重新推送",
                f"从 {timezone.localtime(delivery.sent_at):%Y-%m-%d %H:%M:%S} 的这条消息起，其后的全部变动再推送一次；"
                "对方系统按记录的版本号即可识别重复。",
                _show,
            ),
        }
        return TemplateResponse(request, "registry/admin/webhook_step.html", context)

    @action(description="从此重新推送", permissions=["replay"], url_path="replay-from", icon="replay")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_webhookdelivery_again", pk=object_id)
