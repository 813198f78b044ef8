"""How fast targets are measured at the volume of a city, each beside the least that PostgreSQL needs.

    python -m tests.benchmarks.measuring [--times 10]

The 96 targets of the plan, in its proportions of feeds, over the volume of `tests.benchmarks.volume` (with `--times`
so many times that). The floor is one plain grouped `count(DISTINCT enterprise)` over the titles; beside it stand a raw
COPY of the titles, and the targets counted one by one through the ORM: the city alone, and with areas and clusters,
which is what the 96 targets tell. Runs in a database made for it and dropped afterwards.
"""

import argparse
import datetime as dt
import resource
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, Q, Sum
from django.utils import timezone

from tests.benchmarks.imports import prepare_django, scratch_database
from tests.benchmarks.volume import make_volume

ROUNDS = 7
DAY = dt.date(2025, 12, 31)
A_YEAR_BEFORE = dt.date(2024, 12, 31)
BASELINE = dt.date(2020, 12, 31)
# What is corrected after the moment whose knowledge is asked for.
CORRECTED = 1_000

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
        sys.stdout.write(
            f"{200_000 * times:,} enterprises, {1_000_000 * times:,} titles and yearly figures\n"
        )
        Report().run()


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=1)
    return parser.parse_args()


class Report:
    """Prints each measurement with its ratio to what it is held against."""

    def __init__(self) -> None:
        self.specs = make_specs()
        self.moment = timezone.now()
        self.taken: dict[str, float] = {}

    def run(self) -> None:
        self.whole_plan()
        self.overlaps()
        correct_some()
        self.one_target()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"peak memory of this process: {peak:,.0f} MB\n")

    def whole_plan(self) -> None:
        from registry import state
        from targets.measure import measure

        floor = "floor: one grouped count(DISTINCT)"
        whole = "96 targets, all facts read anew"
        self.tell(floor, lambda: query(FLOOR))
        self.tell("floor: raw COPY of the titles", copy_out, beside=floor)
        self.tell(whole, forgetting(lambda: measure(self.specs, DAY)), beside=floor)
        of_a_day = "96 targets on a day nobody has asked about"
        self.tell(of_a_day, forgetting_answers(lambda: measure(self.specs, DAY)), beside=floor)
        moved = moving(lambda: measure(self.specs, DAY))
        self.tell("96 targets after an enterprise has moved", moved, beside=floor)
        self.tell("96 ORM counts, city alone", lambda: orm_counts(self.specs), rounds=2, beside=whole)
        self.tell(
            "96 ORM counts of city, areas and clusters",
            lambda: orm_counts(self.specs, everywhere=True),
            rounds=2,
            beside=whole,
        )
        self.tell("96 targets, remembered in the process", lambda: measure(self.specs, DAY))
        self.tell("96 targets, remembered by another process", from_others(lambda: measure(self.specs, DAY)))
        self.tell("state of the facts", state.read)
        self.tell("96 targets after one title has changed", self.after_a_change, beside=whole)

    def after_a_change(self) -> None:
        """The change itself is not measured: it is made before each round, see `tell`."""
        from targets.measure import measure

        measure(self.specs, DAY)

    def overlaps(self) -> None:
        from targets.measure.overlaps import counts_enterprises, enterprises, matrix, overlap
        from targets.measure.records import Window

        counting = [spec for spec in self.specs if counts_enterprises(spec)]
        one, other = self.specs[:2]
        self.tell("what two targets have in common, by area", lambda: overlap(one, other, DAY))
        window = Window(limit=50)
        self.tell("the enterprises in both, page of 50", lambda: enterprises(one, other, DAY, window=window))
        self.tell(f"all pairs of {len(counting)} targets", lambda: matrix(counting, DAY), rounds=2)

    def one_target(self) -> None:
        from registry.past import as_known_at
        from targets.measure import contributors, measure, measure_on
        from targets.measure.bridge import bridge
        from targets.measure.records import Window

        spec = self.largest()
        reading = "the largest target of titles"
        questions: dict[str, Callable[[], Any]] = {
            reading: forgetting(lambda: measure([spec], DAY)),
            "its series of 60 months": forgetting(lambda: measure_on([spec], months())),
            "its bridge over a year": forgetting(lambda: bridge(spec, A_YEAR_BEFORE, DAY)),
            "its contributors, page of 50": lambda: contributors(spec, DAY, Window(limit=50)),
            "the same, its number not remembered": forgetting(
                lambda: contributors(spec, DAY, Window(limit=50))
            ),
        }
        for name, ask in questions.items():
            self.tell(name, ask, beside=reading)
        for name, ask in questions.items():

            def ask_then(ask: Callable[[], Any] = ask) -> None:
                with as_known_at(self.moment):
                    ask()

            self.tell(f"{name}, known_at", ask_then, beside=name)

    def largest(self) -> Any:
        """The target of titles that counts most."""
        from targets.measure import measure
        from targets.rules import TITLES

        readings = measure(self.specs, DAY)
        counted = [spec for spec in self.specs if spec.feed in TITLES]
        return max(counted, key=lambda spec: readings[spec.code].registry.value or 0)

    def tell(self, name: str, work: Callable[[], Any], *, beside: str = "", rounds: int = ROUNDS) -> None:
        before = change_a_title if work == self.after_a_change else None
        milliseconds = self.taken[name] = median(work, rounds=rounds, before=before)
        ratio = f"{milliseconds / self.taken[beside]:>8.2f} × {beside}" if beside else ""
        sys.stdout.write(f"{name:<48}{milliseconds:>10.1f} ms{ratio}\n")
        sys.stdout.flush()


def median(
    work: Callable[[], Any], *, rounds: int = ROUNDS, before: Callable[[], Any] | None = None
) -> float:
    """Milliseconds, after one run that nobody counts."""
    spent = []
    for _ in range(rounds + 1):
        if before:
            before()
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent[1:])


# What is measured


def forgetting(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same where all facts have to be read: all of them count as changed."""
    from registry import state

    def ask() -> None:
        state.touch()
        work()

    return ask


def forgetting_answers(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same for a day that nobody has asked about: no answer is remembered; the facts are where they were read."""
    from django.core.cache import caches

    from targets.measure.memory import RECENT, SHARED

    def ask() -> None:
        RECENT.clear()
        caches[SHARED].clear()
        work()

    return ask


def moving(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same after an enterprise has moved or closed: no answer holds, and all enterprises are read anew."""
    from registry import state

    return changing(state.ENTERPRISES, work)


def renaming(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same after an area, a cluster or a kind of title has got another name: no answer holds."""
    from registry import state

    return changing(state.REFERENCE, work)


def changing(part: str, work: Callable[[], Any]) -> Callable[[], Any]:
    def ask() -> None:
        query(f"INSERT INTO registry_partchange (part) VALUES ('{part}') RETURNING id")
        work()

    return ask


def from_others(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same as a process asks that has just begun: answers come from the shared store."""
    from targets.measure.memory import RECENT

    def ask() -> None:
        RECENT.clear()
        work()

    return ask


def change_a_title() -> None:
    query(
        "UPDATE registry_designation SET batch = batch || '+' WHERE id = "
        "(SELECT id FROM registry_designation WHERE scheme_id = (SELECT max(id) FROM registry_scheme) LIMIT 1) "
        "RETURNING id"
    )


def correct_some() -> None:
    """Changes after the moment that `known_at` asks about."""
    query(
        f"UPDATE registry_designation SET document = '更正' WHERE id % (SELECT count(*) / {CORRECTED} "
        "FROM registry_designation) = 0 RETURNING id"
    )


def query(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.fetchall()


def copy_out() -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY registry_designation TO STDOUT (FORMAT binary)") as rows,
    ):
        for _ in rows:
            pass


def months() -> list[dt.date]:
    return [
        dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
        for year in range(2021, 2026)
        for month in range(1, 13)
    ]


# What a developer would write for each target without thinking of the others


def orm_counts(specs: list[Any], *, everywhere: bool = False) -> None:
    """Each target by itself; `everywhere` also by area and by main cluster, with two more questions each."""
    from targets.choices import Feed

    ways = {
        Feed.BAND: orm_band,
        Feed.SUM: orm_sum,
        Feed.RATIO: orm_ratio,
        Feed.CLUSTERS_OVER: orm_clusters_over,
        Feed.LEAST: orm_least,
    }
    for spec in specs:
        ways.get(spec.feed, orm_titles)(spec, everywhere)


def orm_titles(spec: Any, everywhere: bool) -> None:
    from registry.models import Designation
    from targets.rules import TITLES

    titles = Designation.objects.filter(
        scheme__in=[term.id for term in spec.schemes], level__in=spec.levels, state="confirmed"
    )
    holder = ["enterprise"] if spec.unit == "enterprise" else ["enterprise", "item"]
    if spec.feed in TITLES[1:]:
        after = spec.starts_on if spec.feed == "new" else A_YEAR_BEFORE
        firsts = titles.filter(valid_from__lte=DAY).values(*holder).annotate(first=Min("valid_from"))
        counted = firsts.filter(first__gt=after)
    else:
        counted = titles.valid_on(DAY).values(*holder).distinct()
    counted.count()
    if everywhere:
        orm_places(counted.values("enterprise"))


def orm_places(enterprises: Any) -> None:
    """How many of some enterprises are in each area and in each main cluster."""
    from registry.models import Enterprise, Membership

    there = Enterprise.objects.filter(pk__in=enterprises).with_district_on(DAY).order_by()
    list(there.values("district_then").annotate(number=Count("pk")))
    members = Membership.objects.on(DAY).filter(main=True, enterprise__in=enterprises).order_by()
    list(members.values("cluster").annotate(number=Count("enterprise")))


def of_figures(spec: Any, **members: Any) -> Any:
    from registry.models import AnnualFigures

    there = Q(enterprise__closed_on__isnull=True) | Q(enterprise__closed_on__gt=DAY)
    main = {"enterprise__memberships__main": True, **members} if members else {}
    return AnnualFigures.objects.filter(there, year=DAY.year, **main).order_by()


def orm_sums(figures: Any, spec: Any, everywhere: bool) -> None:
    figures.aggregate(total=Sum(spec.figure))
    if everywhere:
        for place in ("enterprise__district", "enterprise__memberships__cluster"):
            list(figures.values(place).annotate(total=Sum(spec.figure)))


def orm_sum(spec: Any, everywhere: bool) -> None:
    members = {}
    if spec.clusters:
        members["enterprise__memberships__cluster__in"] = [term.id for term in spec.clusters]
    if spec.cluster_kind:
        members["enterprise__memberships__kind"] = spec.cluster_kind
    orm_sums(of_figures(spec, **members), spec, everywhere)


def orm_ratio(spec: Any, everywhere: bool) -> None:
    for kind in (spec.cluster_kind, spec.denominator_kind):
        orm_sums(of_figures(spec, enterprise__memberships__kind=kind), spec, everywhere)


def orm_clusters_over(spec: Any, everywhere: bool) -> None:
    figures = of_figures(spec, enterprise__memberships__kind=spec.cluster_kind)
    sums = figures.values(cluster=F("enterprise__memberships__cluster")).annotate(total=Sum(spec.figure))
    sums.filter(total__gt=spec.lower * 10_000).count()


def orm_band(spec: Any, everywhere: bool) -> None:
    inside = {f"{spec.figure}__gte": spec.lower * 10_000}
    if spec.upper is not None:
        inside[f"{spec.figure}__lt"] = spec.upper * 10_000
    counted = of_figures(spec).filter(enterprise__parent__isnull=True, **inside)
    counted.count()
    if everywhere:
        orm_places(counted.values("enterprise"))


def orm_least(spec: Any, everywhere: bool) -> None:
    from registry.models import Membership

    leaders = Membership.objects.on(DAY).filter(kind=spec.cluster_kind, role=spec.role).order_by()
    places = ["cluster", "enterprise__district"] if everywhere else ["cluster"]
    list(leaders.values(*places).annotate(number=Count("enterprise", distinct=True)))


def make_specs() -> list[Any]:
    """96 rules in the proportions of the plan: titles of every feed and level, sums, bands, a ratio, leaders."""
    from registry.choices import Unit
    from registry.models import Cluster, Scheme
    from targets.choices import Feed
    from targets.rules import ClusterTerm, SchemeTerm, Spec

    specs: list[Spec] = []

    def add(feed: Feed, target_unit: str = "家", **fields: Any) -> None:
        specs.append(Spec(f"{len(specs)}.{feed}", feed, target_unit, BASELINE, **fields))

    levels = [{"level": "national"}, {"level": "provincial"}, {"level": "provincial", "at_least": True}]
    feeds = [Feed.STOCK, Feed.STOCK, Feed.NEW, Feed.YEARLY]
    schemes = list(Scheme.objects.order_by("pk"))
    for number in range(75):
        scheme = schemes[number % 60]
        term = SchemeTerm(scheme.pk, scheme.name, ("national", "provincial"), scheme.counts)
        add(feeds[number % 4], schemes=(term,), unit=Unit(scheme.counts), **levels[number % 3])
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
