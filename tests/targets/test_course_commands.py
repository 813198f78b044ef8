"""series and bridge at the command line: the same names and numbers as the API."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError

from registry.models import Designation
from tests import people
from tests.factories import designation, district, enterprise, relocation, scheme, target_with_rule
from tests.registry.api.conftest import reader
from tests.registry.test_past import moment
from tests.targets.test_commands import run

pytestmark = pytest.mark.django_db

D = dt.date
SPAN = ("--from", "2022-12-31", "--to", "2023-12-31")
ASKED = {"from": "2022-12-31", "to": "2023-12-31"}


@pytest.fixture(autouse=True)
def world() -> None:
    wujin, liyang = district("320412"), district("320481")
    moved = enterprise("迁址厂", district=liyang)
    relocation(moved, D(2023, 5, 1), wujin, liyang)
    designation(moved, D(2022, 3, 1))
    designation(enterprise("武进旧厂", district=wujin), D(2020, 7, 1), valid_to=D(2023, 6, 30))
    designation(enterprise("武进新厂", district=wujin), D(2023, 9, 1))
    target_with_rule("green", schemes=(scheme(),), name="绿色工厂", value=Decimal(4))
    target_with_rule("revenue", feed="sum", figure="revenue", unit="亿元", name="营收")


def test_json_is_what_the_api_answers() -> None:
    brain = reader(people.integrator())
    points = json.loads(run("series", "green", *SPAN, "--step", "quarter", "--format", "json"))
    assert points == brain("targets/green/series/", **ASKED, step="quarter")
    (found,) = json.loads(run("bridge", "green", *SPAN, "--format", "json"))
    assert found == brain("targets/green/bridge/", **ASKED)
    records = json.loads(run("bridge", "green", *SPAN, "--cause", "granted", "--format", "json"))
    assert records == brain("targets/green/bridge/records/", **ASKED, cause="granted")


def test_a_series_for_people() -> None:
    lines = run("series", "green", *SPAN, "--step", "year").splitlines()
    assert "绿色工厂" in lines[0]
    assert lines[-1].startswith("2023-12-31")
    for word in ("50.0%", "60.0%", "-10.0", "滞后"):
        assert word in lines[-1]


def test_a_bridge_for_people_adds_up() -> None:
    rows = list(csv.DictReader(io.StringIO(run("bridge", "green", *SPAN, "--format", "csv"))))
    causes = ("granted", "expired", "moved_in", "moved_out")
    assert [row["name"] for row in rows] == ["全市", "武进区", "溧阳市"]
    for row in rows:
        assert int(row["start"]) + sum(int(row[cause]) for cause in causes) == int(row["end"]), row
    table = run("bridge", "green", *SPAN)
    assert "新认定" in table
    assert "2022-12-31" in table


def test_of_one_area() -> None:
    (row,) = csv.DictReader(
        io.StringIO(run("bridge", "green", *SPAN, "--district", "320481", "--format", "csv"))
    )
    assert (row["name"], row["start"], row["moved_in"], row["end"]) == ("溧阳市", "0", "1", "1")
    (first, _last) = json.loads(
        run("series", "green", *SPAN, "--step", "year", "--district", "320412", "--format", "json")
    )
    assert first["value"] == "2"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--cause", "expired"], ["武进旧厂"]),
        (["--cause", "moved_in"], []),  # of an area alone
        (["--cause", "moved_in", "--district", "320481"], ["迁址厂"]),
        (["--search", "武进"], ["武进新厂", "武进旧厂"]),
        (["--search", "武进", "--limit", "1"], ["武进旧厂"]),  # losses first
    ],
)
def test_records(options: list[str], names: list[str]) -> None:
    rows = json.loads(run("bridge", "green", *SPAN, "--format", "json", *options))
    assert sorted(row["enterprise"] for row in rows) == names


def test_corrections() -> None:
    then = moment().isoformat()
    Designation.objects.filter(enterprise__name="迁址厂").delete()
    (found,) = json.loads(run("bridge", "green", *SPAN, "--from-known-at", then, "--format", "json"))
    assert (found["start"], found["end"]) == ("2", "1")
    (row,) = json.loads(
        run("bridge", "green", *SPAN, "--from-known-at", then, "--cause", "corrected", "--format", "json")
    )
    assert (row["enterprise"], row["amount"]) == ("迁址厂", "-1")
    (_first, last) = json.loads(
        run("series", "green", *SPAN, "--step", "year", "--known-at", then, "--format", "json")
    )
    assert last["value"] == "2"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["series", "nothing"], "nothing"),
        (["series", "green", "--from", "1949-10-01"], "--from.*240"),
        (["series", "green", "--to", "soon"], "--to"),
        (["bridge", "green", "--from", "2024-01-01", "--to", "2024-01-01"], "--from"),
        (["bridge", "green", "--from-known-at", "soon"], "--from-known-at"),
        (["bridge", "green", "--cause", "granted", "--limit", "0"], "--limit"),
        (["bridge", "revenue"], "合计"),
        (["bridge", "nothing", "--cause", "granted"], "nothing"),
    ],
)
def test_what_cannot_be_asked_is_told(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*words)
