"""What people do meanwhile, in processes of their own: `manage.py shell -c "from tests.faults import people; …"`.

Each goes on over whatever happens, as a person would: what was not confirmed is done again.
"""

import datetime as dt
import json
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from czindustry.postgresql.base import close_connections
from registry import tasks
from registry.choices import Scope, UploadState
from registry.models import RosterUpload, User
from registry.rosters import uploads
from targets.models import Plan, Publication
from targets.services import publishing
from tests import people
from tests.tokens import drawn

Found = TypeVar("Found")

SECONDS_BETWEEN_TRIES = 0.2
DAY = dt.date(2025, 12, 31)


def tell(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def make_world() -> None:
    """The people, and the token of a system that writes."""
    wang = people.clerk_of_the_city()
    people.reviewer_of_the_city()
    _token, text = drawn(wang, Scope.READ_TOTALS, Scope.READ_ENTERPRISES, Scope.WRITE_ENTERPRISES)
    tell(token=text)


def again_until_done(work: Callable[[], Found]) -> Found:
    """Over a database that does not answer."""
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError):
            close_connections()
            time.sleep(SECONDS_BETWEEN_TRIES)


def bring_lists(rows: int) -> None:
    """One list after the other, each looked through and confirmed; told with its names when it is in."""
    wang = again_until_done(lambda: User.objects.get(username="wang"))
    while True:
        # as different from each other as those of a city: of names that are alike a person would be asked
        names = [f"单{uuid.uuid4().hex}" for _row in range(rows)]
        upload = again_until_done(partial(bring, wang, names))
        again_until_done(partial(see_through, upload.pk))
        tell(list=names)


def bring(wang: User, names: list[str]) -> RosterUpload:
    """The same file is brought once, whatever became of the attempt before."""
    file_name = f"{names[0]}.csv"
    found = RosterUpload.objects.filter(file_name=file_name).first()
    if found is None:
        lines = "".join(f"{name},\n" for name in names)
        with transaction.atomic():
            content = f"企业名称,统一社会信用代码\n{lines}".encode()
            found = uploads.receive(by=wang, file_name=file_name, content=content)
            tasks.read_later(found)
    return found


def see_through(pk: int) -> None:
    while True:
        upload = RosterUpload.objects.get(pk=pk)
        if upload.state == UploadState.APPLIED:
            return
        if upload.state == UploadState.PREVIEWED:
            with transaction.atomic():
                look_at(upload)
        elif upload.state == UploadState.UNREADABLE:
            raise RuntimeError(upload.problem)
        time.sleep(SECONDS_BETWEEN_TRIES)


def look_at(upload: RosterUpload) -> None:
    """The first preview knows none of the enterprises: they are to be entered."""
    options = {"create_missing": True}
    if upload.options != options:
        uploads.change(upload, kind="enterprises", sheet=upload.sheet, options=options, chosen={})
        tasks.read_later(upload)
        return
    uploads.confirm(upload, fingerprint=upload.fingerprint, partial=False, reason="每月名单")
    tasks.apply_later(upload)


def publish() -> None:
    """One bulletin after the other is drafted, signed off by a second person, and issued; told when it is out."""
    wang, shen = again_until_done(
        lambda: (User.objects.get(username="wang"), User.objects.get(username="shen"))
    )
    while True:
        draft = again_until_done(
            lambda: publishing.draft(
                plan=Plan.objects.get(), kind="month", day=DAY, by=wang, at=timezone.now()
            )
        )
        again_until_done(partial(bring_out, draft.pk, shen))
        tell(issued=draft.pk)


def bring_out(pk: int, shen: User) -> None:
    """From wherever it stands."""
    publication = Publication.objects.get(pk=pk)
    if publication.signed_at is None:
        publishing.sign_off(publication=publication, by=shen, at=timezone.now())
    if not publication.is_issued:
        publishing.issue(publication=publication, by=shen, at=timezone.now())
