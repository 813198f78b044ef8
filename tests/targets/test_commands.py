"""progress and contributors at the command line: the same names and numbers as the API."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.output import width
from targets.models import Plan
from targets.services import Choice
from tests import people
from tests.factories import designation, district, enterprise, scheme, target_with_rule
from tests.registry.api.conftest import reader
from tests.registry.api.test_schema import READING
from tests.targets.next_plan import opened

pytestmark = pytest.mark.django_db

D = dt.date
DAY = "2025-12-31"


def run(*words: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, words), stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def world() -> None:
    designation(enterprise("武进一厂", district=district("320412")), D(2022, 1, 1))
    designation(enterprise("溧阳厂", district=district("320481")), D(2023, 1, 1))
    designation(enterprise("武进二厂", district=district("320412")), D(2019, 1, 1), valid_to=D(2021, 12, 31))
    target_with_rule("green.factories", schemes=(scheme(),), name="绿色工厂", value=Decimal(4))
    target_with_rule("green.national", schemes=(scheme(),), level="national", name="国家级绿色工厂")


def test_json_is_what_the_api_answers() -> None:
    brain = reader(people.integrator())
    rows = json.loads(run("progress", "--as-of", DAY, "--format", "json"))
    assert rows == brain("progress/", as_of=DAY)
    assert set(READING) <= set(rows[0])
    records = json.loads(run("contributors", "green.factories", "--as-of", DAY, "--format", "json"))
    assert records == brain("targets/green.factories/contributors/", as_of=DAY)


def test_a_table_for_people() -> None:
    lines = run("progress", "--as-of", DAY).splitlines()
    assert "2025-12-31" in lines[0]
    first = next(line for line in lines if line.startswith("green.factories"))
    for word in ("绿色工厂", "50.0%", "100.0%", "-50.0", "严重滞后"):
        assert word in first
    names = [line[: line.index("绿色工厂")] for line in lines[2:] if "绿色工厂" in line]
    assert width(names[0]) <= width(names[1])


def test_csv_holds_each_area() -> None:
    (row,) = csv.DictReader(
        io.StringIO(run("progress", "--as-of", DAY, "--target", "green.factories", "--format", "csv"))
    )
    assert (row["value"], row["by_district.320412"], row["by_district.320481"]) == ("2", "1", "1")


def test_of_one_area() -> None:
    (row,) = json.loads(
        run(
            "progress",
            "--as-of",
            DAY,
            "--target",
            "green.factories",
            "--district",
            "320481",
            "--format",
            "json",
        )
    )
    assert (row["district"], row["value"], row["target"], row["completion"]) == ("320481", "1", "4", "0.25")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["武进一厂", "溧阳厂"]),
        (["--district", "320412"], ["武进一厂"]),
        (["--excluded"], ["武进二厂"]),
        (["--reason", "expired"], ["武进二厂"]),
        (["--search", "溧阳"], ["溧阳厂"]),
        (["--limit", "1"], ["溧阳厂"]),  # the newest first
    ],
)
def test_contributors(options: list[str], names: list[str]) -> None:
    rows = json.loads(run("contributors", "green.factories", "--as-of", DAY, "--format", "json", *options))
    assert sorted(row["enterprise"] for row in rows) == names


def test_a_table_of_records_says_how_many_there_are() -> None:
    lines = run("contributors", "green.factories", "--as-of", DAY, "--limit", "1").splitlines()
    assert "2" in lines[-1]
    assert "省级" in lines[1]


@pytest.mark.parametrize(
    ("options", "plan", "target"),
    [
        (["--as-of", DAY], "532", "4"),
        (["--as-of", "2026-06-30"], "532", "4"),  # no day leads to a draft
        (["--as-of", "2026-06-30", "--plan", "155"], "155", "9"),
        (["--as-of", DAY, "--plan", "155"], "155", "9"),
        (["--plan", "532"], "532", "4"),
    ],
)
def test_of_one_plan(options: list[str], plan: str, target: str) -> None:
    opened(Plan.objects.get(), targets=[Choice("green.factories", Decimal(9))])
    asked = ["progress", *options, "--target", "green.factories"]
    (row,) = json.loads(run(*asked, "--format", "json"))
    assert row["target"] == target
    head = run(*asked).splitlines()[0]
    assert ("草案" in head) == (plan == "155")


def test_records_of_one_plan() -> None:
    """New since the baseline of the plan: of the old one two, of the next none yet."""
    target_with_rule("green.new", feed="new", schemes=(scheme(),))
    opened(Plan.objects.get())
    asked = ["contributors", "green.new", "--as-of", "2026-06-30", "--format", "json"]
    assert len(json.loads(run(*asked))) == 2
    assert json.loads(run(*asked, "--plan", "155")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["progress", "--as-of", "2025-13-01"], "--as-of"),
        (["progress", "--as-of", "0001-01-01"], "--as-of"),
        (["progress", "--district", "999"], "999"),
        (["progress", "--target", "nothing"], "nothing"),
        (["progress", "--plan", "nothing"], "nothing"),
        (["contributors", "green.factories", "--plan", "nothing"], "nothing"),
        (["progress", "--known-at", "soon"], "--known-at"),
        (["contributors", "nothing"], "nothing"),
        (["contributors", "green.factories", "--limit", "0"], "--limit"),
        (["contributors", "green.factories", "--known-at", "2024-02-30"], "--known-at"),
    ],
)
def test_what_cannot_be_asked_is_told(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*words)
