"""Two lanes: one snapshot and one knowledge in both, an error in either is the caller's, halves make the whole."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings

from registry.choices import Unit
from registry.models import Enterprise
from registry.past import as_known_at, moment_in_force
from targets.measure import holders, lanes, title_counts
from targets.measure.columns import Columns
from targets.measure.counts import Count
from targets.measure.days import Days
from targets.measure.lanes import side_by_side
from targets.measure.planning import whole_sets
from targets.rules import TITLES, Spec
from tests.connections import another
from tests.factories import enterprise
from tests.targets.recount import World
from tests.targets.worlds import DAYS, day, store, worlds

TOGETHER_SECONDS = 30
MOMENT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

database = settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
    return found


def meeting(work: Callable[[], object]) -> list[Callable[[], object]]:
    """Two works that wait for each other, so that neither lane can do both."""
    both = threading.Barrier(lanes.LANES)

    def met() -> object:
        both.wait(TOGETHER_SECONDS)
        return work()

    return [met, met]


@pytest.mark.django_db(transaction=True)
def test_each_lane_has_a_connection_of_its_own_and_both_see_one_snapshot() -> None:
    enterprise("甲")
    with whole_sets(), another() as other:
        assert Enterprise.objects.count() == 1
        other.run("UPDATE registry_enterprise SET name = '乙'")
        other.run("INSERT INTO registry_partchange (part) VALUES ('everything')")
        other.commit()
        backends = side_by_side(meeting(backend))
        assert len(set(backends)) == lanes.LANES
        assert side_by_side(meeting(lambda: Enterprise.objects.get().name)) == ["甲", "甲"]
        assert backend() in backends
    assert Enterprise.objects.get().name == "乙"


@pytest.mark.django_db(transaction=True)
def test_both_lanes_know_what_was_known_at_the_moment() -> None:
    enterprise("甲")
    with as_known_at(MOMENT), whole_sets():
        found = side_by_side(meeting(lambda: (moment_in_force(), Enterprise.objects.count())))
    assert found == [(MOMENT, 0), (MOMENT, 0)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_in_either_lane_is_the_callers_and_the_next_answer_is_right(failing: int) -> None:
    first, second = meeting(backend)
    works = [first, second]

    def fails() -> object:
        works[failing]()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), whole_sets():
        side_by_side([fails if place == failing else work for place, work in enumerate(works)])
    with whole_sets():
        assert len(set(side_by_side(meeting(backend)))) == lanes.LANES


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_a_lock_is_given_back_to_the_first_lane() -> None:
    """Else somebody who waits for the first lane, and holds what the second one wants, would wait for ever."""
    enterprise("甲")
    both = threading.Barrier(lanes.LANES)
    of_first_lane: list[bool] = []

    def work() -> int:
        mine = backend() == own
        of_first_lane.append(mine)
        if len(of_first_lane) <= lanes.LANES:
            both.wait(TOGETHER_SECONDS)
            return 0 if mine else Enterprise.objects.count()
        other.rollback()
        return Enterprise.objects.count()

    with whole_sets(), another() as other:
        own = backend()
        other.run("LOCK TABLE registry_enterprise IN ACCESS EXCLUSIVE MODE")
        assert sorted(side_by_side([work, work])) == [0, 1]
    assert sorted(of_first_lane[: lanes.LANES]) == [False, True]
    assert of_first_lane[lanes.LANES :] == [True]


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_of_the_callers_all_is_done_in_it() -> None:
    """What it has written nobody else sees."""
    with transaction.atomic():
        enterprise("甲")
        with whole_sets():
            assert set(side_by_side([backend, backend])) == {backend()}
            assert side_by_side([Enterprise.objects.count, Enterprise.objects.count]) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_where_no_lane_is_free_all_is_done_in_the_first() -> None:
    for _taken in range(lanes.ANSWERS):
        assert lanes._free.acquire(blocking=False)
    try:
        with whole_sets():
            assert set(side_by_side([backend, backend])) == {backend()}
    finally:
        lanes._free.release(lanes.ANSWERS)


@pytest.mark.django_db
@database
@given(worlds(), day)
def test_read_in_halves_or_at_once_counts_the_same(
    monkeypatch: pytest.MonkeyPatch, world: World, on: dt.date
) -> None:
    """Whichever scheme is read in which half, counts of one day and of many are the same."""
    with transaction.atomic():
        specs = [spec for spec in store(world).specs if spec.feed in TITLES]
        for days in (Days([on]), Days(DAYS)):
            whole = counts(specs, days, works=1)
            with monkeypatch.context() as patched:
                patched.setattr(holders, "MANY", 1)
                patched.setattr(holders, "can_export_snapshot", lambda: True)
                assert counts(specs, days, works=2) == whole
        transaction.set_rollback(True)


def counts(specs: list[Spec], days: Days, *, works: int) -> dict[str, list[Count]]:
    columns = Columns()
    schemes = {term.id for spec in specs if spec.unit == Unit.ENTERPRISE for term in spec.schemes}
    assert len(holders.halves(sorted(schemes))) == min(works, len(schemes))
    for work in holders.read(columns, specs):
        work()
    return title_counts.count(columns, specs, days)
