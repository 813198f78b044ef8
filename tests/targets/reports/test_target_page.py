"""The page of a target: value, rule, areas both ways, and the records that a person may see behind it."""

from decimal import Decimal
from typing import Any

import pytest

from registry.models import Designation, District, Enterprise
from targets.choices import Exclusion
from targets.models import Plan, Target
from targets.reports.areas import AreaRow
from targets.reports.listing import PAGE_SIZE, Listing
from tests import factories
from tests.targets.reports.conftest import AWARDED, LAST_DAY, Reader

ADDRESS = "/targets/green.all/"


def context(reader: Reader, address: str = ADDRESS, **query: object) -> Any:
    response = reader.open(address, **query)
    assert response.status_code == 200
    return response.context


def records(reader: Reader, address: str = ADDRESS, **query: object) -> Listing:
    found: Listing = context(reader, address, **query)["listing"]
    return found


def names(found: Listing) -> set[str]:
    return {record.enterprise for record in found.records}


def test_a_target_says_what_it_counts(clerk: Reader, plan: Plan) -> None:
    page = clerk.open(ADDRESS).content.decode()
    row = context(clerk)["row"]
    assert row.standing.value == 5
    assert row.target.quote in page
    assert row.standing.rule_text in page
    assert "green.all" in page


def test_whole_and_parts_lead_to_each_other(clerk: Reader, plan: Plan) -> None:
    assert [part.target.code for part in context(clerk)["parts"]] == ["green.national"]
    assert context(clerk, "/targets/green.national/")["whole"].target.code == "green.all"


@pytest.mark.parametrize(
    ("code", "alike"),
    [("green.al", "green.all"), ("green.natonal", "green.national"), ("quite-something-else", None)],
)
def test_unknown_targets_are_answered_with_those_alike(
    clerk: Reader, plan: Plan, code: str, alike: str | None
) -> None:
    response = clerk.open(f"/targets/{code}/", as_of="2024-06-30")
    assert response.status_code == 404
    found = [one for one, _name in response.context["alike"]]
    assert (alike in found) if alike else not found
    if alike:
        assert f'href="/targets/{alike}/?as_of=2024-06-30"' in response.content.decode()


def test_a_retired_target_is_not_in_use_afterwards(clerk: Reader, plan: Plan) -> None:
    Target.objects.filter(code="green.national").update(retired_on="2025-01-01")
    assert clerk.open("/targets/green.national/", as_of="2024-12-31").status_code == 200
    assert clerk.open("/targets/green.national/", as_of="2025-01-01").status_code == 404


def test_the_targets_before_and_after_are_in_use_on_the_day(clerk: Reader, plan: Plan) -> None:
    def line(code: str, **query: str) -> list[str | None]:
        found = context(clerk, f"/targets/{code}/", **query)
        return [one and one.code for one in (found["before"], found["after"])]

    assert line("green.all") == [None, "green.national"]
    assert line("green.national") == ["green.all", "people.trained"]
    assert line("people.trained") == ["green.national", None]
    Target.objects.filter(code="green.national").update(retired_on="2025-01-01")
    assert line("green.all", as_of="2024-12-31") == [None, "green.national"]
    assert line("green.all", as_of="2025-01-01") == [None, "people.trained"]
    assert line("people.trained", as_of="2025-01-01") == ["green.all", None]


# Areas


def by_code(rows: list[AreaRow]) -> dict[str, Decimal | None]:
    return {row.district.code if row.district else "": row.value for row in rows}


def test_areas_both_ways(clerk: Reader, plan: Plan) -> None:
    found = context(clerk)["areas"]
    assert by_code(found.rows) == {"320412": 2, "320481": 1, "320471": 1, "": 1}
    # the zone lies inside Wujin
    assert by_code(found.other_way) == {"320412": 3, "320481": 1, "": 1}
    for way in (found.rows, found.other_way):
        assert sum(row.value for row in way) == found.total == 5


def test_numbers_that_do_not_add_up_have_one_way(clerk: Reader, plan: Plan) -> None:
    green = factories.scheme()
    factories.target_with_rule("green.double", feed="multiple", schemes=(green,), unit="倍", value=Decimal(2))
    found = context(clerk, "/targets/green.double/")["areas"]
    assert not found.other_way
    assert found.total is None


# Records


def test_counted_and_not_counted(clerk: Reader, plan: Plan) -> None:
    found = records(clerk)
    assert (found.counted, found.excluded) == (5, 2)
    assert names(found) == {"武进甲厂", "武进乙厂", "溧阳丙厂", "经开丁厂", "无区戊厂"}
    excluded = records(clerk, list="excluded")
    assert (excluded.counted, excluded.excluded) == (5, 2)
    reasons = {record.enterprise: record.reason for record in excluded.records}
    assert reasons == {"武进旧厂": Exclusion.EXPIRED, "溧阳新厂": Exclusion.ANNOUNCED}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "武进"}, {"武进甲厂", "武进乙厂"}),
        ({"search": "91320400MA0000002X"}, {"溧阳丙厂"}),
        ({"search": "ma0000002x"}, {"溧阳丙厂"}),
        ({"search": "nobody"}, set()),
        # what no name has is nothing to search for, and no error
        ({"search": "\x00%_'"}, {"武进甲厂", "武进乙厂", "溧阳丙厂", "经开丁厂", "无区戊厂"}),
        ({"district": "320481"}, {"溧阳丙厂"}),
        ({"list": "excluded", "reason": "expired"}, {"武进旧厂"}),
        ({"list": "excluded", "reason": "ended"}, set()),
        ({"list": "excluded", "district": "320481"}, {"溧阳新厂"}),
        # a reason says nothing of what is counted
        ({"reason": "expired", "district": "320481"}, {"溧阳丙厂"}),
    ],
)
def test_searching(clerk: Reader, plan: Plan, query: dict[str, str], found: set[str]) -> None:
    assert names(records(clerk, **query)) == found


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        # by the letters of their names: jkdc, lybc, wjjc, wjyc, wqwc
        ("name", "经开丁厂", "无区戊厂"),
        ("-name", "无区戊厂", "经开丁厂"),
        # what lies in no area comes last either way
        ("area", None, "无区戊厂"),
        ("-area", None, "无区戊厂"),
        # a higher level is the smaller rank
        ("title", "武进甲厂", None),
        ("-title", None, "武进甲厂"),
        ("valid_to", "溧阳丙厂", None),
        ("-valid_to", "溧阳丙厂", None),
    ],
)
def test_records_are_ordered_by_their_columns(
    clerk: Reader, plan: Plan, order: str, first: str | None, last: str | None
) -> None:
    District.objects.filter(code="320481").update(position=1)
    Designation.objects.filter(enterprise__name="溧阳丙厂").update(valid_to=LAST_DAY)
    found = [record.enterprise for record in records(clerk, as_of=LAST_DAY, order=order).records]
    assert len(found) == 5
    assert first in (None, found[0])
    assert last in (None, found[-1])
    page = clerk.open(ADDRESS, as_of=LAST_DAY, order=order).content.decode()
    assert page.count("aria-sort=") == 1
    assert f'aria-sort="{"descending" if order.startswith("-") else "ascending"}"' in page
    file = clerk.open(ADDRESS, as_of=LAST_DAY, order=order, format="csv").content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == found


def test_an_order_that_is_none_is_said(clerk: Reader, plan: Plan) -> None:
    for order in ("colour", "-", "name;", "value"):
        assert clerk.open(ADDRESS, order=order).status_code == 400, order


def test_the_order_of_names_tells_nothing_of_those_that_have_left(wujin: Reader, plan: Plan) -> None:
    """A厂 of Wujin has moved to Liyang since: it is counted, without its name, and stands behind all others."""
    moved = Enterprise.objects.get(name="武进甲厂")
    liyang = District.objects.get(code="320481")
    factories.relocation(moved, LAST_DAY, moved.district, liyang)
    Enterprise.objects.filter(pk=moved.pk).update(district=liyang)
    for order in ("name", "-name"):
        found = [one.enterprise for one in records(wujin, as_of="2024-12-31", order=order).records]
        assert found[-1].startswith("现属其他板块"), found
        assert "武进甲厂" not in found


def test_headings_count_all_even_when_searched(clerk: Reader, plan: Plan) -> None:
    found = records(clerk, search="武进")
    assert (found.counted, found.excluded, found.found) == (5, 2, 2)


@pytest.mark.parametrize("query", [{}, {"district": "320481"}, {"search": "厂"}, {"list": "excluded"}])
def test_people_of_an_area_see_their_own_records(wujin: Reader, plan: Plan, query: dict[str, str]) -> None:
    """Whatever they ask for; the totals above stay the city's."""
    found = records(wujin, **query)
    expected = {"武进旧厂"} if query.get("list") else {"武进甲厂", "武进乙厂"}
    assert names(found) == expected
    assert (found.counted, found.excluded, found.only_own) == (2, 1, True)
    page = wujin.open(ADDRESS, **query).content.decode()
    assert not any(name in page for name in ("溧阳丙厂", "溧阳新厂", "经开丁厂", "无区戊厂"))
    assert context(wujin, **query)["row"].standing.value == 5


def test_another_area_sees_others(liyang: Reader, plan: Plan) -> None:
    assert names(records(liyang)) == {"溧阳丙厂"}


def test_long_lists_come_in_pages(clerk: Reader, plan: Plan) -> None:
    area = District.objects.get(code="320481")
    holders = Enterprise.objects.bulk_create(
        Enterprise(name=f"溧阳第{number}厂", district=area) for number in range(PAGE_SIZE)
    )
    Designation.objects.bulk_create(
        Designation(enterprise=holder, scheme=factories.scheme(), level="provincial", valid_from=AWARDED)
        for holder in holders
    )
    first, second = records(clerk), records(clerk, page=2)
    assert (first.pages, len(first.records), len(second.records)) == (2, PAGE_SIZE, 5)
    assert not names(first) & names(second)
    assert (second.first, second.last) == (PAGE_SIZE + 1, PAGE_SIZE + 5)
    # beyond the end is the first page, not an empty one
    assert names(records(clerk, page=99)) == names(first)
    page = clerk.open(ADDRESS, as_of="2025-12-31", search="溧阳", page=1).content.decode()
    assert "as_of=2025-12-31&amp;search=%E6%BA%A7%E9%98%B3&amp;page=2#records" in page


def test_enterprises_lead_to_their_page_with_the_day(clerk: Reader, wujin: Reader, plan: Plan) -> None:
    for reader in (clerk, wujin):
        page = reader.open(ADDRESS, as_of=LAST_DAY).content.decode()
        assert 'href="/enterprises/91320400MA0000000' in page
        assert "?as_of=2025-12-31" in page


@pytest.mark.parametrize("user", ["clerk", "wujin"])
def test_a_statistic_opens_to_its_source(plan: Plan, request: pytest.FixtureRequest, user: str) -> None:
    """The source of a total is as open as the total."""
    factories.statistic("trained", LAST_DAY, "1200", source="市工信局年报")
    reader: Reader = request.getfixturevalue(user)
    page = reader.open("/targets/people.trained/").content.decode()
    assert "1,200" in page
    assert page.count("市工信局年报") == 5
    assert context(reader, "/targets/people.trained/")["listing"] is None


def test_sums_list_the_enterprises_with_figures(clerk: Reader, plan: Plan) -> None:
    steel = factories.cluster("steel")
    factories.target_with_rule(
        "cluster.steel", feed="sum", figure="revenue", clusters=(steel,), unit="亿元", value=Decimal(10)
    )
    for name, revenue in {"大钢厂": 90000, "小钢厂": 250}.items():
        holder = factories.enterprise(name, district=District.objects.get(code="320412"))
        factories.member(holder, steel, main=True, kind="advanced")
        factories.figures(holder, 2025, revenue=revenue)
    outside = factories.enterprise("纺织厂")
    factories.figures(outside, 2025, revenue=70)
    address = "/targets/cluster.steel/"
    assert context(clerk, address)["row"].standing.value == Decimal("9.025")
    found = records(clerk, address)
    # single enterprises in 万元, the sum in 亿元
    assert found.value_unit == "万元"
    assert {record.enterprise: record.value for record in found.records} == {"大钢厂": 90000, "小钢厂": 250}
    reasons = [record.reason for record in records(clerk, address, list="excluded").records]
    assert reasons == [Exclusion.NOT_A_MEMBER]
