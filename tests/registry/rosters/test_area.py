"""What a list of an area's clerk may do: own enterprises only, titles for the city to confirm, and no word of others."""

from dataclasses import replace
from typing import Any

import pytest

from registry.choices import DesignationState, Role
from registry.models import Designation, District, Enterprise, Review, User
from registry.rosters import service, uploads
from registry.rosters.errors import RosterError
from registry.rosters.plan import ImportPlan
from tests import factories as make
from tests.registry.rosters.lists import Rows, code, day, outcomes, request
from tests.registry.rosters.waiting import applied, brought, counts

pytestmark = pytest.mark.usefixtures("city")
GREEN = {"scheme": "green_factory", "level": "provincial", "valid_from": day("2023-03-17")}
ELSEWHERE = "This row is not of your area."


@pytest.fixture
def wujin() -> District:
    return District.objects.get(code="320412")


@pytest.fixture
def sun(wujin: District) -> User:
    """Sun enters lists for Wujin (武进区)."""
    return User.objects.create_user("sun", password=None, role=Role.DISTRICT_CLERK, district=wujin)


@pytest.fixture
def ours(wujin: District) -> Enterprise:
    return make.enterprise("光能科技有限公司", district=wujin, uscc=code(1))


@pytest.fixture
def theirs() -> Enterprise:
    liyang = District.objects.get(code="320481")
    return make.enterprise("天目湖机械有限公司", district=liyang, uscc=code(2), address="溧阳市溧城街道1号")


def plan_of(area: District, kind: str, rows: Rows, **more: Any) -> ImportPlan:
    return service.preview(replace(request(kind, rows, **more), area=area.pk))


# one column beside the name, or none; what becomes of the row
CASES: list[tuple[str, list[list[str]], str, str]] = [
    ("own, by name", [["企业名称"], ["光能科技有限公司"]], "created", ""),
    ("another's, by name", [["企业名称"], ["天目湖机械有限公司"]], "rejected", ELSEWHERE),
    ("another's, by code", [["企业名称", "信用代码"], ["随便", code(2)]], "rejected", ELSEWHERE),
    (
        "own, said to be elsewhere",
        [["企业名称", "板块"], ["光能科技有限公司", "溧阳"]],
        "rejected",
        ELSEWHERE,
    ),
    ("unknown", [["企业名称"], ["无名有限公司"]], "queued", "No enterprise of your area"),
    ("near another's", [["企业名称"], ["天目湖机械股份有限公司"]], "queued", "No enterprise of your area"),
    (
        "code of one, name of the other",
        [["企业名称", "信用代码"], ["天目湖机械有限公司", code(1)]],
        "queued",
        "",
    ),
]


@pytest.mark.parametrize(
    ("rows", "outcome", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_rows_of_an_area(
    wujin: District, ours: Enterprise, theirs: Enterprise, rows: list[list[str]], outcome: str, reason: str
) -> None:
    plan = plan_of(wujin, "designations", rows, **GREEN)
    assert outcomes(plan) == [outcome]
    (row,) = plan.rows
    assert row.reason.startswith(reason)
    told = " ".join([row.reason, row.remedy, *row.warnings, *(one["name"] for one in row.candidates)])
    for secret in (theirs.name, theirs.uscc, "溧阳"):
        assert secret not in told, "what another area has is not told"


def test_unknown_and_near_another_look_alike(wujin: District, ours: Enterprise, theirs: Enterprise) -> None:
    rows = [["企业名称"], ["无名有限公司"], ["天目湖机械股份有限公司"]]
    unknown, near = plan_of(wujin, "designations", rows, **GREEN).rows
    assert (unknown.reason, unknown.candidates) == (near.reason, near.candidates)


def test_near_names_of_the_own_area_are_offered(wujin: District, ours: Enterprise) -> None:
    (row,) = plan_of(wujin, "designations", [["企业名称"], ["光能科技股份有限公司"]], **GREEN).rows
    assert [one["id"] for one in row.candidates] == [ours.pk]


def test_titles_wait_for_the_city(sun: User, ours: Enterprise) -> None:
    rows = [["企业名称", "认定日期"], [ours.name, "2023-03-17"]]
    said = {"kind": "designations", "options": {"scheme": "green_factory", "level": "provincial"}}
    applied(brought(sun, rows, **said))
    assert Designation.objects.get().state == DesignationState.SUBMITTED
    # the same list once more confirms nothing by itself
    again = brought(sun, rows, **said)
    assert counts(again) == {"unchanged": 1}
    Designation.objects.update(state=DesignationState.CONFIRMED)
    assert counts(brought(sun, rows, **said)) == {"unchanged": 1}


def test_what_was_announced_waits_for_the_city_too(sun: User, ours: Enterprise) -> None:
    announced = make.designation(ours, day("2023-03-17"), state="announced", announced_on=day("2023-03-01"))
    said = {"kind": "designations", "options": {"scheme": "green_factory", "level": "provincial"}}
    applied(brought(sun, [["企业名称", "认定日期"], [ours.name, "2023-03-17"]], **said))
    announced.refresh_from_db()
    assert announced.state == DesignationState.SUBMITTED


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        (["企业名称", "认定日期", "有效期至"], ["光能科技有限公司", "2023-03-17", "2030-01-01"]),
        (["企业名称", "事件", "终止日期"], ["光能科技有限公司", "撤销", "2024-01-01"]),
        (["企业名称", "事件", "认定日期"], ["光能科技有限公司", "复核通过", "2026-03-17"]),
        (["企业名称", "事件", "认定日期"], ["光能科技有限公司", "复核未通过", "2026-03-17"]),
    ],
)
def test_what_the_city_has_confirmed_stays(
    sun: User, ours: Enterprise, headers: list[str], cells: list[str]
) -> None:
    title = make.designation(ours, day("2023-03-17"), valid_to=day("2026-03-16"))
    said = {"kind": "designations", "options": {"scheme": "green_factory", "level": "provincial"}}
    upload = brought(sun, [headers, cells], **said)
    assert counts(upload) == {"rejected": 1}
    assert "The city has confirmed" in upload.rows.get().reason
    service.import_list(replace(uploads.request_of(upload), partial=True), by=sun)
    before = (title.valid_to, title.ended_on, title.state)
    title.refresh_from_db()
    assert (title.valid_to, title.ended_on, title.state) == before
    assert not Review.objects.exists()


def test_a_new_enterprise_is_of_the_area(sun: User, wujin: District) -> None:
    upload = brought(sun, [["企业名称", "信用代码"], ["新新有限公司", code(7)]], kind="enterprises")
    applied(upload)
    assert Enterprise.objects.get().district == wujin


def test_an_address_elsewhere_is_not_of_the_area(sun: User) -> None:
    rows = [["企业名称", "信用代码", "注册地址"], ["新新有限公司", code(7), "溧阳市溧城街道1号"]]
    assert counts(brought(sun, rows, kind="enterprises")) == {"rejected": 1}


def test_a_thing_without_enterprise_names_its_area(sun: User, wujin: District) -> None:
    rows = [["园区名称", "板块"], ["高新园", "武进区"], ["天目湖园", "溧阳市"], ["某园", ""]]
    said = {
        "kind": "designations",
        "options": {"scheme": "green_park", "level": "national", "valid_from": "2023-01-01"},
    }
    upload = brought(sun, rows, **said)
    assert counts(upload) == {"created": 1, "rejected": 2}
    applied(upload, partial=True)
    assert Designation.objects.get().district == wujin


def test_published_figures_are_the_citys(wujin: District) -> None:
    rows = [["指标", "日期", "数值", "来源"], ["小巨人企业数", "2024-12-31", "1", "公报"]]
    with pytest.raises(RosterError, match="entered by the city"):
        plan_of(wujin, "statistics", rows)


def test_the_same_file_of_the_city_is_not_told(sun: User, wang: User, ours: Enterprise) -> None:
    rows = [["企业名称", "注册地址"], [ours.name, "湖塘镇1号"]]
    applied(brought(wang, rows, kind="enterprises"))
    assert brought(sun, rows).notice == ""
