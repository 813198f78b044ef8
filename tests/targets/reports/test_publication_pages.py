"""The pages of publications: who reads what of them, what two issues tell differently, and what it costs."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Designation, User
from targets.models import Plan, Publication
from targets.services import publishing
from tests import factories, people
from tests.registry.test_past import moment
from tests.targets.reports.conftest import AWARDED, LAST_DAY, Reader, reader

# Sign-in, the question's plan and areas, the issue, its files, its correction, those to compare with.
PAGE_QUERIES = 20
COMPARE_QUERIES = 20


@pytest.fixture
def shen(db: None) -> User:
    return people.reviewer_of_the_city()


def issued(plan: Plan, wang: User, shen: User) -> Publication:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=wang, at=moment())
    publishing.sign_off(publication=made, by=shen, at=moment())
    publishing.issue(publication=made, by=shen, at=moment())
    made.refresh_from_db()
    return made


@pytest.fixture
def two(plan: Plan, clerk: Reader, shen: User) -> tuple[Publication, Publication]:
    """Between them one enterprise of Wujin has lost its title, and one of Liyang has got one."""
    first = issued(plan, clerk.user, shen)
    Designation.objects.filter(enterprise__name="武进甲厂").update(
        ended_on=dt.date(2025, 1, 1), end_reason="removed"
    )
    newcomer = factories.enterprise("溧阳己厂", district=factories.district("320481"))
    factories.designation(newcomer, AWARDED, level="provincial")
    return first, issued(plan, clerk.user, shen)


def comparison(person: Reader, two: tuple[Publication, Publication]) -> str:
    first, second = two
    return person.open("/publications/compare/", first=first.pk, second=second.pk).content.decode()


def test_the_city_reads_who_came_and_who_went(two: tuple[Publication, Publication], clerk: Reader) -> None:
    page = comparison(clerk, two)
    assert "− 武进甲厂" in page
    assert "+ 溧阳己厂" in page


def test_an_area_reads_of_its_own_alone(
    two: tuple[Publication, Publication], wujin: Reader, liyang: Reader
) -> None:
    for person, sees, hidden in ((wujin, "武进甲厂", "溧阳己厂"), (liyang, "溧阳己厂", "武进甲厂")):
        page = comparison(person, two)
        assert sees in page
        assert hidden not in page


def test_drafts_are_for_those_who_work_on_them(plan: Plan, clerk: Reader, wujin: Reader) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=clerk.user, at=moment())
    readers = (
        (clerk, 200),
        (reader(people.official_of_the_city()), 200),
        (reader(people.auditor()), 200),
        (wujin, 404),
        (reader(people.integrator()), 404),
    )
    for person, status in readers:
        assert person.open(f"/publications/{made.pk}/").status_code == status, person.user
    assert made.title not in wujin.open("/admin/targets/publication/").content.decode()


def test_the_signer_sees_the_numbers_that_are_issued(plan: Plan, clerk: Reader, shen: User) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=clerk.user, at=moment())
    before = reader(shen).open(f"/publications/{made.pk}/").content.decode()
    table = before[before.index("<table") : before.index("</table>")]
    assert "green.all" in table
    Designation.objects.all().update(ended_on=dt.date(2025, 1, 1), end_reason="removed")
    publishing.sign_off(publication=made, by=shen, at=moment())
    publishing.issue(publication=made, by=shen, at=moment())
    made.refresh_from_db()
    line = next(one for one in publishing.as_written(made).lines if one.code == "green.all")
    assert line.value == 5
    assert made.records.filter(target="green.all").count() == 5


def test_it_goes_back_with_a_reason(plan: Plan, clerk: Reader, shen: User) -> None:
    made = publishing.draft(plan=plan, kind="year", day=LAST_DAY, by=clerk.user, at=moment())
    publishing.sign_off(publication=made, by=shen, at=moment())
    back = f"/publications/{made.pk}/steps/back/"
    assert reader(shen).client.post(back).status_code == 400
    assert reader(shen).client.post(back, {"reason": "第三项请核对"}).status_code == 302
    assert "第三项请核对" in clerk.open(f"/publications/{made.pk}/").content.decode()


def test_a_corrected_issue_names_its_correction(plan: Plan, clerk: Reader, shen: User) -> None:
    made = issued(plan, clerk.user, shen)
    page = f"/publications/{made.pk}/"
    assert f"{page}steps/correct/" in clerk.open(page).content.decode()
    answer = clerk.client.post(f"{page}steps/correct/")
    told = clerk.open(page).content.decode()
    assert answer["Location"] in told
    assert f"{page}steps/correct/" not in told


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_queries_are_bounded(two: tuple[Publication, Publication], clerk: Reader) -> None:
    first, second = two
    for path in (
        "/publications/",
        f"/publications/{first.pk}/",
        f"/publications/{first.pk}/targets/green.all/",
        "/api/v1/publications/",
        f"/api/v1/publications/{first.pk}/",
    ):
        assert queries(clerk.client, path) <= PAGE_QUERIES, path
    compared = f"/publications/compare/?first={first.pk}&second={second.pk}"
    assert queries(clerk.client, compared) <= COMPARE_QUERIES


def test_the_api_gives_what_was_issued(plan: Plan, clerk: Reader, shen: User, wujin: Reader) -> None:
    draft = publishing.draft(plan=plan, kind="month", day=LAST_DAY, by=clerk.user, at=moment())
    made = issued(plan, clerk.user, shen)
    (listed,) = wujin.open("/api/v1/publications/").json()["results"]
    assert (listed["id"], listed["corrected_by"]) == (made.pk, None)
    whole = wujin.open(f"/api/v1/publications/{made.pk}/").json()
    values = {line["code"]: line["value"] for line in whole["content"]["lines"]}
    assert values["green.all"] == "5"
    for one in whole["documents"]:
        file = wujin.client.get(one["address"]).content
        assert publishing.sha256(file) == one["sha256"]
    assert wujin.open(f"/api/v1/publications/{draft.pk}/").status_code == 404
    assert wujin.open(f"/api/v1/publications/{made.pk}/documents/exe/").status_code == 404
