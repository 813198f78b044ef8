"""The pages of enterprises, areas, clusters and titles that run out, and the search for all of them."""

import datetime as dt
from decimal import Decimal
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.models import AnnualFigures, Enterprise, Membership
from targets.measure.concentration import concentration
from targets.models import Plan, Quota, Target
from targets.ranking import ranking
from targets.reports.expiring import PAGE_SIZE
from tests import factories as make
from tests.targets.reports.conftest import LAST_DAY, Reader

D = dt.date
pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(plan: Plan) -> Enterprise:
    """An enterprise of Liyang with a title to the end of 2025, in two clusters."""
    found = make.enterprise("溧阳电池", district=make.district("320481"), uscc="91320481MA1LY0000X")
    scheme = make.scheme("little_giant")
    make.designation(found, D(2023, 1, 1), scheme=scheme, level="national", valid_to=LAST_DAY)
    make.member(found, make.cluster("steel"))
    make.figures(found, 2023, revenue=100)
    make.figures(found, 2024, revenue=150)
    return found


def text(reader: Reader, address: str, **query: object) -> str:
    answer = reader.open(address, **query)
    assert answer.status_code == 200, f"{address} {answer.status_code}"
    return answer.content.decode()


# Enterprises


@pytest.mark.django_db(transaction=True)
def test_how_many_hold_a_title_is_remembered_until_that_changes(clerk: Reader, holder: Enterprise) -> None:
    def told(**query: str) -> int:
        page = (
            clerk.open("/enterprises/", scheme="little_giant", as_of=LAST_DAY, **query).context["listed"].page
        )
        assert len(page) == page.paginator.count
        return int(page.paginator.count)

    def saved(**values: object) -> None:
        Enterprise.objects.filter(pk=holder.pk).update(**values)

    other = make.enterprise("武进电池", district=make.district("320412"))
    assert told() == told() == 1
    assert [told(level=level) for level in ("national", "provincial")] == [1, 0]
    assert [told(cluster="steel"), told(district="320481"), told(district="320412")] == [1, 1, 0]
    title = make.designation(other, LAST_DAY, scheme=make.scheme("little_giant"), level="provincial")
    assert told() == 2
    assert [told(level=level) for level in ("national", "provincial")] == [1, 1]
    saved(founded_on=LAST_DAY + dt.timedelta(1))
    assert told() == 1
    saved(founded_on=LAST_DAY)
    assert told() == 2
    saved(closed_on=LAST_DAY)
    assert told() == 1
    saved(closed_on=None, district=make.district("320412"))
    make.relocation(holder, LAST_DAY, make.district("320481"), make.district("320412"))
    assert [told(district="320481"), told(district="320412")] == [0, 2]
    title.delete()
    assert told() == 1


@pytest.mark.parametrize(
    ("day", "held"),
    [(D(2022, 12, 31), False), (D(2023, 1, 1), True), (LAST_DAY, True), (D(2026, 1, 1), False)],
)
def test_the_ladder_and_the_titles_stand_as_on_the_day(
    clerk: Reader, holder: Enterprise, day: dt.date, held: bool
) -> None:
    answer = clerk.open(f"/enterprises/{holder.uscc}/", as_of=day)
    rungs = {rung.title.scheme.code: rung.held for rung in answer.context["profile"].ladder if rung.title}
    assert rungs == {"little_giant": held}


@pytest.mark.parametrize(
    ("day", "area"), [(D(2024, 6, 30), "武进"), (D(2024, 7, 1), "溧阳"), (D(2024, 7, 2), "溧阳")]
)
def test_an_enterprise_is_listed_in_the_area_of_the_day(
    clerk: Reader, holder: Enterprise, day: dt.date, area: str
) -> None:
    make.relocation(holder, D(2024, 7, 1), make.district("320412"), make.district("320481"))
    for code, name in (("320412", "武进"), ("320481", "溧阳")):
        answer = clerk.open("/enterprises/", as_of=day, district=code, search="溧阳电池")
        found = [(one.name, one.area) for one in answer.context["listed"].page.object_list]
        assert found == ([("溧阳电池", area)] if name == area else [])


def test_an_enterprise_is_found_by_code_and_by_number(clerk: Reader, holder: Enterprise) -> None:
    for key in (holder.uscc, str(holder.pk)):
        page = text(clerk, f"/enterprises/{key}/")
        assert "溧阳电池" in page
        assert "+50%" in page, "revenue against the year before"


@pytest.mark.parametrize("key", ["91320481MA1LY0000X", "999999999", "x", "1" * 30, "%00"])
def test_of_enterprises_elsewhere_nothing_is_told(wujin: Reader, holder: Enterprise, key: str) -> None:
    """An unknown one and one of Liyang are answered alike."""
    answer = wujin.open(f"/enterprises/{key}/")
    assert answer.status_code == 404
    assert "溧阳电池" not in answer.content.decode()


def test_one_that_has_moved_away_is_not_shown_on_the_days_before(wujin: Reader, holder: Enterprise) -> None:
    make.relocation(holder, D(2025, 6, 1), make.district("320412"), holder.district)
    assert wujin.open(f"/enterprises/{holder.uscc}/", as_of="2025-01-01").status_code == 404
    assert wujin.open(f"/enterprises/{holder.uscc}/", known_at="2025-01-01").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, True),
        ({"search": "电池"}, True),
        ({"search": "lydc"}, True),
        ({"search": "91320481MA1LY"}, True),
        ({"search": "没有"}, False),
        ({"scheme": "little_giant"}, True),
        ({"scheme": "little_giant", "as_of": "2026-01-01"}, False),
        ({"scheme": "little_giant", "level": "provincial"}, False),
        ({"cluster": "steel"}, True),
        ({"district": "320412"}, False),
        ({"district": "320481"}, True),
    ],
)
def test_the_list_is_sifted_by_what_held_on_the_day(
    clerk: Reader, holder: Enterprise, asked: dict[str, str], found: bool
) -> None:
    assert ("溧阳电池" in text(clerk, "/enterprises/", **asked)) == found


@pytest.mark.parametrize(
    "asked", [{"level": "galactic"}, {"scheme": "nothing"}, {"cluster": "\x00"}, {"page": "-1"}]
)
def test_what_makes_no_sense_is_said(clerk: Reader, plan: Plan, asked: dict[str, str]) -> None:
    assert clerk.open("/enterprises/", **asked).status_code == 400


def test_the_list_goes_out_whole_and_without_contacts(
    clerk: Reader, wujin: Reader, holder: Enterprise
) -> None:
    Enterprise.objects.filter(pk=holder.pk).update(contact_name="王五", contact_phone="13812345678")
    answer = clerk.open("/enterprises/", search="电池", format="xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    cells = {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row}
    assert "溧阳电池" in cells
    assert not {"王五", "13812345678"} & cells
    answer = wujin.open("/enterprises/", format="xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert "溧阳电池" not in {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row}


# What runs out


@pytest.mark.parametrize(
    ("day", "within", "found"),
    [
        (D(2025, 10, 2), "90", True),  # the last day is the 90th after it
        (D(2025, 10, 1), "90", False),
        (LAST_DAY, "30", True),
        (D(2026, 1, 1), "30", False),
        (D(2026, 1, 1), "overdue", True),
        (LAST_DAY, "overdue", False),
    ],
)
def test_titles_run_out_within_a_span(
    clerk: Reader, holder: Enterprise, day: dt.date, within: str, found: bool
) -> None:
    page = text(clerk, "/expiring/", as_of=day, within=within)
    assert ("溧阳电池" in page) == found


def test_an_area_sees_what_runs_out_there_alone(wujin: Reader, liyang: Reader, holder: Enterprise) -> None:
    assert "溧阳电池" not in text(wujin, "/expiring/", as_of="2025-12-01")
    assert "溧阳电池" in text(liyang, "/expiring/", as_of="2025-12-01")
    assert "溧阳电池" not in text(wujin, "/expiring/", as_of="2025-12-01", district="320481")


def running_out(number: int, area: str, scheme: str) -> None:
    for one in range(number):
        titled = make.enterprise(f"{area}-{scheme}-{one}", district=make.district(area))
        kind = make.scheme(scheme)
        make.designation(titled, D(2023, 1, 1), scheme=kind, level="national", valid_to=LAST_DAY)


@pytest.mark.parametrize("known", [False, True])
def test_what_runs_out_is_told_by_title_and_area_page_by_page(
    clerk: Reader, liyang: Reader, holder: Enterprise, known: bool
) -> None:
    running_out(PAGE_SIZE, "320412", "green")
    running_out(2, "320481", "green")
    asked: dict[str, object] = {"as_of": "2025-12-01"}
    if known:
        asked["known_at"] = timezone.now().isoformat()
        # what is entered afterwards was not known then
        running_out(3, "320412", "little_giant")

    def told(reader: Reader, **query: object) -> tuple[int, list[int], list[tuple[str, int]], int]:
        found = reader.open("/expiring/", **asked, **query).context["expiring"]
        return found.total, [number for _one, number in found.schemes], found.areas, len(found.page)

    wujin, liyang_area = (make.district(code).short_name for code in ("320412", "320481"))
    both = [(wujin, PAGE_SIZE), (liyang_area, 3)]
    for _again in range(2):
        assert told(clerk) == (PAGE_SIZE + 3, [PAGE_SIZE + 2, 1], both, PAGE_SIZE)
        assert told(clerk, page=2) == (PAGE_SIZE + 3, [PAGE_SIZE + 2, 1], both, 3)
        assert told(clerk, scheme="little_giant") == (PAGE_SIZE + 3, [PAGE_SIZE + 2, 1], both, 1)
        assert told(liyang) == (3, [2, 1], [(liyang_area, 3)], 3)
    page = clerk.open("/expiring/", scheme="little_giant", **asked).context["expiring"].page
    assert [one.enterprise.name for one in page] == ["溧阳电池"]


def test_the_lower_half_of_an_area_tells_the_first_that_was_known_to_run_out(
    liyang: Reader, holder: Enterprise
) -> None:
    then = timezone.now().isoformat()
    title = holder.designations.get()
    make.designation(holder, D(2026, 1, 1), scheme=title.scheme, level="national")
    asked = {"as_of": "2025-12-01"}
    for known, names in ((then, ["溧阳电池"]), (None, [])):
        further = {"known_at": known} if known else {}
        holdings = liyang.open("/districts/320481/holdings/", **asked, **further).context["holdings"]
        assert [one.enterprise.name for one in holdings.expiring] == names


# Areas


def test_an_area_tells_its_part_to_all_and_names_to_its_own(
    wujin: Reader, liyang: Reader, holder: Enterprise
) -> None:
    for reader, named in ((wujin, False), (liyang, True)):
        part = reader.open("/districts/320481/holdings/", as_of="2025-12-01")
        assert ("溧阳电池" in part.content.decode()) == named
        answer = reader.open("/districts/320481/", as_of="2025-12-01")
        lines = {line.row.target.code: (line.value, line.place) for line in answer.context["told"].lines}
        # two in Wujin, one in Liyang, one in the zone, one in none
        assert lines["green.all"] == (1, 2)


def test_an_area_is_judged_by_its_quotas(clerk: Reader, plan: Plan) -> None:
    target = Target.objects.get(code="green.all")
    for code, value in (("320412", 2), ("320481", 2)):
        Quota.objects.create(target=target, district=make.district(code), day=LAST_DAY, value=value)
    told = clerk.open("/districts/320412/", as_of=LAST_DAY).context["told"]
    lines = {line.row.target.code: line.quota for line in told.lines}
    assert lines["green.all"].verdict.state == "reached"
    assert lines["green.national"] is None
    assert told.divided == 1
    page = text(clerk, "/districts/320481/", as_of=LAST_DAY)
    assert "50.0%" in page, "one of two"
    areas = clerk.open("/targets/green.all/", as_of=LAST_DAY).context["areas"]
    states = {row.district.code: row.quota.verdict.state for row in areas.rows if row.quota}
    assert states == {"320412": "reached", "320481": "far_behind"}
    assert areas.quotas == 4


@pytest.mark.parametrize(
    ("code", "way", "value", "place", "of"),
    [
        # two in Wujin, one in the zone inside it, one in Liyang
        ("320412", "", 2, 1, 3),
        ("320412", "with_inner", 3, 1, 2),
        ("320481", "with_inner", 1, 2, 2),
        # by itself even then: it has a page of its own
        ("320471", "with_inner", 1, 2, 3),
    ],
)
def test_areas_are_counted_both_ways(
    clerk: Reader, plan: Plan, code: str, way: str, value: int, place: int, of: int
) -> None:
    told = clerk.open(f"/districts/{code}/", as_of=LAST_DAY, way=way).context["told"]
    line = next(line for line in told.lines if line.row.target.code == "green.all")
    assert (line.value, line.place, len(told.ranked)) == (value, place, of)


def test_an_unknown_way_of_counting_is_said(clerk: Reader, plan: Plan) -> None:
    assert clerk.open("/districts/320412/", way="all").status_code == 400


@pytest.mark.parametrize(
    ("day", "held", "gained", "lost"),
    [
        (D(2022, 12, 31), None, None, None),
        (D(2023, 1, 1), 3, 3, 0),
        # the old works of Wujin ran out on the last day of 2024
        (D(2024, 12, 31), 3, 0, 0),
        (D(2025, 1, 1), 2, 0, 1),
        (D(2025, 12, 31), 2, 0, 1),
        (D(2026, 1, 1), 2, 0, 0),
    ],
)
def test_titles_gained_and_lost_since_the_year_began(
    clerk: Reader, plan: Plan, day: dt.date, held: int | None, gained: int | None, lost: int | None
) -> None:
    told = clerk.open("/districts/320412/holdings/", as_of=day).context["holdings"]
    found = [(one.number, one.gained, one.lost) for one in told.held if one.address == "scheme:green_factory"]
    assert found == ([] if held is None else [(held, gained, lost)])


def test_an_area_tells_the_clusters_of_its_enterprises(clerk: Reader, holder: Enterprise) -> None:
    told = clerk.open("/districts/320481/holdings/").context["holdings"]
    assert [(cluster.code, counted.main) for cluster, counted in told.clusters] == [("steel", 1)]
    assert clerk.open("/districts/320412/holdings/").context["holdings"].clusters == []
    # on the days before a move they were elsewhere
    make.relocation(holder, D(2025, 6, 1), make.district("320412"), holder.district)
    told = clerk.open("/districts/320412/holdings/", as_of="2025-05-31").context["holdings"]
    assert [cluster.code for cluster, _counted in told.clusters] == ["steel"]


def test_the_lower_half_of_an_area_comes_by_itself(clerk: Reader, holder: Enterprise) -> None:
    asked = {"as_of": LAST_DAY, "way": "with_inner"}
    upper = clerk.open("/districts/320481/", **asked).content.decode()
    part = f"/districts/320481/holdings/?as_of={LAST_DAY}&amp;way=with_inner"
    assert f'data-part="{part}"' in upper
    lower = clerk.open(unescape(part)).content.decode().strip()
    assert "溧阳电池" not in upper
    assert "溧阳电池" in lower
    # without a program in the browser one link leads to all of it, and paper has it at once
    assert f'href="?as_of={LAST_DAY}&amp;way=with_inner&amp;whole=1"' in upper
    assert lower in clerk.open("/districts/320481/", **asked, whole="1").content.decode()
    assert clerk.open("/districts/999999/holdings/").status_code == 404


def test_the_ranking_is_the_mean_of_the_places() -> None:
    numbers: list[dict[int, Decimal | None]] = [
        {1: Decimal(5), 2: Decimal(3), 3: Decimal(3)},  # 1, 2, 2
        {1: Decimal(0), 2: Decimal(9), 3: None},  # 2, 1, no place
        {1: Decimal(4), 2: Decimal(4), 3: Decimal(4)},  # nobody differs: ranks nobody
    ]
    found = [(one.key, one.place, one.mean, one.firsts, one.targets) for one in ranking(numbers, [1, 2, 3])]
    assert found == [
        (1, 1, Decimal("1.5"), 1, 2),
        (2, 1, Decimal("1.5"), 1, 2),
        (3, 3, Decimal(2), 0, 1),
    ]
    assert ranking([], [1, 2]) == []


def test_an_unknown_area_is_not_there(clerk: Reader, plan: Plan) -> None:
    assert clerk.open("/districts/999999/").status_code == 404


# Clusters


def test_concentration_is_that_of_a_plain_recount(plan: Plan) -> None:
    cluster = make.cluster("steel")
    revenues = [900, 500, 400, 300, 200, 100, 100, 100, 100, 100, 100, 100]
    for number, revenue in enumerate(revenues):
        one = make.enterprise(f"钢企{number}")
        make.member(one, cluster)
        make.figures(one, 2024, revenue=revenue)
    # further members, closed ones and years to come do not count
    beside = make.enterprise("旁观")
    make.member(beside, cluster, main=False)
    make.figures(beside, 2024, revenue=10_000)
    closed = make.enterprise("已注销", closed_on=D(2025, 1, 1))
    make.member(closed, cluster)
    make.figures(closed, 2024, revenue=10_000)
    make.figures(one, 2026, revenue=10_000)
    found = concentration(cluster.pk, D(2025, 12, 30))
    assert found is not None
    total = Decimal(sum(revenues))
    assert (found.year, found.total, found.enterprises) == (2024, total, 12)
    assert found.four == Decimal(900 + 500 + 400 + 300) / total
    assert found.ten == Decimal(sum(revenues[:10])) / total
    assert found.index == round(sum(Decimal(one) ** 2 for one in revenues) / total**2 * 10_000)
    assert concentration(cluster.pk, D(2020, 1, 1)) is None


def test_a_cluster_names_leaders_to_whoever_may_see_them(
    clerk: Reader, wujin: Reader, holder: Enterprise
) -> None:
    Membership.objects.filter(enterprise=holder).update(role="leader")
    assert "溧阳电池" in text(clerk, "/clusters/steel/")
    page = text(wujin, "/clusters/steel/")
    assert "溧阳电池" not in page
    assert "专精特新" in page or "little_giant" in page, "what its members hold is a total"
    assert "steel" in text(clerk, "/clusters/")
    assert clerk.open("/clusters/nothing/").status_code == 404


# Find


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("电池", "/enterprises/91320481MA1LY0000X/"),
        ("lydc", "/enterprises/91320481MA1LY0000X/"),
        ("green.all", "/targets/green.all/"),
        ("steel", "/clusters/steel/"),
        ("320481", "/?district=320481"),
    ],
)
def test_one_search_finds_all_that_has_a_page(
    clerk: Reader, holder: Enterprise, words: str, link: str
) -> None:
    assert f'href="{link}"' in text(clerk, "/find/", q=words)
    answer = clerk.open("/find/", q=words, format="json").json()  # type: ignore[attr-defined]
    assert link in [one["link"] for one in answer["results"]]


def test_the_search_at_the_top_keeps_the_day(clerk: Reader, plan: Plan) -> None:
    """A form that is sent by GET drops what its address asks: the day goes along as a field."""
    page = text(clerk, "/", as_of="2023-12-31")
    form = page[page.index('class="topfind"') :]
    assert '<input type="hidden" name="as_of" value="2023-12-31">' in form[: form.index("</form>")]


def test_an_area_finds_no_enterprise_of_another(wujin: Reader, holder: Enterprise) -> None:
    for words in ("电池", "lydc", "91320481MA1LY0000X"):
        assert wujin.open("/find/", q=words, format="json").json()["results"] == []  # type: ignore[attr-defined]


# What was known of an enterprise that has left since


@pytest.mark.django_db(transaction=True)
def test_the_name_of_one_that_has_left_is_not_told_by_what_was_known(
    wujin: Reader, clerk: Reader, plan: Plan
) -> None:
    """Downloads and the search told it: only the pages of lists had looked where it is today."""
    gone = make.enterprise("迁走机械", district=make.district("320412"), uscc="91320412MA1GNE000X")
    scheme = make.scheme("little_giant")
    make.designation(gone, D(2023, 1, 1), scheme=scheme, level="national", valid_to=LAST_DAY)
    before = timezone.now().isoformat()
    Enterprise.objects.filter(pk=gone.pk).update(district=make.district("320481"))
    asked = {"as_of": "2025-12-01", "known_at": before}
    for address, further in (("/enterprises/", {}), ("/expiring/", {}), ("/find/", {"q": "迁走"})):
        assert "迁走机械" in text(clerk, address, **asked, **further), "known to the city"
        assert "迁走机械" not in text(wujin, address, **asked, **further), address
    for address in ("/enterprises/", "/expiring/"):
        assert "迁走机械" in cells_of(clerk, address, **asked)
        assert "迁走机械" not in cells_of(wujin, address, **asked), f"{address} as a workbook"
    answer = wujin.open("/find/", q="迁走", format="json", **asked)
    assert answer.json()["results"] == []  # type: ignore[attr-defined]


def cells_of(reader: Reader, address: str, **query: object) -> set[str]:
    answer = reader.open(address, format="xlsx", **query)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    return {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row}


@pytest.mark.parametrize(("area", "found"), [("320412", True), ("320481", False)])
def test_a_thing_of_no_enterprise_runs_out_in_its_own_area(
    clerk: Reader, plan: Plan, area: str, found: bool
) -> None:
    """The area's list left it out, and the counts had it in no area."""
    make.district("320481")
    here = make.district("320412")
    scheme = make.scheme("park", counts="item", item_word="园区")
    make.designation(None, D(2023, 1, 1), scheme=scheme, item="示范园区", district=here, valid_to=LAST_DAY)
    answer = clerk.open("/expiring/", as_of="2025-12-01", district=area)
    assert ("示范园区" in answer.content.decode()) == found
    assert answer.context["expiring"].areas == ([(here.short_name, 1)] if found else [])


# No query a row


@pytest.mark.parametrize(
    "address",
    [
        "/enterprises/",
        "/expiring/?as_of=2025-12-01",
        "/districts/320481/",
        "/clusters/steel/",
        "/find/?q=溧阳",
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    clerk: Reader, holder: Enterprise, address: str
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert clerk.client.get(address).status_code == 200
        return len(queries)

    asked()
    few = asked()
    scheme = make.scheme("little_giant")
    for number in range(12):
        one = make.enterprise(f"溧阳新厂{number}", district=holder.district)
        make.designation(one, D(2023, 1, 1), scheme=scheme, level="national", valid_to=LAST_DAY)
        make.member(one, make.cluster("steel"))
        AnnualFigures.objects.create(enterprise=one, year=2024, revenue=10)
    asked()
    assert asked() <= few
