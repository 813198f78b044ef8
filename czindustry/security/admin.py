"""The trail for the audit administrator; accounts that are locked, or whose telephone is lost."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import action, display

from czindustry.security import chain, lockout, second_factor, trail, words
from czindustry.security.choices import Action
from czindustry.security.models import AuditArchive, AuditEvent
from registry.admin.base import ReadOnly
from registry.admin.user import UserAdmin
from registry.choices import Role
from registry.models import User
from registry.paging import BoundedPaginator

DONE, REFUSED = "成功", "失败"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, ModelAdmin):
    list_display = ("moment", "action", "result", "who", "address", "subject", "rows")
    list_select_related = ("person",)
    list_filter = (
        ("action", ChoicesDropdownFilter),
        "succeeded",
        ("person", AutocompleteSelectFilter),
        ("at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    search_fields = ("username", "subject", "address", "request", "token")
    search_help_text = "用户名、对象、来源地址、请求编号、接口令牌"
    ordering = ("-id",)
    fields = (
        ("moment", "action", "result"),
        ("who", "username", "token"),
        ("address", "request"),
        "path",
        ("subject", "rows"),
        "told",
        "place",
    )
    readonly_fields = ("moment", "result", "who", "told", "place")
    actions_list = ("check_chain",)

    @display(description="时间", ordering="at")
    def moment(self, event: AuditEvent) -> str:
        return f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"

    @display(description="详情")
    def told(self, event: AuditEvent) -> str:
        return "；".join(words.told(event.details)) or "—"

    @display(description="结果", label={DONE: "success", REFUSED: "danger"})
    def result(self, event: AuditEvent) -> str:
        return DONE if event.succeeded else REFUSED

    @display(description="人员", ordering="person")
    def who(self, event: AuditEvent) -> str:
        named = str(event.person) if event.person else event.username or "—"
        return f"{named}（{event.token}）" if event.token else named

    @display(description="审计链")
    def place(self, event: AuditEvent) -> str:
        seal = getattr(event, "auditseal", None)
        return f"第 {seal.position} 条，摘要 {seal.digest}" if seal else "—"

    @action(description="校验审计链", url_path="check", icon="verified_user")
    def check_chain(self, request: HttpRequest) -> HttpResponse:
        found = chain.check()
        if found.problems:
            first = "、".join(str(one.event) for one in found.problems[:5])
            messages.error(
                request,
                _("The audit trail does not hold, beginning with these events: %(events)s.")
                % {"events": first},
            )
        else:
            words = {"count": found.events, "head": found.head}
            told = _("%(count)d events, the chain holds. Note its end: %(head)s")
            messages.success(request, told % words)
        return redirect("admin:security_auditevent_changelist")


@admin.register(AuditArchive)
class AuditArchiveAdmin(ReadOnly, ModelAdmin):
    list_display = ("file_name", "events", "first_position", "last_position", "archived_at")
    list_fullwidth = True
    fields = (
        "file_name",
        "sha256",
        ("first_position", "last_position", "events"),
        "last_digest",
        "archived_at",
    )


# Their keys are for the person alone.
for device in (TOTPDevice, StaticDevice):
    admin.site.unregister(device)
admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """With what becomes necessary at signing in: done by whoever keeps accounts."""

    actions = ("unlock", "take_second_factor")

    def has_account_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.add_user")

    @action(description="解除登录锁定", permissions=["account"])
    def unlock(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        freed = [user for user in accounts if lockout.unlock(user.username)]
        for user in freed:
            trail.note(
                Action.ACCOUNT, request, person=self._by(request), subject=user.username, changed="unlocked"
            )
        told = ngettext("%(count)d account was unlocked.", "%(count)d accounts were unlocked.", len(freed))
        messages.success(request, told % {"count": len(freed)})

    @action(description="取消动态验证码（手机遗失）", permissions=["account"])
    def take_second_factor(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        taken = 0
        for user in accounts:
            if user.role in Role.administrators() and not request.user.is_superuser:
                words = {"name": user}
                told = _(
                    "%(name)s is an administrator: on the server, manage.py second_factor takes it away."
                )
                messages.error(request, told % words)
            elif second_factor.take_away(user):
                taken += 1
                about: dict[str, Any] = {"subject": user.username, "changed": "removed"}
                trail.note(Action.SECOND_FACTOR, request, person=self._by(request), **about)
        told = ngettext(
            "%(count)d account signs in by password alone now.",
            "%(count)d accounts sign in by password alone now.",
            taken,
        )
        messages.success(request, told % {"count": taken})

    def _by(self, request: HttpRequest) -> User:
        user: Any = request.user
        return user
