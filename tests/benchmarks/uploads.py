"""How long a list takes on its way through admin: preview, a page of it, applying, undo.

    python -m tests.benchmarks.uploads [--enterprises 200000] [--titles 50000]

The same list of titles as for `imports`, onto the same enterprises, in a database made for it and dropped
afterwards. The work of the worker is measured in this process, with its progress written as the worker does.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks import imports

PAGES = 20


def timed(name: str, work: Callable[[], Any]) -> None:
    start = time.perf_counter()
    work()
    sys.stdout.write(f"{name:46}{time.perf_counter() - start:>7.2f} s\n")


def main() -> None:
    arguments = imports.read_arguments()
    imports.prepare_django()
    with imports.scratch_database(), tempfile.TemporaryDirectory() as folder:
        imports.seed(arguments.enterprises)
        titles = list(imports.make_titles(arguments.titles))
        through_admin(imports.write_workbook(titles, Path(folder) / "titles.xlsx"))


def through_admin(path: Path) -> None:
    # only now: they need Django's settings
    from django.test import Client
    from django.urls import reverse

    from registry import jobs
    from registry.models import Roster, RosterUpload, User
    from registry.rosters import service, uploads

    wang = User.objects.create_superuser("wang", password=None)
    upload = uploads.receive(by=wang, file_name=path.name, content=path.read_bytes())
    RosterUpload.objects.update(kind="designations", options={"scheme": "bench", "level": "provincial"})

    def work(step: Callable[..., None]) -> None:
        with jobs.Progress(upload.pk, lambda: False) as tell:
            step(upload.pk, tell=tell)

    timed(f"preview of {path.name}, kept as rows", lambda: work(uploads.read))
    upload.refresh_from_db()
    assert upload.counts["created"], upload.problem
    client = Client(headers={"host": "localhost"})
    client.force_login(wang)
    address = reverse("admin:registry_roster_upload_show", args=[upload.pk])
    last = upload.rows.count() // 50
    seconds = []
    for number in range(PAGES + 1):
        start = time.perf_counter()
        assert client.get(address, {"page": 1 + number * last // PAGES}).status_code == 200
        seconds.append(time.perf_counter() - start)
    # the first one loads templates
    sys.stdout.write(f"{'a page of the preview, median of 20':46}{statistics.median(seconds[1:]):>7.3f} s\n")
    uploads.confirm(upload, fingerprint=upload.fingerprint, partial=False, reason="")
    timed("applying", lambda: work(uploads.apply))
    roster = Roster.objects.get()
    timed("preview of the undo", lambda: service.preview_undo(roster))
    timed("undo", lambda: service.undo_list(roster, by=wang, reason="benchmark"))


if __name__ == "__main__":
    main()
