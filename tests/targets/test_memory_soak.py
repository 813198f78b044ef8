"""Writers and readers at once: every remembered answer equals a recount in the same snapshot.

Each writer has enterprises of its own, so that none waits for another. Beside its own connection it has a second one, on
which changes wait for some rounds and are committed after younger ones.
"""

import datetime as dt
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction

from registry import state
from registry.choices import Unit
from registry.models import AnnualFigures, Designation, District, Enterprise, Relocation, Scheme
from targets.choices import Feed, Official
from targets.measure import Reading, measure, memory, readings
from targets.measure.days import Days
from targets.measure.facts import Facts, gather
from targets.measure.planning import whole_sets
from targets.measure.readings import Measurement
from targets.rules import SchemeTerm, Spec
from tests.connections import Other, another
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    scheme,
    statistic,
)

BASELINE = dt.date(2020, 12, 31)
DAYS = [dt.date(2022, 12, 31), dt.date(2023, 6, 30)]
ROUNDS = 40
WRITERS = 3

LATE = [
    "UPDATE registry_designation SET state = 'returned' WHERE enterprise_id = {late} AND id % 2 = {bit}",
    "UPDATE registry_designation SET state = 'announced' WHERE enterprise_id = {late} AND id % 2 = {bit}",
    "UPDATE registry_designation SET state = 'confirmed' WHERE enterprise_id = {late}",
    "UPDATE registry_annualfigures SET revenue = revenue + 1 WHERE enterprise_id = {late}",
    "UPDATE registry_enterprise SET closed_on = '2022-06-30' WHERE id = {late}",
    "UPDATE registry_enterprise SET closed_on = NULL WHERE id = {late}",
]


def specs_of(schemes: list[Scheme], series: int) -> list[Spec]:
    terms = [SchemeTerm(one.pk, one.code, ("national", "provincial"), Unit.ENTERPRISE) for one in schemes]
    titles: list[dict[str, Any]] = [{"feed": Feed.STOCK, "schemes": (term,)} for term in terms]
    others: list[dict[str, Any]] = [
        {"feed": Feed.NEW, "schemes": tuple(terms[:2])},
        {"feed": Feed.YEARLY, "schemes": tuple(terms), "level": "provincial"},
        {"feed": Feed.MULTIPLE, "schemes": tuple(terms)},
        {"feed": Feed.SUM, "figure": "revenue"},
        {"feed": Feed.BAND, "figure": "revenue", "lower": Decimal(1)},
        {"feed": Feed.LEAST, "cluster_kind": "advanced", "role": "leader"},
        {"feed": Feed.STATISTIC, "series": series, "official": Official.PUBLISHED},
    ]
    return [
        Spec(code=str(place), target_unit="家", starts_on=BASELINE, **fields)
        for place, fields in enumerate(titles + others)
    ]


# Writing


@dataclass
class Writer:
    chance: random.Random
    schemes: list[Scheme]
    districts: list[District]
    own: list[Enterprise]
    late: Enterprise
    reader: "Reader"
    number: int
    steps: list[Callable[[], Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = [self.grant, self.grant, self.grant, self.end, self.withdraw, self.report, self.publish]
        # seldom, as they make all be counted again
        self.steps = [*self.steps, *self.steps, self.move, self.settle, self.close]

    def work(self) -> None:
        with another() as other:
            for place in range(ROUNDS):
                self.change_late(other)
                self.change()
                if place % 3 == 0:
                    # what is remembered before an older transaction commits must not be told after it
                    self.reader.ask(DAYS[0])
                    other.commit()
                    self.reader.in_a_snapshot()

    def change(self) -> None:
        """Some steps in one transaction, which every fifth time is thought better of."""
        with transaction.atomic():
            for step in self.chance.choices(self.steps, k=self.chance.randint(1, 3)):
                step()
            transaction.set_rollback(self.chance.random() < 0.2)

    def change_late(self, other: Other) -> None:
        other.run(self.chance.choice(LATE).format(late=self.late.pk, bit=self.chance.randint(0, 1)))

    def titles(self) -> Any:
        return Designation.objects.filter(enterprise__in=self.own)

    def grant(self) -> None:
        self.number += 1
        Designation.objects.create(
            scheme=self.chance.choice(self.schemes),
            level=self.chance.choice(["national", "provincial"]),
            enterprise=self.chance.choice(self.own),
            item=f"第{self.number}项",
            valid_from=self.chance.choice([dt.date(2020, 3, 1), dt.date(2022, 3, 1), dt.date(2023, 3, 1)]),
        )

    def end(self) -> None:
        some = self.titles().filter(scheme=self.chance.choice(self.schemes))
        some.update(ended_on=dt.date(2023, 3, 1), end_reason="removed")

    def withdraw(self) -> None:
        title = self.titles().order_by("pk").first()
        if title:
            title.delete()

    def move(self) -> None:
        self.number += 1
        Relocation.objects.create(
            enterprise=self.chance.choice(self.own),
            day=dt.date(2023, 1, 1) + dt.timedelta(self.number),
            to_district=self.chance.choice(self.districts),
        )

    def settle(self) -> None:
        one = self.chance.choice(self.own)
        Enterprise.objects.filter(pk=one.pk).update(district=self.chance.choice([*self.districts, None]))

    def close(self) -> None:
        one = self.chance.choice(self.own)
        day = self.chance.choice([None, dt.date(2022, 6, 30)])
        Enterprise.objects.filter(pk=one.pk).update(closed_on=day)

    def report(self) -> None:
        AnnualFigures.objects.update_or_create(
            enterprise=self.chance.choice(self.own),
            year=self.chance.choice([2021, 2022]),
            defaults={"revenue": self.chance.randint(1, 50_000)},
        )

    def publish(self) -> None:
        self.number += 1
        statistic("output", dt.date(2021, 1, 1) + dt.timedelta(self.number), str(self.number))


# Reading


@dataclass
class Reader:
    chance: random.Random
    specs: list[Spec]
    asked: int = 0
    compared: int = 0

    def ask(self, day: dt.date) -> dict[str, Reading]:
        self.asked += 1
        return measure(self.specs, day)

    def anew(self, day: dt.date) -> dict[str, Reading]:
        measurement = Measurement(*gather(self.specs, Days([day])))
        return {one.code: measurement.reading(one) for one in self.specs}

    def in_a_snapshot(self) -> None:
        with whole_sets():
            day = self.chance.choice(DAYS)
            assert self.ask(day) == self.anew(day)
        self.compared += 1

    def in_a_transaction(self) -> None:
        """Each statement has a snapshot of its own: what was committed before the last one is seen by it alone."""
        with transaction.atomic():
            self.compare_if_quiet()

    def on_its_own(self) -> None:
        self.compare_if_quiet()

    def compare_if_quiet(self) -> None:
        before = state.read()
        day = self.chance.choice(DAYS)
        found = self.ask(day)
        with whole_sets():
            again = self.anew(day)
        if state.read() == before:
            assert found == again
            self.compared += 1

    def work(self) -> None:
        for place in range(ROUNDS):
            (self.in_a_snapshot, self.on_its_own, self.in_a_snapshot, self.in_a_transaction)[place % 4]()
            if self.chance.random() < 0.1:
                memory.RECENT.clear()


def together(works: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at once; what went wrong."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return failures


def writer(place: int, seed: int, schemes: list[Scheme], districts: list[District], reader: Reader) -> Writer:
    """With three enterprises and one for what is committed late; days and items are told apart by a number."""
    own = [enterprise(f"企业{place}-{number}", district=districts[number % 2]) for number in range(3)]
    late = enterprise(f"企业{place}-迟", district=districts[0])
    member(own[0], cluster("steel"), role="leader")
    figures(late, 2022, revenue=20_000)
    for number in range(4):
        fields = {"scheme": schemes[number % 3], "level": "national", "item": f"迟{number}"}
        designation(late, dt.date(2022, 3, 1), **fields)
    return Writer(random.Random(seed + place), schemes, districts, own, late, reader, 200 * place)


@pytest.fixture
def counted(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules that were counted, not remembered; nothing is at first, and the state is folded often."""
    codes: list[str] = []

    def watched(specs: list[Spec], days: Days, **options: bool) -> list[Facts]:
        codes.extend(spec.code for spec in specs)
        return gather(specs, days, **options)

    monkeypatch.setattr(readings, "gather", watched)
    monkeypatch.setattr(state, "LONG", 100)
    memory.RECENT.clear()
    caches["answers"].clear()
    return codes


@pytest.mark.parametrize("seed", [532, 2022])
def test_every_answer_equals_a_recount_in_the_same_snapshot(seed: int, counted: list[str]) -> None:
    schemes = [scheme(code) for code in ("green", "smart", "little_giant")]
    districts = [district("320412"), district("320481")]
    series = statistic("output", dt.date(2020, 12, 31), "1").series_id
    specs = specs_of(schemes, series)
    readers = [Reader(random.Random(seed - place), specs) for place in range(2 * WRITERS)]
    writers = [
        writer(place, seed, schemes, districts, reader) for place, reader in enumerate(readers[:WRITERS])
    ]
    assert together([one.work for one in [*writers, *readers[WRITERS:]]]) == []
    assert sum(reader.compared for reader in readers) > 100
    asked = sum(reader.asked for reader in readers) * len(specs)
    assert 0 < len(counted) < asked, "some answers were counted, and some were remembered"
