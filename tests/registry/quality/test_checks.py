"""What is found to be doubtful, and what is not."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from registry import codes, quality
from registry.choices import DesignationState
from registry.models import Enterprise, FormerName, User
from registry.quality import Scope
from registry.services.duplicates import keep_apart
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_liyang
from tests.registry.rosters.lists import code

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 1)
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@pytest.fixture
def wang(db: None) -> User:
    return clerk_of_the_city()


def found(name: str, user: User, day: dt.date = TODAY) -> list[str]:
    """The names that a check finds; its count, its pages and its export must agree."""
    check = quality.by_code(name)
    assert check is not None
    findings = check.find(Scope(user, day))
    page = [one.name for one in findings.page(0, 50)]
    assert findings.count() == len(page)
    assert [one.name for one in findings.every()] == page
    return page


def wrong(number: int) -> str:
    """A code with another check character than its own."""
    right = code(number)
    return right[:-1] + next(one for one in codes.ALPHABET if one != right[-1])


# Codes


def test_without_code(wang: User) -> None:
    make.enterprise("无代码")
    make.enterprise("有代码", uscc=code(1))
    make.enterprise("今日注销", closed_on=TODAY)
    make.enterprise("明日注销", closed_on=TOMORROW)
    assert found("no_code", wang) == ["明日注销", "无代码"]


def test_doubtful_check_characters_confirmed_or_not(wang: User) -> None:
    make.enterprise("对", uscc=code(1))
    make.enterprise("错", uscc=wrong(2))
    make.enterprise("错而核实", uscc=wrong(3), uscc_confirmed=True)
    assert found("check_character", wang) == ["错"]
    assert found("check_character_confirmed", wang) == ["错而核实"]
    Enterprise.objects.filter(name="错").update(uscc=code(2))
    assert found("check_character", wang) == []


def test_the_database_reckons_check_characters_as_we_do(wang: User) -> None:
    for number in range(300):
        base = f"9{number % 7}3204{number % 90:02d}MA{number * 7919:08d}"[:17]
        make.enterprise(f"企业{number}", uscc=codes.with_check_character(base))
    assert quality.by_code("check_character").find(Scope(wang, TODAY)).count() == 0  # type: ignore[union-attr]
    Enterprise.objects.update(uscc=codes_swapped())
    count = quality.by_code("check_character").find(Scope(wang, TODAY)).count()  # type: ignore[union-attr]
    ours = [one for one in Enterprise.objects.values_list("uscc", flat=True) if one]
    assert count == sum(not codes.has_valid_check_character(one) for one in ours) > 200


def codes_swapped() -> Any:
    """The 9th and the 10th character changed for each other's neighbours."""
    from django.db.models.expressions import RawSQL

    return RawSQL("overlay(uscc placing '7' from 16 for 1)", [])


# Duplicates

PAIRS = [
    # one, other, whether they are proposed
    ({"registration_no": "320400000012345"}, {"registration_no": "320400000012345"}, True),
    ({"name": "光能科技（常州）有限公司"}, {"name": "光能科技(常州)有限公司"}, True),
    ({"name": "光能科技有限公司"}, {"name": "光能科技股份有限公司", "uscc": code(2)}, True),
    # both have a code: two legal persons
    ({"name": "光能科技有限公司", "uscc": code(1)}, {"name": "光能科技股份有限公司", "uscc": code(2)}, False),
    # of another area
    ({"name": "光能科技有限公司"}, {"name": "光能科技股份有限公司", "district": "320481"}, False),
    # one has closed
    ({"name": "光能科技有限公司"}, {"name": "光能科技有限公司", "closed_on": YESTERDAY}, False),
    ({"name": "光能科技有限公司第一分厂"}, {"name": "光能科技有限公司第二分厂"}, False),
    ({"name": "天合光能有限公司"}, {"name": "时创能源有限公司"}, False),
]


@pytest.mark.parametrize(("one", "other", "proposed"), PAIRS)
def test_likely_duplicates(wang: User, one: dict[str, Any], other: dict[str, Any], proposed: bool) -> None:
    for number, fields in enumerate((one, other)):
        fields = {"name": f"某某{number}", **fields}
        make.enterprise(district=make.district(fields.pop("district", "320412")), **fields)
    assert bool(found("duplicates", wang)) == proposed


def test_a_former_name_of_another(wang: User) -> None:
    new = make.enterprise("光能集团有限公司", uscc=code(1))
    FormerName.objects.create(enterprise=new, name="光能器材厂")
    make.enterprise("光能器材厂", uscc=code(2))
    assert len(found("duplicates", wang)) == 1


def test_two_that_are_two_are_not_proposed_again(wang: User) -> None:
    one, other = make.enterprise("光能科技有限公司"), make.enterprise("光能科技有限公司")
    assert len(found("duplicates", wang)) == 1
    kept = keep_apart(one=other, other=one, by=wang, reason="两家，地址不同")
    assert (kept.first, kept.second, kept.decided_by) == (one, other, wang)
    assert found("duplicates", wang) == []
    assert kept.events.get().pgh_context.metadata["reason"] == "两家，地址不同"
    kept.delete()
    assert len(found("duplicates", wang)) == 1


def test_of_a_pair_across_areas_people_of_one_learn_nothing(wang: User) -> None:
    make.enterprise("光能科技有限公司", district=make.district("320412"))
    make.enterprise("光能科技有限公司", district=make.district("320481"))
    assert len(found("duplicates", wang)) == 1
    assert found("duplicates", official_of_liyang()) == []


# Titles

TERMS = [
    # last day, grace in months, other fields, found today
    (YESTERDAY, 0, {}, True),
    (TODAY, 0, {}, False),
    (None, 0, {}, False),
    (dt.date(2026, 1, 31), 1, {}, True),
    (dt.date(2026, 2, 1), 1, {}, False),
    (YESTERDAY, 0, {"ended_on": YESTERDAY, "end_reason": "removed"}, False),
    (YESTERDAY, 0, {"state": DesignationState.SUBMITTED}, False),
]


@pytest.mark.parametrize(("last", "grace", "fields", "is_found"), TERMS)
def test_titles_past_their_day(
    wang: User, last: dt.date | None, grace: int, fields: dict[str, Any], is_found: bool
) -> None:
    holder = make.enterprise("光能")
    scheme = make.scheme(grace_months=grace)
    make.designation(holder, dt.date(2022, 1, 1), scheme=scheme, valid_to=last, **fields)
    assert bool(found("past_their_day", wang)) == is_found


@pytest.mark.parametrize("item", ["", "一号车间"])
def test_a_title_that_was_granted_anew_is_done_with(wang: User, item: str) -> None:
    holder = None if item else make.enterprise("光能")
    make.designation(holder, dt.date(2022, 1, 1), valid_to=YESTERDAY, item=item)
    assert len(found("past_their_day", wang)) == 1
    make.designation(holder, TODAY, item=item)
    assert found("past_their_day", wang) == []


@pytest.mark.parametrize(
    ("closed", "last", "is_found"),
    [
        (TODAY, None, True),
        (TOMORROW, None, False),
        (None, None, False),
        (TODAY, TODAY, True),
        (TODAY, YESTERDAY, False),
    ],
)
def test_titles_of_closed_enterprises(
    wang: User, closed: dt.date | None, last: dt.date | None, is_found: bool
) -> None:
    make.designation(make.enterprise("光能", closed_on=closed), dt.date(2022, 1, 1), valid_to=last)
    assert bool(found("titles_of_closed", wang)) == is_found


# Figures


def test_figures_that_are_missing(wang: User) -> None:
    names = [
        "规上未报",
        "规上已报",
        "规下未报",
        "有称号未报",
        "称号已过期未报",
        "规上已注销",
        "规上今日成立",
        "规上明日成立",
    ]
    made = {name: make.enterprise(name) for name in names}
    for name in ("规上未报", "规上已报", "规上已注销", "规上今日成立", "规上明日成立"):
        make.figures(made[name], 2024, above_scale=True)
    make.figures(made["规下未报"], 2024, above_scale=False)
    make.figures(made["规上已报"], 2025, revenue=1)
    Enterprise.objects.filter(name="规上已注销").update(closed_on=TODAY)
    Enterprise.objects.filter(name="规上今日成立").update(founded_on=TODAY)
    Enterprise.objects.filter(name="规上明日成立").update(founded_on=TODAY + dt.timedelta(1))
    make.designation(made["有称号未报"], dt.date(2022, 1, 1))
    make.designation(made["称号已过期未报"], dt.date(2022, 1, 1), valid_to=YESTERDAY)
    assert found("figures_missing", wang) == ["规上今日成立", "有称号未报", "规上未报"]


def test_without_any_figures_none_are_missing(wang: User) -> None:
    make.designation(make.enterprise("光能"), dt.date(2022, 1, 1))
    assert found("figures_missing", wang) == []


JUMPS = [
    ("revenue", 1000, 10_000, False),
    ("revenue", 1000, 10_001, True),
    ("revenue", 10_001, 1000, True),
    ("revenue", 1, 500, False),
    ("revenue", 0, 50_000, False),
    ("revenue", None, 50_000, False),
    ("employees", 5, 51, True),
    ("employees", 1, 49, False),
]


@pytest.mark.parametrize(("figure", "old", "new", "is_found"), JUMPS)
def test_jumps_over_tenfold(
    wang: User, figure: str, old: int | None, new: int | None, is_found: bool
) -> None:
    holder = make.enterprise("光能")
    make.figures(holder, 2023, **{figure: old})
    make.figures(holder, 2024, **{figure: new})
    assert found("figures_jump", wang) == (["光能 2024 年"] if is_found else [])
    # with a year between them they are not compared
    holder.figures.filter(year=2024).update(year=2025)
    assert found("figures_jump", wang) == []


ODD = [
    ({"value_added": -1}, "增加值为负：-1"),
    ({"value_added": 101, "output": 100}, "增加值 101 大于工业总产值 100"),
    ({"value_added": 100, "output": 100}, None),
    ({"value_added": 100, "output": None}, None),
    ({"rnd": Decimal("100.5"), "revenue": 100}, "研发费用 100.5 大于营业收入 100"),
]


@pytest.mark.parametrize(("fields", "why"), ODD)
def test_figures_that_contradict_each_other(wang: User, fields: dict[str, Any], why: str | None) -> None:
    make.figures(make.enterprise("光能"), 2024, **fields)
    findings = quality.by_code("figures_odd").find(Scope(wang, TODAY))  # type: ignore[union-attr]
    assert [one.why for one in findings.page(0, 50)] == ([why] if why else [])


# Of one's own area


def test_people_of_an_area_find_their_own_only(wang: User) -> None:
    for area in ("320412", "320481"):
        holder = make.enterprise(f"光能{area}", district=make.district(area))
        make.designation(holder, dt.date(2022, 1, 1), valid_to=YESTERDAY)
        make.figures(holder, 2024, value_added=-1, above_scale=True)
        make.figures(make.enterprise(f"时创{area}", district=make.district(area), uscc=code(int(area))), 2025)
    chen = official_of_liyang()
    assert found("no_code", chen) == ["光能320481"]
    for name in ("past_their_day", "figures_odd", "figures_missing"):
        assert len(found(name, wang)) == 2
        assert len(found(name, chen)) == 1
