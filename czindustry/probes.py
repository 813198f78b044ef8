"""What an operator's machines ask: does it live, can it serve, how does it do. Answered before all else of the site.

Neither the name of the host nor https is asked for, as a balancer comes by number and by http. `/metrics` is for the
addresses of CZINDUSTRY_METRICS_FROM alone, and so is why `/readyz` says no.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from czindustry import logs
from czindustry.replicas import REPLICAS
from czindustry.security.addresses import address_of

SECONDS = Histogram(
    "czindustry_request_seconds",
    "Time to answer, by page",
    ("view", "method"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 0.7, 1, 2.5, 5, 10),
)
ANSWERED = Counter(
    "czindustry_requests", "Requests answered, by page and status", ("view", "method", "status")
)
RETRY_AFTER = 5
# Told of the database at the moment of asking: by name, what it is and the statement.
TOLD = {
    "czindustry_jobs_waiting": (
        "Jobs that wait for the worker",
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'",
    ),
    "czindustry_jobs_failed": (
        "Jobs that failed",
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    ),
    "czindustry_webhooks_paused": (
        "Webhooks that were paused",
        "SELECT count(*) FROM registry_webhook WHERE paused",
    ),
    "czindustry_failed_sign_ins": (
        "Names and addresses whose failed sign-ins are remembered",
        "SELECT count(*) FROM axes_accessattempt",
    ),
    "czindustry_audit_events": (
        "The last position of the audit chain",
        "SELECT coalesce(max(position), 0) FROM security_auditseal",
    ),
    "czindustry_wal_not_kept_bytes": (
        "WAL that the server keeps because it has not arrived where it is archived",
        "SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0) "
        "FROM pg_replication_slots WHERE slot_name = 'czindustry'",
    ),
    "czindustry_database_bytes": ("Size of the database", "SELECT pg_database_size(current_database())"),
    "czindustry_database_connections": (
        "Connections to the database",
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
    ),
}


class ProbesMiddleware:
    """Outermost but for the address: the three pages; of all others the time that they take, as number and in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = PAGES.get(request.path_info)
        if page is not None and request.method in ("GET", "HEAD"):
            return page(request)
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        logs.tell(request, response, seconds)
        match = request.resolver_match
        view = match.view_name if match is not None and match.view_name else "-"
        method = request.method if request.method in METHODS else "-"
        SECONDS.labels(view, method).observe(seconds)
        ANSWERED.labels(view, method, response.status_code).inc()
        return response


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def lives(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


class Ready:
    """Whether this process can serve: the database answers, and has the tables that the program expects."""

    def __init__(self) -> None:
        # of a program that runs the tables only grow: asked until they are there once
        self.migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        problem = self.problem()
        if problem:
            # what a database says names hosts and accounts
            told = {"ready": False, "problem": problem if is_operator(request) else "database"}
            return JsonResponse(told, status=503, headers={"Retry-After": str(RETRY_AFTER)})
        return JsonResponse({"ready": True})

    def problem(self) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not self.migrated:
                executor = MigrationExecutor(connection)
                self.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            return f"database: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        finally:
            give_back()
        return "" if self.migrated else "database: migrations are missing, run manage.py migrate"


def give_back() -> None:
    """These pages are answered outside what Django takes for a request: the connection goes back to the pool here."""
    if not connection.in_atomic_block:
        with suppress(DatabaseError):
            connection.close()


def is_operator(request: HttpRequest) -> bool:
    return address_of(request) in settings.METRICS_FROM


def metrics(request: HttpRequest) -> HttpResponse:
    if not is_operator(request):
        return HttpResponse("403\n", status=403, content_type="text/plain")
    registry = CollectorRegistry()
    if settings.METRICS_FOLDER:
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(SECONDS)
        registry.register(ANSWERED)
    tell_of_database(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def tell_of_database(registry: CollectorRegistry) -> None:
    """A database that does not answer is a number as well."""
    tell_of_replicas(registry)
    up = Gauge("czindustry_database_up", "Whether the database answers", registry=registry)
    try:
        with connection.cursor() as cursor:
            for name, (words, statement) in TOLD.items():
                cursor.execute(statement)
                Gauge(name, words, registry=registry).set(cursor.fetchone()[0])
    except DatabaseError:
        up.set(0)
    else:
        up.set(1)
    finally:
        give_back()


def tell_of_replicas(registry: CollectorRegistry) -> None:
    up = Gauge("czindustry_replica_up", "Whether a replica answers", ("replica",), registry=registry)
    behind = Gauge(
        "czindustry_replica_behind_bytes",
        "WAL of the database that a replica has not replayed",
        ("replica",),
        registry=registry,
    )
    for replica in REPLICAS:
        up.labels(replica.alias).set(replica.answers())
        missing = replica.bytes_behind()
        if missing is not None:
            behind.labels(replica.alias).set(missing)


PAGES: dict[str, Any] = {"/healthz": lives, "/readyz": Ready(), "/metrics": metrics}
