"""The pages of a target through time and of why it changed, for people of the city and of an area."""

import datetime as dt
from typing import Any

import pytest

from registry.models import Designation, Enterprise
from targets.choices import Cause
from targets.reports.bridge import Place, Told
from targets.reports.listing import PAGE_SIZE
from tests import factories
from tests.registry.test_past import moment
from tests.targets.reports.conftest import AWARDED, Reader

pytestmark = pytest.mark.usefixtures("plan")

D = dt.date
SERIES, BRIDGE = "/targets/green.all/series/", "/targets/green.all/bridge/"
# In 2024 one ran out in Wujin; five had been awarded on 1 January 2023.
YEAR = {"from": "2023-12-31", "as_of": "2024-12-31"}
TERM = {"from": "2024-12-31", "as_of": "2025-01-01"}


def context(reader: Reader, address: str, **query: object) -> Any:
    response = reader.open(address, **query)
    assert response.status_code == 200
    return response.context


def links(reader: Reader, address: str, **query: object) -> str:
    return reader.open(address, **query).content.decode().replace("&amp;", "&")


# Series


def test_points_lead_from_the_baseline_to_the_day_by_quarters(clerk: Reader) -> None:
    found = context(clerk, SERIES)["course"]
    days = [point.standing.reading.as_of for point in found.points]
    assert (days[0], days[1], days[-1], len(days)) == (D(2020, 12, 31), D(2021, 3, 31), D(2025, 12, 31), 21)
    assert found.wide.line
    assert len(found.wide.dots) == len(found.narrow.dots) == 21


def test_the_table_holds_what_is_drawn(clerk: Reader) -> None:
    page = clerk.open(SERIES, step="year").content.decode()
    assert page.count('<circle class="dot"') == 2 * 6 + 1
    assert page.count('<th scope="row"><a href="/targets/green.all/?as_of=') == 6
    # six of 2023, of which one ran out at the end of 2024
    assert "+6" in page
    assert "−16.7%" in page


def test_of_an_area_there_is_its_number_beside_the_citys_and_no_verdict(clerk: Reader) -> None:
    found = context(clerk, SERIES, district="320412", step="year")["course"]
    assert [(point.standing.value, point.standing.reading.value) for point in found.points[2:]] == [
        (0, 0),
        (3, 6),
        (3, 6),
        (2, 5),
    ]
    page = clerk.open(SERIES, district="320412", step="year").content.decode()
    assert "超序时" not in page
    assert "已完成" not in page


def test_areas_are_columns_on_demand(clerk: Reader) -> None:
    assert 'id="by-area"' not in clerk.open(SERIES).content.decode()
    found = context(clerk, SERIES, areas=1, step="year")["course"]
    codes = [district.code for district in found.question.districts]
    assert dict(zip(codes, found.by_area[-1][1], strict=True)) == {"320412": 2, "320481": 1, "320471": 1}


def test_without_data_there_is_no_drawing(clerk: Reader) -> None:
    page = clerk.open("/targets/people.trained/series/").content.decode()
    assert '<svg class="chart at-' not in page


def test_links_of_a_series_keep_what_was_asked(clerk: Reader) -> None:
    query = {"from": "2023-01-01", "as_of": "2024-06-30", "known_at": "2030-01-01", "step": "month"}
    page = links(clerk, SERIES, **query)
    assert f"{SERIES}?as_of=2024-06-30&known_at=2030-01-01" in page
    assert f"{BRIDGE}?as_of=2024-06-30&known_at=2030-01-01" in page
    assert "?as_of=2024-06-30&known_at=2030-01-01&from=2023-01-01&step=month&areas=1#by-area" in page


# Bridge


def told(reader: Reader, **query: object) -> Told:
    found: Told = context(reader, BRIDGE, **query)["told"]
    return found


def amounts(place: Place) -> dict[Cause, int]:
    return {cell.cause: cell.amount for cell in place.cells if cell.amount}


def test_it_leads_from_the_last_new_years_eve_to_the_day(clerk: Reader) -> None:
    span = context(clerk, BRIDGE)["span"]
    assert (span.first, span.last) == (D(2024, 12, 31), D(2025, 12, 31))


def test_lines_and_columns_add_up(clerk: Reader) -> None:
    wujin, liyang = (factories.district(code) for code in ("320412", "320481"))
    moved = Enterprise.objects.get(name="武进乙厂")
    Enterprise.objects.filter(pk=moved.pk).update(district=liyang)
    factories.relocation(moved, D(2025, 3, 1), wujin, liyang)
    found = told(clerk)
    assert {place.name for place in found.areas} == {"武进区", "溧阳市", "常州经开区", "未定板块"}
    for place in [*found.areas, found.city]:
        assert place.line.start + sum(amounts(place).values()) == place.line.end, place.name
    for cause in found.causes:
        column = sum(amounts(place).get(cause, 0) for place in found.areas)
        assert column == amounts(found.city).get(cause, 0)
    by_name = {place.name: amounts(place) for place in found.areas}
    assert by_name["武进区"] == {Cause.EXPIRED: -1, Cause.MOVED_OUT: -1}
    assert by_name["溧阳市"] == {Cause.MOVED_IN: 1}
    assert found.lines.city.causes == {Cause.EXPIRED: -1}


def test_numbers_lead_to_their_names(clerk: Reader) -> None:
    page = links(clerk, BRIDGE, **TERM)
    assert '?as_of=2025-01-01&from=2024-12-31&cause=expired#records">−1' in page
    assert '?as_of=2025-01-01&from=2024-12-31&cause=expired&district=320412#records">−1' in page
    found = context(clerk, BRIDGE, **TERM, cause="expired")["steps"]
    assert [(one.enterprise, one.amount) for one in found.records] == [("武进旧厂", -1)]
    assert context(clerk, BRIDGE, **TERM, cause="granted")["steps"].records == []
    assert context(clerk, BRIDGE, **TERM, search="溧阳")["steps"].records == []


def test_clusters_stand_below_by_their_kind(clerk: Reader) -> None:
    factories.member(Enterprise.objects.get(name="武进旧厂"), factories.cluster("steel"))
    factories.member(Enterprise.objects.get(name="武进旧厂"), factories.cluster("chips", "chain"))
    factories.cluster("empty")
    kinds = {kind.name: kind.places for kind in told(clerk, **TERM).kinds}
    assert {name: [place.name for place in places] for name, places in kinds.items()} == {
        "先进制造业集群": ["steel"],
        "高成长性产业链": ["chips"],
    }
    (steel,) = kinds["先进制造业集群"]
    assert (steel.line.start, amounts(steel), steel.line.end) == (1, {Cause.EXPIRED: -1}, 0)
    assert "cause=expired&cluster=steel#records" in links(clerk, BRIDGE, **TERM)
    for code, names in (("steel", ["武进旧厂"]), ("empty", [])):
        found = context(clerk, BRIDGE, **TERM, cluster=code, cause="expired")["steps"]
        assert [one.enterprise for one in found.records] == names


def test_people_of_an_area_see_all_numbers_and_their_own_names(wujin: Reader, liyang: Reader) -> None:
    for reader, names in ((wujin, {"武进旧厂"}), (liyang, set())):
        for query in ({}, {"district": "320481"}, {"search": "厂"}, {"cause": "expired"}):
            found = context(reader, BRIDGE, **TERM, **query)
            assert found["told"].lines.city.causes == {Cause.EXPIRED: -1}
            assert {one.enterprise for one in found["steps"].records} == names
            assert found["steps"].only_own
        page = links(reader, BRIDGE, **TERM)
        assert ("武进旧厂" in page) == bool(names)
        assert ("cause=expired&district=320412" in page) == bool(names)


def test_corrections_stand_in_a_bridge_of_two_knowledges(clerk: Reader) -> None:
    then = moment().isoformat()
    Designation.objects.filter(enterprise__name="溧阳丙厂").delete()
    query = {**TERM, "from_known_at": then}
    found = told(clerk, **query)
    assert (found.city.line.start, amounts(found.city), found.city.line.end) == (
        6,
        {Cause.CORRECTED: -1, Cause.EXPIRED: -1},
        4,
    )
    (record,) = context(clerk, BRIDGE, **query, cause="corrected")["steps"].records
    assert (record.enterprise, record.amount) == ("溧阳丙厂", -1)
    # known at one moment there are none, and links carry both moments on
    assert amounts(told(clerk, **TERM, known_at=then).city) == {Cause.EXPIRED: -1}
    page = links(clerk, BRIDGE, **query)
    assert page.count('name="from_known_at"') == 2
    assert page.count("from_known_at=") > 4


def test_long_lists_come_in_pages(clerk: Reader) -> None:
    area = factories.district("320481")
    holders = Enterprise.objects.bulk_create(
        Enterprise(name=f"溧阳第{number}厂", district=area) for number in range(PAGE_SIZE + 1)
    )
    Designation.objects.bulk_create(
        Designation(enterprise=holder, scheme=factories.scheme(), level="provincial", valid_from=AWARDED)
        for holder in holders
    )
    query = {"from": "2022-12-31", "as_of": "2023-01-01", "search": "溧阳第"}
    first, second, beyond = (context(clerk, BRIDGE, **query, page=number)["steps"] for number in (1, 2, 99))
    assert (first.found, first.pages, len(first.records), len(second.records)) == (51, 2, 50, 1)
    assert [one.enterprise for one in beyond.records] == [one.enterprise for one in first.records]
    assert "&from=2022-12-31&search=%E6%BA%A7%E9%98%B3%E7%AC%AC&page=2#records" in links(
        clerk, BRIDGE, **query
    )


def test_a_band_tells_the_figures(clerk: Reader) -> None:
    factories.target_with_rule("band", feed="band", figure="revenue", lower=10, upper=20)
    firm = Enterprise.objects.get(name="武进甲厂")
    factories.figures(firm, 2024, revenue=90_000)
    factories.figures(firm, 2025, revenue=150_000)
    page = clerk.open("/targets/band/bridge/").content.decode()
    (record,) = context(clerk, "/targets/band/bridge/")["steps"].records
    assert (record.enterprise, record.cause, record.value) == ("武进甲厂", Cause.ROSE_IN, 15)
    assert "升入本档" in page
    assert "亿元" in page


def test_what_is_no_count_leads_to_its_series(clerk: Reader) -> None:
    page = links(clerk, "/targets/people.trained/bridge/")
    assert "统计数" in page
    assert 'href="/targets/people.trained/series/"' in page
    # and nothing leads there
    assert "/targets/people.trained/bridge/" not in links(clerk, "/targets/people.trained/series/")
    assert "/targets/people.trained/bridge/" not in links(clerk, "/targets/people.trained/")


def test_presets_are_told_once_each(clerk: Reader) -> None:
    presets = context(clerk, BRIDGE)["presets"]
    assert [(first.isoformat(), last.isoformat()) for _name, first, last in presets] == [
        ("2025-12-31", "2026-11-23"),
        ("2026-09-30", "2026-10-31"),
        ("2024-12-31", "2025-12-31"),
        ("2020-12-31", "2026-11-23"),
        ("2020-12-31", "2025-12-31"),
    ]


# What cannot be asked


@pytest.mark.parametrize(
    ("address", "query"),
    [
        (SERIES, {"from": "2025-02-30"}),
        (SERIES, {"from": "2026-01-01", "as_of": "2025-12-31"}),
        (SERIES, {"step": "week"}),
        # 241 months
        (SERIES, {"from": "2005-11-30", "as_of": "2025-11-30", "step": "month"}),
        (BRIDGE, {"from": "2025-12-31", "as_of": "2025-12-31"}),
        (BRIDGE, {"from_known_at": "soon"}),
        (BRIDGE, {"known_at": "soon"}),
        (BRIDGE, {"cause": "luck"}),
        (BRIDGE, {"cluster": "nothing"}),
        (BRIDGE, {"page": "0"}),
    ],
)
def test_a_bad_question_is_answered_in_words(clerk: Reader, address: str, query: dict[str, str]) -> None:
    response = clerk.open(address, **query)
    assert response.status_code == 400
    assert response.context["problem"]


@pytest.mark.parametrize("tail", ["series/", "bridge/"])
def test_unknown_targets_are_answered_with_those_alike(clerk: Reader, tail: str) -> None:
    response = clerk.open(f"/targets/green.al/{tail}")
    assert response.status_code == 404
    assert response.context["alike"][0][0] == "green.all"
