"""People and their accounts: who keeps accounts gives no rights, and who gives rights makes no accounts."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from registry.admin.base import PlainChoices
from registry.choices import Role
from registry.models import ApiToken, User
from registry.services import take_up_role

# What an account may do, and for whom: given by whoever may give roles. All else belongs to whoever keeps accounts.
RIGHTS = ("role", "district", "groups")
ACCOUNT = ("username", "full_name", "email", "is_active", "must_change_password")
ROLE_NAMES = {role.chinese for role in Role}


class AreaFitsRole:
    """Who works for an area has one; everybody else sees the whole city."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data  # type: ignore[misc,attr-defined]
        role, district = cleaned.get("role"), cleaned.get("district")
        if role in Role.of_an_area() and district is None:
            self.add_error("district", _("This role belongs to an area: choose it."))  # type: ignore[attr-defined]
        elif role and role not in Role.of_an_area() and district is not None:
            self.add_error("district", _("This role is for the whole city: leave the area empty."))  # type: ignore[attr-defined]
        return cleaned


class PersonForm(AreaFitsRole, UserChangeForm):
    """Groups are those that an office has made: the one of the role goes with the role."""

    class Meta:
        model = User
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "groups" in self.fields:
            of_offices = Group.objects.exclude(name__in=ROLE_NAMES)
            self.fields["groups"].queryset = of_offices
            self.initial["groups"] = [one for one in self.initial.get("groups", ()) if one in of_offices]


class NewPersonForm(UserCreationForm):
    """A new account has no role and no rights until the security administrator gives it one."""

    must_change_password = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = ("username", "full_name")

    def save(self, commit: bool = True) -> User:
        # Somebody else knows this password.
        self.instance.must_change_password = True
        self.instance.role = Role.UNASSIGNED
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
        ("职责与权限", {"fields": (("role", "district"), "groups")}),
        ("账号", {"fields": ("is_active", "password", "must_change_password", "is_superuser")}),
        ("登录", {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "full_name",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Who keeps accounts gives no rights, who gives rights keeps no accounts, and nobody gives any to themselves."""
        fixed = ["last_login", "date_joined", "is_superuser"]
        if not request.user.has_perm("registry.assign_role") or (obj and obj.pk == request.user.pk):
            fixed += RIGHTS
        if not request.user.has_perm("registry.add_user"):
            fixed += ACCOUNT
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are switched off: the history names them."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        take_up_role(account=form.instance)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Whoever keeps accounts gives new passwords, but not to the other administrators: that would be their rights."""
        other = self.get_object(request, unquote(id))
        watched = other is not None and other.pk != request.user.pk and other.role in Role.administrators()
        if not request.user.has_perm("registry.add_user") or (watched and not request.user.is_superuser):
            raise PermissionDenied(
                _("The password of an administrator is replaced on the server: manage.py changepassword.")
            )
        response = super().user_change_password(request, id, form_url)
        by_other = str(request.user.pk) != str(id)
        if request.method == "POST" and response.status_code == 302 and by_other:
            User.objects.filter(pk=id).update(must_change_password=True)
        return response


admin.site.unregister(Group)


ACTIONS = {"view": "查看", "add": "新增", "change": "修改", "delete": "删除"}


def called(right: Permission) -> str:
    model = right.content_type.model_class()
    kind = model._meta.verbose_name if model else right.content_type.model
    action = right.codename.partition("_")[0]
    plain = model is not None and right.codename == f"{action}_{model._meta.model_name}"
    return f"{kind} · {ACTIONS[action] if plain and action in ACTIONS else right.name}"


class RightsField(forms.ModelMultipleChoiceField):
    """Rights in Chinese: Django names those that it makes itself in English."""

    def label_from_instance(self, obj: Any) -> str:
        return called(obj)


def offered_rights() -> QuerySet[Permission]:
    """The rights over what people work with: not over people and tokens, nor over histories and logs."""
    kept = [model for model in apps.get_models() if model._meta.app_label in ("registry", "targets")]
    shown = [
        model for model in kept if not hasattr(model, "pgh_tracked_model") and model not in (User, ApiToken)
    ]
    types = ContentType.objects.get_for_models(*shown).values()
    found = Permission.objects.filter(content_type__in=types).select_related("content_type")
    return found.order_by("content_type__app_label", "content_type__model", "codename")


def is_of_a_role(group: Group) -> bool:
    return group.name in ROLE_NAMES


class GroupForm(forms.ModelForm):
    """A group of an office; the names of the roles are taken, whoever bears one now."""

    class Meta:
        model = Group
        fields = ("name", "permissions")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name in ROLE_NAMES:
            raise ValidationError(_("This is the name of a role. Choose another name for the group."))
        return name


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups of offices are kept here; those of the roles are as the install declares them, and only shown."""

    form = GroupForm
    list_fullwidth = True
    search_fields = ("name",)

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("name", "rights") if self._is_shown_only(request, obj) else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("name", "rights") if self._is_shown_only(request, obj) else ()

    def _is_shown_only(self, request: HttpRequest, group: Group | None) -> bool:
        return group is not None and not self.has_change_permission(request, group)

    @display(description="权限")
    def rights(self, group: Group) -> str:
        held = group.permissions.select_related("content_type")
        return "；".join(sorted(called(one) for one in held)) or "无"

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        if obj is not None and is_of_a_role(obj):
            return False
        return bool(super().has_change_permission(request, obj))

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.name == "permissions":
            kwargs |= {"queryset": offered_rights(), "form_class": RightsField}
            return ModelAdmin.formfield_for_manytomany(self, db_field, request, **kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser) and not (obj is not None and is_of_a_role(obj))
