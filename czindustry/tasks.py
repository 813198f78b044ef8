"""What the worker does for the site itself: at night, and to the trail each minute."""

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from czindustry import backups, wal
from czindustry.security import chain, trail
from czindustry.security.choices import Action

QUEUE = "nightly"


@app.periodic(cron="30 2 * * *")
@app.task(name="czindustry.backup", queue=QUEUE, lock="backup")
def backup(timestamp: int) -> None:
    """A backup, where a folder for them is set; kept in the trail."""
    if settings.BACKUPS:
        made = backups.make(Path(settings.BACKUPS), key=settings.BACKUP_KEY, keep=settings.BACKUPS_KEPT)
        trail.note(Action.BACKUP, None, subject=made.file, rows=made.rows, sha256=made.sha256)


@app.periodic(cron="* * * * *")
@app.task(name="czindustry.seal_trail", queue=QUEUE, lock="seal_trail", queueing_lock="seal_trail")
def seal_trail(timestamp: int) -> None:
    """What was noted by a transaction that could not seal it, where nobody has noted anything since."""
    chain.seal_waiting()


@app.periodic(cron="30 1 * * 0")
@app.task(name="czindustry.base_backup", queue=QUEUE, lock="backup")
def base_backup(timestamp: int) -> None:
    """A copy of the whole server, where all that it writes is kept; once a week."""
    if settings.WAL:
        trail.note(Action.BACKUP, None, subject=wal.make_base(wal.folder_set()).path.name)


@app.periodic(cron="30 3 * * 0")
@app.task(name="czindustry.archive_trail", queue=QUEUE, lock="archive_trail")
def archive_trail(timestamp: int) -> None:
    """What is older than must be kept leaves the database for files, once a week."""
    before = timezone.now() - dt.timedelta(days=settings.TRAIL_DAYS)
    chain.archive(before, settings.VAR_DIR / "trail")
