"""The real lists as they are. They are not ours to ship: without them these tests are skipped."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from registry.codes import is_uscc
from registry.models import Designation, Enterprise, Roster, Statistic
from registry.rosters import service
from registry.rosters.plan import Request
from registry.rosters.workbench import Options

FOLDER: Path = settings.BASE_DIR.parent / "shared" / "data"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.exists(), reason="the real lists (../shared/data) are not on this machine"),
]


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    call_command("load_reference", verbosity=0)


def take(name: str, kind: str, **options: Any) -> service.Imported:
    request = Request(kind, (FOLDER / name).read_bytes(), name, options=Options(**options))
    return service.import_list(request, by=None)


def listed(**options: Any) -> service.Imported:
    return take("listed_companies.csv", "designations", scheme="listed_company", level="none", **options)


def test_enterprises() -> None:
    done = take("enterprises.csv", "enterprises")
    assert done.plan.counts() == {"created": 7393, "updated": 0, "unchanged": 22, "queued": 0, "rejected": 0}
    assert Enterprise.objects.filter(uscc=None).exclude(registration_no="").count() == 246
    assert all(map(is_uscc, Enterprise.objects.exclude(uscc=None).values_list("uscc", flat=True)))
    assert Enterprise.objects.filter(founded_on=None).count() == 0
    # the area stands in most addresses, and is not guessed where it does not
    assert 500 < Enterprise.objects.filter(district=None).count() < 640
    assert Enterprise.objects.filter(district__code="320471", address__contains="遥观镇").exists()


def test_all_of_them_twice_and_back() -> None:
    first = take("enterprises.csv", "enterprises")
    second = listed(create_missing=True)
    third = take("designation_events.csv", "designations", create_missing=True)
    assert second.plan.counts() == {"created": 48, "updated": 0, "unchanged": 0, "queued": 2, "rejected": 0}
    assert third.plan.counts()["created"] + third.plan.counts()["queued"] == 23
    assert not Designation.objects.filter(scheme__code="mfg_champion", state="confirmed").exists()
    for again in (
        take("enterprises.csv", "enterprises"),
        listed(create_missing=True),
        take("designation_events.csv", "designations", create_missing=True),
    ):
        assert not any(row.writes for row in again.plan.rows)
    for done in (third, second, first):
        service.undo_list(done.roster, by=None, reason="试")
    assert not Enterprise.objects.exists()
    assert not Designation.objects.exists()
    assert Roster.objects.filter(undone_at=None).count() == 3


def test_listed_companies_by_code_where_they_are_known() -> None:
    take("enterprises.csv", "enterprises")
    done = listed()
    counts = done.plan.counts()
    assert (counts["created"], counts["queued"]) == (9, 41)
    assert any("boards of the exchange" in note for note in done.plan.notes)


def test_published_figures() -> None:
    Statistic.objects.all().delete()
    done = take("official_figures.csv", "statistics")
    assert done.plan.counts() == {"created": 19, "updated": 0, "unchanged": 0, "queued": 0, "rejected": 0}
    found = Statistic.objects.get(series__code="brand.mfg_champions_national", district__name="武进区")
    assert (found.value, str(found.day), found.source_kind) == (12, "2024-03-05", "official")
    assert not any(row.writes for row in take("official_figures.csv", "statistics").plan.rows)
