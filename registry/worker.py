"""The worker: does the jobs of the queue, and takes up those that a dead worker left."""

import asyncio
import itertools
import logging

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.utils import utcnow

from registry import jobs
from registry.feed import webhooks
from registry.rosters import uploads

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_ROUNDS = 3
ROUNDS_BETWEEN_TIDYING = 1_200
SECONDS_BETWEEN_SENDING = 2
SECONDS_TO_FINISH = 3
CONCURRENCY = 2


def run(*, wait: bool = True) -> None:
    """Work until told to stop; with `wait` false, until nothing is left to do."""
    asyncio.run(_run(wait))


async def _run(wait: bool) -> None:
    connector = await sync_to_async(app.connector.get_worker_connector)()  # type: ignore[attr-defined]
    assert isinstance(connector, PsycopgConnector)
    with app.replace_connector(connector) as working:
        async with working.open_async():
            await take_up_left(working)
            await tidy(working)
            besides = [asyncio.create_task(one) for one in (_rounds(working), _webhooks())] if wait else []
            try:
                await working.run_worker_async(
                    wait=wait,
                    concurrency=CONCURRENCY,
                    delete_jobs="successful",
                    update_heartbeat_interval=jobs.SECONDS_BETWEEN_SIGNS,
                    stalled_worker_timeout=jobs.SECONDS_TO_BE_DEAD,
                    shutdown_graceful_timeout=SECONDS_TO_FINISH,
                )
            finally:
                for one in besides:
                    one.cancel()


async def tidy(working: App) -> None:
    """Throw away lists that nobody came back to, and jobs that failed long ago."""
    await sync_to_async(_tidy_lists)()
    hours = uploads.DAYS_KEPT * 24
    await working.job_manager.delete_old_jobs(hours, include_failed=True, include_aborted=True)


def _tidy_lists() -> None:
    uploads.tidy()
    webhooks.tidy(utcnow())
    close_old_connections()


async def _webhooks() -> None:
    """In a thread of its own: a system that answers late holds up no list."""
    stopping = False

    def send() -> None:
        try:
            webhooks.send_due(utcnow, lambda: stopping)
        finally:
            connections.close_all()

    try:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_SENDING)
            try:
                await sync_to_async(send, thread_sensitive=False)()
            except (DatabaseError, InterfaceError):
                logger.warning("The database does not answer; looking again for changes to send.")
    finally:
        stopping = True


async def _rounds(working: App) -> None:
    for number in itertools.count(1):
        await asyncio.sleep(SECONDS_BETWEEN_ROUNDS)
        try:
            await take_up_left(working)
            if number % ROUNDS_BETWEEN_TIDYING == 0:
                await tidy(working)
        except (ConnectorException, DatabaseError, InterfaceError):
            logger.warning("The database does not answer; looking again for jobs that were left.")


async def take_up_left(working: App) -> None:
    """Jobs whose worker gives no sign of life begin anew; each is written to do its work once."""
    manager = working.job_manager
    await manager.prune_stalled_workers(jobs.SECONDS_TO_BE_DEAD)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=jobs.SECONDS_TO_BE_DEAD):
        if job.attempts >= jobs.MOST_RETRIES:
            await _give_up(working, job)
        else:
            await manager.retry_job(job, retry_at=utcnow())


async def _give_up(working: App, job: Job) -> None:
    await working.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    upload = job.task_kwargs.get("upload")
    if isinstance(upload, int):
        await sync_to_async(uploads.give_up)(upload, jobs.interrupted())
        await sync_to_async(close_old_connections)()
