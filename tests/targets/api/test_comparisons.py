"""Overlaps, sums and differences through the API and at the command line: the same names and numbers."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Designation, District, Statistic
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    scheme,
    statistic,
    target_with_rule,
)
from tests.registry.api.conftest import Get, errors_of
from tests.registry.test_past import moment

pytestmark = pytest.mark.django_db

D = dt.date
DAY = "2023-06-30"
PAIR = {"first": "target:green", "second": "scheme:giant:national"}


@pytest.fixture(autouse=True)
def world() -> None:
    """Green: 武进一厂, 武进二厂, 溧阳厂. Giants: 武进二厂, 溧阳厂, 外地厂. Published of the green: 2 and then 5."""
    for position, code in enumerate(["320481", "320412"]):
        District.objects.filter(pk=district(code).pk).update(position=position)
    places = {"武进一厂": "320412", "武进二厂": "320412", "溧阳厂": "320481", "外地厂": None}
    made = {name: enterprise(name, district=code and district(code)) for name, code in places.items()}
    for name in ("武进一厂", "武进二厂", "溧阳厂"):
        designation(made[name], D(2022, 1, 1))
    for name in ("武进二厂", "溧阳厂", "外地厂"):
        designation(made[name], D(2022, 1, 1), scheme=scheme("giant", name="小巨人"), level="national")
    series = statistic("green", D(2021, 12, 31), "2", source="统计公报 2021").series
    statistic("green", D(2022, 12, 31), "5.0000", source="统计公报 2022")
    target_with_rule("green", schemes=(scheme(),), series=series, name="绿色工厂", value=Decimal(4))
    target_with_rule("giants", schemes=(scheme("giant"),), name="小巨人")


def run(*words: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


# Overlaps


def test_an_overlap(brain: Get) -> None:
    found = brain("overlaps/", as_of=DAY, **PAIR)
    assert found["first"] == {"address": "target:green", "name": "绿色工厂", "number": 3}
    assert found["second"] == {"address": "scheme:giant:national", "name": "国家级小巨人", "number": 3}
    assert [found[name] for name in ("both", "either", "only_first", "only_second")] == [2, 4, 1, 1]
    assert (found["may_be_added"], found["as_of"], found["district"]) == (False, DAY, None)
    assert all(number in found["reason"] for number in "642")
    # the areas in their order, then what lies in none
    assert [(area["code"], area["first"], area["second"], area["both"]) for area in found["by_district"]] == [
        ("320481", 1, 1, 1),
        ("320412", 2, 1, 1),
        (None, 0, 1, 0),
    ]
    here = brain("overlaps/", as_of=DAY, district="320412", **PAIR)
    assert (here["first"]["number"], here["both"], here["district"]) == (2, 1, "320412")


def test_totals_are_open_and_names_are_those_of_the_own_area(brain: Get, wujin: Get, liyang: Get) -> None:
    answers = [get("overlaps/", as_of=DAY, **PAIR) for get in (brain, wujin, liyang)]
    assert answers[0] == answers[1] == answers[2]

    def names(get: Get, **asked: str) -> list[str]:
        return [row["enterprise"] for row in get("overlaps/enterprises/", as_of=DAY, **PAIR, **asked)]

    assert names(brain) == ["武进二厂", "溧阳厂"]
    assert names(brain, part="first") == ["武进一厂"]
    assert names(brain, part="second") == ["外地厂"]
    assert names(brain, search="溧阳") == names(brain, district="320481") == ["溧阳厂"]
    assert names(wujin) == names(wujin, district="320412") == ["武进二厂"]
    assert names(wujin, search="溧阳") == names(wujin, part="second") == []
    assert names(liyang) == ["溧阳厂"]
    wujin("overlaps/enterprises/", as_of=DAY, district="320481", status=403, **PAIR)
    wujin("overlaps/", as_of=DAY, district="320481", **PAIR)


def test_names_come_in_pages(brain: Get) -> None:
    client = brain.client  # type: ignore[attr-defined]
    asked = {"as_of": DAY, "limit": 1, **PAIR}
    first = client.get("/api/v1/overlaps/enterprises/", asked).json()
    second = client.get(first["next"]).json()
    assert (first["count"], second["count"], second["next"]) == (2, 2, None)
    assert [first["results"][0]["district_name"], second["results"][0]["district"]] == ["武进区", "320481"]
    past = client.get("/api/v1/overlaps/enterprises/", {**asked, "offset": 50}).json()
    assert (past["count"], past["results"]) == (2, [])


def test_the_largest_pairs(brain: Get) -> None:
    target_with_rule("green.part", schemes=(scheme(),), level="provincial")
    rows = brain("overlaps/largest/", as_of=DAY)
    assert [(row["first"]["address"], row["second"]["address"], row["both"]) for row in rows] == [
        ("target:green", "target:green.part", 3),
        ("target:giants", "target:green", 2),
        ("target:giants", "target:green.part", 2),
    ]
    assert (rows[0]["share_of_first"], rows[0]["whole_and_part"]) == ("1", False)
    assert len(brain("overlaps/largest/", as_of=DAY, limit=1)) == 1
    assert len(brain("overlaps/largest/", as_of=DAY, beside="scheme:green_factory")) == 3
    (row,) = brain("overlaps/largest/", as_of=DAY, among="schemes", district="320412")
    assert (row["both"], row["first"]["number"] + row["second"]["number"]) == (1, 3)


@pytest.mark.parametrize(
    ("path", "asked", "field"),
    [
        ("overlaps/", {"first": "target:green"}, "second"),
        ("overlaps/", {"first": "green", "second": "target:green"}, "first"),
        ("overlaps/", {"first": "target:green", "second": "scheme:nothing"}, "second"),
        ("overlaps/", {"first": "target:green", "second": "scheme:giant:district"}, "second"),
        ("overlaps/", {**PAIR, "as_of": "2023-02-30"}, "as_of"),
        ("overlaps/", {**PAIR, "known_at": "soon"}, "known_at"),
        ("overlaps/", {**PAIR, "search": "x"}, "search"),
        ("overlaps/enterprises/", {**PAIR, "part": "neither"}, "part"),
        ("overlaps/enterprises/", {**PAIR, "limit": "0"}, "limit"),
        ("overlaps/largest/", {"among": "enterprises"}, "among"),
        ("overlaps/largest/", {"beside": "target:nothing"}, "beside"),
        ("sums/", {}, "of"),
        ("sums/", {"of": "target:green"}, "of"),
        ("sums/", {"of": "target:green,target:nothing"}, "of"),
        ("sums/", {"of": ",".join(["target:green"] * 21)}, "of"),
        ("differences/", {"target": "green"}, "target"),
        ("differences/", {"district": "999999"}, "district"),
        ("targets/green/differences/", {"limit": "1"}, "limit"),
    ],
)
def test_what_makes_no_sense_is_refused(brain: Get, path: str, asked: dict[str, str], field: str) -> None:
    assert errors_of(brain(path, status=400, **asked))[field]


# Sums


def test_sums(brain: Get) -> None:
    cluster("advanced.steel"), cluster("chain.solar", "chain")
    found = brain("sums/", as_of=DAY, of="target:green,target:giants")
    assert (found["may_be_added"], found["value"]) == (False, None)
    assert [found[name] for name in ("added", "once", "again", "unit")] == [6, 4, 2, "家"]
    assert [(one["address"], one["value"]) for one in found["of"]] == [
        ("target:green", "3"),
        ("target:giants", "3"),
    ]
    refused = brain("sums/", as_of=DAY, of="cluster:advanced.steel,cluster:chain.solar")
    assert (refused["may_be_added"], refused["again"]) == (False, None)
    assert "从不相加" in refused["reason"]
    assert "高成长性产业链" in refused["reason"]
    Designation.objects.filter(scheme__code="giant").exclude(enterprise__name="外地厂").delete()
    found = brain("sums/", as_of=DAY, of="target:green,target:giants")
    assert (found["may_be_added"], found["value"], found["reason"]) == (True, "4", "")
    here = brain("sums/", as_of=DAY, district="320412", of="target:green,target:giants")
    assert (here["value"], here["district"]) == ("2", "320412")


# Differences


def test_all_differences(brain: Get, wujin: Get) -> None:
    (row,) = brain("differences/", as_of="2025-12-31")
    assert {name: row[name] for name in ("code", "name", "unit", "as_of", "registry_value")} == {
        "code": "green",
        "name": "绿色工厂",
        "unit": "家",
        "as_of": "2022-12-31",
        "registry_value": "3",
    }
    assert (row["published"]["value"], row["published"]["source"]) == ("5", "统计公报 2022")
    assert (row["difference"], row["share"], row["since"]) == ("-2", "-0.4", None)
    assert (row["reason"], row["reason_text"]) == (None, "")
    # on the day before the second was published the first is the newest
    (row,) = brain("differences/", as_of="2022-12-30")
    assert (row["as_of"], row["difference"], row["since"]) == ("2021-12-31", "-2", None)
    assert wujin("differences/", as_of="2025-12-31") == brain("differences/", as_of="2025-12-31")
    client = brain.client  # type: ignore[attr-defined]
    whole = client.get("/api/v1/differences/", {"as_of": "2025-12-31", "plan": "532"}).json()
    (left,) = whole["left_out"]
    assert (whole["plan"], left["code"], left["reason"]) == ("532", "giants", "no_series")
    assert left["reason_text"]
    assert brain("differences/", as_of="2025-12-31", district="320412") == []


def test_the_history_of_one(brain: Get) -> None:
    statistic("green", D(2023, 12, 31), "7")
    client = brain.client  # type: ignore[attr-defined]
    found = client.get("/api/v1/targets/green/differences/", {"as_of": "2025-12-31"}).json()
    assert [(row["as_of"], row["difference"]) for row in found["results"]] == [
        ("2021-12-31", "-2"),
        ("2022-12-31", "-2"),
        ("2023-12-31", "-4"),
    ]
    assert (found["since"], found["reason"], found["code"]) == ("2022-12-31", None, "green")
    none = client.get("/api/v1/targets/giants/differences/").json()
    assert (none["results"], none["reason"]) == ([], "no_series")
    brain("targets/nothing/differences/", status=404)


def test_as_known_at(brain: Get) -> None:
    then = moment().isoformat()
    Designation.objects.filter(enterprise__name="溧阳厂").delete()
    Statistic.objects.update(value=9)
    for known, both, difference in ((None, 1, "-7"), (then, 2, "-2")):
        asked = {"as_of": "2025-12-31"} | ({"known_at": known} if known else {})
        assert brain("overlaps/", **PAIR, **asked)["both"] == both
        assert len(brain("overlaps/enterprises/", **PAIR, **asked)) == both
        assert brain("overlaps/largest/", **asked)[0]["both"] == both
        assert brain("sums/", of="target:green,target:giants", **asked)["again"] == both
        (row,) = brain("differences/", **asked)
        assert row["difference"] == difference
        words = [word for name, value in asked.items() for word in (f"--{name.replace('_', '-')}", value)]
        (printed,) = json.loads(run("differences", *words, "--format", "json"))
        assert printed == row


# At the command line


def test_commands_print_what_the_api_answers(brain: Get) -> None:
    def printed(*words: str) -> Any:
        return json.loads(run(*words, "--as-of", DAY, "--format", "json"))

    two = ("target:green", "scheme:giant:national")
    assert printed("overlaps", *two) == [brain("overlaps/", as_of=DAY, **PAIR)]
    assert printed("overlaps", *two, "--names", "both") == brain("overlaps/enterprises/", as_of=DAY, **PAIR)
    assert printed("overlaps") == brain("overlaps/largest/", as_of=DAY)
    assert printed("overlaps", "scheme:giant") == brain("overlaps/largest/", as_of=DAY, beside="scheme:giant")
    assert printed("overlaps", "--among", "schemes") == brain("overlaps/largest/", as_of=DAY, among="schemes")
    assert printed("differences") == brain("differences/", as_of=DAY)
    assert printed("differences", "--target", "green") == brain("targets/green/differences/", as_of=DAY)
    (left,) = printed("differences", "--left-out")
    assert left["code"] == "giants"


def test_tables_for_people() -> None:
    lines = run("overlaps", *PAIR.values(), "--as-of", DAY).splitlines()
    assert [line.split() for line in lines[1:5]] == [
        ["全市", "3", "3", "2"],
        ["溧阳市", "1", "1", "1"],
        ["武进区", "2", "1", "1"],
        ["不属任何板块", "0", "1", "0"],
    ]
    # 3 and 3 are 6, but 4 enterprises
    assert all(number in lines[5] for number in "642")
    lines = run("overlaps", *PAIR.values(), "--as-of", DAY, "--district", "320412").splitlines()
    assert [line.split()[0] for line in lines[1:]][:1] == ["武进区"]
    lines = run("differences", "--as-of", DAY).splitlines()
    assert lines[1].split()[-3:] == ["家", "-2", "-40.0%"]
    assert "66.7%" in run("overlaps", "--as-of", DAY)
    assert "武进二厂" in run("overlaps", *PAIR.values(), "--as-of", DAY, "--names", "both", "--limit", "1")


def test_csv_is_flat() -> None:
    (row,) = csv.DictReader(io.StringIO(run("differences", "--as-of", DAY, "--format", "csv")))
    assert (row["published.value"], row["difference"], row["share"]) == ("5", "-2", "-0.4")
    (row,) = csv.DictReader(io.StringIO(run("overlaps", *PAIR.values(), "--as-of", DAY, "--format", "csv")))
    assert (row["first.number"], row["both"]) == ("3", "2")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["overlaps", "green"], "FIRST: "),
        (["overlaps", "target:nothing", "target:green"], "FIRST: "),
        (["overlaps", "target:green", "scheme:nothing"], "SECOND: "),
        (["overlaps", "--names", "both"], "--names"),
        (["overlaps", "--limit", "0"], "--limit"),
        (["overlaps", "--as-of", "soon"], "--as-of"),
        (["differences", "--target", "nothing"], "nothing"),
        (["differences", "--district", "999"], "999"),
        (["differences", "--known-at", "soon"], "--known-at"),
    ],
)
def test_what_cannot_be_asked_is_told(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*words)
