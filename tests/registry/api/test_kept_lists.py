"""The statement of a list that is asked again in the same words is kept: the answer is that of one made anew."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.api import statements
from registry.api.serializers import EnterpriseSerializer
from registry.choices import Scope
from registry.models import District, Enterprise, FormerName
from tests import people
from tests.factories import cluster, designation, district, enterprise, member, relocation, scheme
from tests.registry.api.conftest import Get, reader
from tests.tokens import drawn, program

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = dt.date(2024, 1, 1)
OF_REFERENCE_ROWS = statements.OF_REFERENCE_ROWS
ASKED = {"district": "320412", "scheme": "a", "limit": "2"}


@pytest.fixture(autouse=True)
def holders() -> list[Enterprise]:
    statements.KEPT.clear()
    wujin = district("320412")
    district("320481")
    made = [enterprise(name, district=wujin, contact_phone="13800000000") for name in ("甲", "乙", "丙")]
    for one in made:
        designation(one, FIRST, scheme=scheme("a"))
    return made


@pytest.fixture
def brain() -> Get:
    return reader(people.integrator())


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def test_it_is_made_once_and_shows_what_has_changed(brain: Get, holders: list[Enterprise]) -> None:
    first = brain("enterprises/", **ASKED)
    assert (names(first), len(statements.KEPT)) == (["丙", "乙"], 1)
    with CaptureQueriesContext(connection) as asked:
        assert brain("enterprises/", **ASKED) == first
    assert not [one for one in asked if OF_REFERENCE_ROWS in one["sql"]]
    Enterprise.objects.filter(pk=holders[1].pk).update(name="改名")
    designation(enterprise("丁", district=holders[0].district), FIRST, scheme=scheme("a"))
    assert names(brain("enterprises/", **ASKED)) == ["丁", "丙"]
    assert names(brain("enterprises/", **{**ASKED, "limit": "3"})) == ["丁", "丙", "改名"]


def test_its_pages_lead_through_all_rows(brain: Get) -> None:
    for _again in range(2):
        answer = brain.client.get("/api/v1/enterprises/", {"limit": "2"}).json()
        assert (names(answer["results"]), answer["previous"]) == (["丙", "乙"], None)
        further = brain.client.get(answer["next"]).json()
        assert (names(further["results"]), further["next"]) == (["甲"], None)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param(
            lambda: District.objects.filter(code="320412").update(code="320499"), 400, id="code gone"
        ),
        pytest.param(
            lambda: [
                District.objects.filter(code=code).update(code=other)
                for code, other in (("320412", "x"), ("320481", "320412"), ("x", "320481"))
            ],
            200,
            id="codes changed places",
        ),
    ],
)
def test_a_code_is_that_of_now(brain: Get, change: Callable[[], Any], status: int) -> None:
    assert len(brain("enterprises/", **ASKED)) == 2
    change()
    for _again in range(2):
        found = brain("enterprises/", status=status, **ASKED)
        assert status == 400 or found == []


def test_each_person_has_their_own() -> None:
    wujin, liyang = (reader(one()) for one in (people.official_of_wujin, people.official_of_liyang))
    for _again in range(2):
        assert len(wujin("enterprises/")) == 3
        assert liyang("enterprises/") == []
    nobody = reader(people.system_administrator())
    nobody("enterprises/", status=403)


def test_contacts_stay_masked_for_who_may_not_see_them() -> None:
    clerk = people.clerk_of_the_city()
    masked = program(drawn(clerk, Scope.READ_ENTERPRISES)[1])
    whole = program(drawn(clerk, Scope.READ_ENTERPRISES, Scope.READ_CONTACTS)[1])
    for _again in range(2):
        phones = [
            ask.get("/api/v1/enterprises/").json()["results"][0]["contact_phone"] for ask in (masked, whole)
        ]
        assert phones[1] == "13800000000"
        assert phones[0] != phones[1]


@pytest.mark.parametrize(
    "more",
    [
        {"fields": "id,name"},
        {"include": "designations"},
        {"count": "true"},
        {"name": "甲"},
        {"as_of": "2024-06-30"},
        {"format": "csv"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_the_second_answer_is_the_first(brain: Get, more: dict[str, str]) -> None:
    def ask() -> Any:
        answer = brain.client.get("/api/v1/enterprises/", more)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    assert ask() == ask()


@pytest.mark.parametrize("accept", ["application/json", "application/json; indent=2"])
def test_a_kept_one_tells_what_one_made_anew_does(brain: Get, holders: list[Enterprise], accept: str) -> None:
    """What hangs on a row is passed on as the database has written it."""
    one = holders[0]
    Enterprise.objects.filter(pk=one.pk).update(founded_on=FIRST)
    FormerName.objects.create(enterprise=one, name="“旧”\\\n名", ended_on=FIRST)
    relocation(one, FIRST, None, district("320412"))
    member(one, cluster("steel"))

    def ask(**more: str) -> Any:
        return brain.client.get("/api/v1/enterprises/", more, HTTP_ACCEPT=accept).json()["results"]

    kept, anew = ask(), ask(count="true")
    assert len(statements.KEPT) == 1
    assert kept == anew
    (told,) = [row for row in kept if row["id"] == one.pk]
    assert told["former_names"] == [{"name": "“旧”\\\n名", "ended_on": "2024-01-01"}]
    assert told["relocations"] == [{"day": "2024-01-01", "from_district": None, "to_district": "320412"}]
    assert [row["main"] for row in told["memberships"]] == [True]


def test_of_a_single_row_the_statement_is_kept_for_all_rows(brain: Get, holders: list[Enterprise]) -> None:
    coded = enterprise("丁", district=holders[0].district, uscc="91320412MA1WJ0001X")
    liyang = reader(people.official_of_liyang())
    kept = set()
    for name, path, fields in [
        ("甲", f"{holders[0].pk}", {}),
        ("乙", f"{holders[1].pk}", {}),
        ("丁", f"{coded.pk}", {}),
        ("丁", "91320412MA1WJ0001X", {}),
        ("丁", "91320412ma1wj0001x", {}),
        ("乙", f"{holders[1].pk}", {"fields": "name,version"}),
    ]:
        told = brain(f"enterprises/{path}/", **fields)
        assert told["name"] == name
        assert len(told) == (2 if fields else len(EnterpriseSerializer.Meta.fields))
        liyang(f"enterprises/{path}/", status=404, **fields)
        kept.add(len(statements.KEPT))
    assert kept == {2, 4, 6}, "by id, by code and of chosen fields, for each of the two people"
    (title,) = brain("designations/", enterprise=str(holders[2].pk))
    assert brain(f"designations/{title['id']}/") == title
    Enterprise.objects.filter(pk=coded.pk).update(name="改名")
    assert brain(f"enterprises/{coded.pk}/")["name"] == "改名"


def test_what_is_wrong_is_refused_each_time(brain: Get) -> None:
    for _again in range(2):
        for wrong in ({"district": "999999"}, {"colour": "red"}, {"limit": "0"}, {"founded_on": "gestern"}):
            brain("enterprises/", status=400, **wrong)
    assert len(statements.KEPT) == 0


def test_a_writer_keeps_none(brain: Get) -> None:
    """Within a transaction that has written a code may be one that nobody else will ever see."""
    with transaction.atomic():
        District.objects.filter(code="320481").update(code="320499")
        assert brain("enterprises/", district="320499") == []
        transaction.set_rollback(True)
    assert len(statements.KEPT) == 0
    brain("enterprises/", status=400, district="320499")


def test_another_day_is_another_list(brain: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    brain("enterprises/")
    monkeypatch.setattr(timezone, "localdate", lambda *_args: dt.date(2030, 1, 1))
    brain("enterprises/")
    assert len(statements.KEPT) == 2
