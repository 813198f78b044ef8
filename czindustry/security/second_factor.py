"""The second factor: a code by time from the person's telephone (RFC 6238), or one of ten codes on paper."""

import base64
from collections.abc import Callable
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django_otp import match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from czindustry.security import trail
from czindustry.security.choices import Action
from czindustry.security.ways import first_to, following
from registry.api.problems import of_api, problem_page
from registry.choices import Role
from registry.models import User
from registry.person import person

# In the session: what the person still owes it.
STATE, NONE, OWED, PASSED = "second_factor", "none", "owed", "passed"
CODES = 10
# Where one can go before the code is given, by the name of the address.
ALLOWED = {"signin", "signout", "language", "signin-code", "admin:logout", "admin:jsi18n"}
ALLOWED_BEFORE_SETTING_UP = {*ALLOWED, "second-factor", "password"}


def is_required(user: User) -> bool:
    """By the setting: of the three administrators, of everybody, or of nobody; never of the very first account."""
    if user.is_superuser:
        return False
    wanted = settings.SECOND_FACTOR
    return wanted == "all" or (wanted == "administrators" and user.role in Role.administrators())


def has_one(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def begin(request: HttpRequest, user: User) -> None:
    """At sign-in: whether a code is owed."""
    request.session[STATE] = OWED if has_one(user) else NONE


@transaction.atomic
def take_away(user: User) -> int:
    """Of whoever has lost the telephone; how many things were removed."""
    found = (TOTPDevice.objects.filter(user=user), StaticDevice.objects.filter(user=user))
    return sum(devices.delete()[0] for devices in found)


class SecondFactorMiddleware:
    """Behind the password stands the code: until it is given, nothing of the site opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated:
            return None
        state = request.session.get(STATE, NONE)
        if state == PASSED or (state == NONE and not is_required(user)):
            return None
        allowed = ALLOWED if state == OWED else ALLOWED_BEFORE_SETTING_UP
        match = request.resolver_match
        if match is not None and match.view_name in allowed:
            return None
        if of_api(request):
            return problem_page(request, "permission_denied", _("Give the code of your second factor first."))
        return first_to("signin-code" if state == OWED else "second-factor", request)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
        help_text=gettext_lazy(
            "The six digits that your telephone shows now, or one of your recovery codes."
        ),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split()).lower()


@never_cache
def code_page(request: HttpRequest) -> HttpResponse:
    """After the password: the code."""
    user = person(request)
    if request.session.get(STATE) != OWED:
        return redirect(following(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and is_right(request, user, form):
        request.session[STATE] = PASSED
        request.session.cycle_key()
        return redirect(following(request))
    return render(request, "signin/code.html", {"form": form, "next": following(request)})


def is_right(request: HttpRequest, user: User, form: CodeForm) -> bool:
    device = match_token(user, form.cleaned_data["code"])
    trail.note(
        Action.SECOND_FACTOR,
        request,
        person=user,
        succeeded=device is not None,
        subject=user.username,
        by="recovery" if isinstance(device, StaticDevice) else "telephone",
    )
    if device is None:
        form.add_error(
            "code",
            _(
                "This is not the code of now. Wait for the next one: after each wrong code it takes longer until "
                "another is looked at. Is the clock of your telephone right?"
            ),
        )
        return False
    if isinstance(device, StaticDevice):
        left = device.token_set.count()
        messages.warning(request, _("You have %(count)d recovery codes left.") % {"count": left})
    return True


@never_cache
def own_page(request: HttpRequest) -> HttpResponse:
    """Setting one's second factor up, drawing new recovery codes, and giving it up."""
    user = person(request)
    wanted = request.POST.get("do", "")
    if has_one(user):
        return _kept(request, user, wanted)
    device, _new = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "telephone"}
    )
    form = CodeForm(request.POST if wanted == "confirm" else None)
    form.fields["code"].help_text = _("The six digits that your telephone shows now.")
    if wanted == "confirm" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"]):
            return _confirmed(request, user, device)
        form.add_error("code", _("This is not the code of now. Is the clock of your telephone right?"))
    about = {
        "form": form,
        "picture": picture_of(device.config_url),
        "key": spaced(device),
        "required": is_required(user),
        "next": following(request),
    }
    return render(request, "signin/second_factor_new.html", about)


def _confirmed(request: HttpRequest, user: User, device: TOTPDevice) -> HttpResponse:
    with transaction.atomic():
        device.confirmed = True
        device.save()
        codes = draw_codes(user)
    request.session[STATE] = PASSED
    request.session.cycle_key()
    trail.note(Action.SECOND_FACTOR, request, person=user, subject=user.username, changed="set up")
    return render(request, "signin/recovery_codes.html", {"codes": codes, "next": following(request)})


def _kept(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    form = CodeForm(request.POST if wanted in ("codes", "remove") else None)
    removable = not is_required(user)
    if form.is_bound and form.is_valid() and is_right(request, user, form):
        if wanted == "codes":
            codes = draw_codes(user)
            trail.note(Action.SECOND_FACTOR, request, person=user, subject=user.username, changed="new codes")
            return render(request, "signin/recovery_codes.html", {"codes": codes, "next": following(request)})
        if removable:
            take_away(user)
            request.session[STATE] = NONE
            trail.note(Action.SECOND_FACTOR, request, person=user, subject=user.username, changed="given up")
            messages.success(request, _("From now on your password alone opens your account."))
            return redirect("second-factor")
    left = StaticToken.objects.filter(device__user=user).count()
    about = {"form": form, "left": left, "removable": removable, "next": following(request)}
    return render(request, "signin/second_factor.html", about)


def draw_codes(user: User) -> list[str]:
    """New recovery codes; the old ones are void. They are shown once."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="paper", confirmed=True)
    codes = [StaticToken.random_token() for _number in range(CODES)]
    device.token_set.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes


def picture_of(address: str) -> str:
    """A QR code as SVG, drawn here: the key goes to nobody else."""
    return segno.make(address, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff")


def spaced(device: Any) -> str:
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
