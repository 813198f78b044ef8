"""The pages of differences and overlaps: numbers, names that a person may see, links that keep what was asked."""

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest

from registry.models import Designation, Enterprise, Series, Statistic
from targets.choices import NotCompared
from targets.models import Plan, Target
from tests import factories
from tests.registry.test_past import moment
from tests.targets.reports.conftest import LAST_DAY, Reader

D = dt.date
BOTH = {"first": "target:green.all", "second": "scheme:giant"}


def context(reader: Reader, address: str, **query: object) -> Any:
    response = reader.open(address, **query)
    assert response.status_code == 200
    return response.context


def publish(code: str, *figures: tuple[dt.date, str], **fields: Any) -> None:
    for day, value in figures:
        series = factories.statistic(code, day, value, **fields).series
    rule = Target.objects.get(code=code).rule
    rule.series = series
    rule.save()


# Differences


def test_what_differs_and_what_cannot_be_compared(clerk: Reader, plan: Plan) -> None:
    """5 factories at the end of 2025, 6 a year before; published were 6 and 7."""
    publish("green.all", (D(2024, 12, 31), "6"), (LAST_DAY, "7"), source="市工信局")
    found = context(clerk, "/differences/")["comparison"]
    (line,) = found.lines
    assert (line.of.target.code, line.point.difference, line.of.since) == ("green.all", -2, D(2024, 12, 31))
    assert found.differing == 1
    reasons = {group.reason: [one.target.code for one in group.found] for group in found.groups}
    assert reasons == {
        NotCompared.STATISTIC: ["people.trained"],
        NotCompared.NO_SERIES: ["green.national"],
    }
    page = clerk.open("/differences/").content.decode()
    for words in ("市工信局", "−2", "−28.6%", "2024-12-31", NotCompared.NO_SERIES.chinese):
        assert words in page
    # the records behind the registry's number on the day of the published figure
    assert 'href="/targets/green.all/?as_of=2025-12-31#records"' in page


def test_the_target_page_compares_on_the_published_figures_own_day(clerk: Reader, plan: Plan) -> None:
    publish("green.all", (D(2024, 12, 31), "7"))
    point = context(clerk, "/targets/green.all/")["on_its_own_day"]
    assert (point.day, point.registry, point.difference) == (D(2024, 12, 31), 6, -1)
    page = clerk.open("/targets/green.all/").content.decode()
    assert 'href="/targets/green.all/differences/"' in page
    assert 'href="/targets/green.all/?as_of=2024-12-31#records"' in page
    # on that day itself nothing else has to be measured
    assert context(clerk, "/targets/green.all/", as_of="2024-12-31")["on_its_own_day"].difference == -1
    for code in ("green.national", "people.trained"):
        assert context(clerk, f"/targets/{code}/")["on_its_own_day"] is None


def test_every_published_figure_of_one_target(clerk: Reader, plan: Plan) -> None:
    publish("green.all", (D(2022, 12, 31), "1"), (D(2023, 12, 31), "6"), (D(2024, 12, 31), "7"))
    course = context(clerk, "/targets/green.all/differences/")["course"]
    assert [(line.point.day.year, line.point.difference) for line in course.lines] == [
        (2024, -1),
        (2023, 0),
        (2022, -1),
    ]
    # what falls short is drawn to the left, to the scale of the largest share
    assert [line.length for line in course.lines] == ["-7.1", "0", "-50"]
    assert course.found.since == D(2023, 12, 31)
    assert clerk.open("/targets/nothing/differences/").status_code == 404


def test_what_the_registry_does_not_keep_is_said(clerk: Reader, plan: Plan) -> None:
    publish("green.all", (LAST_DAY, "7"))
    Designation.objects.all().delete()
    rule = Target.objects.get(code="green.all").rule
    rule.official = "published"
    rule.save()
    for address in ("/targets/green.all/", "/targets/green.all/differences/", "/differences/"):
        assert NotCompared.NOT_KEPT.chinese in clerk.open(address).content.decode()


@pytest.mark.parametrize("reader", ["clerk", "wujin", "liyang"])
def test_differences_are_totals_and_open_to_everybody(
    plan: Plan, reader: str, request: pytest.FixtureRequest
) -> None:
    publish("green.all", (LAST_DAY, "7"))
    factories.statistic("green.all", LAST_DAY, "3", district=factories.district("320412"))
    person: Reader = request.getfixturevalue(reader)
    for query, difference in (({}, -2), ({"district": "320412"}, -1)):
        (line,) = context(person, "/differences/", **query)["comparison"].lines
        assert line.point.difference == difference


def test_without_anything_published_the_page_says_so(clerk: Reader, plan: Plan) -> None:
    assert not context(clerk, "/differences/")["comparison"].lines
    assert context(clerk, "/targets/people.trained/differences/")["course"].lines == []


# Overlaps


@pytest.fixture
def giants(plan: Plan) -> None:
    """武进甲厂 and 溧阳丙厂 of the green factories are giants, and 武进旧厂 whose green title has run out."""
    for name in ("武进甲厂", "溧阳丙厂", "武进旧厂"):
        holder = Enterprise.objects.get(name=name)
        factories.designation(holder, D(2023, 1, 1), scheme=factories.scheme("giant"), level="national")


@pytest.mark.usefixtures("giants")
def test_numbers_areas_and_names(clerk: Reader) -> None:
    found = context(clerk, "/overlaps/", **BOTH)["compared"]
    assert [(piece.part, piece.number, piece.start) for piece in found.pieces] == [
        ("first", 3, "0"),
        ("both", 2, "500"),
        ("second", 1, "833.3"),
    ]
    assert [(line.district and line.district.code, line.overlap.both) for line in found.areas] == [
        ("320412", 1),
        ("320471", 0),
        ("320481", 1),
        (None, 0),
    ]
    assert {record.enterprise for record in found.names.records} == {"武进甲厂", "溧阳丙厂"}
    # 5 and 3 are 8, but 6 enterprises
    assert all(number in found.reason for number in "862")
    page = clerk.open("/overlaps/", **BOTH).content.decode()
    assert found.reason in page
    assert '<option value="target:green.all" selected>' in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"part": "first"}, {"武进乙厂", "经开丁厂", "无区戊厂"}),
        ({"part": "second"}, {"武进旧厂"}),
        ({"search": "溧阳"}, {"溧阳丙厂"}),
        ({"search": "nobody"}, set()),
        ({"district": "320412"}, {"武进甲厂"}),
        ({"as_of": "2022-12-31"}, set()),
        # before it ran out
        ({"as_of": "2024-12-31"}, {"武进甲厂", "溧阳丙厂", "武进旧厂"}),
        ({"page": "9"}, {"武进甲厂", "溧阳丙厂"}),
    ],
)
@pytest.mark.usefixtures("giants")
def test_searching(clerk: Reader, query: dict[str, str], names: set[str]) -> None:
    found = context(clerk, "/overlaps/", **BOTH, **query)["compared"].names
    assert {record.enterprise for record in found.records} == names
    assert found.page == 1


@pytest.mark.parametrize("query", [{}, {"district": "320481"}, {"search": "厂"}, {"part": "first"}])
@pytest.mark.usefixtures("giants")
def test_people_of_an_area_see_the_names_of_their_own(wujin: Reader, query: dict[str, str]) -> None:
    """Whatever they ask for; the numbers stay those of the city, or of the area that was asked for."""
    found = context(wujin, "/overlaps/", **BOTH, **query)["compared"]
    assert {record.enterprise for record in found.names.records} == {
        "武进乙厂" if query.get("part") else "武进甲厂"
    }
    assert [number for _piece, number in found.tabs] == [1, 1, 1]
    assert found.overlap.both == (1 if query.get("district") else 2)
    page = wujin.open("/overlaps/", **BOTH, **query).content.decode()
    assert not any(name in page for name in ("溧阳丙厂", "经开丁厂", "无区戊厂"))


@pytest.mark.usefixtures("giants")
def test_long_lists_come_in_pages(clerk: Reader) -> None:
    holders = Enterprise.objects.bulk_create(Enterprise(name=f"第{number}厂") for number in range(60))
    for code in ("green_factory", "giant"):
        Designation.objects.bulk_create(
            Designation(
                enterprise=holder, scheme=factories.scheme(code), level="national", valid_from=D(2023, 1, 1)
            )
            for holder in holders
        )
    first, second = (context(clerk, "/overlaps/", **BOTH, page=page)["compared"].names for page in (1, 2))
    assert (first.found, len(first.records), len(second.records)) == (62, 50, 12)
    assert (second.first, second.last) == (51, 62)
    page = clerk.open("/overlaps/", **BOTH, as_of="2025-12-31", part="both").content.decode()
    assert "?as_of=2025-12-31&amp;first=target%3Agreen.all&amp;second=scheme%3Agiant&amp;page=2#names" in page


@pytest.mark.usefixtures("giants")
def test_the_largest_pairs(clerk: Reader) -> None:
    pairs = context(clerk, "/overlaps/")["pairs"]
    assert [(pair.first.spec.code, pair.second.spec.code, pair.overlap.both) for pair in pairs] == [
        ("green.all", "green.national", 1)
    ]
    (pair,) = context(clerk, "/overlaps/", among="schemes")["pairs"]
    assert {pair.first.address, pair.second.address} == {"scheme:giant", "scheme:green_factory"}
    assert pair.overlap.both == 2
    beside = context(clerk, "/overlaps/", first="scheme:giant")["pairs"]
    assert [(pair.second.spec.code, pair.overlap.both) for pair in beside] == [
        ("green.all", 2),
        ("green.national", 1),
    ]
    # a second without a first is the first
    assert context(clerk, "/overlaps/", second="scheme:giant")["wish"].first.address == "scheme:giant"


@pytest.mark.usefixtures("giants")
def test_links_keep_what_was_asked(clerk: Reader) -> None:
    assert (
        'href="/overlaps/?as_of=2024-12-31&amp;first=target%3Agreen.all"'
        in clerk.open("/targets/green.all/", as_of="2024-12-31").content.decode()
    )
    page = clerk.open("/overlaps/", **BOTH, as_of="2024-12-31").content.decode()
    # another area of the same two
    assert "as_of=2024-12-31&amp;first=target%3Agreen.all&amp;second=scheme%3Agiant" in page
    assert '<input type="hidden" name="second" value="scheme:giant">' in page
    for other in ("/differences/", "/"):
        assert f'href="{other}?as_of=2024-12-31"' in page


@pytest.mark.parametrize(
    "query",
    [
        {"first": "target:nothing"},
        {"first": "target:people.trained"},
        {"second": "scheme:nothing"},
        {"first": "x\x00"},
        {"among": "enterprises"},
        {"part": "neither"},
        {"page": "last"},
    ],
)
@pytest.mark.usefixtures("giants")
def test_what_makes_no_sense_is_answered_with_a_word(clerk: Reader, query: dict[str, str]) -> None:
    response = clerk.open("/overlaps/", **query)
    assert response.status_code == 400
    assert response.context["problem"]


@pytest.mark.usefixtures("giants")
def test_a_statistic_leads_to_no_overlap(clerk: Reader) -> None:
    assert "first=target%3Apeople" not in clerk.open("/targets/people.trained/").content.decode()


@pytest.mark.usefixtures("giants")
def test_as_it_was_known(clerk: Reader) -> None:
    publish("green.all", (LAST_DAY, "7"))
    then = moment().isoformat()
    Designation.objects.filter(enterprise__name="溧阳丙厂").delete()
    Statistic.objects.update(value=9)
    Series.objects.update(name="renamed")
    for known, difference, both in ((None, -5, 1), (then, -2, 2)):
        asked = {"known_at": known} if known else {}
        (line,) = context(clerk, "/differences/", **asked)["comparison"].lines
        assert line.point.difference == difference
        assert context(clerk, "/overlaps/", **BOTH, **asked)["compared"].overlap.both == both
    for address in ("/differences/", "/targets/green.all/differences/", "/overlaps/"):
        page = clerk.open(address, known_at=then).content.decode()
        assert f"known_at={quote(then, safe='')}" in page
