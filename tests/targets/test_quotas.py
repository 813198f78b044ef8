"""How far the areas are with what the plan wants of each, by the rules that judge the city."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from registry.models import District
from registry.past import as_known_at
from targets import quotas, services
from targets.areas import inside_of, with_inner
from targets.choices import DivideBy, Divided, State
from targets.models import Quota, Target
from targets.ranking import ranked
from targets.standings import standings, targets_of
from tests import factories as make
from tests.people import clerk_of_the_city

D = dt.date
BASELINE, LAST_DAY = D(2020, 12, 31), D(2025, 12, 31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def wujin() -> District:
    return make.district("320412")


@pytest.fixture
def zone(wujin: District) -> District:
    found = make.district("320471")
    District.objects.filter(pk=found.pk).update(inside=wujin)
    return District.objects.get(pk=found.pk)


@pytest.fixture
def green(wujin: District, zone: District) -> Target:
    """20家; Wujin has 4 from before the plan and 2 of 2023, the zone 1 from before and 1 of 2023."""
    target = make.target_with_rule(
        "green",
        schemes=(make.scheme(),),
        value=Decimal(20),
    )
    Target.objects.filter(pk=target.pk).update(baseline_value=5, baseline_source="名单")
    target.refresh_from_db()
    for area, before, since in ((wujin, 4, 2), (zone, 1, 1)):
        for number in range(before + since):
            day = D(2019, 1, 1) if number < before else D(2023, 6, 1)
            make.designation(make.enterprise(f"{area}{number}", district=area), day)
    return target


def quota(target: Target, area: District, value: int, day: dt.date = LAST_DAY) -> Quota:
    return Quota.objects.create(target=target, district=area, day=day, value=value)


def judged(day: dt.date, area: District, inside: dict[int, int] | None = None) -> Any:
    found = standings(targets_of(make.plan()), day)
    found = with_inner(found, inside) if inside else found
    return quotas.assigned(found, inside).get((found[0].target.pk, area.pk))


@pytest.mark.parametrize(
    ("day", "value", "completion", "expected", "state"),
    [
        # the evening before the plan: what was there is due
        (BASELINE, 10, "0.4", "0.4", State.ON_PACE),
        # two and a half years of five: 4 + (10 − 4) × 0.5 = 7 were due of 10
        (D(2023, 7, 2), 10, "0.6", "0.7", State.BEHIND),
        (D(2023, 7, 2), 6, "1", None, State.REACHED),
        # the last day, and the day after
        (LAST_DAY, 10, "0.6", "1", State.FAR_BEHIND),
        (D(2026, 1, 1), 10, "0.6", "1", State.MISSED),
    ],
)
def test_an_area_goes_its_own_line_from_its_own_number(
    green: Target,
    wujin: District,
    day: dt.date,
    value: int,
    completion: str,
    expected: str | None,
    state: State,
) -> None:
    quota(green, wujin, value)
    found = judged(day, wujin)
    assert found is not None
    assert (found.value, found.due_on) == (value, LAST_DAY)
    assert found.verdict.completion == Decimal(completion)
    assert expected is None or round(found.verdict.expected, 3) == Decimal(expected)
    assert found.verdict.state == state


@pytest.mark.parametrize(
    ("day", "expected"),
    [(D(2022, 12, 30), "0.4"), (D(2022, 12, 31), "0.6"), (D(2024, 12, 31), "0.6"), (LAST_DAY, "1")],
)
def test_quotas_of_years_between_are_steps(
    green: Target, wujin: District, day: dt.date, expected: str
) -> None:
    quota(green, wujin, 6, D(2022, 12, 31))
    quota(green, wujin, 10)
    found = judged(day, wujin)
    assert found is not None
    assert found.verdict.expected == Decimal(expected)


def test_an_area_without_a_quota_is_not_judged(green: Target, wujin: District, zone: District) -> None:
    quota(green, wujin, 10)
    assert judged(LAST_DAY, zone) is None


def test_of_who_is_to_have_none_nothing_is_judged(green: Target, zone: District) -> None:
    quota(green, zone, 0)
    found = judged(LAST_DAY, zone)
    assert found is not None
    assert (found.value, found.verdict) == (0, None)


@pytest.mark.parametrize(
    ("wujins", "zones", "order"),
    [
        # 6 of 10 and 2 of 3: the smaller one comes first
        (10, 3, ["320471", "320412"]),
        # 6 of 6 and 2 of 3
        (6, 3, ["320412", "320471"]),
        # who is to have none is not ranked
        (6, 0, []),
        # not divided: the larger number comes first
        (None, None, ["320412", "320471"]),
    ],
)
def test_areas_are_ranked_by_their_quotas_once_there_are_any(
    green: Target,
    wujin: District,
    zone: District,
    wujins: int | None,
    zones: int | None,
    order: list[str],
) -> None:
    for area, value in ((wujin, wujins), (zone, zones)):
        if value is not None:
            quota(green, area, value)
    found = standings(targets_of(make.plan()), LAST_DAY)
    ranking = ranked(found, found, [wujin, zone])
    assert [one.district.code for one in ranking] == order
    assert all(one.by_quota == (wujins is not None) for one in ranking)


def test_with_the_zone_inside_both_quotas_and_numbers_are_added(
    green: Target, wujin: District, zone: District
) -> None:
    quota(green, wujin, 10)
    quota(green, zone, 6)
    found = judged(LAST_DAY, wujin, inside_of([wujin, zone]))
    assert found is not None
    assert (found.value, found.verdict.completion) == (16, Decimal(8) / 16)


@pytest.mark.parametrize(
    ("day", "value", "state"),
    [
        # 2 of 2023 in Wujin: the quota of a year is that of its own year, the last one stays afterwards
        (D(2023, 12, 31), 2, State.REACHED),
        (D(2024, 12, 31), 3, State.FAR_BEHIND),
        (D(2025, 6, 30), 3, State.MISSED),
    ],
)
def test_a_yearly_target_has_a_quota_for_each_year(
    wujin: District, green: Target, day: dt.date, value: int, state: State
) -> None:
    Target.objects.filter(pk=green.pk).update(baseline_value=None, baseline_source="")
    green.rule.feed = "yearly"
    green.rule.save()
    quota(green, wujin, 2, D(2023, 12, 31))
    quota(green, wujin, 3, D(2024, 12, 31))
    found = judged(day, wujin)
    assert found is not None
    assert (found.value, found.verdict.state) == (value, state)


# Dividing


@pytest.mark.parametrize(
    ("by", "of", "parts"),
    [
        # 20 by 4 : 1 on the baseline day
        (DivideBy.NUMBER, Divided.WHOLE, (16, 4)),
        # what is there stays, the other 15 by 4 : 1
        (DivideBy.NUMBER, Divided.INCREASE, (4 + 12, 1 + 3)),
        (DivideBy.EVEN, Divided.WHOLE, (10, 10)),
        (DivideBy.EVEN, Divided.INCREASE, (4 + 8, 1 + 7)),
        (DivideBy.REVENUE, Divided.WHOLE, (5, 15)),
    ],
)
def test_a_proposal_adds_up_to_what_the_city_wants(
    green: Target, wujin: District, zone: District, by: DivideBy, of: Divided, parts: tuple[int, int]
) -> None:
    for area, revenue in ((wujin, 100), (zone, 300)):
        make.figures(make.enterprise(f"{area}规上", district=area), 2020, revenue=revenue)
    found = services.propose(green, LAST_DAY, by=by, of=of, counted_on=BASELINE)
    assert (found[wujin.pk], found[zone.pk]) == parts
    assert sum(found.values()) == 20


def test_between_the_years_what_is_due_is_divided(green: Target) -> None:
    # 5 + 15 × 2/5, as 2022 ends 730 of 1826 days after the baseline
    assert quotas.whole_on(green, green.rule.feed, D(2022, 12, 31)) == 11
    assert quotas.days_to_divide(green) == [D(year, 12, 31) for year in range(2021, 2026)]


@pytest.mark.parametrize(
    ("by", "of", "counted_on", "word"),
    [
        (DivideBy.OUTPUT, Divided.WHOLE, BASELINE, "没有可作为分摊依据的数"),
        (DivideBy.NUMBER, Divided.WHOLE, D(2000, 1, 1), "没有可作为分摊依据的数"),
    ],
)
def test_what_cannot_be_divided_is_said(
    green: Target, by: DivideBy, of: Divided, counted_on: dt.date, word: str
) -> None:
    with pytest.raises(ValidationError, match=word):
        services.propose(green, LAST_DAY, by=by, of=of, counted_on=counted_on)


def test_who_has_more_already_divides_the_whole(green: Target) -> None:
    Target.objects.filter(pk=green.pk).update(value=6)
    green.refresh_from_db()
    with pytest.raises(ValidationError, match="请分总量"):
        services.propose(green, LAST_DAY, by=DivideBy.EVEN, of=Divided.INCREASE, counted_on=D(2023, 12, 31))


def test_shares_and_multiples_are_not_divided(green: Target) -> None:
    target = make.target_with_rule(
        "share",
        feed="ratio",
        figure="revenue",
        cluster_kind="strategic",
        denominator_kind="advanced",
        unit="%",
    )
    with pytest.raises(ValidationError, match="不能分摊"):
        services.propose(target, LAST_DAY, by=DivideBy.EVEN, of=Divided.WHOLE, counted_on=BASELINE)


def test_quotas_are_set_changed_and_taken_away_with_their_history(
    green: Target, wujin: District, zone: District
) -> None:
    wang = clerk_of_the_city()
    set_ = {"target": green, "day": LAST_DAY, "by": wang}
    services.assign(
        **set_, values={wujin.pk: Decimal(12), zone.pk: Decimal(8)}, reason="分解", basis="常工信1号"
    )
    services.assign(**set_, values={wujin.pk: Decimal(13), zone.pk: None}, reason="调整", basis="常工信1号")
    assert list(Quota.objects.values_list("district", "value", "version")) == [(wujin.pk, 13, 2)]
    labels = Quota._meta.get_field("events").related_model.objects.order_by("pgh_id")  # type: ignore[union-attr]
    assert [(one.pgh_label, one.value) for one in labels] == [
        ("insert", 12),
        ("insert", 8),
        ("update", 13),
        ("delete", 8),
    ]


def test_a_day_outside_the_period_is_refused_and_nothing_is_written(green: Target, wujin: District) -> None:
    with pytest.raises(ValidationError, match="期限之内"):
        services.assign(
            target=green, day=D(2026, 1, 1), values={wujin.pk: Decimal(1)}, by=None, reason="越界"
        )
    assert not Quota.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_quotas_are_told_as_they_were_known(green: Target, wujin: District) -> None:
    quota(green, wujin, 10)
    moment = timezone.now()
    Quota.objects.update(value=12)
    with as_known_at(moment):
        found = judged(LAST_DAY, wujin)
    assert found is not None
    assert found.value == 10
    now = judged(LAST_DAY, wujin)
    assert now is not None
    assert now.value == 12
