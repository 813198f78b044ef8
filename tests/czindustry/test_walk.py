"""Every address of the site as people of an area: no answer tells of an enterprise of another area."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from registry.choices import RowOutcome, Scope
from registry.models import ApiToken, Designation, Enterprise, FormerName, Review, Roster, RosterRow, User
from targets.choices import Feed
from targets.models import Plan, Publication
from targets.services import publishing
from tests import factories as make
from tests import people
from tests.czindustry.addresses import Address, every_address
from tests.tokens import drawn, granted, program

DAY = dt.date(2022, 3, 1)
MOVED = dt.date(2024, 6, 30)
SECRETS = ("溧阳电池", "溧阳旧电池", "溧阳一号车间", "91320481MA1LY0000X")
CODES = {
    **dict.fromkeys(["reports:district", "reports:district_part"], "320481"),
    "reports:cluster": "steel",
    **dict.fromkeys(["reports:named_list", "namedlist-detail", "list-members", "list-changes"], "greens"),
}
ADDRESSES = sorted(every_address(), key=lambda address: address.name)
# What is asked besides: searches, days, filters through relations, what autocomplete and pickers ask.
ASKED: list[dict[str, str]] = [
    {},
    {"q": "溧阳"},
    {"search": "溧阳"},
    {"as_of": "2023-12-31"},
    {"as_of": "2023-12-31", "excluded": "1"},
    {"enterprise__name__startswith": "溧"},
    {"name__startswith": "溧"},
    {"enterprise__uscc__startswith": "91320481"},
    {"designations__enterprise__district__code": "320481"},
    {"o": "1"},
    {"term": "溧阳", "app_label": "registry", "model_name": "designation", "field_name": "enterprise"},
    {"term": "溧阳", "app_label": "registry", "model_name": "enterprise", "field_name": "parent"},
    {"term": "溧阳", "app_label": "registry", "model_name": "review", "field_name": "designation"},
    {"s": "溧阳"},
    {"name": "溧阳"},
    {"district": "320481"},
    {"from": "2023-12-31", "to": "2024-12-31"},
    {"since": "2023-12-31", "as_of": "2024-12-31"},
    {"first": "target:green.all", "second": "scheme:green_factory"},
]


@dataclass
class World:
    """An enterprise of Liyang with all that can hang on one, once of Wujin, and the group of one of Wujin."""

    there: Enterprise
    roster: Roster
    publication: Publication
    token: ApiToken
    given: dict[str, Any] = field(default_factory=dict)

    def path(self, address: Address) -> str:
        return address.filled(self.given | self._of_model(address))

    def _of_model(self, address: Address) -> dict[str, Any]:
        if address.name.startswith(("reports:publication", "publication-")):
            return {"pk": self.publication.pk, "kind": "docx", "name": "correct"}
        if address.name == "admin:registry_apitoken_step":
            return {"pk": self.token.pk, "name": "revoke"}
        if address.name in CODES:
            return {"code": CODES[address.name]}
        if address.name.startswith("admin:registry_quality_"):
            return {"code": "duplicates"}
        for model in admin.site._registry:
            if address.name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
                row = self.newest(model)
                key = row.pk if row else 1
                return {"object_id": key, "id": key, "pk": key}
        return {}

    def newest(self, model: Any) -> Any:
        rows = model._default_manager.order_by("-pk")
        if model is Enterprise:
            return self.there
        hangs_on = {one.name for one in model._meta.concrete_fields}
        if "enterprise" in hangs_on:
            return rows.filter(enterprise=self.there).first()
        return rows.first()


@pytest.fixture
def world(db: None) -> World:
    wujin, liyang = make.district("320412"), make.district("320481")
    there = make.enterprise("溧阳电池", district=liyang, uscc="91320481MA1LY0000X")
    here = make.enterprise("武进重工", district=wujin, parent=there)
    scheme = make.scheme()
    for holder in (here, there):
        title = make.designation(holder, DAY, scheme=scheme)
    Review.objects.create(designation=title, day=DAY, outcome="passed")
    make.designation(there, DAY, scheme=make.scheme("workshop"), item="溧阳一号车间")
    # runs out soon after one of the days that are asked about
    make.designation(there, DAY, scheme=make.scheme("steel_maker"), valid_to=dt.date(2024, 2, 1))
    for holder in (here, there):
        make.figures(holder, 2024, revenue=5000)
        make.member(holder, make.cluster("steel"))
    make.relocation(there, MOVED, wujin, liyang)
    FormerName.objects.create(enterprise=there, name="溧阳旧电池", ended_on=DAY)
    make.target_with_rule("green.all", schemes=(scheme,), feed=Feed.STOCK)
    make.statistic("trained", DAY, "12")
    roster = a_list_of_the_city(there)
    make.named_list(User.objects.get(username="wang"), "greens", scheme=["green_factory", "steel_maker"])
    key = Designation.objects.latest("pk").pk
    given = {
        "code": "green.all",
        "uscc": there.uscc,
        "key": there.pk,
        "pk": key,
        "object_id": there.pk,
        "table": "enterprises",
        "content_type_id": ContentType.objects.get_for_model(Enterprise).pk,
        "app_label": "registry",
        "name": "rename",
        "id": User.objects.latest("pk").pk,
    }
    token = granted(User.objects.get(username="wang"), name="溧阳电池")
    return World(there, roster, an_issue(), token, given)


def an_issue() -> Publication:
    """A bulletin of the day before the end of 2025 with the names of both."""
    wang, tao = User.objects.get(username="wang"), people.second_reviewer_of_the_city()
    day, now = dt.date(2025, 12, 30), timezone.now()
    made = publishing.draft(plan=Plan.objects.get(), kind="year", day=day, by=wang, at=now)
    publishing.sign_off(publication=made, by=tao, at=now)
    publishing.issue(publication=made, by=tao, at=now)
    return made


def a_list_of_the_city(there: Enterprise) -> Roster:
    wang = people.clerk_of_the_city()
    content = "企业名称\n溧阳电池".encode()
    roster = Roster.objects.create(
        kind="enterprises", file_name="溧阳电池名单.csv", content=content, sha256="0", imported_by=wang
    )
    candidate = {"id": there.pk, "name": there.name, "uscc": there.uscc, "score": 90, "by": "near"}
    row = RosterRow.objects.create(
        roster=roster,
        number=2,
        raw={"企业名称": "溧阳电池"},
        outcome=RowOutcome.QUEUED,
        candidates=[candidate],
    )
    Enterprise.objects.filter(pk=there.pk).update(roster_row=row)
    return roster


def takes_questions(address: Address) -> bool:
    """The admin's pages of one record take no filters."""
    return not address.name.endswith(("_change", "_history", "_delete", "_add", "-detail", "password_change"))


def browser(person: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(person)
    return client


def told(client: Client, path: str, asked: dict[str, str]) -> str:
    """All that an answer says; the answer of an address that wants a POST is nothing."""
    answer = client.get(path, asked)
    assert answer.status_code < 500, f"{path} {asked} answers {answer.status_code}"
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):  # a workbook: what it holds is packed
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    # a problem repeats the address that was asked, which tells nothing
    return (content.decode(errors="replace") + str(answer.headers)).replace(path, "")


def program_of_wujin() -> Client:
    """A system for which Gu of Wujin answers, with all that she may let it do."""
    scopes = [one for one in Scope if one != Scope.WRITE_STATISTICS]
    return program(drawn(people.clerk_of_wujin(), *scopes)[1])


def program_of_the_city_for_wujin() -> Client:
    """A system for which Wang of the city answers, for Wujin alone."""
    wang = User.objects.get(username="wang")
    return program(drawn(wang, *Scope, district=make.district("320412"))[1])


def program_for_totals() -> Client:
    """A system of the whole city that shows numbers: it meets no names at all."""
    return program(drawn(User.objects.get(username="wang"), Scope.READ_TOTALS)[1])


@pytest.mark.parametrize(
    ("asking", "secrets"),
    [
        (program_of_wujin, SECRETS),
        (program_of_the_city_for_wujin, SECRETS),
        (program_for_totals, (*SECRETS, "武进重工")),
    ],
)
def test_no_token_tells_of_enterprises_beyond_its_area_and_scopes(
    world: World, asking: Callable[[], Client], secrets: tuple[str, ...]
) -> None:
    client, leaks = asking(), []
    for address in ADDRESSES:
        path = world.path(address)
        if path.startswith("/api/"):
            for asked in ASKED if takes_questions(address) else ASKED[:1]:
                found = told(client, path, asked)
                leaks += [f"{address.name} {asked} tells {secret}" for secret in secrets if secret in found]
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize(
    ("person", "asked_of_pages"),
    # the official opens less than the clerk does, and by the same querysets
    [(people.clerk_of_wujin, ASKED), (people.official_of_wujin, ASKED[:5])],
)
def test_nothing_tells_an_area_of_the_enterprises_of_another(
    world: World, person: Callable[[], User], asked_of_pages: list[dict[str, str]]
) -> None:
    client = browser(person())
    leaks = []
    for address in ADDRESSES:
        if address.name in ("signout", "admin:logout"):
            continue
        path = world.path(address)
        for asked in asked_of_pages if takes_questions(address) else ASKED[:1]:
            found = told(client, path, asked)
            leaks += [f"{address.name} {asked} tells {secret}" for secret in SECRETS if secret in found]
    assert not leaks, "\n".join(leaks)


TELLING = {
    "reports:target",
    "reports:enterprises",
    "reports:enterprise",
    "reports:expiring",
    "reports:find",
    "reports:publication_records",
    "enterprise-list",
    "reports:named_list",
    "list-members",
    "enterprise-detail",
    "target-contributors",
    "admin:registry_enterprise_change",
    "admin:registry_enterprise_history",
    "admin:registry_designation_changelist",
    "admin:registry_review_change",
    "admin:registry_rosterrow_change",
    "admin:registry_roster_download",
    "admin:registry_enterprise_export",
    "admin:registry_designation_export",
}


def test_the_walk_would_find_a_leak(world: World) -> None:
    """Wang of the city meets the enterprise of Liyang on pages of all kinds."""
    client = browser(User.objects.get(username="wang"))

    def tells(address: Address) -> bool:
        answers = (told(client, world.path(address), asked) for asked in ASKED[:4])
        return any(secret in answer for answer in answers for secret in SECRETS)

    assert {address.name for address in ADDRESSES if address.name in TELLING and tells(address)} == TELLING


def test_totals_of_all_areas_are_open_to_an_area(world: World) -> None:
    page = told(browser(people.official_of_wujin()), "/targets/green.all/", {"as_of": "2024-12-31"})
    assert "溧阳" in page, "the areas stand side by side"


def test_what_counted_here_before_a_move_is_counted_and_not_named(world: World) -> None:
    """On the last day of 2023 the enterprise was one of Wujin: its title counts there, and its name is Liyang's now."""
    zhou = browser(people.official_of_wujin())
    answer = zhou.get("/api/v1/targets/green.all/progress/", {"as_of": "2023-12-31"}).json()
    assert {one["code"]: one["value"] for one in answer["by_district"]}["320412"] == "2"
    found = zhou.get("/api/v1/targets/green.all/contributors/", {"as_of": "2023-12-31"}).json()
    assert found["count"] == 2
    assert sorted(one["enterprise"] for one in found["results"]) == ["武进重工", "现属其他板块的企业"]
