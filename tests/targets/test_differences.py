"""The registry against what is published, each on the published figure's own day."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.choices import Finality
from registry.models import Designation, Enterprise, Series, Statistic
from registry.past import as_known_at
from targets.choices import NotCompared, Official
from targets.differences import Difference, differences, grew_since, largest_first, without
from targets.models import Target
from targets.standings import targets_of
from tests.factories import (
    designation,
    district,
    enterprise,
    figures,
    plan,
    relocation,
    scheme,
    statistic,
    target_with_rule,
)
from tests.registry.test_past import moment

pytestmark = pytest.mark.django_db

D = dt.date
DAY = D(2025, 12, 31)
A, B, C, E = D(2021, 12, 31), D(2022, 12, 31), D(2023, 12, 31), D(2024, 12, 31)


@pytest.mark.parametrize(
    ("course", "since"),
    [
        ([], None),
        # a single figure has nothing to grow from
        ([(A, 5)], None),
        # it grew from the first to the second: since the first
        ([(A, 0), (B, 5)], A),
        ([(A, 1), (B, 2), (C, 3), (E, 9)], A),
        # as large as before has not grown, nor has what became smaller
        ([(A, 1), (B, 2), (C, 2)], None),
        ([(A, 1), (B, 3), (C, 2)], None),
        # the last unbroken rise only
        ([(A, 4), (B, 1), (C, 2), (E, 3)], B),
        ([(A, 1), (B, 2), (C, 2), (E, 3)], C),
        # amounts count, whatever the sign: from 1 too few to 2 too many
        ([(A, -1), (B, -2)], A),
        ([(A, -1), (B, 2)], A),
        ([(A, 2), (B, -1)], None),
        # where nothing can be compared a rise is broken
        ([(A, 1), (B, None), (C, 2)], None),
        ([(A, 1), (B, None), (C, 2), (E, 3)], C),
        ([(A, 1), (B, 2), (C, None)], None),
        ([(A, None), (B, 1), (C, 2)], B),
    ],
)
def test_since_when_it_grew(course: list[tuple[dt.date, int | None]], since: dt.date | None) -> None:
    told = [(day, None if number is None else Decimal(number)) for day, number in course]
    assert grew_since(told) == since


def green(code: str = "green", series: str = "green", **fields: Any) -> Target:
    made = Series.objects.get_or_create(code=series, defaults={"name": series, "unit": "家"})[0]
    return target_with_rule(code, schemes=(scheme(),), series=made, **fields)


def award(name: str, day: dt.date, code: str = "320412", **fields: Any) -> Enterprise:
    made = enterprise(name, district=district(code))
    designation(made, day, **fields)
    return made


def found(day: dt.date = DAY, **asked: Any) -> dict[str, Difference]:
    return {one.target.code: one for one in differences(targets_of(plan()), day, **asked)}


def test_both_speak_of_the_published_figures_own_day() -> None:
    """Two until the end of 2022, three from New Year on; asked at the end of 2025, when all have run out."""
    green()
    for name, start in (("甲厂", D(2022, 1, 1)), ("乙厂", D(2022, 12, 31)), ("丙厂", D(2023, 1, 1))):
        award(name, start, valid_to=D(2024, 12, 31))
    statistic("green", B, "5", source="统计公报")
    one = found()["green"]
    assert one.newest
    assert (one.newest.day, one.newest.registry, one.newest.difference) == (B, 2, -3)
    assert one.newest.share == Decimal("-0.6")
    assert one.newest.published.source == "统计公报"
    assert (one.why_not, one.since) == (None, None)


def test_the_history_up_to_the_day() -> None:
    green()
    for name, start in (("甲厂", A), ("乙厂", B), ("丙厂", C)):
        award(name, start)
    for day, value in ((A, "1"), (B, "3"), (C, "6"), (E, "4")):
        statistic("green", day, value)
    told = {day: found(day)["green"] for day in (D(2021, 12, 30), A, C, D(2024, 12, 30), E)}
    assert told[D(2021, 12, 30)].why_not == NotCompared.NOT_PUBLISHED
    assert [point.difference for point in told[E].history] == [0, -1, -3, -1]
    # on the day before the next figure is published that of the year before is the newest
    for day in (C, D(2024, 12, 30)):
        assert [point.day for point in told[day].history] == [A, B, C]
        assert told[day].since == A
    assert (told[A].since, told[E].since) == (None, None)


def test_a_final_figure_stands_before_a_preliminary_one_of_the_same_day() -> None:
    green()
    award("甲厂", A)
    statistic("green", A, "9", finality=Finality.PRELIMINARY)
    statistic("green", A, "2")
    assert [point.published.value for point in found()["green"].history] == [2]


def never(**rule: Any) -> Target:
    made = Series.objects.get_or_create(code="s", defaults={"name": "s", "unit": "家"})[0]
    return target_with_rule("never", **{"series": made, **rule})


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"feed": "statistic"}, NotCompared.STATISTIC),
        ({"feed": "multiple"}, NotCompared.STATISTIC),
        ({"schemes": True, "series": None}, NotCompared.NO_SERIES),
        ({"schemes": True}, NotCompared.NOT_PUBLISHED),
        ({"feed": "sum", "figure": "revenue", "unit": "亿元"}, NotCompared.NOT_PUBLISHED),
    ],
)
def test_what_has_no_difference_before_anything_is_published(rule: dict[str, Any], why: NotCompared) -> None:
    schemes = (scheme(),) if rule.pop("schemes", False) else ()
    never(**rule, schemes=schemes)
    one = found()["never"]
    assert (one.why_not, one.newest, one.since) == (why, None, None)
    assert without([one]) == [one]
    assert largest_first([one]) == []


@pytest.mark.parametrize(
    ("official", "awarded", "registry", "why"),
    [
        # 0 is a number, unless it is the published one that counts: then the registry does not keep it
        (Official.REGISTRY, 0, 0, None),
        (Official.PUBLISHED, 0, None, NotCompared.NOT_KEPT),
        (Official.PUBLISHED, 1, 1, None),
    ],
)
def test_what_the_registry_does_not_keep(
    official: Official, awarded: int, registry: int | None, why: NotCompared | None
) -> None:
    green(official=official)
    for place in range(awarded):
        award(f"企业{place}", A)
    statistic("green", B, "8")
    one = found()["green"]
    assert one.newest
    assert (one.newest.registry, one.why_not) == (registry, why)
    assert one.newest.difference == (None if why else registry - 8 if registry is not None else None)
    assert one.newest.share == (None if why else Decimal(registry or 0) / 8 - 1)


def test_yearly_figures_are_compared_on_the_last_day_of_their_year() -> None:
    """The figures of 2022 are what there is in the middle of 2023: no number of that day."""
    series = Series.objects.create(code="revenue", name="revenue", unit="亿元")
    target_with_rule("sum", feed="sum", figure="revenue", unit="亿元", series=series)
    statistic("revenue", D(2020, 12, 31), "4")
    figures(enterprise(), 2022, revenue=30_000)
    statistic("revenue", B, "4")
    statistic("revenue", D(2023, 6, 30), "5")
    points = found()["sum"].history
    assert [(point.registry, point.difference, point.why_not) for point in points] == [
        (None, None, NotCompared.NOT_KEPT),
        (3, -1, None),
        (3, None, NotCompared.OTHER_DAY),
    ]
    assert found()["sum"].why_not == NotCompared.OTHER_DAY


def test_a_multiple_is_compared_as_a_multiple() -> None:
    """Two on the baseline date, five at the end of 2023: 2.5 times; published 3 and 6: twice."""
    green("double", feed="multiple", unit="倍")
    for place in range(5):
        award(f"企业{place}", D(2020, 12, 31) if place < 2 else D(2023, 1, 1))
    statistic("green", C, "6")
    assert found()["double"].why_not == NotCompared.NO_BASELINE
    statistic("green", D(2020, 12, 31), "3")
    newest = found()["double"].newest
    assert newest
    assert (newest.published.value, newest.registry, newest.difference) == (2, Decimal("2.5"), Decimal("0.5"))
    here = found(district=district("320412"))["double"]
    assert here.why_not == NotCompared.NOT_PUBLISHED
    statistic("green", C, "5", district=district("320412"))
    assert found(district=district("320412"))["double"].why_not == NotCompared.NO_BASELINE


def test_an_area_against_what_was_published_of_it() -> None:
    green()
    moved = award("甲厂", A)
    award("乙厂", A), award("丙厂", A, "320481")
    relocation(moved, D(2024, 1, 1), district("320481"), district("320412"))
    statistic("green", C, "2")
    statistic("green", C, "3", district=district("320412"))
    here = found(district=district("320412"))["green"].newest
    assert here
    # on that day 甲厂 still was in Liyang
    assert (here.registry, here.difference) == (1, -2)
    assert found(district=district("320481"))["green"].why_not == NotCompared.NOT_PUBLISHED
    assert found()["green"].newest.difference == 1  # type: ignore[union-attr]


def test_an_area_of_what_is_not_kept() -> None:
    green(official=Official.PUBLISHED)
    statistic("green", C, "3", district=district("320412"))
    assert found(district=district("320412"))["green"].why_not == NotCompared.NOT_KEPT


def test_the_largest_share_comes_first() -> None:
    for place, (code, value) in enumerate([("exact", "1"), ("few", "4"), ("zero", "0"), ("many", "0.5")]):
        green(code, code, position=place)
        statistic(code, C, value)
    award("甲厂", A)
    shown = largest_first(found().values())
    # of a published 0 a difference is no share: it comes first
    assert [(one.target.code, one.newest and one.newest.share) for one in shown] == [
        ("zero", None),
        ("many", 1),
        ("few", Decimal("-0.75")),
        ("exact", 0),
    ]
    Statistic.objects.filter(series__code="zero").update(value=1)
    shown = largest_first(found().values())
    assert [one.target.code for one in shown] == ["many", "few", "exact", "zero"]


def test_a_retired_target_is_not_compared() -> None:
    green(retired_on=C)
    statistic("green", A, "1")
    assert set(found(B)) == {"green"}
    assert found(C) == {}


def test_as_known_at() -> None:
    green()
    award("甲厂", A)
    statistic("green", A, "1")
    statistic("green", B, "1")
    plan()
    then = moment()
    Designation.objects.all().delete()
    Statistic.objects.filter(day=B).delete()
    Statistic.objects.update(value=4)
    with as_known_at(then):
        assert [point.difference for point in found()["green"].history] == [0, 0]
    assert [point.difference for point in found()["green"].history] == [-4]


def queries() -> int:
    with CaptureQueriesContext(connection) as caught:
        found()
    return len(caught)


def test_statements_grow_with_the_days_and_not_with_the_targets() -> None:
    green("a", "a")
    statistic("a", A, "1")
    of_one_day = queries()
    for place in range(6):
        green(f"b{place}", f"b{place}")
        statistic(f"b{place}", A, "1")
    assert queries() == of_one_day
    statistic("a", B, "1")
    a_day = queries() - of_one_day
    for place in range(6):
        statistic(f"b{place}", B, "1")
        statistic(f"b{place}", C, "1")
    assert queries() == of_one_day + 2 * a_day
    assert a_day <= 3, "One measure a published day: the areas, the figures, the titles."
