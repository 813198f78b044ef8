"""Named lists over the API: a token sees those that were granted to it, and nothing else of the registry."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from openpyxl import load_workbook

from registry.choices import Scope
from registry.models import NamedList
from tests import people
from tests.factories import designation, district, enterprise, named_list
from tests.registry.api.conftest import Get, reader
from tests.tokens import by_token, drawn, granted

pytestmark = pytest.mark.django_db

DAY = "2024-06-30"


@pytest.fixture
def green() -> NamedList:
    clerk = people.clerk_of_the_city()
    made = enterprise("溧阳电池", uscc="91320481MA1N0AAA2E", district=district("320481"))
    designation(made, dt.date(2024, 3, 1), valid_to=dt.date(2024, 6, 30))
    designation(enterprise("武进电机", district=district("320412")), dt.date(2023, 1, 1))
    enterprise("没有称号")
    return named_list(clerk, scheme=["green_factory"])


@pytest.fixture
def bank(green: NamedList) -> Get:
    """May read this one list, and nothing else."""
    return by_token(drawn(green.owner, Scope.READ_LISTS, lists=[green.pk], name="合作银行")[1])


def test_the_lists_of_a_token(bank: Get, green: NamedList) -> None:
    named_list(green.owner, code="other", level=["national"])
    (told,) = bank("lists/")
    assert (told["code"], told["query"]) == ("innovation_loan", {"scheme": ["green_factory"]})
    assert bank("lists/innovation_loan/")["owner"] == green.owner.full_name
    for path in ("lists/other/", "lists/other/members/", "lists/none/members/"):
        bank(path, status=404)
    bank("lists/other/changes/", status=404, since=DAY)
    for path in ("enterprises/", "designations/", "progress/", "changes/"):
        bank(path, status=403)


def test_people_see_all_lists(green: NamedList) -> None:
    named_list(green.owner, code="other", level=["national"])
    assert [one["code"] for one in reader(green.owner)("lists/")] == ["innovation_loan", "other"]
    assert [one["name"] for one in reader(people.official_of_wujin())("lists/innovation_loan/members/")] == [
        "武进电机"
    ]
    reader(people.system_administrator())("lists/", status=403)


def test_members_of_a_day(bank: Get) -> None:
    rows = bank("lists/innovation_loan/members/", as_of=DAY)
    assert [one["name"] for one in rows] == ["武进电机", "溧阳电池"]
    held = rows[1]["titles"]
    assert rows[1] | {"id": 0, "titles": []} == {
        "id": 0,
        "uscc": "91320481MA1N0AAA2E",
        "name": "溧阳电池",
        "district": "320481",
        "industry": None,
        "founded_on": None,
        "stock_code": "",
        "titles": [],
    }
    assert held == [
        {
            "id": held[0]["id"],
            "scheme": "green_factory",
            "level": "provincial",
            "valid_from": "2024-03-01",
            "valid_to": "2024-06-30",
        }
    ]
    assert [one["name"] for one in bank("lists/innovation_loan/members/", as_of="2024-07-01")] == ["武进电机"]
    page = bank.client.get(  # type: ignore[attr-defined]
        "/api/v1/lists/innovation_loan/members/",
        {"as_of": DAY, "limit": 1, "count": "true", "fields": "name"},
    ).json()
    assert (page["count"], page["results"]) == (2, [{"name": "武进电机"}])
    assert bank.client.get(page["next"]).json()["results"] == [{"name": "溧阳电池"}]  # type: ignore[attr-defined]


def test_what_changed_since_a_day(bank: Get) -> None:
    found = bank("lists/innovation_loan/changes/", since="2024-02-29", as_of=DAY)
    assert [(one["name"], one["reason"], one["district"]) for one in found["joined"]] == [
        ("溧阳电池", "granted", "320481")
    ]
    assert found["left"] == []
    found = bank("lists/innovation_loan/changes/", since=DAY, as_of="2024-07-01")
    assert [(one["name"], one["reason"]) for one in found["left"]] == [("溧阳电池", "lapsed")]


def test_as_it_was_known(bank: Get, green: NamedList) -> None:
    moment = timezone.now().isoformat()
    NamedList.objects.filter(pk=green.pk).update(query={"level": ["national"]})
    path = "lists/innovation_loan/members/"
    assert bank(path, as_of=DAY) == []
    assert len(bank(path, as_of=DAY, known_at=moment)) == 2
    bank(path, status=404, known_at="2000-01-01")


def test_a_list_that_is_no_longer_kept_answers_for_days_before(bank: Get) -> None:
    NamedList.objects.update(retired_on=dt.date(2024, 6, 30))
    assert bank("lists/innovation_loan/")["retired_on"] == "2024-06-30"
    assert len(bank("lists/innovation_loan/members/", as_of="2024-06-29")) == 2
    bank("lists/innovation_loan/members/", status=404, as_of="2024-06-30")
    bank("lists/innovation_loan/changes/", status=404, since="2024-06-29", as_of="2024-06-30")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_as_a_table(bank: Get, form: str) -> None:
    answer: Any = bank.client.get(  # type: ignore[attr-defined]
        "/api/v1/lists/innovation_loan/members/", {"as_of": DAY, "format": form}
    )
    content = b"".join(answer.streaming_content)
    if form == "csv":
        rows = [line.split(",")[2] for line in content.decode().splitlines()]
    else:
        book = load_workbook(io.BytesIO(content))
        rows = [str(row[2]) for row in book["数据"].values]
        assert ("数据基准日", DAY) in [row[:2] for row in book["说明"].values]
    assert rows == ["name", "武进电机", "溧阳电池"]


@pytest.mark.parametrize(
    ("path", "asked", "wrong"),
    [
        ("members", {"as_of": "2024-06-31"}, "as_of"),
        ("members", {"known_at": "yesterday"}, "known_at"),
        ("members", {"since": DAY}, "since"),
        ("changes", {}, "since"),
        ("changes", {"since": "0001-01-01"}, "since"),
    ],
)
def test_what_cannot_be_asked(bank: Get, path: str, asked: dict[str, str], wrong: str) -> None:
    problem = bank(f"lists/innovation_loan/{path}/", status=400, **asked)
    assert [one["field"] for one in problem["errors"]] == [wrong]


def test_a_token_names_its_lists(green: NamedList) -> None:
    with pytest.raises(ValidationError, match="可读名录"):
        granted(green.owner, Scope.READ_LISTS, lists=[])
    with pytest.raises(ValidationError, match="可读名录"):
        granted(green.owner, Scope.READ_TOTALS, lists=[green.pk])


def test_enterprises_as_of_a_day(green: NamedList) -> None:
    brain = reader(green.owner)
    rows = brain("enterprises/", as_of=DAY, scheme="green_factory", district="320481")
    assert [one["name"] for one in rows] == ["溧阳电池"]
    assert brain("enterprises/", as_of="2024-07-01", scheme="green_factory", district="320481") == []
    assert len(brain("enterprises/", as_of=DAY)) == 3
