"""How far a target is (进度): completion, 序时进度, lead and state. Pure: plain values in, plain values out.

completion 完成率 = value / target; expected 序时进度 = the completion that is due at the data's cut-off day: on the
straight line from the baseline (基期数; from 0 where there is none) to the target, or by the target's own steps
(分年度目标); lead 超序时 = completion − expected. All are fractions of 1: a lead of 0.05 is five percentage points.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from targets.choices import Comparator, State


@dataclass(frozen=True)
class Terms:
    """What a target wants on the day asked about, in its unit; `steps` are (day, value) in the order of days.

    `baseline` is what there was on `starts_on`; None where counting starts from 0.
    """

    comparator: Comparator
    value: Decimal
    starts_on: dt.date
    due_on: dt.date
    tolerance: Decimal | None = None
    steps: tuple[tuple[dt.date, Decimal], ...] = ()
    each_year: bool = False
    baseline: Decimal | None = None


@dataclass(frozen=True)
class Thresholds:
    """From which lead on a state is told, as positive fractions of 1; they belong to the plan."""

    ahead: Decimal = Decimal("0.05")
    behind: Decimal = Decimal("0.05")
    far_behind: Decimal = Decimal("0.15")


@dataclass(frozen=True)
class Verdict:
    """Fractions of 1, or None without data; `expected` is told all the same."""

    completion: Decimal | None
    expected: Decimal
    lead: Decimal | None
    state: State


def is_met(terms: Terms, value: Decimal) -> bool:
    """Whether a value meets the target.

    超/超过 N: more than N; 达/以上 and a bare count: N and more (overshooting is meeting it);
    N左右: within the tolerance; a range such as 1-2家: its lower bound and more.
    """
    if terms.comparator == Comparator.GT:
        return value > terms.value
    if terms.comparator == Comparator.APPROX:
        return abs(value - terms.value) <= (terms.tolerance or 0)
    return value >= terms.value


def expected_on(terms: Terms, day: dt.date) -> Decimal:
    """The completion that is due on a day, from 0 to 1: by the target's own steps, else on the straight line.

    What was there on the baseline date is due all the way: before the first step, and where the line begins.
    """
    if day >= terms.due_on:
        return Decimal(1)
    if day <= terms.starts_on:
        return _share(terms.baseline, terms)
    if terms.each_year:
        return _line(dt.date(day.year - 1, 12, 31), dt.date(day.year, 12, 31), day)
    if terms.steps:
        due = [value for step_day, value in terms.steps if step_day <= day]
        return _share(due[-1] if due else terms.baseline, terms)
    elapsed = _line(terms.starts_on, terms.due_on, day)
    if terms.baseline is None:
        return elapsed
    return _share(terms.baseline + (terms.value - terms.baseline) * elapsed, terms)


def _share(due: Decimal | None, terms: Terms) -> Decimal:
    """What is due as a share of the target; a baseline above the target asks for no more than the target."""
    return min(max((due or Decimal(0)) / terms.value, Decimal(0)), Decimal(1))


def _line(start: dt.date, end: dt.date, day: dt.date) -> Decimal:
    return Decimal((day - start).days) / Decimal((end - start).days)


def verdict(
    terms: Terms,
    value: Decimal | None,
    *,
    as_of: dt.date,
    data_date: dt.date | None = None,
    thresholds: Thresholds | None = None,
) -> Verdict:
    """Judge a value on the day `as_of`; 序时进度 is taken at the cut-off day of the data, not at the day asked."""
    expected = expected_on(terms, data_date or as_of)
    if value is None:
        return Verdict(None, expected, None, State.NO_DATA)
    completion = value / terms.value
    lead = completion - expected
    if is_met(terms, value):
        state = State.REACHED
    elif as_of > terms.due_on:
        state = State.MISSED
    else:
        state = _on_the_way(lead, thresholds or Thresholds())
    return Verdict(completion, expected, lead, state)


def _on_the_way(lead: Decimal, thresholds: Thresholds) -> State:
    if lead >= thresholds.ahead:
        return State.AHEAD
    if lead < -thresholds.far_behind:
        return State.FAR_BEHIND
    if lead < -thresholds.behind:
        return State.BEHIND
    return State.ON_PACE
