"""People and their accounts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from registry.admin.base import PlainChoices
from registry.choices import Role
from registry.models import User

OF_AN_AREA = (Role.DISTRICT_CLERK, Role.DISTRICT_OFFICIAL)
RIGHTS = ("is_superuser", "groups")


class AreaFitsRole:
    """Who works for an area has one; everybody else sees the whole city."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data  # type: ignore[misc,attr-defined]
        role, district = cleaned.get("role"), cleaned.get("district")
        if role in OF_AN_AREA and district is None:
            self.add_error("district", _("This role belongs to an area: choose it."))  # type: ignore[attr-defined]
        elif role and role not in OF_AN_AREA and district is not None:
            self.add_error("district", _("This role is for the whole city: leave the area empty."))  # type: ignore[attr-defined]
        return cleaned


class PersonForm(AreaFitsRole, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class NewPersonForm(AreaFitsRole, UserCreationForm):
    must_change_password = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = ("username", "full_name", "district", "role")

    def save(self, commit: bool = True) -> User:
        # Somebody else knows this password.
        self.instance.must_change_password = True
        return super().save(commit=commit)


@admin.register(User)
class UserAdmin(PlainChoices, DjangoUserAdmin, ModelAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "full_name",
        "role",
        "district",
        "is_active",
        "must_change_password",
        "last_login",
    )
    list_select_related = ("district",)
    list_filter = (
        ("role", ChoicesDropdownFilter),
        ("district", RelatedDropdownFilter),
        "is_active",
        "must_change_password",
    )
    list_filter_submit = True
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ("username", "full_name")
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "full_name", "email")}),
        ("职责", {"fields": (("role", "district"), "is_active", "is_staff")}),
        ("密码", {"fields": ("password", "must_change_password")}),
        ("权限", {"fields": ("is_superuser", "groups")}),
        ("登录", {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "full_name",
                    ("role", "district"),
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only who has all rights gives rights, or whoever edits accounts could take them."""
        return ("last_login", "date_joined", *(() if request.user.is_superuser else RIGHTS))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are switched off: the history names them."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        by_other = str(request.user.pk) != str(id)
        if request.method == "POST" and response.status_code == 302 and by_other:
            User.objects.filter(pk=id).update(must_change_password=True)
        return response


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    list_fullwidth = True
    search_fields = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)
