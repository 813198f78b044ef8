"""How numbers and targets are said; in English, so that a better Chinese word breaks no test."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from targets.choices import Comparator, Feed, MilestoneState, State
from targets.progress import Terms
from targets.reports import words


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (None, "家", "—"),
        ("0", "家", "0"),
        ("232", "家", "232"),
        ("25000", "亿元", "25,000"),
        ("6154.6394", "亿元", "6,154.6"),
        ("1E+3", "家", "1,000"),
        ("42.6", "%", "42.60"),
        ("43", "%", "43"),
        # half up, as offices round; not half even
        ("1.405", "倍", "1.41"),
        ("-12.5", "亿元", "−12.5"),
    ],
)
def test_amount(value: str | None, unit: str, told: str) -> None:
    assert words.amount(None if value is None else Decimal(value), unit) == told


@pytest.mark.parametrize(
    ("fraction", "told"),
    [
        (None, "—"),
        ("0", "0.0%"),
        ("0.7065", "70.7%"),
        ("1", "100.0%"),
        # what falls short of the whole is never told as the whole
        ("0.9999", "99.9%"),
        ("12.4", "1,240.0%"),
    ],
)
def test_percent(fraction: str | None, told: str) -> None:
    assert words.percent(None if fraction is None else Decimal(fraction)) == told


@pytest.mark.parametrize(
    ("lead", "told"),
    [(None, "—"), ("0", "0.0"), ("0.0004", "0.0"), ("0.032", "+3.2"), ("-0.047", "−4.7"), ("2.3", "+230.0")],
)
def test_points(lead: str | None, told: str) -> None:
    assert words.points(None if lead is None else Decimal(lead)) == told


@pytest.mark.parametrize(("value", "told"), [(None, "—"), ("0", "0"), ("4", "+4"), ("-19472", "−19,472")])
def test_signed(value: str | None, told: str) -> None:
    assert words.signed(None if value is None else Decimal(value), "家") == told


def standing(comparator: Comparator, value: str, unit: str, **fields: Any) -> Any:
    """As much of a standing as the words need."""
    terms = Terms(
        comparator, Decimal(value), dt.date(2020, 12, 31), dt.date(2025, 12, 31), fields.get("tolerance")
    )
    revisions = SimpleNamespace(all=lambda: fields.get("revisions", []))
    target = SimpleNamespace(unit=unit, value_max=fields.get("value_max"), revisions=revisions)
    spec = SimpleNamespace(feed=fields.get("feed", Feed.STOCK))
    reading = SimpleNamespace(as_of=dt.date(2025, 12, 31))
    return SimpleNamespace(terms=terms, target=target, spec=spec, reading=reading)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (standing(Comparator.GT, "350", "家"), "over 350家"),
        (standing(Comparator.GTE, "1E+2", "家"), "100家 or more"),
        (standing(Comparator.GTE, "60", "%"), "60% or more"),
        (standing(Comparator.EQ, "24", "家"), "24家"),
        (standing(Comparator.APPROX, "43", "%"), "about 43%"),
        (standing(Comparator.RANGE, "1", "家", value_max=Decimal(2)), "1–2家"),
        (standing(Comparator.GTE, "3000", "家", feed=Feed.YEARLY), "3,000家 or more a year"),
    ],
)
def test_wanted(asked: Any, told: str) -> None:
    assert words.wanted(asked) == told


def test_a_range_that_was_revised_later_is_told_as_it_then_was() -> None:
    later = SimpleNamespace(day=dt.date(2026, 1, 1), value_max_before=Decimal(5))
    asked = standing(Comparator.RANGE, "3", "家", value_max=Decimal(9), revisions=[later])
    assert words.wanted(asked) == "3–5家"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (standing(Comparator.GT, "350", "家"), "Reached when more than 350家."),
        (standing(Comparator.EQ, "24", "家"), "Reached when 24家 or more."),
        (
            standing(Comparator.APPROX, "43", "%", tolerance=Decimal(1)),
            "Reached when at most 1 percentage points away from 43%.",
        ),
        (
            standing(Comparator.APPROX, "40", "家", tolerance=Decimal(2)),
            "Reached when at most 2家 away from 40家.",
        ),
        (standing(Comparator.RANGE, "3", "家"), "Reached from the lower bound, 3家, on."),
    ],
)
def test_met_when(asked: Any, told: str) -> None:
    assert words.met_when(asked) == told


def test_every_state_has_a_sign_of_its_own() -> None:
    """No state is told by colour alone, and every Chinese font has the signs."""
    assert set(words.STATE_SIGNS) == set(State)
    assert len(set(words.STATE_SIGNS.values())) == len(State)
    assert set(words.MILESTONE_SIGNS) == set(MilestoneState)
    assert len(set(words.MILESTONE_SIGNS.values())) == len(MilestoneState)
    for sign in [*words.STATE_SIGNS.values(), *words.MILESTONE_SIGNS.values()]:
        sign.encode("gbk")
