"""A clerk at the desk: opens a page of the admin, changes some fields, sends it off."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from registry.models import User


def sign_in(user: User, *, every_right: bool = True) -> Client:
    """A browser of this person, with every right there is: groups come with a later issue."""
    if every_right:
        user.is_staff = True
        user.save()
        user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(user)
    return client


def page_of(row: models.Model, view: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])


def page_for_new(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def send(
    client: Client, path: str, *, rows: dict[str, list[dict[str, Any]]] | None = None, **changes: Any
) -> Any:
    """Open the page, change fields by their names, add `rows` to inlines, and send it."""
    return client.post(path, filled(client, path, rows=rows, **changes))


def filled(
    client: Client, path: str, *, rows: dict[str, list[dict[str, Any]]] | None = None, **changes: Any
) -> dict[str, Any]:
    opened = client.get(path)
    assert opened.status_code == 200, opened
    data = dict(values_on(opened))
    for prefix, new in (rows or {}).items():
        start = int(data[f"{prefix}-TOTAL_FORMS"])
        data[f"{prefix}-TOTAL_FORMS"] = start + len(new)
        for number, row in enumerate(new, start):
            data |= {f"{prefix}-{number}-{name}": plain(value) for name, value in row.items()}
    return {name: value for name, value in (data | changes).items() if value is not None}


def values_on(page: HttpResponse) -> Iterator[tuple[str, Any]]:
    yield from of_form(page.context["adminform"].form)
    for inline in page.context["inline_admin_formsets"]:
        yield from of_formset(inline.formset)


def of_formset(formset: Any) -> Iterator[tuple[str, Any]]:
    yield from of_form(formset.management_form)
    for form in formset.forms:
        yield from of_form(form)
        for nested in getattr(form, "nested_formsets", ()):
            yield from of_formset(nested.formset)


def of_form(form: Any) -> Iterator[tuple[str, Any]]:
    for name in form.fields:
        value = plain(form[name].value())
        if value is not None:
            yield form.add_prefix(name), value


def plain(value: Any) -> Any:
    """As a browser sends it: nothing for an empty box."""
    if value is None or value is False:
        return None
    if value is True:
        return "on"
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def errors_on(page: HttpResponse) -> dict[str, str]:
    """What the page complains of, by field; rows of inlines with their number."""
    assert page.status_code == 200, f"nothing was refused: {page}"
    found = {name: " ".join(errors) for name, errors in page.context["adminform"].form.errors.items()}
    for inline in page.context["inline_admin_formsets"]:
        found |= dict(_in_formset(inline.formset))
    return found


def _in_formset(formset: Any) -> Iterator[tuple[str, str]]:
    if formset.non_form_errors():
        yield formset.prefix, " ".join(formset.non_form_errors())
    for form in formset.forms:
        for name, errors in form.errors.items():
            yield f"{form.prefix}-{name}", " ".join(errors)
        for nested in getattr(form, "nested_formsets", ()):
            yield from _in_formset(nested.formset)
