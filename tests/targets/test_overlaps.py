"""Two sets of enterprises: a day at its borders, things, areas, names, and what is not to be added up."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Designation, Enterprise
from registry.past import as_known_at
from targets.choices import Among, Part
from targets.measure.overlaps import Overlap, enterprises, matrix, overlap, together
from targets.measure.records import Window
from targets.models import Target
from targets.pairs import largest
from targets.rules import Spec
from targets.sides import NoSuchSide, Side, counting_targets, set_of, side_of, sides_among, titles_by_level
from targets.sums import add_up, reason_against
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    plan,
    relocation,
    scheme,
    statistic,
    target_with_rule,
)
from tests.registry.test_past import moment

pytestmark = pytest.mark.django_db

D = dt.date
DAY = D(2023, 6, 30)
WUJIN, LIYANG = "320412", "320481"


@pytest.fixture(autouse=True)
def _english(settings: object) -> None:
    settings.LANGUAGE_CODE = "en"  # type: ignore[attr-defined]
    settings.USE_I18N = False  # type: ignore[attr-defined]


def green(name: str = "green", **fields: object) -> Target:
    return target_with_rule(name, schemes=(scheme(),), **fields)


def giants(name: str = "giants", **fields: object) -> Target:
    return target_with_rule(name, schemes=(scheme("giant"),), **fields)


def side(address: str, on: dt.date = DAY) -> Side:
    return side_of(address, plan(), on)


def spec(address: str, on: dt.date = DAY) -> Spec:
    return side(address, on).spec


@pytest.fixture
def holders() -> dict[str, Enterprise]:
    """Green: 甲 乙 丙. Giants: 乙 丙 丁. Of both 乙 lies in Wujin and 丙 in Liyang."""
    places = {"甲": WUJIN, "乙": WUJIN, "丙": LIYANG, "丁": LIYANG}
    made = {name: enterprise(f"{name}厂", district=district(code)) for name, code in places.items()}
    for name in "甲乙丙":
        designation(made[name], D(2022, 1, 1), valid_to=D(2023, 12, 31))
    for name in "乙丙丁":
        designation(made[name], D(2022, 1, 1), scheme=scheme("giant"), level="national")
    return made


@pytest.mark.usefixtures("holders")
def test_two_sets_of_the_city_and_its_areas() -> None:
    found = overlap(spec("scheme:green_factory"), spec("scheme:giant"), DAY)
    assert found.city == Overlap(only_first=1, only_second=1, both=2)
    assert (found.city.first, found.city.second, found.city.either) == (3, 3, 4)
    assert found.by_district == {
        district(WUJIN).pk: Overlap(only_first=1, both=1),
        district(LIYANG).pk: Overlap(only_second=1, both=1),
    }


@pytest.mark.parametrize(
    ("on", "both"),
    [
        (D(2021, 12, 31), 0),
        # the first day counts, the last day counts, the day after does not
        (D(2022, 1, 1), 2),
        (D(2023, 12, 31), 2),
        (D(2024, 1, 1), 0),
    ],
)
@pytest.mark.usefixtures("holders")
def test_days(on: dt.date, both: int) -> None:
    assert overlap(spec("scheme:green_factory", on), spec("scheme:giant", on), on).city.both == both


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("scheme:green_factory:provincial", "scheme:giant:national", 2),
        ("scheme:green_factory:national", "scheme:giant", 0),
        ("target:green", "target:giants", 2),
        ("target:green", "scheme:giant:national", 2),
        # with itself all of it
        ("target:green", "target:green", 3),
        ("target:green.new", "target:green", 3),
        ("target:green.yearly", "target:green", 0),
        ("target:band", "target:green", 1),
        ("target:band", "target:band", 2),
    ],
)
def test_addresses_and_feeds(holders: dict[str, Enterprise], first: str, second: str, both: int) -> None:
    """Awarded in 2022, after the baseline and not in the year of the day; 甲 and 丁 earn from 1 to 2 亿元."""
    green(), giants()
    green("green.new", feed="new")
    green("green.yearly", feed="yearly")
    target_with_rule("band", feed="band", figure="revenue", lower=1, upper=2)
    for name, revenue in {"甲": 10_000, "乙": 20_000, "丁": 19_999}.items():
        figures(holders[name], 2022, revenue=revenue)
    assert overlap(spec(first), spec(second), DAY).city.both == both


def test_things_stand_for_their_enterprise_once(holders: dict[str, Enterprise]) -> None:
    """Two workshops of 甲 are one enterprise; a park of nobody is in no set."""
    workshops = scheme("workshop", counts="item", item_word="车间")
    for item in ("一号车间", "二号车间"):
        designation(holders["甲"], D(2022, 1, 1), scheme=workshops, item=item)
    designation(None, D(2022, 1, 1), scheme=workshops, item="园区", district=district(WUJIN))
    target_with_rule("workshops", schemes=(workshops,), counted="item", unit="个")
    things, factories = spec("target:workshops"), spec("scheme:green_factory")
    assert overlap(things, factories, DAY).city == Overlap(only_second=2, both=1)
    assert matrix([things, factories], DAY).sizes == [1, 3]
    assert (together([things, factories], DAY).added, together([things, factories], DAY).once) == (4, 3)
    assert enterprises(things, factories, DAY).total == 1


def test_an_enterprise_is_where_it_was_on_the_day(holders: dict[str, Enterprise]) -> None:
    relocation(holders["乙"], D(2023, 7, 1), district(LIYANG), district(WUJIN))
    one, other = spec("scheme:green_factory"), spec("scheme:giant")
    before, after = overlap(one, other, DAY), overlap(one, other, D(2023, 7, 1))
    assert before.by_district[district(LIYANG).pk].both == 2
    assert after.by_district[district(LIYANG).pk].both == 1
    assert matrix([one, other], DAY, district=district(LIYANG).pk).overlap(0, 1).both == 2
    assert enterprises(one, other, DAY, window=Window(district=district(WUJIN).pk)).total == 0


def test_a_closed_enterprise_is_in_no_stock(holders: dict[str, Enterprise]) -> None:
    Enterprise.objects.filter(pk=holders["乙"].pk).update(closed_on=DAY)
    assert overlap(spec("scheme:green_factory"), spec("scheme:giant"), DAY).city.both == 1


def names(part: Part = Part.BOTH, **window: object) -> list[str]:
    page = enterprises(
        spec("scheme:green_factory"),
        spec("scheme:giant"),
        DAY,
        part,
        Window(**window),  # type: ignore[arg-type]
    )
    return [record.enterprise for record in page.records]


@pytest.mark.usefixtures("holders")
def test_names() -> None:
    wujin = district(WUJIN).pk
    assert names() == ["乙厂", "丙厂"]
    assert names(Part.FIRST) == ["甲厂"]
    assert names(Part.SECOND) == ["丁厂"]
    assert names(search="丙") == ["丙厂"]
    assert names(search="nobody") == []
    assert names(district=wujin) == ["乙厂"]
    assert names(district=wujin, within=True) == ["乙厂"]
    # who belongs to an area that nobody knows sees nobody
    assert names(district=None, within=True) == []
    assert names(limit=1) == ["乙厂"]
    assert names(limit=1, offset=1) == ["丙厂"]


@pytest.mark.usefixtures("holders")
def test_as_known_at() -> None:
    plan()
    then = moment()
    Designation.objects.filter(enterprise__name="乙厂", scheme__code="giant").delete()
    first, second = spec("scheme:green_factory"), spec("scheme:giant")
    with as_known_at(then):
        assert overlap(first, second, DAY).city.both == 2
        assert names() == ["乙厂", "丙厂"]
    assert overlap(first, second, DAY).city.both == 1


def test_a_set_that_is_none_is_refused() -> None:
    target_with_rule("sum", feed="sum", figure="revenue", unit="亿元")
    with pytest.raises(ValueError, match="sum does not count enterprises"):
        matrix([spec("target:sum")], DAY)


def test_no_sets_at_all() -> None:
    assert matrix([], DAY).both == {}
    assert together([], DAY).again == 0


# Addresses


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("green", "is no address"),
        ("", "is no address"),
        ("target:a\x00", "is no address"),
        ("plan:532", "is no address"),
        ("target:nothing", "has no target nothing"),
        ("scheme:nothing", "There is no scheme nothing"),
        ("scheme:giant:district", "Its levels are: national, provincial"),
        ("target:sum", "No enterprises are counted one by one for sum"),
        ("cluster:steel", "No enterprises are counted one by one for steel"),
        ("cluster:nothing", "There is no cluster or chain nothing"),
    ],
)
def test_addresses_that_lead_nowhere(address: str, said: str) -> None:
    scheme("giant"), cluster("steel")
    target_with_rule("sum", feed="sum", figure="revenue", unit="亿元")
    with pytest.raises(NoSuchSide, match=said):
        set_of(address, plan(), DAY)


def test_what_there_is_to_choose() -> None:
    green(), giants(retired_on=DAY)
    target_with_rule("sum", feed="sum", figure="revenue", unit="亿元")
    scheme("market", levels=("none",))
    assert [one.address for one in counting_targets(plan(), DAY)] == ["target:green"]
    assert {one.address for one in sides_among(Among.SCHEMES, plan(), DAY)} == {
        "scheme:green_factory",
        "scheme:giant",
        "scheme:market",
    }
    told = {one.address: one.name for one in titles_by_level(DAY)}
    assert told["scheme:giant"] == "giant"
    assert told["scheme:giant:national"] == "national giant"
    assert "scheme:market:none" not in told


# Pairs


@pytest.mark.usefixtures("holders")
def test_the_largest_pairs_come_first() -> None:
    whole = green("green.all")
    green("green.part", level="provincial", parent=whole)
    giants()
    target_with_rule("nobody", schemes=(scheme("nobody"),))
    found = largest(counting_targets(plan(), DAY), DAY)
    assert [(pair.first.spec.code, pair.second.spec.code, pair.overlap.both) for pair in found] == [
        ("green.all", "green.part", 3),
        ("giants", "green.all", 2),
        ("giants", "green.part", 2),
    ]
    assert [pair.is_whole_and_part for pair in found] == [True, False, False]
    assert found[1].share_of_first == Decimal(2) / 3
    here = largest(counting_targets(plan(), DAY), DAY, district=district(LIYANG))
    assert [pair.overlap.both for pair in here] == [1, 1, 1]
    beside = largest(counting_targets(plan(), DAY), DAY, beside=side("scheme:giant"))
    assert {(pair.first.address, pair.second.address) for pair in beside} == {
        ("scheme:giant", "target:giants"),
        ("scheme:giant", "target:green.all"),
        ("scheme:giant", "target:green.part"),
    }


def test_all_pairs_ask_no_more_often_than_one(holders: dict[str, Enterprise]) -> None:
    def queries(number: int) -> int:
        for place in range(number):
            green(f"green.{number}.{place}")
        sides = counting_targets(plan(), DAY)
        with CaptureQueriesContext(connection) as caught:
            largest(sides, DAY)
        return sum("registry_designation" in query["sql"] for query in caught)

    assert queries(1) == queries(10) == 2


# Sums


def of_cluster(code: str, kind: str) -> Target:
    return target_with_rule(
        f"sum.{code}", feed="sum", figure="revenue", unit="亿元", clusters=(cluster(code, kind),)
    )


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        (["target:green", "target:green"], "named twice"),
        (
            ["target:sum.steel", "target:sum.chips"],
            "never added up: advanced manufacturing clusters, high-growth",
        ),
        (["cluster:steel", "cluster:chips"], "never added up"),
        (["target:chains", "target:sum.steel"], "never added up"),
        (["target:sum.steel", "cluster:textile"], ""),
        (["cluster:steel", "target:sum.steel"], "steel would be counted twice"),
        (["target:kind", "target:sum.steel"], "sum over the whole kind"),
        (["target:all", "target:sum.steel"], "sum over all enterprises"),
        (["target:output", "target:sum.steel"], "different yearly figures: industrial output, revenue"),
        (["target:green", "target:sum.steel"], "different units"),
        (["target:ratio", "target:green"], "no amounts"),
        (["target:statistic", "target:green"], "published figures"),
        (["target:workshops", "target:green"], "Enterprises and things"),
        (["target:workshops", "target:centres"], ""),
        (["target:workshops", "target:workshops.national"], "one could be counted twice"),
        (
            ["target:green", "target:giants"],
            "Added up they are 6, but only 4 enterprises: 2 would be counted",
        ),
        (["target:green", "target:nobody"], ""),
    ],
)
def test_what_may_be_added_up(holders: dict[str, Enterprise], addresses: list[str], said: str) -> None:
    green(), giants()
    of_cluster("steel", "advanced"), of_cluster("textile", "advanced"), of_cluster("chips", "chain")
    sums = {"feed": "sum", "figure": "revenue", "unit": "亿元"}
    target_with_rule("kind", cluster_kind="advanced", **sums)
    target_with_rule("chains", cluster_kind="chain", **sums)
    target_with_rule("all", **sums)
    target_with_rule("output", clusters=(cluster("textile"),), **sums | {"figure": "output"})
    target_with_rule(
        "ratio", feed="ratio", figure="revenue", cluster_kind="chain", denominator_kind="strategic", unit="%"
    )
    target_with_rule("statistic", feed="statistic", series=statistic("people", DAY, "5").series)
    target_with_rule("nobody", schemes=(scheme("nobody"),))
    workshop = scheme("workshop", counts="item", item_word="车间")
    centre = scheme("centre", counts="item", item_word="中心")
    for name, things, level in (
        ("workshops", workshop, ""),
        ("workshops.national", workshop, "national"),
        ("centres", centre, ""),
    ):
        target_with_rule(name, schemes=(things,), counted="item", level=level)
    total = add_up([side(address) for address in addresses], DAY)
    assert said in total.reason
    assert bool(said) == bool(total.reason)
    assert total.value is None or not total.reason


def test_a_sum_is_told_where_nothing_is_against_it(holders: dict[str, Enterprise]) -> None:
    of_cluster("steel", "advanced"), of_cluster("textile", "advanced")
    for name, code, revenue in (("甲", "steel", 20_000), ("丙", "textile", 35_000)):
        member(holders[name], cluster(code))
        figures(holders[name], 2022, revenue=revenue)
    sides = [side("cluster:steel"), side("target:sum.textile")]
    total = add_up(sides, DAY)
    assert (total.values, total.value, total.unit, total.reason) == (
        (2, Decimal("3.5")),
        Decimal("5.5"),
        "亿元",
        "",
    )
    # an area without any figure has no sum, and no 0 either
    assert add_up(sides, DAY, district=district(WUJIN)).value is None
    assert add_up(sides[:1], DAY, district=district(WUJIN)).value == 2


def test_counts_are_added_up_where_no_enterprise_is_in_both(holders: dict[str, Enterprise]) -> None:
    green(), giants()
    both = [side("target:green"), side("target:giants")]
    total = add_up(both, DAY)
    assert total.together
    assert (total.together.added, total.together.once, total.together.again) == (6, 4, 2)
    Designation.objects.filter(scheme__code="giant", enterprise__name__in=["乙厂", "丙厂"]).delete()
    total = add_up(both, DAY)
    assert (total.value, total.reason) == (4, "")
    assert reason_against(both) == ""
