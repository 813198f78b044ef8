"""Series and bridges in the API, for an integrator and the people of two areas."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Designation, Enterprise
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    member,
    relocation,
    scheme,
    statistic,
    target_with_rule,
)
from tests.registry.api.conftest import Get, errors_of
from tests.registry.test_past import moment

pytestmark = pytest.mark.django_db

D = dt.date
SERIES, BRIDGE = "targets/green/series/", "targets/green/bridge/"
RECORDS = BRIDGE + "records/"
YEAR = {"from": "2022-12-31", "to": "2023-12-31"}


@pytest.fixture(autouse=True)
def green() -> None:
    """In 2023 Wujin loses one to Liyang and one for good, and gains one; 4 are wanted."""
    wujin, liyang = district("320412"), district("320481")
    old, moved = enterprise("武进旧厂", district=wujin), enterprise("迁址厂", district=liyang)
    relocation(moved, D(2023, 5, 1), wujin, liyang)
    member(moved, cluster("steel"))
    designation(old, D(2020, 7, 1), valid_to=D(2023, 6, 30))
    designation(moved, D(2022, 3, 1))
    designation(enterprise("武进新厂", district=wujin), D(2023, 9, 1), document="苏工信〔2023〕9号")
    target_with_rule("green", schemes=(scheme(),), name="绿色工厂", value=Decimal(4), comparator="gte")


# Series


def test_a_point_has_the_promised_fields(brain: Get) -> None:
    points = brain(SERIES, **{"from": "2023-06-30", "to": "2023-09-15", "step": "quarter"})
    assert [point["day"] for point in points] == ["2023-06-30", "2023-09-15"]
    last = points[1]
    assert {name: last[name] for name in last if name not in ("by_district", "expected", "lead")} == {
        "day": "2023-09-15",
        "value": "2",
        "data_date": "2023-09-15",
        "target": "4",
        "completion": "0.5",
        "state": "on_pace",
        "official": None,
        "year_on_year": {"value": "2", "difference": "0", "share": "0"},
        "on_last": {"value": "2", "difference": "0", "share": "0"},
    }
    assert {area["code"]: area["value"] for area in last["by_district"]} == {"320412": "1", "320481": "1"}
    reading = brain("targets/green/progress/", as_of="2023-09-15")
    assert {name: last[name] for name in ("value", "expected", "lead", "state")} == {
        name: reading[name] for name in ("value", "expected", "lead", "state")
    }


def test_a_series_runs_from_the_baseline_to_the_plans_last_day(brain: Get) -> None:
    answer = brain.client.get(f"/api/v1/{SERIES}").json()  # type: ignore[attr-defined]
    assert (answer["code"], answer["unit"], answer["step"]) == ("green", "家", "month")
    days = [point["day"] for point in answer["results"]]
    assert (days[0], days[-1], len(days)) == ("2020-12-31", "2025-12-31", 61)


def test_a_series_of_an_area(brain: Get) -> None:
    points = brain(SERIES, **YEAR, step="year", district="320412")
    assert [point["value"] for point in points] == ["2", "1"]
    assert points[1]["on_last"] == {"value": "2", "difference": "-1", "share": "-0.5"}


def test_a_series_of_what_is_published(brain: Get) -> None:
    made = statistic("output", D(2022, 12, 31), "16000.50", source="统计公报")
    target_with_rule("output", feed="statistic", series=made.series, value=Decimal(20000))
    points = brain("targets/output/series/", **YEAR, step="year")
    assert [(point["value"], point["official"]["source"]) for point in points] == [
        ("16000.5", "统计公报")
    ] * 2
    assert (points[0]["on_last"], points[1]["year_on_year"]["difference"]) == (None, "0")


def test_a_series_has_at_most_240_points(brain: Get) -> None:
    twenty_years = {"from": "2005-12-31", "to": "2025-11-30"}
    assert len(brain(SERIES, **twenty_years)) == 240
    more = {**twenty_years, "from": "2005-11-30"}
    assert "240" in errors_of(brain(SERIES, **more, status=400))["from"]
    assert len(brain(SERIES, **more, step="quarter")) == 81


def test_a_series_costs_as_much_as_a_point(brain: Get) -> None:
    def queries(**asked: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            brain(SERIES, **asked)
        return len(caught)

    queries()
    assert queries() == queries(step="year", **{"from": "2025-12-31"})


# Bridges


def amounts(row: dict) -> dict[str, str]:
    return {cause["cause"]: cause["amount"] for cause in row["causes"]}


def test_a_bridge_adds_up_in_the_city_the_areas_and_the_clusters(brain: Get) -> None:
    found = brain(BRIDGE, **YEAR)
    assert {name: found[name] for name in ("code", "unit", "district", "from", "to", "start", "end")} == {
        "code": "green",
        "unit": "家",
        "district": None,
        "from": "2022-12-31",
        "to": "2023-12-31",
        "start": "2",
        "end": "2",
    }
    assert amounts(found) == {"granted": "1", "expired": "-1"}
    assert found["causes"][0]["name"] == "新认定"
    wujin, liyang = sorted(found["by_district"], key=lambda row: row["code"])
    assert (wujin["start"], amounts(wujin), wujin["end"]) == (
        "2",
        {"granted": "1", "expired": "-1", "moved_out": "-1"},
        "1",
    )
    assert (liyang["start"], amounts(liyang), liyang["end"]) == ("0", {"moved_in": "1"}, "1")
    (steel,) = found["by_cluster"]
    assert (steel["code"], steel["kind"], steel["start"], steel["causes"], steel["end"]) == (
        "steel",
        "advanced",
        "1",
        [],
        "1",
    )
    for place in (found, wujin, liyang, steel):
        assert int(place["start"]) + sum(map(int, amounts(place).values())) == int(place["end"])


def test_a_bridge_leads_from_the_last_new_years_eve_to_the_default_day(brain: Get) -> None:
    found = brain(BRIDGE)
    assert (found["from"], found["to"]) == ("2024-12-31", "2025-12-31")
    assert brain(BRIDGE, to="2023-05-01")["from"] == "2022-12-31"


def test_a_bridge_of_an_area(brain: Get) -> None:
    found = brain(BRIDGE, **YEAR, district="320481")
    assert (found["district"], found["start"], amounts(found), found["end"]) == (
        "320481",
        "0",
        {"moved_in": "1"},
        "1",
    )
    assert found["by_cluster"] == []


def test_corrections_stand_in_a_bridge_of_two_knowledges(brain: Get) -> None:
    then = moment().isoformat()
    Designation.objects.filter(enterprise__name="迁址厂").delete()
    Enterprise.objects.filter(name="迁址厂").update(district=None)
    found = brain(BRIDGE, **YEAR, from_known_at=then)
    assert (found["start"], amounts(found), found["end"]) == (
        "2",
        {"corrected": "-1", "granted": "1", "expired": "-1"},
        "1",
    )
    assert (found["from_known_at"] is not None, found["known_at"]) == (True, None)
    (record,) = brain(RECORDS, **YEAR, from_known_at=then, cause="corrected")
    assert (record["enterprise"], record["amount"], record["district"]) == ("迁址厂", "-1", "320412")
    # known at one moment there are none
    same = brain(BRIDGE, **YEAR, known_at=then)
    assert (same["start"], amounts(same), same["end"]) == ("2", {"granted": "1", "expired": "-1"}, "2")
    assert brain(RECORDS, **YEAR, known_at=then, cause="corrected") == []
    assert brain(SERIES, **YEAR, step="year", known_at=then)[1]["value"] == "2"
    assert brain(SERIES, **YEAR, step="year")[1]["value"] == "1"


# Their records


def told(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(row["enterprise"], row["cause"], row["amount"]) for row in rows]


def test_a_bridge_opens_to_its_records(brain: Get) -> None:
    rows = brain(RECORDS, **YEAR)
    assert told(rows) == [("武进旧厂", "expired", "-1"), ("武进新厂", "granted", "1")]
    assert (rows[1]["document"], rows[1]["cause_name"], rows[1]["district_name"]) == (
        "苏工信〔2023〕9号",
        "新认定",
        "武进区",
    )
    assert "reason" not in rows[0]
    assert told(brain(RECORDS, **YEAR, cause="granted")) == [("武进新厂", "granted", "1")]
    assert told(brain(RECORDS, **YEAR, search="旧厂")) == [("武进旧厂", "expired", "-1")]
    assert told(brain(RECORDS, **YEAR, district="320481")) == [("迁址厂", "moved_in", "1")]


def test_a_cluster_opens_to_its_members(brain: Get, liyang: Get) -> None:
    old = Enterprise.objects.get(name="武进旧厂")
    member(old, cluster("steel"))
    member(Enterprise.objects.get(name="武进新厂"), cluster("steel"), until=D(2023, 12, 31))
    joined = enterprise("入群厂", district=district("320412"))
    designation(joined, D(2022, 3, 1))
    member(joined, cluster("steel"), since=D(2023, 2, 1))
    assert told(brain(RECORDS, **YEAR, cluster="steel")) == [
        ("武进旧厂", "expired", "-1"),
        ("入群厂", "moved_in", "1"),
    ]
    assert told(brain(RECORDS, **YEAR, cluster="steel", cause="moved_in")) == [("入群厂", "moved_in", "1")]
    assert told(liyang(RECORDS, **YEAR, cluster="steel")) == []
    assert errors_of(brain(RECORDS, **YEAR, cluster="steel", cause="corrected", status=400))["cluster"]


def test_pages_of_records_are_counted(brain: Get) -> None:
    client = brain.client  # type: ignore[attr-defined]
    first = client.get(f"/api/v1/{RECORDS}", {**YEAR, "limit": 1}).json()
    assert (first["count"], len(first["results"]), first["previous"]) == (2, 1, None)
    second = client.get(first["next"]).json()
    assert (second["count"], len(second["results"]), second["next"]) == (2, 1, None)
    past = client.get(f"/api/v1/{RECORDS}", {**YEAR, "offset": 50}).json()
    assert (past["count"], past["results"]) == (2, [])


def test_people_of_an_area_see_all_totals_and_their_own_records(brain: Get, wujin: Get, liyang: Get) -> None:
    assert brain(BRIDGE, **YEAR) == wujin(BRIDGE, **YEAR) == liyang(BRIDGE, **YEAR)
    assert brain(SERIES) == wujin(SERIES) == liyang(SERIES)
    assert told(liyang(RECORDS, **YEAR)) == [("迁址厂", "moved_in", "1")]
    assert sorted(told(wujin(RECORDS, **YEAR))) == [
        ("武进新厂", "granted", "1"),
        ("武进旧厂", "expired", "-1"),
        # it counts among the losses; its name is the other area's now
        ("现属其他板块的企业", "moved_out", "-1"),
    ]
    assert told(liyang(RECORDS, **YEAR, search="武进")) == []
    liyang(RECORDS, **YEAR, district="320412", status=403)


# What cannot be asked


@pytest.mark.parametrize(
    ("path", "asked", "name"),
    [
        (SERIES, {"from": "2025-02-30"}, "from"),
        (SERIES, {"to": "2101-01-01"}, "to"),
        (SERIES, {"from": "2024-01-02", "to": "2024-01-01"}, "from"),
        (SERIES, {"step": "week"}, "step"),
        (SERIES, {"as_of": "2024-01-01"}, "as_of"),
        (SERIES, {"known_at": "soon"}, "known_at"),
        (SERIES, {"from_known_at": "2024-01-01"}, "from_known_at"),
        (SERIES, {"from": "1949-10-01"}, "from"),
        (BRIDGE, {"from": "2024-01-01", "to": "2024-01-01"}, "from"),
        (BRIDGE, {"from": "2024-01-02", "to": "2024-01-01"}, "from"),
        (BRIDGE, {"from_known_at": "soon"}, "from_known_at"),
        (BRIDGE, {"district": "999999"}, "district"),
        (BRIDGE, {"step": "month"}, "step"),
        (BRIDGE, {"cause": "granted"}, "cause"),
        (RECORDS, {"cause": "luck"}, "cause"),
        (RECORDS, {"cluster": "nothing"}, "cluster"),
        (RECORDS, {"limit": "0"}, "limit"),
        (RECORDS, {"reason": "expired"}, "reason"),
        (RECORDS, {"search": "a\x00"}, "search"),
    ],
)
def test_what_makes_no_sense_is_refused(brain: Get, path: str, asked: dict[str, str], name: str) -> None:
    assert errors_of(brain(path, status=400, **asked))[name]


def test_what_is_no_count_has_no_bridge_and_says_so(brain: Get) -> None:
    target_with_rule("revenue", feed="sum", figure="revenue", unit="亿元", name="营收")
    for path in ("targets/revenue/bridge/", "targets/revenue/bridge/records/"):
        for asked in ({}, {"cause": "corrected", "from_known_at": "2026-01-01"}):
            if asked and "records" not in path:
                continue
            assert "合计" in errors_of(brain(path, status=400, **asked))["target"]
    assert brain("targets/revenue/series/", step="year")[0]["state"] == "no_data"


@pytest.mark.parametrize("tail", ["series/", "bridge/", "bridge/records/"])
def test_unknown_targets(brain: Get, tail: str) -> None:
    brain(f"targets/nothing/{tail}", status=404)
