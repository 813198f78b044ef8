"""Titles that run out: those that hold, end soon and are followed by no other, however they are looked for."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.models import Designation
from registry.past import as_known_at
from tests.factories import designation, district, enterprise, scheme

pytestmark = pytest.mark.django_db

DAY = dt.date(2025, 10, 1)
WITHIN = 90
LAST = DAY + dt.timedelta(days=WITHIN)


class Title(NamedTuple):
    """Of which of the enterprises (none: a thing's), at which level, from when to when, in which state."""

    holder: int | None = 0
    level: str = "national"
    begun: dt.date = dt.date(2022, 1, 1)
    ends: dt.date | None = LAST
    state: str = "confirmed"


def entered(titles: Iterable[Title]) -> list[Designation]:
    here = district("320412")
    holders = [enterprise(name, district=here) for name in ("甲", "乙", "丙")]
    kind = scheme("green")
    return [
        designation(
            None if title.holder is None else holders[title.holder],
            title.begun,
            scheme=kind,
            level=title.level,
            valid_to=title.ends,
            state=title.state,
            item="" if title.holder is not None else f"园区{number}",
            district=here if title.holder is None else None,
            batch=str(number),
        )
        for number, title in enumerate(titles)
    ]


def found_each_way(most: int = 20) -> list[list[str]]:
    """By their batches: looked up by index, by comparing all, and the first of them; of now and of a moment."""
    every = Designation.objects.all()
    in_order = ("valid_to", "pk")
    ways = []
    for when in (None, timezone.now() + dt.timedelta(days=1)):
        with as_known_at(when):
            for by_index in (True, False):
                rows = every.expiring(DAY, WITHIN, by_index=by_index).order_by(*in_order)
                ways.append(list(rows.values_list("pk", flat=True)[:most]))
            ways.append(every.first_expiring(DAY, WITHIN, most))
    batches = dict(every.values_list("pk", "batch"))
    return [[batches[pk] for pk in way] for way in ways]


RENEWED = dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        ([Title()], ["0"]),
        ([Title(ends=LAST + dt.timedelta(days=1))], []),
        ([Title(ends=DAY)], ["0"]),
        ([Title(ends=DAY - dt.timedelta(days=1))], []),
        ([Title(ends=None)], []),
        ([Title(state="submitted")], []),
        ([Title(), Title(begun=RENEWED, ends=None)], []),
        ([Title(), Title(begun=RENEWED, ends=None, state="submitted")], []),
        ([Title(), Title(begun=RENEWED, ends=None, state="returned")], ["0"]),
        ([Title(), Title(begun=RENEWED, ends=None, level="provincial")], ["0"]),
        ([Title(), Title(1, begun=RENEWED, ends=None)], ["0"]),
        ([Title(1), Title(0, ends=LAST - dt.timedelta(days=1))], ["1", "0"]),
        ([Title(None), Title(None)], ["0", "1"]),
    ],
)
def test_what_runs_out(titles: list[Title], found: list[str]) -> None:
    entered(titles)
    assert found_each_way() == [found] * 6


def test_the_first_are_looked_for_among_all_where_most_are_followed() -> None:
    """Of the first ten none is left."""
    followed = [Title(number % 2, level="national") for number in range(2)]
    renewals = [Title(number, begun=RENEWED, ends=None) for number in range(2)]
    entered([*followed, *renewals, Title(2, ends=LAST)])
    every = Designation.objects.all()
    with as_known_at(timezone.now()):
        found = every.first_expiring(DAY, WITHIN, 1)
    assert [Designation.objects.get(pk=pk).batch for pk in found] == ["4"]


DAYS = st.dates(DAY - dt.timedelta(days=3), LAST + dt.timedelta(days=3))
STATES = st.sampled_from(["confirmed", "submitted", "returned"])


@st.composite
def one_after_another(draw: st.DrawFn, holder: int, level: str) -> list[Title]:
    """The titles of a holder at a level, which cannot hold at the same time."""
    if draw(st.booleans()):
        return []
    ends = draw(st.none() | DAYS)
    titles = [Title(holder, level, ends=ends, state=draw(STATES))]
    if ends is not None and draw(st.booleans()):
        begun = ends + dt.timedelta(days=draw(st.integers(1, 40)))
        titles.append(Title(holder, level, begun, draw(st.none() | st.just(begun)), draw(STATES)))
    return titles


CHAINS = st.tuples(
    *(one_after_another(holder, level) for holder in range(3) for level in ("national", "provincial"))
)


def recounted(titles: list[Title]) -> list[str]:
    def runs_out(title: Title) -> bool:
        followed = any(
            other.holder == title.holder
            and other.level == title.level
            and other.begun > title.begun
            and other.state in ("confirmed", "submitted")
            for other in titles
        )
        ends = title.ends is not None and DAY <= title.ends <= LAST
        return title.state == "confirmed" and title.begun <= DAY and ends and not followed

    chosen = [(title.ends, number) for number, title in enumerate(titles) if runs_out(title)]
    return [str(number) for _ends, number in sorted(chosen, key=lambda one: (one[0] or DAY, one[1]))]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHAINS)
def test_every_way_finds_what_a_plain_recount_does(chains: tuple[list[Title], ...]) -> None:
    titles = [title for chain in chains for title in chain]
    with transaction.atomic():
        entered(titles)
        assert found_each_way() == [recounted(titles)] * 6
        transaction.set_rollback(True)
