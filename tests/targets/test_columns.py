"""Facts kept as columns: read once, anew where they have changed, never those of a writer; and their exact sums."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.core.cache import caches
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from registry.choices import Unit
from registry.models import AnnualFigures, Designation, District, Enterprise, Membership, Relocation, Scheme
from registry.past import as_known_at
from targets import reading_ahead
from targets.choices import Feed
from targets.measure import columns, enterprises, lanes, measure, memory, since
from targets.measure.amounts import Amounts
from targets.measure.enterprises import Enterprises, Index, Placed, Stays, Unknown
from targets.measure.overlaps import counted_in
from targets.reading_ahead import read_facts
from targets.rules import SchemeTerm, Spec
from targets.standings import known_targets, standings_on
from tests.connections import Other, another
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    plan,
    scheme,
    target_with_rule,
)
from tests.registry.test_past import moment

FIRST = dt.date(2022, 3, 1)
DAY = dt.date(2023, 12, 31)
CLOSED = dt.date(2023, 6, 30)
MOVED = dt.date(2023, 7, 1)
A_DAY = dt.timedelta(1)


def rule(code: str, unit: Unit = Unit.ENTERPRISE) -> Spec:
    one = scheme(code, counts=unit, item_word="中心" if unit == Unit.ITEM else "")
    term = SchemeTerm(one.pk, code, ("national", "provincial"), unit)
    return Spec(code, Feed.STOCK, "家", dt.date(2020, 12, 31), unit=unit, schemes=(term,))


def revenue(code: str = "revenue") -> Spec:
    return Spec(code, Feed.SUM, "万元", dt.date(2020, 12, 31), figure="revenue")


def forget_answers() -> None:
    memory.RECENT.clear()
    caches["answers"].clear()


@pytest.fixture
def kept(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With real commits: what a writer sees is kept by nobody. All is read by this connection, where it is watched."""
    monkeypatch.setattr(lanes, "LANES", 99)
    forget_answers()
    columns.KEPT.clear()


@pytest.fixture
def other(transactional_db: None) -> Iterator[Other]:
    with another() as one:
        yield one


def read(work: Callable[[], Any]) -> set[str]:
    """Of which tables columns are read when nothing of the answer is remembered."""
    forget_answers()
    with CaptureQueriesContext(connection) as queries:
        work()
    tables = ("designation", "enterprise", "annualfigures", "membership", "relocation")
    return {
        table
        for table in tables
        for query in queries
        if "array_agg" in query["sql"] and f"registry_{table}" in query["sql"]
    }


OF_ENTERPRISES = {"enterprise", "membership", "relocation"}


def test_what_was_read_is_counted_for_any_day(kept: None) -> None:
    holder = enterprise("甲", district=district())
    designation(holder, FIRST, scheme=scheme("a"))
    figures(holder, 2022, revenue=5)
    figures(holder, 2023, revenue=7)
    asked = [rule("a"), revenue()]
    numbers = {}

    def count(day: dt.date) -> None:
        found = measure(asked, day)
        numbers[day] = (found["a"].value, found["revenue"].value)

    assert read(lambda: count(DAY)) == {"designation", "annualfigures", *OF_ENTERPRISES}
    assert read(lambda: count(DAY)) == set()
    assert read(lambda: count(DAY - A_DAY)) == {"annualfigures"}, "those of the year before"
    for day in (FIRST, FIRST - A_DAY):
        assert read(lambda day=day: count(day)) == set()
    assert numbers == {DAY: (1, 7), DAY - A_DAY: (1, 5), FIRST: (1, None), FIRST - A_DAY: (0, None)}


@pytest.mark.parametrize(
    ("change", "again", "value"),
    [
        pytest.param(lambda one: designation(one, DAY, scheme=scheme("b")), {"designation"}, 1, id="title"),
        pytest.param(
            lambda one: designation(enterprise("乙"), DAY, scheme=scheme("a")),
            {"designation", "enterprise", "relocation"},
            2,
            id="title of a new one",
        ),
        pytest.param(lambda _one: enterprise("乙"), set(), 1, id="a new one alone"),
        pytest.param(
            lambda one: Enterprise.objects.filter(pk=one.pk).update(closed_on=CLOSED),
            {"enterprise", "relocation"},
            0,
            id="closed",
        ),
        pytest.param(lambda one: member(one, cluster("steel")), OF_ENTERPRISES, 1, id="membership"),
        pytest.param(
            lambda one: Designation.objects.update(ended_on=DAY, end_reason="removed"),
            {"designation"},
            0,
            id="ended",
        ),
        pytest.param(lambda one: one.scheme.update(grace_months=6), {"designation"}, 1, id="grace"),
        pytest.param(lambda one: one.scheme.update(name="绿厂", term_months=36), set(), 1, id="a name"),
        pytest.param(lambda _one: district("320481"), {"enterprise", "relocation"}, 1, id="a new area"),
    ],
)
def test_what_has_changed_is_read_again(
    kept: None, change: Callable[[Any], Any], again: set[str], value: int
) -> None:
    holder = enterprise("甲")
    designation(holder, FIRST, scheme=scheme("a"))
    holder.scheme = type(scheme("a")).objects.filter(code="a")
    cluster("steel")
    asked = [rule("a"), rule("b")]
    measure(asked, DAY)
    change(holder)
    assert read(lambda: measure(asked, DAY)) == again
    assert measure(asked, DAY)["a"].value == value


def test_an_enterprise_that_moves_is_elsewhere_from_its_day_on(kept: None) -> None:
    wujin, liyang = district("320412"), district("320481")
    holder = enterprise("甲", district=wujin)
    designation(holder, FIRST, scheme=scheme("a"))
    asked = rule("a")
    assert measure([asked], DAY)["a"].by_district == {wujin.pk: 1, liyang.pk: 0}
    Relocation.objects.create(enterprise=holder, day=MOVED, from_district=wujin, to_district=liyang)
    Enterprise.objects.filter(pk=holder.pk).update(district=liyang)
    for day, here in [(MOVED - A_DAY, wujin), (MOVED, liyang), (DAY, liyang)]:
        found = measure([asked], day)["a"].by_district
        assert {area: number for area, number in found.items() if number} == {here.pk: 1}, day


def test_what_a_writer_sees_is_kept_by_nobody(kept: None) -> None:
    designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    asked = [rule("a"), rule("b")]
    measure(asked, DAY)
    with transaction.atomic():
        designation(enterprise("乙"), FIRST, scheme=scheme("a"))
        assert measure(asked, DAY)["a"].value == 2
        transaction.set_rollback(True)
    assert read(lambda: measure(asked, DAY)) == set()
    assert measure(asked, DAY)["a"].value == 1


def test_a_title_before_its_enterprise_is_in_no_area(kept: None) -> None:
    """Foreign keys are checked at the end of the writer's transaction."""
    district()
    asked = rule("a")
    missing = 10**12
    with transaction.atomic():
        title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
        Designation.objects.filter(pk=title.pk).update(enterprise=missing)
        figures(enterprise("乙"), 2023, revenue=7)
        found = measure([asked, revenue()], DAY)
        assert found["a"].by_district == {**dict.fromkeys(found["a"].by_district, 0), None: 1}
        assert found["revenue"].value == 7
        transaction.set_rollback(True)


def test_what_another_commits_between_two_readings_is_not_kept_for_the_state_before(
    kept: None, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction of a caller's sees each commit: what it read may be newer than the state it asked for."""
    title = designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    asked = rule("a")
    really = enterprises._read

    def commit_first(*found: Any) -> None:
        other.run(f"UPDATE registry_designation SET state = 'returned' WHERE id = {title.pk}")
        other.run(f"UPDATE registry_enterprise SET closed_on = '{FIRST}'")
        other.commit()
        really(*found)

    with transaction.atomic(), monkeypatch.context() as patched:
        patched.setattr(enterprises, "_read", commit_first)
        measure([asked], DAY)
    assert not any(source == enterprises.ENTERPRISES for source, _moment in columns.KEPT._answers)
    forget_answers()
    assert measure([asked], DAY)["a"].value == 0


def test_the_past_has_columns_of_its_own(kept: None) -> None:
    designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    asked = rule("a")
    then = moment()
    designation(enterprise("乙"), FIRST, scheme=scheme("a"))
    assert measure([asked], DAY)["a"].value == 2
    for known, again in ((False, {"designation", *OF_ENTERPRISES}), (True, set())):
        if not known:
            columns.KEPT.clear()
        with as_known_at(then):
            assert read(lambda: measure([asked], DAY)) == again
            assert read(lambda: measure([asked], FIRST)) == set()
            assert measure([asked], DAY)["a"].value == 1
        measure([asked], DAY)
    assert read(lambda: measure([asked], DAY)) == set()
    assert measure([asked], DAY)["a"].value == 2


def title_of(name: str) -> Any:
    """That it holds itself, and not a thing of its."""
    return Designation.objects.filter(enterprise__name=name, item="")


def delete(name: str) -> None:
    AnnualFigures.objects.filter(enterprise__name=name).delete()
    title_of(name).delete()
    Enterprise.objects.get(name=name).delete()


# What may come after a moment, and of which tables columns are then read that were known before.
LATER = [
    pytest.param(lambda: title_of("甲").update(document="更正"), set(), id="a title corrected"),
    pytest.param(lambda: title_of("甲").update(ended_on=CLOSED, end_reason="removed"), set(), id="ended"),
    pytest.param(lambda: title_of("甲").update(level="provincial"), set(), id="of another level"),
    pytest.param(lambda: title_of("甲").update(scheme=scheme("b")), set(), id="of another scheme"),
    pytest.param(
        lambda: title_of("甲").update(enterprise=Enterprise.objects.get(name="丙")), set(), id="of another"
    ),
    pytest.param(lambda: title_of("甲").update(state="returned"), set(), id="returned"),
    pytest.param(lambda: title_of("甲").delete(), set(), id="deleted"),
    pytest.param(lambda: designation(enterprise("丁"), FIRST, scheme=scheme("a")), set(), id="a new holder"),
    pytest.param(
        lambda: title_of("甲").update(enterprise=None, item="园区", district=district()),
        set(),
        id="no longer of an enterprise",
    ),
    pytest.param(
        lambda: Designation.objects.filter(item="一号").update(document="更正"),
        set(),
        id="a thing's corrected",
    ),
    pytest.param(
        lambda: Designation.objects.filter(item="一号").update(ended_on=CLOSED, end_reason="removed"),
        set(),
        id="a thing's ended",
    ),
    pytest.param(
        lambda: Designation.objects.filter(item="中心").update(valid_from=DAY),
        set(),
        id="a thing's begun later",
    ),
    pytest.param(lambda: Scheme.objects.filter(code="a").update(grace_months=3), {"designation"}, id="grace"),
    pytest.param(
        lambda: Enterprise.objects.filter(name="甲").update(closed_on=CLOSED),
        set(),
        id="an enterprise closed",
    ),
    pytest.param(
        lambda: Enterprise.objects.filter(name="甲").update(district=district("320481")),
        set(),
        id="in another area",
    ),
    pytest.param(
        lambda: Enterprise.objects.filter(name="乙").update(parent=Enterprise.objects.get(name="甲")),
        set(),
        id="of a group",
    ),
    pytest.param(
        lambda: delete("丙"), {"enterprise", "relocation", "annualfigures"}, id="an enterprise deleted"
    ),
    pytest.param(
        lambda: Relocation.objects.create(
            enterprise=Enterprise.objects.get(name="甲"), day=MOVED, from_district=district("320481")
        ),
        {"relocation"},
        id="a move",
    ),
    pytest.param(
        lambda: Relocation.objects.filter(enterprise__name="乙").delete(),
        {"relocation"},
        id="a move taken back",
    ),
    pytest.param(lambda: Membership.objects.all().delete(), {"membership"}, id="members"),
    pytest.param(
        lambda: AnnualFigures.objects.filter(year=2023).update(revenue=9), {"annualfigures"}, id="figures"
    ),
    pytest.param(
        lambda: AnnualFigures.objects.filter(year=2022).update(revenue=9),
        set(),
        id="figures of a year before",
    ),
    pytest.param(
        lambda: District.objects.create(code="320402", name="天宁区"), {"enterprise", "relocation"}, id="area"
    ),
]


def entered() -> Callable[[], dict[str, Any]]:
    """Some of everything, and what is asked of it."""
    wujin, _liyang = district(), district("320481")
    for name in ("甲", "乙", "丙"):
        holder = enterprise(name, district=wujin)
        figures(holder, 2022, revenue=5)
        figures(holder, 2023, revenue=7)
    first = Enterprise.objects.get(name="甲")
    Relocation.objects.create(
        enterprise=Enterprise.objects.get(name="乙"), day=DAY, from_district=district("320481")
    )
    designation(first, FIRST, scheme=scheme("a"))
    # one like it, so that one of two is taken away
    designation(Enterprise.objects.get(name="乙"), FIRST, scheme=scheme("a"))
    member(first, cluster("steel"))
    designation(None, FIRST, scheme=scheme("a"), item="一号", district=wujin)
    asked = [rule("a"), rule("b"), rule("centre", Unit.ITEM), revenue()]
    designation(first, FIRST, scheme=scheme("centre"), item="中心")
    band = Spec("band", Feed.BAND, "家", dt.date(2020, 12, 31), figure="revenue", lower=Decimal("0.0001"))
    return lambda: measure([*asked, band], DAY)


@pytest.mark.parametrize(("later", "again"), LATER)
def test_columns_of_a_moment_are_made_of_those_of_now(
    kept: None, later: Callable[[], Any], again: set[str]
) -> None:
    count = entered()
    known, then = count(), moment()
    later()
    forget_answers()
    count()
    with as_known_at(then):
        assert read(count) == again
        assert count() == known
        columns.KEPT.clear()
        forget_answers()
        assert count() == known, "where all is read"


def test_every_moment_is_found_again_whatever_came_later(kept: None) -> None:
    count = entered()
    seen = []
    for one in LATER:
        later = one.values[0]
        seen.append((moment(), count()))
        later()  # type: ignore[operator]
    count()
    for then, known in seen:
        forget_answers()
        with as_known_at(then):
            assert count() == known


def test_where_much_has_changed_all_is_read(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    count = entered()
    known, then = count(), moment()
    monkeypatch.setattr(since, "MOST", 1)
    Designation.objects.update(document="更正")
    count()
    with as_known_at(then):
        assert read(count) == {"designation"}
        assert count() == known


def test_within_a_transaction_of_a_caller_the_past_is_read(kept: None) -> None:
    """What is kept of now may be newer than what that sees."""
    count = entered()
    known, then = count(), moment()
    with transaction.atomic(), as_known_at(then):
        assert read(count) == {"designation", "annualfigures", *OF_ENTERPRISES}
        assert count() == known


def test_a_process_that_begins_reads_what_its_pages_count(kept: None) -> None:
    designation(enterprise("甲"), FIRST, scheme=scheme("a"))
    target_with_rule("one", schemes=(scheme("a"),))
    read_facts(DAY)
    assert read(lambda: standings_on(known_targets(plan()), [DAY, FIRST])) == set()


def test_a_process_begins_where_the_database_does_not_answer(
    kept: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(_today: dt.date) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(reading_ahead, "plan_on", lost)
    read_facts(DAY)
    assert "not read ahead" in caplog.text


def test_of_one_enterprise_its_own_alone_is_read(kept: None) -> None:
    """Which rules count it is told at once, whatever there is besides; and nobody else gets these for all."""
    one, many = enterprise("甲"), enterprise("乙")
    for holder in (one, many):
        designation(holder, FIRST, scheme=scheme("a"))
    designation(many, FIRST, scheme=scheme("b"))
    asked = [rule("a"), rule("b")]
    assert counted_in(asked, DAY, one.pk) == {0}
    assert counted_in(asked, DAY, many.pk) == {0, 1}
    assert len(columns.KEPT) == 0
    assert measure(asked, DAY)["a"].value == 2


def test_a_band_counts_an_enterprise_by_the_year_of_all(kept: None) -> None:
    """Who has no figure of the newest year is in no band, though it had one before."""
    one, other_one = enterprise("甲"), enterprise("乙")
    figures(one, 2022, revenue=60_000)
    figures(other_one, 2023, revenue=60_000)
    band = Spec("band", Feed.BAND, "家", dt.date(2020, 12, 31), figure="revenue", lower=Decimal(5))
    assert counted_in([band], DAY, one.pk) == set()
    assert counted_in([band], DAY, other_one.pk) == {0}
    assert counted_in([band], dt.date(2023, 12, 30), one.pk) == {0}


# What needs no database

WHOLE = st.integers(-(10**18), 10**18)


@given(st.lists(st.tuples(WHOLE, st.integers(0, 3), st.booleans())), st.sampled_from([0, 4]))
def test_sums_are_exact(rows: list[tuple[int, int, bool]], decimals: int) -> None:
    values, groups, chosen = (
        (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    )
    of = Amounts(np.arange(len(rows)), np.array(values, np.int64), decimals)
    found = of.sums(np.array(chosen, np.bool_), np.array(groups, np.int64), 4)
    for group in range(4):
        inside = [value for value, its, wanted in rows if wanted and its == group]
        assert found[group] == (Decimal(sum(inside)).scaleb(-decimals), len(inside))


@pytest.mark.parametrize(
    ("lower", "upper", "inside"),
    [
        (None, None, [True, True, True]),
        ("1.0001", None, [False, True, True]),
        ("1.00001", None, [False, True, True]),
        (None, "1.0001", [True, False, False]),
        ("1", "1.0002", [True, True, False]),
    ],
)
def test_a_threshold_belongs_to_the_band_above(
    lower: str | None, upper: str | None, inside: list[bool]
) -> None:
    of = Amounts(np.arange(3), np.array([10_000, 10_001, 10_002]), 4)
    limits = (None if one is None else Decimal(one) for one in (lower, upper))
    assert of.between(*limits).tolist() == inside


def of_ids(*ids: int) -> Enterprises:
    nothing, none = np.zeros(len(ids), np.int64), np.empty(0, np.int64)
    nowhere = nothing.astype(np.int16)
    stays = Stays(Placed(none), none.astype(np.int16), none, none)
    return Enterprises(np.array(ids), nothing, nothing == 0, nowhere, stays, Index(none))


@pytest.mark.parametrize("ids", [(3, 4, 6), (3, 10**9, 10**15)], ids=["close", "far"])
def test_places_are_found_among_ids_close_to_each_other_and_far(ids: tuple[int, ...]) -> None:
    among = of_ids(*ids)
    assert among.places_of(np.array([ids[2], ids[0], ids[2], ids[1]])).tolist() == [2, 0, 2, 1]
    for unknown in (1, 5, ids[2] + 1):
        with pytest.raises(Unknown) as caught:
            among.places_of(np.array([ids[0], unknown, ids[1]]))
        assert caught.value.ids.tolist() == [unknown]
    with pytest.raises(Unknown):
        of_ids().places_of(np.array([1]))
    assert of_ids().places_of(np.empty(0, np.int64)).tolist() == []
