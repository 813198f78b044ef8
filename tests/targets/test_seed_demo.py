"""seed_demo: the published course is hit to the unit, all is marked, the same seed tells the same story."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models, transaction

from registry import codes
from registry.choices import DesignationState, EndReason, ReviewOutcome
from registry.demo import MARK, demo_is_present, remove_demo
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    FormerName,
    Membership,
    NamedList,
    Relocation,
    Review,
    Statistic,
    User,
)
from registry.named_lists import members, problems_of
from targets.choices import Exclusion, Feed, State
from targets.demo import lists
from targets.demo.course import USUAL_SIZE
from targets.management.commands.load_reference import load
from targets.measure import exclusions, measure
from targets.measure.records import Window
from targets.models import Plan, Quota, Target
from targets.rules import Spec, spec_of
from targets.standings import standings, targets_of

END = dt.date(2025, 12, 31)
WUJIN = "320412"
SMALL = 300

# target, day, area, count as published (../shared/data/official_figures.csv, told here once more)
PUBLISHED = [
    ("brand.little_giants_national", "2021-12-31", None, 28),
    ("brand.little_giants_national", "2022-08-16", None, 81),
    ("brand.little_giants_national", "2024-12-31", None, 232),
    ("brand.mfg_champions_national", "2021-12-31", None, 24),
    ("brand.mfg_champions_national", "2024-03-05", None, 39),
    ("brand.mfg_champions_national", "2024-03-05", WUJIN, 12),
    ("green.factories_national", "2023-03-17", None, 36),
    ("green.factories_provincial_plus", "2025-12-31", None, 228),
    ("smart.factory_provincial", "2021-12-31", None, 15),
    ("smart.factory_provincial", "2025-05-08", None, 78),
    ("smart.workshop_provincial", "2021-12-31", None, 165),
    ("smart.workshop_provincial", "2025-05-08", None, 357),
    ("smart.factory_national", "2025-05-08", None, 3),
    ("finance.listed_total", "2021-12-31", None, 83),
    ("finance.listed_total", "2024-12-31", None, 101),
    ("brand.unicorns", "2021-12-31", None, 31),
    ("brand.gazelles", "2021-12-31", None, 201),
]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The usual demo, once for all tests of this module; it is rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        call_command("seed_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def reference(db: None) -> None:
    """The shipped reference data with no enterprise beside them, whatever other tests of this module keep."""
    remove_demo()
    load()


def spec(code: str) -> Spec:
    return spec_of(Target.objects.get(code=code).rule)


# The course


@pytest.mark.parametrize(("code", "day", "area", "count"), PUBLISHED)
def test_follows_the_published_course(
    demo: None, db: None, code: str, day: str, area: str | None, count: int
) -> None:
    reading = measure([spec(code)], dt.date.fromisoformat(day))[code]
    if area is None:
        assert reading.registry.value == count
        assert reading.difference == 0
    else:
        assert reading.by_district[District.objects.get(code=area).pk] == count


def test_hitech_certificates_as_published(demo: None, db: None) -> None:
    """The target is a multiple; what was published is the count above the line."""
    code = "innovation.hitech_enterprises_double"
    assert measure([spec(code)], dt.date(2021, 12, 31))[code].registry.numerator == 2915


def test_no_published_count_is_forgotten(demo: None, db: None) -> None:
    """Whoever ships a published count of what the registry counts adds it to the course and above."""
    counted = {
        target.code
        for target in Target.objects.filter(rule__schemes__isnull=False, rule__official="registry").distinct()
        if target.rule.feed != Feed.MULTIPLE
    }
    shipped = Statistic.objects.exclude(source__startswith=MARK).filter(series__code__in=counted)
    rows = shipped.values_list("series__code", "day", "district__code", "value")
    assert {(code, day.isoformat(), area, int(value)) for code, day, area, value in rows} == set(PUBLISHED)


def test_overview_is_mixed_at_the_end_of_the_plan(demo: None, db: None) -> None:
    states = Counter(one.verdict.state for one in standings(targets_of(Plan.objects.get()), END))
    assert sum(states.values()) == 96
    assert states[State.REACHED] in range(40, 60)
    assert all(
        states[state] >= 2
        for state in (State.AHEAD, State.ON_PACE, State.BEHIND, State.FAR_BEHIND, State.NO_DATA)
    ), states


def test_every_reason_for_not_counting_occurs(demo: None, db: None) -> None:
    """So that a newcomer sees each of them once."""
    wujin = District.objects.get(code=WUJIN).pk
    found = {
        record.reason
        for target in targets_of(Plan.objects.get())
        for window in (Window(), Window(district=wujin))
        for record in exclusions(spec_of(target.rule), END, window).records
    }
    assert found == set(Exclusion)


# What is in it


def test_enterprises_live_and_move(demo: None, db: None) -> None:
    assert Enterprise.objects.count() == USUAL_SIZE
    assert Enterprise.objects.filter(closed_on__isnull=False).count() > 40
    assert Enterprise.objects.filter(parent__isnull=False).count() > 40
    assert FormerName.objects.count() > 50
    assert Relocation.objects.filter(to_district__isnull=False).count() > 50
    assert Relocation.objects.filter(to_district__isnull=True).exists()
    assert set(Enterprise.objects.values_list("district__code", flat=True)) == {
        None,
        *District.objects.values_list("code", flat=True),
    }


def test_titles_end_in_every_way(demo: None, db: None) -> None:
    assert set(Designation.objects.values_list("end_reason", flat=True)) == {"", *EndReason}
    assert set(Designation.objects.values_list("state", flat=True)) == set(DesignationState)
    assert set(Review.objects.values_list("outcome", flat=True)) == set(ReviewOutcome)


def test_every_chain_has_its_leaders(demo: None, db: None) -> None:
    leaders = Counter(Membership.objects.filter(role="leader").values_list("cluster__code", flat=True))
    assert leaders.keys() == set(Cluster.objects.filter(kind="chain").values_list("code", flat=True))
    assert all(number in range(3, 6) for number in leaders.values())


def test_titles_are_of_levels_that_their_schemes_have(demo: None, db: None) -> None:
    granted = Designation.objects.exclude(scheme__levels__level=models.F("level"))
    assert not granted.exists()


def test_each_year_has_figures(demo: None, db: None) -> None:
    years = Counter(AnnualFigures.objects.values_list("year", flat=True))
    assert set(years) == set(range(2019, 2026))
    assert min(years.values()) > 2900


# Marks


def test_everything_is_marked(demo: None, db: None) -> None:
    for enterprise in Enterprise.objects.all():
        assert enterprise.name.startswith(MARK)
        assert enterprise.is_demo
        assert codes.has_valid_check_character(enterprise.uscc or "")
    assert all(name.startswith(MARK) for name in FormerName.objects.values_list("name", flat=True))
    of_nobody = Designation.objects.filter(enterprise__isnull=True).values_list("item", flat=True)
    assert of_nobody
    assert all(item.startswith(MARK) for item in of_nobody)
    for model in (Designation, AnnualFigures):
        assert not model._default_manager.exclude(source__startswith=MARK).exists()
    papers = Designation.objects.exclude(document="").exclude(document__startswith=MARK)
    assert not papers.exists()


def test_shipped_statistics_are_left_alone(demo: None, db: None) -> None:
    """A made-up value never stands in a series that has published ones."""
    shipped = Statistic.objects.exclude(source__startswith=MARK).values("series")
    assert shipped.exists()
    assert not Statistic.objects.filter(source__startswith=MARK, series__in=shipped).exists()


def test_the_plan_is_divided_among_the_areas(demo: None, db: None) -> None:
    """Of each target that adds up, all of it and nothing more; where nothing can be divided by, nothing."""
    divided = Target.objects.filter(quotas__isnull=False).distinct()
    assert divided.count() > 60
    for target in divided.prefetch_related("quotas"):
        quotas = target.quotas.all()
        assert len(quotas) == 7
        assert sum(one.value for one in quotas) == target.value, target
        assert {one.day for one in quotas} == {target.due_on}
        assert all(one.basis.startswith(MARK) for one in quotas)
    assert not Target.objects.get(code="emerging.eight_chains_share").quotas.exists()


def test_what_was_divided_already_stays_so(reference: None) -> None:
    target = Target.objects.get(code="brand.little_giants_national")
    wujin = District.objects.get(code="320412")
    Quota.objects.create(target=target, district=wujin, day=target.due_on, value=90)
    seed()
    assert [one.value for one in target.quotas.all()] == [90]
    remove_demo()
    assert [one.value for one in Quota.objects.all()] == [90]


def test_named_lists_come_once_somebody_answers_for_them(demo: None, db: None) -> None:
    assert lists.make() == 0
    admin = User.objects.create_superuser(username="admin", password="x")
    assert (lists.make(), lists.make()) == (4, 0)
    for one in NamedList.objects.all():
        assert one.owner == admin
        assert problems_of(one.query) == {}
        assert members(one, END, admin).exists(), one.code
    # what staff have made their own stays
    NamedList.objects.filter(code="listing_reserve").update(purpose="供走访")
    remove_demo()
    assert [one.code for one in NamedList.objects.all()] == ["listing_reserve"]


def test_history_says_where_it_comes_from(demo: None, db: None) -> None:
    for model in (Enterprise, Designation, AnnualFigures):
        event = model._meta.get_field("events").related_model
        assert isinstance(event, type)
        contexts = set(event._default_manager.values_list("pgh_context__metadata__reason", flat=True))
        assert len(contexts) == 1
        assert contexts != {None}


def test_goes_without_a_trace(demo: None, db: None) -> None:
    remove_demo()
    assert not demo_is_present()
    for model in (Enterprise, Designation, AnnualFigures, Membership, Relocation, FormerName, Review):
        assert not model._default_manager.exists()
    assert Statistic.objects.exists()
    assert not Statistic.objects.filter(source__startswith=MARK).exists()
    assert not Quota.objects.exists()


# The command

# What tells rows apart without their ids.
NATURAL = {
    "enterprise": "enterprise__uscc",
    "parent": "parent__uscc",
    "district": "district__code",
    "from_district": "from_district__code",
    "to_district": "to_district__code",
    "industry": "industry__code",
    "scheme": "scheme__code",
    "cluster": "cluster__code",
    "series": "series__code",
    "designation": "designation__document",
}
WITHOUT = {"id", "version", "roster_row", "name_bigrams"}
FACTS = (
    Enterprise,
    FormerName,
    Relocation,
    Membership,
    Designation,
    Review,
    AnnualFigures,
    Statistic,
)


def digest() -> str:
    """A hash of all facts, ids left out."""
    lines = []
    for model in FACTS:
        fields = [one.name for one in model._meta.concrete_fields if one.name not in WITHOUT]
        rows = model._default_manager.order_by().values_list(*(NATURAL.get(name, name) for name in fields))
        lines += [f"{model.__name__} {row}" for row in rows]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def seed(**options: Any) -> None:
    call_command("seed_demo", **{"enterprises": SMALL, "verbosity": 0, **options})


def test_same_seed_same_facts(reference: None) -> None:
    seed()
    first = digest()
    seed(replace=True)
    assert digest() == first
    seed(replace=True, seed=7)
    assert digest() != first


def test_makes_as_many_as_asked(reference: None) -> None:
    seed(enterprises=347)
    assert Enterprise.objects.count() == 347


def test_small_one_keeps_the_courses_that_fit(reference: None) -> None:
    """What more than half of 500 would have to hold is scaled by 500 in 3,200; all else is as published."""
    seed(enterprises=500)
    codes_and_days = [
        ("brand.little_giants_national", "2024-12-31", 232 * 500 // 3200),  # 261 a year later
        ("green.factories_provincial_plus", "2025-12-31", 228),
        ("brand.mfg_champions_national", "2024-03-05", 39),
    ]
    for code, day, count in codes_and_days:
        assert measure([spec(code)], dt.date.fromisoformat(day))[code].registry.value == count
    code = "innovation.hitech_enterprises_double"
    assert measure([spec(code)], dt.date(2021, 12, 31))[code].registry.numerator == 2915 * 500 // 3200


def test_refuses_a_second_time_without_replace(reference: None) -> None:
    seed()
    with pytest.raises(CommandError, match="--replace"):
        seed()
    assert Enterprise.objects.count() == SMALL


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("uscc", [None, codes.with_check_character("91320400MA1234567")])
def test_refuses_beside_real_enterprises(reference: None, replace: bool, uscc: str | None) -> None:
    """With or without a code; --replace does not help either, and nothing is touched."""
    seed()
    Enterprise.objects.create(name="常州真实机械有限公司", uscc=uscc)
    before = digest()
    with pytest.raises(CommandError):
        seed(replace=replace)
    assert digest() == before


def test_refuses_without_reference_data(db: None) -> None:
    """As before load_reference."""
    remove_demo()
    with transaction.atomic():
        Cluster.objects.filter(code="chain.robots").update(code="chain.renamed")
        with pytest.raises(CommandError, match="load_reference"):
            seed()
    assert not Enterprise.objects.exists()


def test_refuses_too_few(reference: None) -> None:
    with pytest.raises(CommandError, match="200"):
        seed(enterprises=20)


def test_prints_counts(reference: None, capsys: pytest.CaptureFixture[str]) -> None:
    seed(verbosity=1)
    assert f"企业 {SMALL}" in capsys.readouterr().out
