"""Why a count changed: each cause on its first day, its last day and the day after; and what cannot be explained."""

import datetime as dt
from typing import Any

import pytest

from registry.choices import Unit
from targets import rules
from targets.choices import Cause, Feed
from targets.measure.bridge import COUNTED, Bridge, NoBridge, bridge, steps
from targets.measure.pages import Window
from targets.rules import Spec
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    member,
    relocation,
    scheme,
    target_with_rule,
)

pytestmark = pytest.mark.django_db

D = dt.date
GRANTED, RENEWED, EXPIRED, ENDED, CLOSED = (
    Cause.GRANTED,
    Cause.RENEWED,
    Cause.EXPIRED,
    Cause.ENDED,
    Cause.CLOSED,
)
MOVED_IN, MOVED_OUT, YEAR_OVER = Cause.MOVED_IN, Cause.MOVED_OUT, Cause.YEAR_OVER

# A title that runs from 1 March 2020 to 28 February 2023, and others of the same enterprise.
TERM = {"valid_from": D(2020, 3, 1), "valid_to": D(2023, 2, 28)}
AT_ONCE = {"valid_from": D(2023, 3, 1)}
LATER = {"valid_from": D(2023, 12, 1)}
OPEN = {"valid_from": D(2020, 3, 1)}
REMOVED = {"end_reason": "removed"}
ENDING = {**OPEN, **REMOVED, "ended_on": D(2023, 2, 28)}
CLOSING = {"closed_on": D(2023, 2, 28)}


def green(**fields: Any) -> Spec:
    return rules.spec_of(target_with_rule("green", schemes=(scheme(),), **fields).rule)


def adds_up(found: Bridge) -> bool:
    return found.start + sum(found.causes.values()) == found.end


@pytest.mark.parametrize(
    ("titles", "holder", "first", "last", "causes"),
    [
        # granted: on its first day it counts
        ([AT_ONCE], {}, D(2023, 2, 27), D(2023, 2, 28), {}),
        ([AT_ONCE], {}, D(2023, 2, 28), D(2023, 3, 1), {GRANTED: 1}),
        ([AT_ONCE], {}, D(2023, 3, 1), D(2023, 3, 2), {}),
        # expired: on the last day it counts, on the day after it does not
        ([TERM], {}, D(2023, 2, 27), D(2023, 2, 28), {}),
        ([TERM], {}, D(2023, 2, 28), D(2023, 3, 1), {EXPIRED: -1}),
        ([TERM], {}, D(2023, 3, 1), D(2023, 3, 2), {}),
        # granted and expired in between leaves no trace
        ([TERM], {}, D(2020, 2, 29), D(2023, 3, 1), {}),
        # ended: on its day it no longer counts
        ([ENDING], {}, D(2023, 2, 26), D(2023, 2, 27), {}),
        ([ENDING], {}, D(2023, 2, 27), D(2023, 2, 28), {ENDED: -1}),
        ([ENDING], {}, D(2023, 2, 28), D(2023, 3, 1), {}),
        # closed: the same
        ([OPEN], CLOSING, D(2023, 2, 26), D(2023, 2, 27), {}),
        ([OPEN], CLOSING, D(2023, 2, 27), D(2023, 2, 28), {CLOSED: -1}),
        ([OPEN], CLOSING, D(2023, 2, 28), D(2023, 3, 1), {}),
        # of several ends the first is the cause; on one day the term, then the end, then the enterprise
        (
            [{**TERM, **REMOVED, "ended_on": D(2022, 6, 1)}],
            CLOSING,
            D(2022, 1, 1),
            D(2024, 1, 1),
            {ENDED: -1},
        ),
        ([TERM], CLOSING, D(2022, 1, 1), D(2024, 1, 1), {CLOSED: -1}),
        ([{**TERM, **REMOVED, "ended_on": D(2023, 3, 1)}], {}, D(2022, 1, 1), D(2024, 1, 1), {EXPIRED: -1}),
        ([ENDING], CLOSING, D(2022, 1, 1), D(2024, 1, 1), {ENDED: -1}),
        # renewed without a gap: one ran out and came back
        ([TERM, AT_ONCE], {}, D(2023, 2, 28), D(2023, 3, 1), {RENEWED: 1, EXPIRED: -1}),
        ([TERM, AT_ONCE], {}, D(2023, 3, 1), D(2023, 3, 2), {}),
        # renewed with a gap: lost, then back; seen as a whole both
        ([TERM, LATER], {}, D(2023, 2, 28), D(2023, 6, 30), {EXPIRED: -1}),
        ([TERM, LATER], {}, D(2023, 6, 30), D(2023, 11, 30), {}),
        ([TERM, LATER], {}, D(2023, 6, 30), D(2023, 12, 1), {RENEWED: 1}),
        ([TERM, LATER], {}, D(2023, 2, 28), D(2023, 12, 1), {RENEWED: 1, EXPIRED: -1}),
        # two levels of one enterprise: while one title holds on, nothing has changed
        ([TERM, {**OPEN, "level": "national"}], {}, D(2023, 2, 28), D(2023, 3, 1), {}),
        # the last of two to go is the cause
        ([TERM, {**ENDING, "level": "national"}], {}, D(2023, 2, 27), D(2023, 3, 1), {EXPIRED: -1}),
        # what is announced counts on no day
        ([{**AT_ONCE, "state": "announced"}], {}, D(2023, 2, 28), D(2023, 3, 1), {}),
    ],
)
def test_causes_of_a_stock(
    titles: list[dict[str, Any]],
    holder: dict[str, Any],
    first: dt.date,
    last: dt.date,
    causes: dict[Cause, int],
) -> None:
    firm = enterprise(district=district(), **holder)
    for title in titles:
        designation(firm, **title)
    found = bridge(green(), first, last)
    assert found.causes == causes
    assert found.by_district == ({district().pk: causes} if causes else {})
    assert adds_up(found)


@pytest.mark.parametrize(
    ("first", "last", "causes"),
    [
        # the term ends on 28 February, the grace of six months on 28 August
        (D(2023, 2, 28), D(2023, 3, 1), {}),
        (D(2023, 2, 28), D(2023, 8, 28), {}),
        (D(2023, 8, 28), D(2023, 8, 29), {EXPIRED: -1}),
        (D(2023, 8, 29), D(2023, 8, 30), {}),
    ],
)
def test_grace_puts_off_the_end(first: dt.date, last: dt.date, causes: dict[Cause, int]) -> None:
    scheme(grace_months=6)
    designation(enterprise(district=district()), **TERM)
    assert bridge(green(), first, last).causes == causes


@pytest.mark.parametrize(
    ("feed", "awarded", "first", "last", "causes"),
    [
        # new since the baseline, the last day of 2020: what came before it never counts, what came later stays
        (Feed.NEW, [D(2020, 12, 31)], D(2020, 12, 30), D(2021, 1, 1), {}),
        (Feed.NEW, [D(2021, 1, 1)], D(2020, 12, 31), D(2021, 1, 1), {GRANTED: 1}),
        (Feed.NEW, [D(2021, 1, 1)], D(2021, 1, 1), D(2025, 12, 31), {}),
        (Feed.NEW, [D(2020, 6, 1), D(2022, 6, 1)], D(2021, 12, 31), D(2022, 12, 31), {}),
        # each year anew: within the year it counts, on new year's day no longer
        (Feed.YEARLY, [D(2023, 12, 31)], D(2023, 12, 30), D(2023, 12, 31), {GRANTED: 1}),
        (Feed.YEARLY, [D(2023, 12, 31)], D(2023, 12, 31), D(2024, 1, 1), {YEAR_OVER: -1}),
        (Feed.YEARLY, [D(2023, 12, 31)], D(2024, 1, 1), D(2024, 1, 2), {}),
        (Feed.YEARLY, [D(2023, 6, 1)], D(2022, 12, 31), D(2023, 12, 31), {GRANTED: 1}),
        # first awarded counts once, however often it is awarded again
        (Feed.YEARLY, [D(2022, 6, 1), D(2023, 6, 1)], D(2022, 12, 31), D(2023, 12, 31), {YEAR_OVER: -1}),
    ],
)
def test_causes_of_new_and_yearly(
    feed: Feed, awarded: list[dt.date], first: dt.date, last: dt.date, causes: dict[Cause, int]
) -> None:
    firm = enterprise(district=district())
    for day in awarded:
        # a title runs for a year, but a first award remains
        designation(firm, day, valid_to=day + dt.timedelta(days=300))
    found = bridge(green(feed=feed), first, last)
    assert found.causes == causes
    assert adds_up(found)


@pytest.mark.parametrize(
    ("first", "last", "moved"),
    [
        (D(2023, 2, 27), D(2023, 2, 28), False),
        # on the day of the move it is in the new area
        (D(2023, 2, 28), D(2023, 3, 1), True),
        (D(2023, 3, 1), D(2023, 3, 2), False),
    ],
)
@pytest.mark.parametrize(("from_", "to"), [("320412", "320481"), (None, "320481"), ("320412", None)])
def test_moves_are_a_loss_here_and_a_gain_there(
    from_: str | None, to: str | None, first: dt.date, last: dt.date, moved: bool
) -> None:
    here, there = (code and district(code) for code in (from_, to))
    firm = enterprise(district=there or None)
    relocation(firm, D(2023, 3, 1), here or None, there or None)
    designation(firm, D(2020, 3, 1))
    spec = green()
    found = bridge(spec, first, last)
    ids = [place.pk if place else None for place in (here, there)]
    assert found.by_district == ({ids[0]: {MOVED_OUT: -1}, ids[1]: {MOVED_IN: 1}} if moved else {})
    # to the city it is nothing, and nothing is told of it there
    assert (found.start, found.causes, found.end) == (1, {}, 1)
    assert steps(spec, first, last).records == []


def test_there_and_back_again_is_no_move() -> None:
    wujin, liyang = district("320412"), district("320481")
    firm = enterprise(district=wujin)
    relocation(firm, D(2022, 3, 1), wujin, liyang)
    relocation(firm, D(2022, 6, 1), liyang, wujin)
    designation(firm, D(2020, 3, 1))
    spec = green()
    assert bridge(spec, D(2022, 1, 1), D(2022, 12, 31)).by_district == {}
    assert bridge(spec, D(2022, 1, 1), D(2022, 3, 31)).by_district == {
        wujin.pk: {MOVED_OUT: -1},
        liyang.pk: {MOVED_IN: 1},
    }


def test_who_moves_and_is_lost_is_lost_where_it_was() -> None:
    wujin, liyang = district("320412"), district("320481")
    firm = enterprise(district=liyang)
    relocation(firm, D(2022, 3, 1), wujin, liyang)
    designation(firm, **TERM)
    designation(firm, **LATER)
    spec = green()
    assert bridge(spec, D(2022, 1, 1), D(2023, 3, 1)).by_district == {wujin.pk: {EXPIRED: -1}}
    # lost in one area and renewed in the other
    assert bridge(spec, D(2022, 1, 1), D(2023, 12, 1)).by_district == {
        wujin.pk: {EXPIRED: -1},
        liyang.pk: {RENEWED: 1},
    }


@pytest.mark.parametrize(
    ("first", "last", "causes"),
    [
        # since 1 March 2022 in steel, from 1 March 2023 on no longer
        (D(2022, 2, 27), D(2022, 2, 28), {}),
        (D(2022, 2, 28), D(2022, 3, 1), {MOVED_IN: 1}),
        (D(2022, 3, 1), D(2022, 3, 2), {}),
        (D(2023, 2, 27), D(2023, 2, 28), {}),
        (D(2023, 2, 28), D(2023, 3, 1), {MOVED_OUT: -1}),
        (D(2023, 3, 1), D(2023, 3, 2), {}),
        # a gain of the city while it was a member
        (D(2019, 12, 31), D(2022, 12, 31), {GRANTED: 1}),
        # and none of the cluster's before and after
        (D(2019, 12, 31), D(2023, 12, 31), {}),
    ],
)
def test_clusters_gain_and_lose_members(first: dt.date, last: dt.date, causes: dict[Cause, int]) -> None:
    firm = enterprise(district=district())
    steel = cluster("steel")
    member(firm, steel, since=D(2022, 3, 1), until=D(2023, 3, 1))
    # a further cluster of its kind counts nowhere
    member(firm, cluster("textile"), main=False)
    designation(firm, **OPEN)
    assert bridge(green(), first, last).by_cluster == ({steel.pk: causes} if causes else {})


def test_things_without_an_enterprise_stand_where_they_are_entered() -> None:
    things = scheme("park", counts="item", item_word="园区")
    wujin = district()
    designation(None, **TERM, scheme=things, item="一号园区", district=wujin)
    designation(None, **AT_ONCE, scheme=things, item="二号园区")
    # the name as others write it is the same thing
    designation(None, **LATER, scheme=things, item="A园区", district=wujin)
    designation(None, **TERM, scheme=things, item="a园区", district=wujin, level="national")
    spec = rules.spec_of(target_with_rule("parks", schemes=(things,), counted=Unit.ITEM).rule)
    found = bridge(spec, D(2023, 2, 28), D(2023, 12, 31))
    assert (found.start, found.causes, found.end) == (2, {GRANTED: 1, RENEWED: 1, EXPIRED: -2}, 2)
    assert found.by_district == {wujin.pk: {EXPIRED: -2, RENEWED: 1}, None: {GRANTED: 1}}
    records = steps(spec, D(2023, 2, 28), D(2023, 12, 31), Window(reason=EXPIRED)).records
    assert {(one.enterprise_id, one.item, one.amount) for one in records} == {
        (None, "一号园区", -1),
        (None, "a园区", -1),
    }


# The records


def test_steps_are_found_by_cause_area_and_words_and_come_in_pages() -> None:
    wujin, liyang = district("320412"), district("320481")
    for name, place, title in (
        ("武进旧厂", wujin, TERM),
        ("武进新厂", wujin, AT_ONCE),
        ("溧阳新厂", liyang, AT_ONCE),
    ):
        designation(enterprise(name, district=place), **title, document="苏工信〔2023〕1号")
    spec = green()

    def found(**window: Any) -> list[str]:
        return [
            one.enterprise for one in steps(spec, D(2023, 2, 28), D(2023, 3, 1), Window(**window)).records
        ]

    # losses first
    assert found()[0] == "武进旧厂"
    assert sorted(found(reason=GRANTED)) == ["武进新厂", "溧阳新厂"]
    assert found(reason=GRANTED, district=liyang.pk) == ["溧阳新厂"]
    assert found(search="旧厂") == ["武进旧厂"]
    assert found(reason=ENDED) == []
    first = steps(spec, D(2023, 2, 28), D(2023, 3, 1), Window(limit=2))
    assert (len(first.records), first.total) == (2, 3)
    assert len(found(limit=2, offset=2)) == 1
    assert first.records[0].document == "苏工信〔2023〕1号"


# What has no bridge


@pytest.mark.parametrize("feed", [feed for feed in Feed if feed not in COUNTED])
def test_what_is_no_count_of_holders_is_refused(feed: Feed) -> None:
    spec = Spec("x", feed, "家", D(2020, 12, 31))
    with pytest.raises(NoBridge):
        bridge(spec, D(2022, 1, 1), D(2023, 1, 1))
    with pytest.raises(NoBridge):
        steps(spec, D(2022, 1, 1), D(2023, 1, 1))


@pytest.mark.parametrize(("first", "last"), [(D(2023, 1, 1), D(2023, 1, 1)), (D(2023, 1, 2), D(2023, 1, 1))])
def test_a_bridge_leads_to_a_later_day(first: dt.date, last: dt.date) -> None:
    with pytest.raises(ValueError, match="later"):
        bridge(green(), first, last)
