"""What the worker counts before anybody asks, and the targets of a plan, read once: never older than what is there."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from registry.models import Scheme
from registry.past import as_known_at
from targets.choices import Interval
from targets.measure import columns, lanes, memory
from targets.models import Target
from targets.reports.course import years_of
from targets.series import before
from targets.standings import known_targets, standings, standings_on
from targets.tasks import warm
from tests.factories import designation, enterprise, plan, scheme, target_with_rule

DAY = dt.date(2025, 6, 18)


def counting(statements: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in statements if "registry_designation" in one["sql"]]


@pytest.mark.django_db(transaction=True)
def test_after_a_change_the_worker_counts_and_the_pages_of_the_day_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "LANES", 99)  # all is asked by the connection that is watched
    a = scheme("a")
    target_with_rule("one", schemes=(a,))
    warm(DAY)
    designation(enterprise("甲"), dt.date(2025, 1, 1), scheme=a)
    warm(DAY)
    memory.RECENT.clear()  # a process that serves pages has what all share
    columns.KEPT.clear()
    with CaptureQueriesContext(connection) as asked:
        found = standings_on(known_targets(plan()), [before(DAY, Interval.MONTH), DAY])
        standings_on(known_targets(plan()), years_of(plan(), DAY))
        # and those of programs, which tell the clusters, too
        standings(known_targets(plan()), DAY)
    assert [one.value for one in found[DAY]] == [1]
    assert counting(asked) == []
    with CaptureQueriesContext(connection) as asked:
        standings_on(known_targets(plan()), [dt.date(2025, 3, 3)])
    assert counting(asked) != []
    with CaptureQueriesContext(connection) as asked:
        standings_on(known_targets(plan()), [dt.date(2025, 3, 4)])
    assert counting(asked) == [], "the facts are there, and any day is counted from them"


@pytest.mark.django_db(transaction=True)
def test_without_a_plan_there_is_nothing_to_warm() -> None:
    warm(DAY)


@pytest.mark.django_db(transaction=True)
def test_targets_are_read_once_and_anew_after_any_change_of_theirs() -> None:
    a = scheme("a")
    target = target_with_rule("one", schemes=(a,))
    first = known_targets(plan())
    assert known_targets(plan()) is first
    enterprise("甲")
    assert known_targets(plan()) is first
    Target.objects.filter(pk=target.pk).update(value=7)
    assert [one.value for one in known_targets(plan())] == [Decimal(7)]
    Scheme.objects.filter(pk=a.pk).update(name="改名")
    (again,) = known_targets(plan())
    assert [term.scheme.name for term in again.rule.schemes.all()] == ["改名"]
    with transaction.atomic():
        Target.objects.filter(pk=target.pk).update(value=8)
        assert [one.value for one in known_targets(plan())] == [Decimal(8)]
        transaction.set_rollback(True)
    assert [one.value for one in known_targets(plan())] == [Decimal(7)]


@pytest.mark.django_db(transaction=True)
def test_targets_of_a_moment_are_not_those_of_now() -> None:
    target_with_rule("one", schemes=(scheme("a"),))
    assert len(known_targets(plan())) == 1
    of_now = plan()
    with as_known_at(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
        assert known_targets(of_now) == []
