"""The main job on real lists: enterprises in, targets out, each number open to its enterprises, a list taken back."""

import csv
import datetime as dt
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from registry.choices import RowOutcome
from registry.models import Designation, Enterprise, Roster, RosterRow

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not DATA.exists(), reason="needs the real lists in ../shared/data, which are not shipped"
    ),
]

FIRST_YEAR = dt.date(2021, 12, 31)
LAST_DAY = dt.date(2025, 12, 31)
LISTED = "finance.listed_total"


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def progress(day: dt.date) -> dict[str, dict[str, Any]]:
    rows = json.loads(run("progress", "--as-of", day.isoformat(), "--format", "json"))
    return {row["code"]: row for row in rows}


def listed_by(day: dt.date) -> set[str]:
    """The recount: companies of the file that were listed by a day, without those that wait to be matched."""
    queued = RosterRow.objects.filter(outcome=RowOutcome.QUEUED, roster__file_name="listed_companies.csv")
    waiting = {row.raw["公司名称"] for row in queued}
    with (DATA / "listed_companies.csv").open(encoding="utf-8-sig") as file:
        listed = {row["公司名称"] for row in csv.DictReader(file) if row["上市日期"] <= day.isoformat()}
    return listed - waiting


def import_listed() -> str:
    options = ["--kind", "designations", "--scheme", "listed_company", "--level", "none", "--create-missing"]
    return run("import_roster", str(DATA / "listed_companies.csv"), *options)


def test_the_whole_way() -> None:
    run("load_reference")
    run("import_roster", str(DATA / "enterprises.csv"), "--kind", "enterprises")
    assert Enterprise.objects.count() > 7_000

    before = progress(LAST_DAY)
    assert len(before) == 96
    assert before[LISTED]["value"] == "0"

    import_listed()
    assert len(listed_by(LAST_DAY)) >= 48
    run("import_roster", str(DATA / "designation_events.csv"), "--kind", "designations", "--create-missing")

    for day in (FIRST_YEAR, LAST_DAY):
        reading = progress(day)[LISTED]
        assert Decimal(reading["value"]) == len(listed_by(day)), day
        areas = sum(Decimal(area["value"]) for area in reading["by_district"])
        assert areas == Decimal(reading["value"]), "every company is in an area or in none, once"

    opened = json.loads(run("contributors", LISTED, "--as-of", FIRST_YEAR.isoformat(), "--format", "json"))
    assert {row["enterprise"] for row in opened} == listed_by(FIRST_YEAR)
    left_out = json.loads(
        run("contributors", LISTED, "--as-of", FIRST_YEAR.isoformat(), "--excluded", "--format", "json")
    )
    assert {row["reason"] for row in left_out} == {"not_begun"}

    # announced lists (公示) are kept, and never counted
    assert Designation.objects.filter(state="announced").exists()
    assert progress(LAST_DAY)["brand.mfg_champions_national"]["value"] == "0"

    listed = Roster.objects.get(file_name="listed_companies.csv")
    run("undo_roster", str(Roster.objects.latest("pk").pk), "--reason", "试用")
    run("undo_roster", str(listed.pk), "--reason", "试用")
    assert progress(LAST_DAY) == before


def test_a_list_imported_twice_changes_nothing() -> None:
    run("load_reference")
    import_listed()
    first = progress(LAST_DAY)
    versions = dict(Designation.objects.values_list("pk", "version"))
    second = import_listed()
    assert progress(LAST_DAY) == first
    assert dict(Designation.objects.values_list("pk", "version")) == versions
    assert "50" in second
