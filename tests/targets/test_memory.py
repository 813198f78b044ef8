"""Remembered readings: never other than counted anew, counted again only where facts have changed, shared, bounded."""

import datetime as dt
import pickle
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass
from decimal import Decimal
from operator import setitem
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from registry import history, past, state
from registry.choices import Unit
from registry.models import Designation, Enterprise
from registry.past import as_known_at
from targets.choices import Feed, Official
from targets.measure import Reading, measure, memory, readings
from targets.measure.days import Days
from targets.measure.facts import Facts, gather
from targets.measure.memory import Question, Recent, remembered
from targets.measure.planning import whole_sets
from targets.measure.readings import Measurement
from targets.rules import SchemeTerm, Spec
from tests.connections import Other, another
from tests.factories import designation, district, enterprise, figures, scheme, statistic
from tests.registry.test_past import moment

BASELINE = dt.date(2020, 12, 31)
FIRST = dt.date(2022, 3, 1)
DAY = dt.date(2023, 12, 31)


def spec(code: str, feed: Feed = Feed.STOCK, **fields: Any) -> Spec:
    return Spec(code, feed, "家", BASELINE, **fields)


def of_scheme(code: str) -> Spec:
    one = scheme(code)
    return spec(code, schemes=(SchemeTerm(one.pk, code, ("national", "provincial"), Unit.ENTERPRISE),))


# Remembering


@dataclass
class Counted:
    """The rules that were counted, not remembered, since the last look."""

    codes: list[str]

    def since(self) -> set[str]:
        found, self.codes[:] = set(self.codes), []
        return found


@pytest.fixture
def counted(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """With real commits: who has written and not committed is not remembered."""
    found: list[str] = []

    def watched(specs: list[Spec], days: Days) -> list[Facts]:
        found.extend(spec.code for spec in specs)
        return gather(specs, days)

    monkeypatch.setattr(readings, "gather", watched)
    forget()
    caches["answers"].clear()
    return Counted(found)


def forget() -> None:
    """As another process, which has only what all share."""
    memory.RECENT.clear()


@pytest.fixture
def other(transactional_db: None) -> Iterator[Other]:
    with another() as one:
        yield one


def value(one: Spec, on: dt.date = DAY) -> Decimal | None:
    return measure([one], on)[one.code].value


def test_what_is_asked_again_is_not_counted_again(counted: Counted) -> None:
    designation(enterprise(), FIRST, scheme=scheme("a"))
    asked = [of_scheme("a"), of_scheme("b")]
    first = measure(asked, DAY)
    assert (first["a"].value, first["b"].value) == (1, 0)
    assert counted.since() == {"a", "b"}
    assert list(measure(reversed(asked), DAY)) == ["b", "a"]
    assert measure(asked, DAY) == first
    assert counted.since() == set()
    measure([of_scheme("a")], DAY - dt.timedelta(1))
    assert counted.since() == {"a"}


def test_a_title_makes_only_the_targets_of_its_scheme_be_counted_again(counted: Counted) -> None:
    title = designation(enterprise(), FIRST, scheme=scheme("a"))
    asked = [of_scheme("a"), of_scheme("b"), spec("sum", Feed.SUM, figure="revenue")]
    measure(asked, DAY)
    counted.since()
    for change, again in [
        (lambda: Designation.objects.filter(pk=title.pk).update(ended_on=FIRST, end_reason="removed"), {"a"}),
        (lambda: designation(enterprise("乙"), FIRST, scheme=scheme("b")), {"b"}),
        (lambda: figures(title.enterprise, 2023, revenue=5), {"sum"}),
        (lambda: figures(title.enterprise, 2024, revenue=5), set()),
        (lambda: enterprise("丙"), set()),
        (lambda: Enterprise.objects.update(address="武进区1号"), set()),
        (lambda: Enterprise.objects.update(closed_on=DAY), {"a", "b", "sum"}),
        (lambda: statistic("output", FIRST, "7"), set()),
    ]:
        change()
        found = measure(asked, DAY)
        assert counted.since() == again
        assert found == fresh(asked)


def fresh(asked: list[Spec], on: dt.date = DAY) -> dict[str, Reading]:
    """Counted past the memory."""
    with whole_sets():
        measurement = Measurement(*gather(asked, Days([on])))
        return {one.code: measurement.reading(one) for one in asked}


def test_an_older_transaction_that_commits_after_a_younger_one(counted: Counted, other: Other) -> None:
    """What was remembered between the two commits must not outlive the second one, which wrote first."""
    one = of_scheme("a")
    title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    assert value(one) == 1
    other.run(f"UPDATE registry_designation SET state = 'returned' WHERE id = {title.pk}")
    designation(enterprise("乙"), FIRST, scheme=scheme("a"))
    assert value(one) == 2
    other.commit()
    assert value(one) == 1


def test_a_rolled_back_change_is_never_seen_and_costs_no_count(counted: Counted, other: Other) -> None:
    one = of_scheme("a")
    title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    assert value(one) == 1
    counted.since()
    other.run(f"DELETE FROM registry_designation WHERE id = {title.pk}")
    assert value(one) == 1
    other.rollback()
    assert value(one) == 1
    assert counted.since() == set()


def test_who_writes_sees_it_at_once_and_leaves_nothing_for_others(counted: Counted) -> None:
    one, quiet = of_scheme("a"), of_scheme("b")
    assert (value(one), value(quiet)) == (0, 0)
    counted.since()
    kept = len(memory.RECENT)
    with transaction.atomic():
        designation(enterprise("甲"), FIRST, scheme=scheme("a"))
        assert (value(one), value(quiet)) == (1, 0)
        Designation.objects.all().delete()
        assert value(one) == 0
        assert counted.since() == {"a", "b"}
        transaction.set_rollback(True)
    assert len(memory.RECENT) == kept
    assert value(one) == 0
    assert counted.since() == set()


@pytest.mark.parametrize("in_a_transaction", [False, True])
def test_a_commit_while_counting_files_nothing_under_the_wrong_state(
    counted: Counted, other: Other, in_a_transaction: bool
) -> None:
    """A caller's own transaction has no one snapshot: what was counted after the commit is not of the state before."""
    one, quiet = of_scheme("a"), of_scheme("b")
    title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    other.run(f"DELETE FROM registry_designation WHERE id = {title.pk}")

    def interrupted(questions: list[Question]) -> dict[Question, Reading]:
        other.commit()
        found = fresh([spec for spec, _day in questions])
        return {(spec, DAY): found[spec.code] for spec, _day in questions}

    def ask() -> Decimal | None:
        return remembered([(one, DAY), (quiet, DAY)], interrupted)[one, DAY].value

    before = state.read()
    if in_a_transaction:
        with transaction.atomic():
            assert ask() == 0
    else:
        assert ask() == 1
    assert value(one) == 0
    forget()
    kept = memory.recall([(one, DAY), (quiet, DAY)], before)
    assert kept.keys() == {(quiet, DAY)}, "only what the commit did not concern"


def test_an_answer_is_of_one_moment(counted: Counted, other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules that are counted by different statements see the same registry."""
    designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    published = statistic("output", FIRST, "7")
    output = spec("output", Feed.STATISTIC, series=published.series_id, official=Official.PUBLISHED)
    other.run("UPDATE registry_statistic SET value = 8")
    other.run("DELETE FROM registry_designation")

    def interrupted(specs: list[Spec], days: Days, **options: bool) -> list[Facts]:
        other.commit()
        return gather(specs, days)

    monkeypatch.setattr(readings, "gather", interrupted)
    found = measure([output, of_scheme("a")], DAY)
    assert (found["output"].value, found["a"].value) == (7, 1)
    found = measure([output, of_scheme("a")], DAY)
    assert (found["output"].value, found["a"].value) == (8, 0)


def test_who_is_named_for_changes_may_ask(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history puts the person before statements: none may stand before the one that begins a snapshot."""
    monkeypatch.setattr(state, "LONG", 0)
    with history.change(reason="核对"):
        title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
        assert value(of_scheme("a")) == 1
        title.delete()
        assert value(of_scheme("a")) == 0
        assert value(of_scheme("a")) == 0
    assert counted.codes == ["a", "a"]


# What was known then


def test_what_was_known_then_is_remembered_apart(counted: Counted) -> None:
    one = of_scheme("a")
    title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    then = moment()
    Designation.objects.filter(pk=title.pk).delete()
    for _ in range(2):
        assert value(one) == 0
        with as_known_at(then):
            assert past.moment_in_force() == then
            assert value(one) == 1
        assert past.moment_in_force() is None
    assert counted.codes == ["a", "a"]
    forget()
    with as_known_at(then):
        assert value(one) == 1
    assert counted.codes == ["a", "a"], "as known then, readings are shared too"


def test_what_is_committed_late_was_known_earlier(counted: Counted, other: Other) -> None:
    """A version is known from when it was written: the answer for a moment may change by a commit after it."""
    one = of_scheme("a")
    designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    other.run("DELETE FROM registry_designation")
    then = moment()
    with as_known_at(then):
        assert value(one) == 1
    other.commit()
    with as_known_at(then):
        assert value(one) == 0


# Shared and bounded


def test_processes_share_what_one_has_counted(counted: Counted) -> None:
    designation(enterprise("甲", district=district()), FIRST, scheme=scheme("a"))
    asked = [of_scheme("a"), of_scheme("b")]
    first = measure(asked, DAY)
    counted.since()
    forget()
    with CaptureQueriesContext(connection) as queries:
        assert measure(asked, DAY) == first
    assert counted.since() == set()
    assert len(queries) <= 2, "the state and the shared answers, which may be in Redis"
    with CaptureQueriesContext(connection) as queries:
        assert measure(asked, DAY) == first
    assert len(queries) == 1, "the state"


def test_another_version_of_the_program_counts_for_itself(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = of_scheme("a")
    value(one)
    forget()
    monkeypatch.setattr(memory, "PROGRAM", "a newer one")
    value(one)
    assert counted.codes == ["a", "a"]


def test_a_process_keeps_what_it_used_last() -> None:
    recent = Recent(3)
    keys = {name: (name,) for name in "abcd"}
    recent.set_many({keys[name]: name for name in "abc"})
    assert recent.get_many([keys["a"]]) == {keys["a"]: "a"}
    recent.set_many({keys["d"]: "d"})
    assert sorted(recent.get_many(keys.values()).values()) == ["a", "c", "d"]
    assert len(recent) == 3


def test_nobody_changes_what_others_get(counted: Counted) -> None:
    designation(enterprise("甲", district=district()), FIRST, scheme=scheme("a"))
    reading = measure([of_scheme("a")], DAY)["a"]
    for got in (reading, pickle.loads(pickle.dumps(reading))):
        assert got == reading
        for one in (got, got.registry):
            with pytest.raises(FrozenInstanceError):
                setattr(one, "value", Decimal(5))  # noqa: B010
            for areas in (one.by_district, one.by_cluster):
                with pytest.raises(TypeError):
                    setitem(areas, None, Decimal(5))
