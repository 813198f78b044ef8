"""How fast targets are measured at the volume of a city, beside the least that PostgreSQL needs.

    python -m tests.benchmarks.measuring [--times 1]

200,000 enterprises, 1,000,000 titles of 60 schemes, 1,000,000 yearly figures (`--times 10` for ten times that), the 96
targets of the plan with rules of every feed. The floor is one plain grouped `count(DISTINCT enterprise)` over the
titles, and 96 separate counts through the ORM. Runs in a database made for it and dropped afterwards.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection

from tests.benchmarks.imports import prepare_django, scratch_database

ROUNDS = 5
DAY = dt.date(2025, 12, 31)
BASELINE = dt.date(2020, 12, 31)

# Constraints and triggers cost most of the time of making such volumes, and say nothing about reading them.
VOLUME = """
SET session_replication_role = replica;
SELECT setseed(0.532);
ALTER TABLE registry_designation DROP CONSTRAINT designation_no_overlap;
INSERT INTO registry_district (code, name, short_name, position, version, towns)
  SELECT '3204' || i, '区' || i, '区' || i, i, 1, '{}' FROM generate_series(1, 7) i;
INSERT INTO registry_cluster (code, name, kind, position, version)
  SELECT 'c' || i, 'c' || i, CASE WHEN i <= 10 THEN 'advanced' WHEN i <= 13 THEN 'strategic' ELSE 'chain' END, i, 1
    FROM generate_series(1, 21) i;
INSERT INTO registry_scheme (code, name, counts, item_word, measure_word, grace_months, document, position, version,
                             aliases, term_months)
  SELECT 's' || i, '称号' || i, CASE WHEN i % 6 = 0 THEN 'item' ELSE 'enterprise' END, '车间', '家',
         CASE WHEN i % 5 = 0 THEN 6 ELSE 0 END, '', i, 1, '{}', 36
    FROM generate_series(1, 60) i;
INSERT INTO registry_schemelevel (scheme_id, level, authority, version)
  SELECT id, level, '', 1 FROM registry_scheme, unnest(ARRAY['national', 'provincial', 'municipal']) level;
INSERT INTO registry_enterprise (name, uscc_confirmed, registration_no, district_id, address, legal_form, stock_code,
                                 contact_name, contact_phone, version, founded_on, closed_on)
  SELECT '常州企业' || i || '有限公司', false, '', (SELECT min(id) FROM registry_district) + (i * 7919) % 7, '', '', '',
         '', '', 1, DATE '2005-01-01' + (i % 5000)::int,
         CASE WHEN i % 40 = 0 THEN DATE '2023-01-01' + (i % 1000)::int END
    FROM generate_series(1, {enterprises}::bigint) i;
INSERT INTO registry_membership (enterprise_id, cluster_id, kind, main, role, version)
  SELECT id, (SELECT min(id) FROM registry_cluster) + id % 10, 'advanced', true, 'member', 1
    FROM registry_enterprise WHERE id % 2 = 0
   UNION ALL
  SELECT id, (SELECT min(id) FROM registry_cluster) + 13 + id % 8, 'chain', true,
         CASE WHEN id % 4000 = 0 THEN 'leader' ELSE 'member' END, 1
    FROM registry_enterprise WHERE id % 4 = 0;
INSERT INTO registry_relocation (enterprise_id, day, from_district_id, to_district_id, version)
  SELECT enterprise.id, DATE '2022-01-01' + (enterprise.id % 1800)::int,
         first.id + (district_id - first.id + 1) % 7, district_id, 1
    FROM registry_enterprise enterprise, (SELECT min(id) AS id FROM registry_district) first
   WHERE enterprise.id % 50 = 0;
INSERT INTO registry_designation (scheme_id, level, enterprise_id, item, batch, document, certificate, valid_from,
                                  valid_to, end_reason, end_document, state, return_reason, source, note, version)
  SELECT (SELECT min(id) FROM registry_scheme) + floor(60 * power(random(), 2))::int,
         (ARRAY['national', 'provincial', 'provincial', 'municipal'])[1 + floor(random() * 4)::int],
         (SELECT min(id) FROM registry_enterprise) + floor({enterprises} * power(random(), 1.5))::int,
         CASE WHEN random() < 0.1 THEN '车间' || (i % 5) ELSE '' END, '第' || (i % 9) || '批', '', '', day,
         CASE WHEN random() < 0.8 THEN day + 1094 END, '', '',
         CASE WHEN random() < 0.97 THEN 'confirmed' ELSE 'announced' END, '', '', '', 1
    FROM (SELECT i, DATE '2018-01-01' + floor(random() * 2900)::int AS day FROM generate_series(1, {titles}) i) titles;
INSERT INTO registry_annualfigures (enterprise_id, year, revenue, output, employees, invention_patents, source, version)
  SELECT id, year, revenue, revenue, 100, 3, '', 1
    FROM (SELECT id, (1000 * exp(random() * 6))::numeric(18, 4) AS revenue FROM registry_enterprise) enterprises,
         generate_series(2021, 2025) year;
SET session_replication_role = origin;
"""

FLOOR = """
    SELECT scheme_id, level, count(DISTINCT enterprise_id) FROM registry_designation
     WHERE state = 'confirmed' AND valid_from <= '2025-12-31' AND (valid_to IS NULL OR valid_to >= '2025-12-31')
     GROUP BY scheme_id, level
"""


def main() -> None:
    times = read_arguments().times
    prepare_django()
    with scratch_database():
        make_volume(times)
        report(times)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=1)
    return parser.parse_args()


def make_volume(times: int) -> None:
    with connection.cursor() as cursor:
        numbers = {"{enterprises}": str(200_000 * times), "{titles}": str(1_000_000 * times)}
        sql = VOLUME
        for name, number in numbers.items():
            sql = sql.replace(name, number)
        cursor.execute(sql)
        cursor.execute("VACUUM ANALYZE")
    from registry import state

    state.touch()  # no trigger saw this


def report(times: int) -> None:
    from registry import state
    from targets.measure import contributors, measure, memory
    from targets.measure.records import Window

    specs = make_specs()
    largest = next(spec for spec in specs if spec.schemes)
    floor = median(lambda: query(FLOOR))
    rows = [
        ("floor: one grouped count(DISTINCT)", floor),
        ("96 separate ORM counts", median(orm_counts, rounds=1)),
        (f"all {len(specs)} targets: city, areas, clusters", median(lambda: measure(specs, DAY), forget)),
        ("the same, one title changed since", median(lambda: measure(specs, DAY), change_a_title)),
        ("the same, remembered by another process", median(lambda: measure(specs, DAY), memory.RECENT.clear)),
        ("the same, remembered by this process", median(lambda: measure(specs, DAY))),
        ("the state of the facts", median(state.read)),
        ("one target of titles", median(lambda: measure([largest], DAY), forget)),
        ("its contributors, first page of 50", median(lambda: contributors(largest, DAY, Window(limit=50)))),
    ]
    sys.stdout.write(f"{200_000 * times:,} enterprises, {1_000_000 * times:,} titles and yearly figures\n")
    for name, milliseconds in rows:
        sys.stdout.write(f"{name:<44}{milliseconds:>10.1f} ms{milliseconds / floor:>8.2f} × floor\n")


def forget() -> None:
    """As if nobody had asked before."""
    from django.core.cache import caches

    from targets.measure import memory

    memory.RECENT.clear()
    caches["answers"].clear()


def change_a_title() -> None:
    query(
        "UPDATE registry_designation SET note = note || '.' WHERE id = (SELECT min(id) FROM registry_designation)"
    )


def median(work: Callable[[], Any], before: Callable[[], Any] = lambda: None, rounds: int = ROUNDS) -> float:
    """Milliseconds, after one run that nobody counts; what comes before each run is not counted either."""
    spent = []
    for _ in range(rounds + 1):
        before()
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent[1:])


def query(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        if cursor.description:
            cursor.fetchall()


def orm_counts() -> None:
    from registry.models import Designation, Scheme

    schemes = list(Scheme.objects.order_by("pk"))
    for number in range(96):
        titles = Designation.objects.valid_on(DAY).filter(scheme=schemes[number % 60], level="national")
        titles.values("enterprise").distinct().count()


def make_specs() -> list[Any]:
    """96 rules in the proportions of the plan: titles of every feed and level, sums, bands, a ratio, leaders."""
    from registry.models import Cluster, Scheme
    from targets.choices import Feed
    from targets.rules import ClusterTerm, SchemeTerm, Spec

    specs: list[Spec] = []

    def add(feed: Feed, unit: str = "家", **fields: Any) -> None:
        specs.append(Spec(f"{len(specs)}.{feed}", feed, unit, BASELINE, **fields))

    levels = [{"level": "national"}, {"level": "provincial"}, {"level": "provincial", "at_least": True}]
    feeds = [Feed.STOCK, Feed.STOCK, Feed.NEW, Feed.YEARLY]
    schemes = list(Scheme.objects.order_by("pk"))
    for number in range(75):
        scheme = schemes[number % 60]
        term = SchemeTerm(scheme.pk, scheme.name, ("national", "provincial"), scheme.counts)
        add(feeds[number % 4], schemes=(term,), unit=scheme.counts, **levels[number % 3])
    for cluster in Cluster.objects.filter(kind="advanced"):
        term = ClusterTerm(cluster.pk, cluster.name, cluster.kind)
        add(Feed.SUM, "亿元", figure="revenue", clusters=(term,))
    for kind in ("strategic", "chain"):
        add(Feed.SUM, "亿元", figure="revenue", cluster_kind=kind)
    add(Feed.RATIO, "%", figure="revenue", cluster_kind="chain", denominator_kind="advanced")
    add(Feed.CLUSTERS_OVER, figure="revenue", cluster_kind="advanced", lower=Decimal(3000))
    for lower, upper in ((100, 500), (500, 1000), (1000, 2000), (2000, None)):
        add(Feed.BAND, figure="revenue", lower=Decimal(lower), upper=upper and Decimal(upper))
    add(Feed.SUM, "件", figure="invention_patents")
    add(Feed.LEAST, cluster_kind="chain", role="leader")
    add(Feed.MULTIPLE, "倍", schemes=specs[0].schemes, level="national")
    return specs


if __name__ == "__main__":
    main()
