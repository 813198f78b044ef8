"""Completion, 序时进度, lead and state; the first day, the last day and the day after."""

import datetime as dt
from decimal import Decimal

import pytest

from targets.choices import Comparator, State
from targets.progress import Terms, Thresholds, expected_on, is_met, verdict

BASELINE = dt.date(2020, 12, 31)
DEADLINE = dt.date(2025, 12, 31)
LAST_DAY_BUT_ONE = dt.date(2025, 12, 30)
DAY_AFTER = dt.date(2026, 1, 1)
DAYS = Decimal(1826)  # of the plan


def terms(comparator: Comparator = Comparator.GTE, value: str = "100", **fields: object) -> Terms:
    return Terms(comparator, Decimal(value), BASELINE, DEADLINE, **fields)


@pytest.mark.parametrize(
    ("comparator", "wanted", "tolerance", "value", "met"),
    [
        # 超350家: 350 is not enough
        (Comparator.GT, "350", None, "350", False),
        (Comparator.GT, "350", None, "351", True),
        # 100家以上: 100 is
        (Comparator.GTE, "100", None, "100", True),
        (Comparator.GTE, "100", None, "99", False),
        # 50家: a floor
        (Comparator.EQ, "50", None, "50", True),
        (Comparator.EQ, "50", None, "51", True),
        (Comparator.EQ, "50", None, "49", False),
        # 43%左右, a percentage point either way
        (Comparator.APPROX, "43", "1", "42", True),
        (Comparator.APPROX, "43", "1", "44", True),
        (Comparator.APPROX, "43", "1", "44.01", False),
        (Comparator.APPROX, "43", "1", "41.99", False),
        # 1-2家: one will do
        (Comparator.RANGE, "1", None, "1", True),
        (Comparator.RANGE, "1", None, "0", False),
        # missing 0.01 is missing
        (Comparator.GTE, "2", None, "1.99", False),
    ],
)
def test_met(comparator: Comparator, wanted: str, tolerance: str | None, value: str, met: bool) -> None:
    judged = terms(comparator, wanted, tolerance=Decimal(tolerance) if tolerance else None)
    assert is_met(judged, Decimal(value)) is met


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2020, 1, 1), Decimal(0)),
        (BASELINE, Decimal(0)),
        (dt.date(2021, 1, 1), 1 / DAYS),
        (dt.date(2021, 12, 31), 365 / DAYS),
        (LAST_DAY_BUT_ONE, 1825 / DAYS),
        (DEADLINE, Decimal(1)),
        (DAY_AFTER, Decimal(1)),
    ],
)
def test_expected_on_the_straight_line(day: dt.date, expected: Decimal) -> None:
    assert expected_on(terms(), day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2022, 12, 30), "0"),
        (dt.date(2022, 12, 31), "0.3"),  # the first step is due on its day
        (dt.date(2024, 6, 30), "0.3"),  # and holds until the next
        (dt.date(2024, 12, 31), "0.8"),
        (DEADLINE, "1"),
    ],
)
def test_expected_by_the_targets_own_steps(day: dt.date, expected: str) -> None:
    steps = ((dt.date(2022, 12, 31), Decimal(30)), (dt.date(2024, 12, 31), Decimal(80)))
    assert expected_on(terms(steps=steps), day) == Decimal(expected)


@pytest.mark.parametrize(
    ("baseline", "day", "expected"),
    [
        # 60 were there, 100 are wanted: the line runs from 0.6 to 1
        ("60", dt.date(2020, 1, 1), Decimal("0.6")),
        ("60", BASELINE, Decimal("0.6")),
        ("60", dt.date(2021, 1, 1), (60 + 40 / DAYS) / 100),
        ("60", dt.date(2023, 7, 2), Decimal("0.8")),  # half of the way
        ("60", LAST_DAY_BUT_ONE, (60 + 40 * (1825 / DAYS)) / 100),
        ("60", DEADLINE, Decimal(1)),
        ("60", DAY_AFTER, Decimal(1)),
        # nothing was there, and somebody looked
        ("0", BASELINE, Decimal(0)),
        ("0", dt.date(2023, 7, 2), Decimal("0.5")),
        # as much as is wanted, and more: never more than the target is due
        ("100", BASELINE, Decimal(1)),
        ("120", BASELINE, Decimal(1)),
        ("120", dt.date(2023, 7, 2), Decimal(1)),
        ("120", DAY_AFTER, Decimal(1)),
        # a loss: never less than nothing is due
        ("-50", BASELINE, Decimal(0)),
        ("-50", dt.date(2023, 7, 2), Decimal("0.25")),
    ],
)
def test_expected_from_a_baseline(baseline: str, day: dt.date, expected: Decimal) -> None:
    assert expected_on(terms(baseline=Decimal(baseline)), day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (BASELINE, "0.2"),
        (dt.date(2022, 12, 30), "0.2"),  # what was there is due until the first step
        (dt.date(2022, 12, 31), "0.3"),
        (DEADLINE, "1"),
    ],
)
def test_expected_by_steps_from_a_baseline(day: dt.date, expected: str) -> None:
    steps = ((dt.date(2022, 12, 31), Decimal(30)), (dt.date(2024, 12, 31), Decimal(80)))
    assert expected_on(terms(steps=steps, baseline=Decimal(20)), day) == Decimal(expected)


def test_a_plan_that_begins_with_much_is_not_ahead_for_it() -> None:
    # 62 of 100 after a tenth of the way: from 0 that would be far ahead, from 60 it is what is due
    day = dt.date(2021, 7, 1)
    assert verdict(terms(), Decimal(62), as_of=day).state == State.AHEAD
    assert verdict(terms(baseline=Decimal(60)), Decimal(62), as_of=day).state == State.ON_PACE


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2023, 1, 1), 1 / Decimal(365)),
        (dt.date(2023, 12, 31), Decimal(1)),
        (dt.date(2024, 1, 1), 1 / Decimal(366)),
        (dt.date(2024, 12, 31), Decimal(1)),
    ],
)
def test_expected_within_each_year(day: dt.date, expected: Decimal) -> None:
    assert expected_on(terms(each_year=True), day) == expected


@pytest.mark.parametrize(
    ("as_of", "value", "state"),
    [
        # 2023-07-02 is 913 days of 1826: half of the way
        (dt.date(2023, 7, 2), None, State.NO_DATA),
        (dt.date(2023, 7, 2), "100", State.REACHED),
        (dt.date(2023, 7, 2), "55", State.AHEAD),
        (dt.date(2023, 7, 2), "54.99", State.ON_PACE),
        (dt.date(2023, 7, 2), "45", State.ON_PACE),
        (dt.date(2023, 7, 2), "44.99", State.BEHIND),
        (dt.date(2023, 7, 2), "35", State.BEHIND),
        (dt.date(2023, 7, 2), "34.99", State.FAR_BEHIND),
        (dt.date(2023, 7, 2), "0", State.FAR_BEHIND),
        # the last day still counts; the day after it is over
        (DEADLINE, "99", State.ON_PACE),
        (DEADLINE, "100", State.REACHED),
        (DAY_AFTER, "99", State.MISSED),
        (DAY_AFTER, "100", State.REACHED),
        (DAY_AFTER, None, State.NO_DATA),
    ],
)
def test_states(as_of: dt.date, value: str | None, state: State) -> None:
    assert verdict(terms(), Decimal(value) if value else None, as_of=as_of).state == state


def test_thresholds_belong_to_the_plan() -> None:
    strict = Thresholds(ahead=Decimal(0), behind=Decimal(0), far_behind=Decimal("0.01"))
    day = dt.date(2023, 7, 2)
    assert verdict(terms(), Decimal(50), as_of=day, thresholds=strict).state == State.AHEAD
    assert verdict(terms(), Decimal("49.5"), as_of=day, thresholds=strict).state == State.BEHIND
    assert verdict(terms(), Decimal("48.9"), as_of=day, thresholds=strict).state == State.FAR_BEHIND


def test_the_cut_off_day_of_the_data_sets_what_is_expected() -> None:
    # 81 national 小巨人 in August 2022, read in December: judged by August
    told = verdict(terms(), Decimal(81), as_of=dt.date(2022, 12, 1), data_date=dt.date(2022, 8, 16))
    assert told.completion == Decimal("0.81")
    assert told.expected == 593 / DAYS
    assert told.lead == told.completion - told.expected


def test_without_a_number_only_the_expectation_is_told() -> None:
    told = verdict(terms(), None, as_of=dt.date(2023, 7, 2))
    assert (told.completion, told.expected, told.lead) == (None, Decimal("0.5"), None)
