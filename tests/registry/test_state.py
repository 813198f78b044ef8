"""The state of the facts: which statement changes which part, and what two connections see of it."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import F

from registry import state
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    FormerName,
    Membership,
    PartChange,
    Relocation,
    Review,
    Scheme,
    SchemeLevel,
    Series,
    Statistic,
)
from registry.models.base import Fact
from tests.connections import Other, another
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    relocation,
    scheme,
    statistic,
)

FIRST = dt.date(2022, 3, 1)
LATER = dt.date(2024, 3, 1)

# No reading depends on them: names and lists do not count.
WITHOUT_PART = {
    "FormerName",
    "Industry",
    "MatchDecision",
    "NamedList",
    "NotDuplicate",
    "Review",
    "Split",
    "Webhook",
    # of the plan what no progress is told of
    "Document",
    "Milestone",
    "Quota",
}


@dataclass
class Facts:
    """One row of each kind; `names` are what the cases below call the parts."""

    green: Scheme
    smart: Scheme
    title: Designation
    other: Designation
    holder: Enterprise
    group: Cluster
    link: Membership
    move: Relocation
    year: AnnualFigures
    value: Statistic
    elsewhere: District
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        of = {"green": state.of_scheme(self.green.pk), "smart": state.of_scheme(self.smart.pk)}
        self.names = of | {
            "plan": state.PLAN,
            "series": state.of_series(self.value.series_id),
            "2022": "figures:2022",
        }
        self.names |= {"2023": "figures:2023"} | {
            name: name for name in ("enterprises", "members", "reference", "everything")
        }


@pytest.fixture
def facts(db: None) -> Facts:
    holder = enterprise("光能科技", district=district())
    return Facts(
        green=scheme("green_factory"),
        smart=scheme("smart_workshop"),
        title=designation(holder, FIRST, scheme=scheme("green_factory")),
        other=designation(holder, FIRST, scheme=scheme("smart_workshop")),
        holder=holder,
        group=cluster("steel"),
        link=member(holder, cluster("steel")),
        move=relocation(holder, FIRST, None, district()),
        year=figures(holder, 2022, revenue=5),
        value=statistic("output", FIRST, "7"),
        elsewhere=district("320481"),
    )


def changed(work: Callable[[], Any]) -> set[str]:
    before = state.read().tokens
    work()
    after = state.read().tokens
    return {part for part in after if before.get(part) != after[part]}


def renumbered(row: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(id=F("id") + 1000)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def saved(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def write_over(facts: Facts) -> None:
    """INSERT … ON CONFLICT DO UPDATE, which is both."""
    Statistic.objects.bulk_create(
        [Statistic(pk=facts.value.pk, series=facts.value.series, day=FIRST, value=8, source="报")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["value"],
    )


Case = tuple[str, Callable[[Facts], Any], str]
CASES: list[Case] = [
    # titles: the scheme that they are of, and the one that they were of
    ("a title is granted", lambda f: designation(f.holder, LATER, scheme=f.green, item="一"), "green"),
    ("a title is corrected", lambda f: saved(f.title, valid_to=LATER), "green"),
    ("it is saved as it was", lambda f: saved(Designation.objects.get(pk=f.title.pk)), ""),
    ("it is given to another scheme", lambda f: saved(f.title, scheme=f.smart, item="一"), "green smart"),
    ("it goes", lambda f: f.title.delete(), "green"),
    ("all are updated", lambda f: Designation.objects.update(note="核对"), "green smart"),
    ("none is found", lambda f: Designation.objects.filter(pk=0).update(note="核对"), ""),
    ("none is deleted", lambda f: Designation.objects.filter(pk=0).delete(), ""),
    ("in bulk", lambda f: Designation.objects.bulk_update([f.title], ["note"]), ""),
    (
        "in bulk, many",
        lambda f: Designation.objects.bulk_create(
            Designation(scheme=one, level="national", enterprise=f.holder, valid_from=LATER)
            for one in (f.green, f.smart)
        ),
        "green smart",
    ),
    ("by raw SQL", lambda f: sql("UPDATE registry_designation SET ended_on = NULL, note = 'x'"), "green smart"),
    ("another id", lambda f: renumbered(f.title), "green"),
    ("a re-review alone", lambda f: Review.objects.create(designation=f.title, day=LATER, outcome="passed"), ""),
    # figures and published values
    ("figures of a year", lambda f: figures(f.holder, 2023), "2023"),
    ("they were of another year", lambda f: saved(f.year, year=2023), "2022 2023"),
    ("they go", lambda f: f.year.delete(), "2022"),
    ("a value is published", lambda f: statistic("output", LATER, "8"), "series"),
    ("a value is written over", write_over, "series"),
    ("a value goes", lambda f: f.value.delete(), "series"),
    # enterprises: only where they are, whether they exist, to whom they belong
    ("a new enterprise", lambda f: enterprise("新企业", district=district()), ""),
    ("its address", lambda f: saved(f.holder, address="武进区1号", name="新名"), ""),
    ("its area", lambda f: saved(f.holder, district=f.elsewhere), "enterprises"),
    ("its beginning", lambda f: saved(f.holder, founded_on=FIRST), "enterprises"),
    ("its end", lambda f: saved(f.holder, closed_on=LATER), "enterprises"),
    ("its parent", lambda f: saved(f.holder, parent=enterprise("集团")), "enterprises"),
    ("a former name", lambda f: FormerName.objects.create(enterprise=f.holder, name="旧名"), ""),
    ("a move", lambda f: relocation(f.holder, LATER, None, district()), "enterprises"),
    ("a move is corrected", lambda f: saved(f.move, day=LATER), "enterprises"),
    ("a membership", lambda f: Membership.objects.update(role="leader"), "enterprises members"),
    ("a membership begins", lambda f: member(enterprise("新企业"), f.group), "enterprises members"),
    ("a membership ends", lambda f: f.link.delete(), "enterprises members"),
    ("an enterprise and its facts", lambda f: delete_all_of(f.holder), "green smart 2022 enterprises members"),
    # what all refer to
    ("an area", lambda f: District.objects.update(retired_on=LATER), "reference"),
    ("another area", lambda f: district("320411"), "enterprises reference"),
    ("an area gets another id", lambda f: renumbered(f.elsewhere), "enterprises reference"),
    ("an area goes", lambda f: f.elsewhere.delete(), "enterprises reference"),
    ("a group", lambda f: saved(f.group, retired_on=LATER), "reference"),
    ("the name of a scheme", lambda f: saved(f.green, name="绿厂", aliases=["绿色"]), "reference"),
    ("its grace", lambda f: saved(f.green, grace_months=6), "green reference"),
    ("another scheme", lambda f: scheme("other"), "reference"),
    ("a level", lambda f: SchemeLevel.objects.create(scheme=f.green, level="municipal"), "reference"),
    ("the name of a series", lambda f: Series.objects.update(name="产值"), "plan"),
    # emptied at once
    ("TRUNCATE", lambda f: sql("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE registry_statistic"), "everything"),
    ("TRUNCATE of the state", lambda f: sql("TRUNCATE registry_partchange"), "everything"),
    ("touched", lambda f: state.touch(), "everything"),
    ("past the triggers", lambda f: past_the_triggers("DELETE FROM registry_statistic"), ""),
]  # fmt: skip


def delete_all_of(holder: Enterprise) -> None:
    Designation.objects.all().delete()
    AnnualFigures.objects.all().delete()
    holder.delete()


def past_the_triggers(statement: str) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(
        f"SET LOCAL session_replication_role = replica; {statement}; SET LOCAL session_replication_role = origin"
    )


@pytest.mark.parametrize(("work", "parts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_changes_which_part(facts: Facts, work: Callable[[Facts], Any], parts: str) -> None:
    assert changed(lambda: work(facts)) == {facts.names[name] for name in parts.split()}


def test_every_fact_is_of_a_part_or_of_none_on_purpose() -> None:
    declared: dict[str, set[str]] = {}
    for model, trigger in pgtrigger.registered():
        declared.setdefault(model.__name__, set()).add(trigger.name)
    facts = [model.__name__ for model in apps.get_models() if issubclass(model, Fact)]
    for name in facts:
        watched = {"state_update", "state_delete", "state_truncate"} <= declared[name]
        assert watched != (name in WITHOUT_PART), (
            f"{name}: if a reading depends on it, declare its part with @state.part(…) and say in "
            f"targets.measure.parts who reads it; if none does, add it to WITHOUT_PART here"
        )
    assert set(facts) >= WITHOUT_PART
    assert "state_truncate" in declared[PartChange.__name__]


def test_the_years_that_have_figures(facts: Facts) -> None:
    figures(facts.holder, 2019)
    assert state.read().years == [2019, 2022]


# Two connections


@pytest.fixture
def other(transactional_db: None) -> Iterator[Other]:
    with another() as one:
        yield one


GRANT = "UPDATE registry_designation SET note = note || 'x' WHERE id = %s"


@pytest.fixture
def title(transactional_db: None) -> Designation:
    return designation(enterprise(district=district()), FIRST)


def test_an_older_transaction_that_commits_after_a_younger_one_changes_the_state(
    other: Other, title: Designation
) -> None:
    part = state.of_scheme(title.scheme_id)
    seen = [state.read().tokens[part]]
    other.run(GRANT, title.pk)
    designation(enterprise("后来"), FIRST)
    seen.append(state.read().tokens[part])
    other.commit()
    seen.append(state.read().tokens[part])
    assert len(set(seen)) == 3


def test_a_writer_that_rolls_back_leaves_no_trace(other: Other, title: Designation) -> None:
    before = state.read()
    other.run(GRANT, title.pk)
    other.rollback()
    assert state.read() == before


def test_what_is_not_committed_is_seen_by_its_writer_alone(other: Other, title: Designation) -> None:
    before = state.read()
    other.run(GRANT, title.pk)
    assert state.read() == before
    assert not before.written
    with transaction.atomic():
        Designation.objects.create(scheme=title.scheme, level="national", item="一", valid_from=FIRST)
        own = state.read()
        assert own != before
        assert own.written
        transaction.set_rollback(True)
    assert state.read() == before


def test_another_change_in_place_of_one_that_was_taken_back_is_another_state(title: Designation) -> None:
    """As when a database is restored to an earlier moment and goes on from there: as many changes, but others."""
    seen = []
    for _ in range(2):
        with transaction.atomic():
            Designation.objects.update(note="核对")
            seen.append(state.read().of([state.of_scheme(title.scheme_id)]))
            transaction.set_rollback(True)
    assert seen[0] != seen[1]


# Folding


def rows() -> int:
    return PartChange.objects.count()


def test_folding_changes_no_state(title: Designation) -> None:
    for number in range(5):
        Designation.objects.update(note=str(number))
    state.touch()
    before = state.read()
    state.compact()
    assert state.read() == before
    assert rows() == len(before.tokens) < before.rows
    state.compact()
    assert state.read() == before


def test_folding_leaves_what_others_have_not_committed(other: Other, title: Designation) -> None:
    other.run(GRANT, title.pk)
    before = state.read()
    state.compact()
    assert state.read() == before
    other.commit()
    assert state.read() != before


def test_who_reads_an_older_snapshot_sees_the_same_after_folding(other: Other, title: Designation) -> None:
    def seen() -> Any:
        return sorted(row[:3] for row in other.run(state.STATE))

    state.touch()
    other.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    before = seen()
    state.compact()
    assert seen() == before
    other.commit()
    assert seen() == before


def test_a_long_list_is_folded_by_who_reads_it(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "LONG", 5)
    state.compact()
    for _ in range(6):
        state.touch()
    with transaction.atomic():
        before = state.read()
        assert rows() == before.rows == 7
    assert state.read() == before
    assert rows() == 1


def test_folding_at_once_with_writers_loses_nothing(transactional_db: None) -> None:
    """Two writers and two that fold: in the end there is one change more for every number that was given out."""
    state.touch()
    state.compact()
    count, folded = state.read().tokens[state.EVERYTHING]
    given: list[int] = []
    failures: list[BaseException] = []

    def write() -> None:
        for _ in range(40):
            with connection.cursor() as cursor:
                cursor.execute(f"{state.TOUCH} RETURNING nonce")
                given.append(cursor.fetchone()[0])

    def fold() -> None:
        for _ in range(25):
            state.compact()

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=[work]) for work in (write, fold, write, fold)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert state.read().tokens[state.EVERYTHING] == (count + 80, reduce(xor, given, folded))
