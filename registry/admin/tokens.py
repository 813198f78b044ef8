"""接口令牌: granted by the security administrator, drawn and rotated by whoever answers for it, revoked by either.

Nothing of a token is edited: who wants more grants anew. Who grants never sees a secret, for with it facts are read.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from registry.admin.base import Scoped
from registry.admin.forms import FactForm
from registry.choices import Scope, TokenState
from registry.models import ApiToken, NamedList, User
from registry.models.token import GRANT, HOLD
from registry.person import person
from registry.services import tokens
from registry.services.tokens import TokenRefused

OVERLAP = dt.timedelta(days=7)
YEAR = dt.timedelta(days=365)
COLOURS: dict[str, str] = {
    str(TokenState.WAITING.label): "warning",
    str(TokenState.VALID.label): "success",
    str(TokenState.ENDING.label): "info",
}


class OwnerField(forms.ModelChoiceField):
    """The people who may answer for a token, with what they do and where."""

    def label_from_instance(self, obj: Any) -> str:
        where = obj.district.short_name if obj.district else "全市"
        return f"{obj}（{obj.get_role_display()}，{where}）"


class GrantForm(FactForm):
    """What is granted."""

    owner = OwnerField(
        label="责任人",
        queryset=User.objects.none(),
        widget=UnfoldAdminSelectWidget,
        help_text=ApiToken._meta.get_field("owner").help_text,
    )
    scopes = forms.MultipleChoiceField(
        label="权限范围",
        choices=[(one.value, one.label) for one in Scope],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    lists = forms.TypedMultipleChoiceField(
        label="可读名录",
        coerce=int,
        required=False,
        help_text=ApiToken._meta.get_field("lists").help_text,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiToken
        fields = ("name", "purpose", "owner", "scopes", "lists", "district", "valid_from", "expires_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            holders = User.objects.with_perm(HOLD, include_superusers=False, backend=settings.RIGHTS_BACKEND)
            offered: Any = self.fields["owner"]
            offered.queryset = holders.select_related("district").order_by("full_name", "pk")
        if "lists" in self.fields:
            named: Any = self.fields["lists"]
            in_use = NamedList.objects.in_use_on(timezone.localdate())
            named.choices = [(one.pk, f"{one.name}（{one.purpose}）") for one in in_use]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="吊销原因", max_length=300, widget=UnfoldAdminTextInputWidget)


class RotateForm(forms.Form):
    """Until when the old one still opens; whoever grants says until when the new one does."""

    until = forms.SplitDateTimeField(
        label="旧令牌停用时间",
        help_text="在此之前新旧令牌都有效，以便对方系统更换。",
        widget=UnfoldAdminSplitDateTimeWidget,
    )


class RenewForm(RotateForm):
    expires_on = forms.DateField(
        label="新令牌到期日期",
        help_text=ApiToken._meta.get_field("expires_on").help_text,
        widget=UnfoldAdminSingleDateWidget,
    )


@dataclass(frozen=True)
class Step:
    """What is done with a token: its words, who may, its form, and what does it: it answers a secret, or nothing."""

    title: str
    explained: str
    allowed: Callable[[ApiToken, User], bool]
    form: type[forms.Form]
    apply: Callable[[ApiToken, User, dict[str, Any], dt.datetime], str]


def _draw(token: ApiToken, by: User, data: dict[str, Any], at: dt.datetime) -> str:
    return tokens.draw(token=token, by=by, at=at)


def _rotate(token: ApiToken, by: User, data: dict[str, Any], at: dt.datetime) -> str:
    _new, text = tokens.rotate(
        token=token, by=by, at=at, until=data["until"], expires_on=data.get("expires_on")
    )
    return text


def _revoke(token: ApiToken, by: User, data: dict[str, Any], at: dt.datetime) -> str:
    tokens.revoke(token=token, by=by, at=at, reason=data["reason"])
    return ""


def _is_open(token: ApiToken) -> bool:
    now = timezone.now()
    return token.state_at(now, timezone.localdate(now)) in TokenState.still_open()


def _draws(token: ApiToken, by: User) -> bool:
    return by.pk == token.owner_id and token.drawn_at is None and _is_open(token)


def _rotates(token: ApiToken, by: User) -> bool:
    is_newest = token.drawn_at is not None and not hasattr(token, "successor")
    return by.pk == token.owner_id and is_newest and _is_open(token)


def _renews(token: ApiToken, by: User) -> bool:
    is_newest = token.drawn_at is not None and not hasattr(token, "successor")
    return by.has_perm(GRANT) and is_newest and _is_open(token)


def _revokes(token: ApiToken, by: User) -> bool:
    return (by.pk == token.owner_id or by.has_perm(GRANT)) and _is_open(token)


STEPS = {
    "draw": Step(
        "领取密钥",
        "密钥只显示这一次，系统只保存其摘要。请在可以立即存入对方系统时领取。",
        _draws,
        forms.Form,
        _draw,
    ),
    "rotate": Step(
        "轮换密钥",
        "产生一个权限、板块和到期日期都相同的新令牌，新密钥只显示这一次。",
        _rotates,
        RotateForm,
        _rotate,
    ),
    "renew": Step(
        "续期", "按相同的权限和板块授予一个新令牌，由责任人领取密钥。", _renews, RenewForm, _rotate
    ),
    "revoke": Step(
        "吊销", "立即失效，不能恢复；由它接替的、仍在并行期的旧令牌一并失效。", _revokes, ReasonForm, _revoke
    ),
}


class Standing(DropdownFilter):
    """Tokens that open something, or that wait to be drawn."""

    title = "状态"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "有效"), ("waiting", "待领取"), ("over", "已失效")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        now = timezone.now()
        still = queryset.open_at(now, timezone.localdate(now))
        match self.value():
            case "open":
                return still.filter(drawn_at__isnull=False)
            case "waiting":
                return still.filter(drawn_at=None)
            case "over":
                return queryset.exclude(pk__in=still.values("pk"))
        return queryset


@admin.register(ApiToken)
class ApiTokenAdmin(Scoped, ModelAdmin):
    form = GrantForm
    list_display = (
        "name",
        "state",
        "owner",
        "area",
        "scope_names",
        "expires_on",
        "used_at",
        "used_from",
    )
    list_select_related = ("owner", "district", "use")
    list_filter = (Standing, ("owner", RelatedDropdownFilter), ("district", RelatedDropdownFilter))
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "purpose", "prefix", "owner__full_name", "owner__username")
    search_help_text = "系统名称、用途、令牌编号、责任人"
    ordering = ("-id",)
    add_fieldsets = (
        (None, {"fields": ("name", "purpose", ("owner", "district"))}),
        ("权限", {"fields": ("scopes", "lists", ("valid_from", "expires_on"))}),
    )
    fieldsets = (
        (None, {"fields": (("name", "state"), "purpose", ("owner", "area"))}),
        ("权限", {"fields": ("scope_names", "list_names", ("valid_from", "expires_on"))}),
        ("使用", {"fields": ("prefix", ("used_at", "used_from"))}),
        (
            "经过",
            {
                "fields": (
                    ("granted_by", "granted_at"),
                    ("drawn_at", "superseded_at"),
                    "predecessor",
                    ("revoked_by", "revoked_at"),
                    "revoke_reason",
                )
            },
        ),
    )
    actions_detail = ("draw", "rotate", "renew", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("owner", "district", "use")

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = timezone.localdate()
        return {
            "valid_from": today,
            "expires_on": today + YEAR,
            **super().get_changeform_initial_data(request),
        }

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        tokens.grant(token=obj, by=person(request), at=timezone.now())
        messages.info(request, _("%(person)s draws its secret on this page.") % {"person": obj.owner})

    # What is shown

    @display(description="状态", label=COLOURS)
    def state(self, token: ApiToken) -> str:
        now = timezone.now()
        return str(token.state_at(now, timezone.localdate(now)).label)

    @display(description="板块")
    def area(self, token: ApiToken) -> str:
        return str(token.district or "全市")

    @display(description="权限范围")
    def scope_names(self, token: ApiToken) -> str:
        return token.scope_words

    @display(description="可读名录")
    def list_names(self, token: ApiToken) -> str:
        return token.list_words or "—"

    @display(description="最近使用", ordering="use__used_at")
    def used_at(self, token: ApiToken) -> dt.datetime | str:
        return token.use.used_at if hasattr(token, "use") else "从未"

    @display(description="使用地址")
    def used_from(self, token: ApiToken) -> str:
        return (token.use.used_from if hasattr(token, "use") else None) or "—"

    # What is done

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.step_view)
        name = "registry_apitoken_step"
        return [path("<int:pk>/step/<slug:name>/", view, name=name), *super().get_urls()]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        step, token = STEPS.get(name), self.get_queryset(request).filter(pk=pk).first()
        if step is None or token is None:
            raise Http404
        if not self.has_view_permission(request) or not step.allowed(token, person(request)):
            raise PermissionDenied(_("This cannot be done with this token, or not by you."))
        form = step.form(request.POST or None, initial=self._proposed(token))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.title}：{token}",
            "opts": self.opts,
            "token": token,
            "step": step,
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            done = self._done(request, step, token, form)
            if done is not None:
                return done if isinstance(done, HttpResponse) else self._secret(request, done, context)
        return TemplateResponse(request, "registry/admin/token_step.html", context)

    @staticmethod
    def _proposed(token: ApiToken) -> dict[str, Any]:
        now = timezone.now()
        return {"until": now + OVERLAP, "expires_on": timezone.localdate(now) + YEAR}

    def _done(
        self, request: HttpRequest, step: Step, token: ApiToken, form: forms.Form
    ) -> HttpResponse | str | None:
        """A secret to be shown, where to go on, or None with the reason in the form."""
        try:
            secret = step.apply(token, person(request), form.cleaned_data, timezone.now())
        except TokenRefused as refused:
            form.add_error(None, str(refused))
            return None
        except ValidationError as refused:
            form.add_error(None, refused.messages)
            return None
        if secret:
            return secret
        messages.success(request, _("Done: %(step)s of %(token)s.") % {"step": step.title, "token": token})
        return redirect("admin:registry_apitoken_changelist")

    def _secret(self, request: HttpRequest, secret: str, context: dict[str, Any]) -> HttpResponse:
        """Shown this once: it goes into no session and no log, and no browser keeps the page."""
        answer = TemplateResponse(request, "registry/admin/token_secret.html", {**context, "secret": secret})
        answer["Cache-Control"] = "no-store"
        return answer

    def _may(self, name: str, request: HttpRequest, object_id: str | None) -> bool:
        token = self.get_queryset(request).filter(pk=object_id).first() if object_id else None
        return token is not None and STEPS[name].allowed(token, person(request))

    def has_draw_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may("draw", request, object_id)

    def has_rotate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may("rotate", request, object_id)

    def has_renew_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may("renew", request, object_id)

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may("revoke", request, object_id)

    @action(
        description="领取密钥",
        permissions=["draw"],
        url_path="draw",
        icon="key",
        variant=ActionVariant.PRIMARY,
    )
    def draw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_apitoken_step", pk=object_id, name="draw")

    @action(description="轮换密钥", permissions=["rotate"], url_path="rotate", icon="sync")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_apitoken_step", pk=object_id, name="rotate")

    @action(description="续期", permissions=["renew"], url_path="renew", icon="event_repeat")
    def renew(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_apitoken_step", pk=object_id, name="renew")

    @action(
        description="吊销",
        permissions=["revoke"],
        url_path="revoke",
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:registry_apitoken_step", pk=object_id, name="revoke")
