"""What counts on a day: the first day, the last day and the day after, for every kind of end."""

import datetime as dt

import pytest

from registry.choices import DesignationState, EndReason
from registry.models import Designation, Enterprise, Membership
from tests.factories import cluster, designation, district, enterprise, member, relocation, scheme

pytestmark = pytest.mark.django_db

FIRST = dt.date(2022, 3, 1)
LAST = dt.date(2025, 2, 28)
DAY = dt.timedelta(days=1)


def counts(day: dt.date) -> bool:
    return Designation.objects.valid_on(day).exists()


def test_a_term_without_grace() -> None:
    designation(enterprise(), FIRST, valid_to=LAST)
    assert [counts(day) for day in (FIRST - DAY, FIRST, LAST, LAST + DAY)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("last", "months", "last_with_grace"),
    [
        (dt.date(2025, 2, 28), 6, dt.date(2025, 8, 28)),
        (dt.date(2025, 8, 31), 6, dt.date(2026, 2, 28)),  # no 31 February: that month's last day
        (dt.date(2023, 8, 31), 6, dt.date(2024, 2, 29)),
        (dt.date(2025, 6, 30), 0, dt.date(2025, 6, 30)),
    ],
)
def test_grace_runs_on_for_whole_months(last: dt.date, months: int, last_with_grace: dt.date) -> None:
    designation(enterprise(), FIRST, valid_to=last, scheme=scheme("graced", grace_months=months))
    assert [counts(day) for day in (last_with_grace, last_with_grace + DAY)] == [True, False]


def test_without_a_term_it_holds_for_good() -> None:
    designation(enterprise(), FIRST)
    assert counts(dt.date(2099, 12, 31))


def test_on_the_day_of_its_end_it_no_longer_holds() -> None:
    end = dt.date(2023, 5, 4)
    designation(enterprise(), FIRST, valid_to=LAST, ended_on=end, end_reason=EndReason.REVOKED)
    assert [counts(day) for day in (end - DAY, end, end + DAY)] == [True, False, False]


def test_an_end_after_the_term_does_not_prolong_it() -> None:
    designation(
        enterprise(), FIRST, valid_to=LAST, ended_on=LAST + 30 * DAY, end_reason=EndReason.FAILED_REVIEW
    )
    assert [counts(day) for day in (LAST, LAST + DAY)] == [True, False]


def test_it_falls_with_its_enterprise() -> None:
    closed = dt.date(2024, 1, 1)
    designation(enterprise(closed_on=closed), FIRST, valid_to=LAST)
    assert [counts(day) for day in (closed - DAY, closed)] == [True, False]


def test_a_thing_of_no_enterprise_holds_a_title_too() -> None:
    designation(None, FIRST, item="溧阳高新区", district=district("320481"))
    assert counts(FIRST)


@pytest.mark.parametrize(
    "state", [state for state in DesignationState if state != DesignationState.CONFIRMED]
)
def test_only_a_confirmed_title_counts(state: DesignationState) -> None:
    designation(enterprise(), FIRST, state=state)
    assert not counts(FIRST)


def test_the_district_of_a_day() -> None:
    wujin, zone, xinbei = district("320412"), district("320471"), district("320411")
    moved = enterprise(district=xinbei)
    relocation(moved, dt.date(2022, 1, 1), wujin, zone)
    relocation(moved, dt.date(2024, 7, 1), zone, xinbei)
    cases = [
        (dt.date(2021, 12, 31), wujin),
        (dt.date(2022, 1, 1), zone),  # on its day already in the new one
        (dt.date(2024, 6, 30), zone),
        (dt.date(2024, 7, 1), xinbei),
        (dt.date(2026, 1, 1), xinbei),
    ]
    for day, where in cases:
        assert Enterprise.objects.with_district_on(day).get().district_then == where.pk, day


def test_where_it_was_before_its_first_known_place_is_unknown() -> None:
    arrived = enterprise(district=district("320412"))
    relocation(arrived, dt.date(2022, 1, 1), None, district("320412"))
    cases = [(dt.date(2021, 12, 31), None), (dt.date(2022, 1, 1), district("320412").pk)]
    for day, where in cases:
        assert Enterprise.objects.with_district_on(day).get().district_then == where, day


def test_a_membership_from_its_first_day_to_the_day_before_its_end() -> None:
    since, until = dt.date(2022, 1, 1), dt.date(2024, 1, 1)
    member(enterprise(), cluster("steel"), since=since, until=until)
    days = (since - DAY, since, until - DAY, until)
    assert [Membership.objects.on(day).exists() for day in days] == [False, True, True, False]


def test_an_enterprise_exists_from_its_foundation_to_the_day_before_it_closes() -> None:
    founded, closed = dt.date(2010, 5, 1), dt.date(2024, 5, 1)
    enterprise(founded_on=founded, closed_on=closed)
    days = (founded - DAY, founded, closed - DAY, closed)
    assert [Enterprise.objects.existing_on(day).exists() for day in days] == [False, True, True, False]
