"""A real worker in a process of its own: killed in the midst, it leaves nothing half-applied, and another goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from registry import jobs, tasks
from registry.models import Designation, Enterprise, Roster, RosterUpload, User
from registry.rosters import uploads
from registry.rosters.tables import LOCK
from tests import factories as make
from tests.connections import Other, another
from tests.people import clerk_of_the_city
from tests.registry.rosters.files import text

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 300
PATIENCE = 60
# The worker of `manage.py run_worker`, before the database of the tests, and without what it does by the clock: each
# minute, so that a test would find other jobs in the queue if it lay on the border of two.
PROGRAM = """
import django
from django.db import connections
django.setup()
connections.databases["default"]["NAME"] = {name!r}
from procrastinate.contrib.django import app
from registry import worker
app.periodic_registry.periodic_tasks.clear()
worker.run(wait={wait})
"""


class Worker:
    """A worker process."""

    def __init__(self, *, wait: bool) -> None:
        program = PROGRAM.format(name=connection.settings_dict["NAME"], wait=wait)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "czindustry.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, start_new_session=True
        )

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def finish(self) -> int:
        return self.process.wait(PATIENCE)


@pytest.fixture(autouse=True)
def _no_jobs_of_other_tests() -> Iterator[None]:
    empty_queue()
    yield
    empty_queue()


def empty_queue() -> None:
    """The tables of the queue are not Django's, so no test empties them by itself."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def workers() -> Iterator[Any]:
    with ExitStack() as ended:

        def start(*, wait: bool = True) -> Worker:
            worker = Worker(wait=wait)
            ended.callback(worker.process.kill)
            return worker

        yield start


@pytest.fixture
def wang() -> User:
    return clerk_of_the_city()


@pytest.fixture
def upload(wang: User) -> RosterUpload:
    """Hundreds of titles, previewed and confirmed, waiting for a worker."""
    make.scheme()
    area = make.district()
    Enterprise.objects.bulk_create(
        Enterprise(name=f"第{number}机械有限公司", district=area) for number in range(COUNT)
    )
    rows = [["企业名称", "认定日期"], *([f"第{number}机械有限公司", "2023-03-17"] for number in range(COUNT))]
    made = uploads.receive(by=wang, file_name="名单.csv", content=text(rows))
    options = {"scheme": "green_factory", "level": "provincial"}
    RosterUpload.objects.update(kind="designations", options=options)
    uploads.read(made.pk)
    made.refresh_from_db()
    assert made.counts["created"] == COUNT, made.problem
    uploads.confirm(made, fingerprint=made.fingerprint, partial=False, reason="")
    tasks.apply_later(made)
    return made


def until(other: Other, sql: str, *parameters: Any) -> None:
    """Wait within the database until something is so."""
    other.run(
        f"""
        DO $$ BEGIN
            FOR _ IN 1..{PATIENCE * 20} LOOP
                IF {sql} THEN RETURN; END IF;
                PERFORM pg_sleep(0.05);
                -- a new look at what others have done
                PERFORM pg_stat_clear_snapshot();
            END LOOP;
            RAISE EXCEPTION 'it never came to be: {sql.replace("'", '"')}';
        END $$"""
        % parameters
    )
    other.rollback()


def kept_from_finishing(other: Other) -> None:
    """Somebody holds the table of titles: the worker has written its rows, and waits."""
    other.run("LOCK TABLE registry_designation IN SHARE MODE")


WRITING = (
    "EXISTS (SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
    "WHERE NOT granted AND relname = 'registry_designation')"
)


def sign_of_life_is_old() -> None:
    """As if time had passed since the worker was killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s)",
            [jobs.SECONDS_TO_BE_DEAD + 1],
        )


def test_a_killed_worker_leaves_nothing_and_the_next_one_finishes(upload: RosterUpload, workers: Any) -> None:
    with another() as somebody, another() as looking:
        kept_from_finishing(somebody)
        first = workers()
        until(looking, WRITING)
        assert looking.run("SELECT step FROM registry_rosterupload")[0][0] in ("writing", "finishing")
        looking.rollback()
        first.kill()
    assert not Roster.objects.exists()
    assert not Designation.objects.exists()
    job = ProcrastinateJob.objects.get()
    assert job.status == "doing", "nobody has told the queue"
    sign_of_life_is_old()
    assert workers(wait=False).finish() == 0
    upload.refresh_from_db()
    assert upload.state == "applied"
    assert Designation.objects.count() == COUNT
    assert Roster.objects.count() == 1


def test_a_worker_that_is_stopped_finishes_or_leaves_all_of_it(upload: RosterUpload, workers: Any) -> None:
    with another() as somebody, another() as looking:
        somebody.run("SELECT pg_advisory_xact_lock(%s)", LOCK)
        worker = workers()
        until(looking, f"EXISTS (SELECT FROM pg_locks WHERE NOT granted AND objid = {LOCK})")
        worker.process.terminate()
    assert worker.finish() == 0
    upload.refresh_from_db()
    is_in = upload.state == "applied"
    assert Designation.objects.count() == (COUNT if is_in else 0)
    assert ProcrastinateJob.objects.filter(status="todo").exists() == (not is_in)


def test_work_stops_when_its_worker_is_to_stop(upload: RosterUpload) -> None:
    stopping: Any = SimpleNamespace(should_abort=lambda: True, job=SimpleNamespace(attempts=0))
    with pytest.raises(jobs.Interrupted) as stopped:
        tasks.apply_list.func(stopping, upload.pk)
    again = tasks.AGAIN.get_retry_decision(exception=stopped.value, job=stopping.job)
    assert again is not None, "the next worker takes it up"
    upload.refresh_from_db()
    assert upload.state == "applying"
    assert not Roster.objects.exists()


def test_a_lost_database_connection_is_no_loss(upload: RosterUpload, workers: Any) -> None:
    with another() as somebody, another() as looking:
        kept_from_finishing(somebody)
        worker = workers()
        until(looking, WRITING)
        somebody.run(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted "
            "AND relation = 'registry_designation'::regclass"
        )
        somebody.rollback()
        until(looking, "EXISTS (SELECT FROM registry_rosterupload WHERE state = 'applied')")
        assert worker.stop() == 0
    assert Designation.objects.count() == COUNT
    assert Roster.objects.count() == 1


def test_a_job_that_kills_every_worker_is_given_up(upload: RosterUpload, workers: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = NULL",
            [jobs.MOST_RETRIES],
        )
    assert workers(wait=False).finish() == 0
    upload.refresh_from_db()
    assert upload.state == "previewed"
    assert "多次中断" in upload.problem
    assert not Roster.objects.exists()
    assert ProcrastinateJob.objects.get().status == "failed"


def test_a_deferred_job_goes_with_its_transaction(wang: User) -> None:
    class Undone(Exception):
        pass

    def bring() -> None:
        with transaction.atomic():
            tasks.read_later(uploads.receive(by=wang, file_name="a.csv", content=b"x"))
            raise Undone

    with pytest.raises(Undone):
        bring()
    assert not ProcrastinateJob.objects.exists()
    assert not RosterUpload.objects.exists()
