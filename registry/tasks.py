"""The work that people do not wait for; procrastinate finds these by the name of the module."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from registry import jobs
from registry.models import RosterUpload
from registry.rosters import uploads

QUEUE = "lists"
# The database went away, or this process is to stop: nothing is written, so the work may begin anew.
PASSING = (OperationalError, InterfaceError, jobs.Interrupted)
AGAIN = RetryStrategy(max_attempts=jobs.MOST_RETRIES, wait=2, retry_exceptions=PASSING)


def read_later(upload: RosterUpload) -> None:
    """Make the preview in the background; within a transaction, only if that is committed."""
    _defer(upload, read_list.configure().defer(upload=upload.pk))


def apply_later(upload: RosterUpload) -> None:
    _defer(upload, apply_list.configure().defer(upload=upload.pk))


def _defer(upload: RosterUpload, job: int) -> None:
    RosterUpload.objects.filter(pk=upload.pk).update(job=job)


@app.task(name="registry.read_list", queue=QUEUE, retry=AGAIN, pass_context=True)
def read_list(context: JobContext, upload: int) -> None:
    _work(context, upload, uploads.read)


# one list after the other: the second waits in the queue, and not within a transaction
@app.task(name="registry.apply_list", queue=QUEUE, lock="apply_list", retry=AGAIN, pass_context=True)
def apply_list(context: JobContext, upload: int) -> None:
    _work(context, upload, uploads.apply)


def _work(context: JobContext, upload: int, work: Callable[..., None]) -> None:
    """Do it, and if it cannot be done, say so where the person looks."""
    try:
        with jobs.Progress(upload, context.should_abort) as tell:
            work(upload, tell=tell)
    except PASSING:
        if context.job.attempts >= jobs.MOST_RETRIES:
            uploads.give_up(upload, jobs.interrupted())
        raise
    except Exception:
        uploads.give_up(
            upload, _("An error of the programme: nothing was imported. Tell those who run the site.")
        )
        raise
