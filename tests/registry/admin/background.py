"""The work in the background, done at once by the test itself; and people with the rights that lists need."""

from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from registry.choices import Role
from registry.models import RosterUpload, User
from tests import factories as make
from tests.registry.admin.desk import sign_in

RIGHTS = ("import_roster", "undo_roster", "view_roster", "view_rosterrow", "view_enterprise")


def clerk(user: User, *rights: str) -> Client:
    """A browser of a clerk with these rights and no others; those of lists where none are named."""
    user.is_staff = True
    user.save()
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=rights or RIGHTS))
    return sign_in(user, every_right=False)


def clerk_of_wujin() -> User:
    """Sun enters lists for Wujin (武进区)."""
    return User.objects.create_user(
        "sun", password=None, full_name="孙丽", role=Role.DISTRICT_CLERK, district=make.district("320412")
    )


def do_all_jobs() -> int:
    """As the worker would, one after the other, until nothing is left."""
    count = 0
    while (job := ProcrastinateJob.objects.filter(status="todo").order_by("pk").first()) is not None:
        context: Any = SimpleNamespace(should_abort=lambda: False, job=SimpleNamespace(attempts=0))
        app.tasks[job.task_name].func(context, **job.args)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
        count += 1
    return count


def bring(client: Client, *contents: bytes, name: str = "名单.csv") -> Any:
    """Send files to the page of uploads, as its form does."""
    sent = [SimpleUploadedFile(name, content) for content in contents]
    return client.post(reverse("admin:registry_roster_upload"), {"file": sent})


def page(name: str, upload: RosterUpload | int | None = None) -> str:
    pk = upload.pk if isinstance(upload, RosterUpload) else upload
    return reverse(f"admin:registry_roster_{name}", args=[pk] if pk is not None else [])
