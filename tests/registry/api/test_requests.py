"""Who may ask, what is refused with a word, how pages go on, and what lists cost."""

import base64
import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from registry import contacts
from registry.models import Enterprise, FormerName, Industry, Review
from tests import people
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    relocation,
    scheme,
    statistic,
)
from tests.registry.api.conftest import Get, errors_of, reader

pytestmark = pytest.mark.django_db

D = dt.date
LISTS = [
    "districts",
    "clusters",
    "industries",
    "schemes",
    "series",
    "enterprises",
    "designations",
    "annual-figures",
    "memberships",
    "statistics",
    "rosters",
]


def whole_world(number: int) -> None:
    """`number` of everything, alternately in Wujin and Liyang."""
    group = cluster("chain.solar", "chain")
    for place in range(number):
        here = district("320412" if place % 2 else "320481")
        holder = enterprise(f"企业{place}号", district=here)
        FormerName.objects.create(enterprise=holder, name=f"旧名{place}号")
        relocation(holder, D(2021, 5, 1), district("320411"), here)
        member(holder, group)
        title = designation(holder, D(2022, 1, 1), scheme=scheme(f"scheme{place}"))
        Review.objects.create(designation=title, day=D(2024, 1, 1), outcome="passed")
        figures(holder, 2022, revenue=place)
        statistic(f"series{place}", D(2022, 12, 31), str(place), district=here)


# Who


def test_strangers_are_told_how_to_sign_in() -> None:
    for path in ("", "enterprises/", "schema/", "progress/"):
        response = APIClient().get(f"/api/v1/{path}")
        assert response.status_code == 401, path
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_password_is_not_sent_with_each_request() -> None:
    """Past the lock after wrong passwords, and past a second factor, it would be a door of its own."""
    people.integrator()
    client = APIClient()
    secret = base64.b64encode(f"brain:{people.PASSWORD}".encode()).decode()
    client.credentials(HTTP_AUTHORIZATION=f"Basic {secret}")
    assert client.get("/api/v1/districts/").status_code == 401


def test_people_who_open_the_pages_are_led_to_sign_in() -> None:
    answer = APIClient().get("/api/v1/docs/")
    assert (answer.status_code, answer["Location"]) == (302, "/signin/?next=/api/v1/docs/")


def test_a_first_password_opens_nothing() -> None:
    person = people.integrator()
    person.must_change_password = True
    person.save()
    for path in ("enterprises/", "schema/", "docs/"):
        answer = reader(person)(path, status=403)
        assert "password" in answer["detail"] or "密码" in answer["detail"]


# What a district's person sees


@pytest.mark.parametrize("resource", ["enterprises", "designations", "annual-figures", "memberships"])
def test_people_of_an_area_see_their_area_only(wujin: Get, liyang: Get, brain: Get, resource: str) -> None:
    whole_world(5)
    seen = [{row["id"] for row in get(f"{resource}/")} for get in (wujin, liyang, brain)]
    assert [len(rows) for rows in seen] == [2, 3, 5]
    assert seen[0] | seen[1] == seen[2]
    for elsewhere in seen[1]:
        wujin(f"{resource}/{elsewhere}/", status=404)
        liyang(f"{resource}/{elsewhere}/")


def test_no_filter_reaches_into_another_area(wujin: Get) -> None:
    whole_world(4)
    theirs = Enterprise.objects.get(name="企业0号")
    for asked in ({"district": "320481"}, {"name": "企业0"}, {"id": theirs.pk}, {"scheme": "scheme0"}):
        assert wujin("enterprises/", **asked) == []
        if "id" not in asked:
            assert wujin("designations/", **asked) == []
    assert wujin("annual-figures/", enterprise=theirs.pk) == []


def test_lists_are_seen_by_the_area_that_imported_them(wujin: Get, liyang: Get, brain: Get) -> None:
    from registry.models import Roster, User

    zhou = User.objects.get(username="zhou")
    Roster.objects.create(kind="enterprises", file_name="武进.xlsx", content=b"x", imported_by=zhou)
    Roster.objects.create(kind="enterprises", file_name="全市.xlsx", content=b"x")
    assert [len(get("rosters/")) for get in (wujin, liyang, brain)] == [1, 0, 2]


def test_contacts_are_masked(brain: Get) -> None:
    enterprise(contact_name="张三丰", contact_phone="13812340000")
    (row,) = brain("enterprises/")
    assert (row["contact_name"], row["contact_phone"]) == ("张**", "138****0000")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812340000", "138****0000"), ("0519-86668888", "051****8888"), ("86668888", "****"), ("", "")],
)
def test_masked_phone(number: str, shown: str) -> None:
    assert contacts.masked_phone(number) == shown


# One enterprise


def test_an_address_that_is_none_is_told_in_json(brain: Get) -> None:
    for path in ("nothing/", "enterprises/a-b/", "designations/abc/"):
        assert "detail" in brain(path, status=404)
    assert brain.client.get("/api/v1/enterprises").status_code == 301  # type: ignore[attr-defined]


def test_an_enterprise_is_addressed_by_code_or_id(brain: Get) -> None:
    made = enterprise("光能科技", uscc="91320400MA1ABCDE0X", district=district())
    for key in (made.pk, made.uscc, "91320400ma1abcde0x"):
        found = brain(f"enterprises/{key}/")
        assert (found["name"], found["district"], found["version"]) == ("光能科技", "320412", 1)
    for key in ("0", "91320400MA1ABCDE1X", "abc", "9" * 30, "9" * 19, "%00", "١", "²"):
        brain(f"enterprises/{key}/", status=404)


# What is refused


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        ("enterprises", {"distrct": "320412"}),  # a mistyped filter must not give the whole list
        ("enterprises", {"known_at": "2024-01-01T00:00:00Z"}),
        ("enterprises", {"district": "999999"}),
        ("enterprises", {"district": "\x00"}),
        ("enterprises", {"name": "光\x00能"}),
        ("enterprises", {"founded_on__gte": "2021-02-30"}),
        ("enterprises", {"founded_on__gte": "2021/3/1"}),
        ("enterprises", {"main": "maybe"}),
        ("enterprises", {"level": "galactic"}),
        ("enterprises", {"limit": "0"}),
        ("enterprises", {"limit": "201"}),
        ("enterprises", {"limit": "many"}),
        ("enterprises", {"count": "yes"}),
        ("districts", {"count": ""}),
        ("enterprises", {"fields": ""}),
        ("enterprises", {"fields": "name,colour"}),
        ("designations", {"fields": "its_reviews"}),
        ("districts", {"fields": "colour"}),
        ("enterprises", {"id": "many"}),
        ("designations", {"valid_on": "yesterday"}),
        ("annual-figures", {"revenue__gte": "NaN"}),
        ("annual-figures", {"revenue__gte": "1e400"}),
        ("rosters", {"imported_at__gte": "soon"}),
    ],
)
def test_what_makes_no_sense_is_refused(brain: Get, resource: str, asked: dict[str, str]) -> None:
    (name,) = asked
    assert errors_of(brain(f"{resource}/", status=400, **asked))[name]


@pytest.mark.parametrize("number", ["99999999999999999999999999", "-1", "0"])
def test_absurd_numbers_find_nothing(brain: Get, number: str) -> None:
    for asked in ({"id": number}, {"parent": number}, {"roster": number}):
        assert brain("enterprises/", **asked) == []
    assert brain("annual-figures/", year=number) == []


@pytest.mark.parametrize("position", ["p=abc", "p=%00", "p=" + "9" * 40, "o=-1", "r=x", "nothing"])
def test_cursors_made_by_hand_break_nothing(brain: Get, position: str) -> None:
    cursor = base64.b64encode(position.encode()).decode()
    for resource in ("enterprises", "clusters", "industries"):
        response = brain.client.get(f"/api/v1/{resource}/", {"cursor": cursor})  # type: ignore[attr-defined]
        assert response.status_code in (200, 404)


# Pages


def test_pages_go_on_without_gaps_and_without_counting(brain: Get) -> None:
    whole_world(7)
    client: APIClient = brain.client  # type: ignore[attr-defined]
    address, seen = "/api/v1/enterprises/?limit=3", []
    while address:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(address).json()
        assert not any("COUNT(" in query["sql"] for query in queries)
        seen.append([row["name"] for row in page["results"]])
        address = page["next"]
    assert [len(page) for page in seen] == [3, 3, 1]
    assert len({name for page in seen for name in page}) == 7


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({}, 7),
        # on the last page as on the first, whatever its size
        ({"limit": "3"}, 7),
        ({"name": "企业3号"}, 1),
        ({"district": "320481"}, 4),
        # what hangs on them makes no more rows of them
        ({"district": "320481", "cluster": "chain.solar"}, 4),
        ({"name": "无此企业"}, 0),
    ],
)
def test_who_asks_is_told_how_many_rows_there_are(brain: Get, asked: dict[str, str], number: int) -> None:
    whole_world(7)
    client: APIClient = brain.client  # type: ignore[attr-defined]
    address: str | None = "/api/v1/enterprises/"
    page = client.get(address, {**asked, "count": "true"}).json()
    while True:
        assert page["count"] == number
        address = page["next"]
        if address is None:
            break
        page = client.get(address).json()
    assert "count" not in client.get("/api/v1/enterprises/", {**asked, "count": "false"}).json()


def test_an_area_is_told_the_number_of_its_own_rows(wujin: Get, liyang: Get) -> None:
    whole_world(7)
    for get, number in ((wujin, 3), (liyang, 4)):
        client: APIClient = get.client  # type: ignore[attr-defined]
        assert client.get("/api/v1/designations/", {"count": "true"}).json()["count"] == number


@pytest.mark.parametrize("resource", LISTS)
def test_the_number_of_queries_does_not_grow_with_rows(brain: Get, resource: str) -> None:
    """A list that asks the database once a row: add select_related or prefetch_related to its viewset."""

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            brain(f"{resource}/")
        return len(caught)

    whole_world(2)
    few = queries()
    Enterprise.objects.update(name="旧")
    more_of_everything()
    assert queries() == few


def more_of_everything() -> None:
    from registry.models import Roster

    for place in range(6):
        holder = enterprise(f"新企业{place}", district=district())
        FormerName.objects.create(enterprise=holder, name=f"旧名{place}")
        member(holder, cluster(f"cluster{place}"))
        relocation(holder, D(2021, 5, 1), district("320411"), district())
        title = designation(holder, D(2022, 1, 1), scheme=scheme(f"more{place}"))
        Review.objects.create(designation=title, day=D(2024, 1, 1), outcome="passed")
        figures(holder, 2022, revenue=place)
        statistic(f"more{place}", D(2022, 12, 31), str(place), district=district())
        Roster.objects.create(kind="enterprises", file_name="a", content=b"x")


def rows_of(get: Get) -> dict[str, Any]:
    return {resource: get(f"{resource}/") for resource in LISTS}


def test_rows_of_facts_carry_their_version(brain: Get) -> None:
    whole_world(2)
    for resource, rows in rows_of(brain).items():
        assert all("version" in row for row in rows) or resource == "rosters", resource


# Fields


@pytest.mark.parametrize("resource", LISTS)
def test_each_field_can_be_chosen_alone_and_is_what_it_is_among_all(brain: Get, resource: str) -> None:
    whole_world(2)
    more_of_everything()
    Industry.objects.create(code="39", name="计算机、通信和其他电子设备制造业", section="C")
    whole = brain(f"{resource}/")
    for name in whole[0]:
        assert brain(f"{resource}/", fields=name) == [{name: row[name]} for row in whole], name
    row = whole[0]
    first, second, *_more = row
    address = row.get("code", row["id"])
    assert brain(f"{resource}/{address}/", fields=f"{second}, {first}") == {
        first: row[first],
        second: row[second],
    }


def test_pages_go_on_where_the_field_of_the_order_is_not_chosen(brain: Get) -> None:
    whole_world(5)
    client: APIClient = brain.client  # type: ignore[attr-defined]
    address, seen = "/api/v1/enterprises/?limit=2&fields=name", []
    while address:
        page = client.get(address).json()
        seen += page["results"]
        address = page["next"]
    assert seen == [{"name": f"企业{place}号"} for place in (4, 3, 2, 1, 0)]


def test_what_was_not_chosen_is_not_asked_of_the_database(brain: Get) -> None:
    whole_world(1)
    with CaptureQueriesContext(connection) as queries:
        brain("enterprises/", fields="uscc,name")
    assert not any("registry_formername" in query["sql"] for query in queries)


def test_a_contact_is_masked_also_when_it_is_chosen(brain: Get) -> None:
    enterprise("天合光能", contact_name="张三丰", contact_phone="13800000000")
    assert brain("enterprises/", fields="contact_name,contact_phone") == [
        {
            "contact_name": contacts.masked_name("张三丰"),
            "contact_phone": contacts.masked_phone("13800000000"),
        }
    ]
