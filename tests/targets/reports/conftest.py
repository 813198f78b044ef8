"""A small plan with its facts: two areas, and the development zone inside one of them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client

from registry.choices import DesignationState
from registry.models import District, Series, User
from targets.models import Citation, Milestone, Plan, Section
from tests import factories, people

LAST_DAY = dt.date(2025, 12, 31)
AWARDED = dt.date(2023, 1, 1)


@dataclass
class Reader:
    """A person with a browser."""

    user: User
    client: Client

    def open(self, address: str, **query: object) -> HttpResponse:
        return self.client.get(address, query)


def reader(user: User) -> Reader:
    client = Client()
    client.force_login(user)
    return Reader(user, client)


@pytest.fixture
def clerk(db: None) -> Reader:
    return reader(people.clerk_of_the_city())


@pytest.fixture
def wujin(db: None) -> Reader:
    return reader(people.official_of_wujin())


@pytest.fixture
def liyang(db: None) -> Reader:
    return reader(people.official_of_liyang())


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """These tests live in the autumn after the plan."""
    day = dt.date(2026, 11, 23)
    monkeypatch.setattr("targets.reports.question.timezone.localdate", lambda: day)
    return day


@pytest.fixture
def plan(db: None) -> Plan:
    """4 are wanted; 2 are in Wujin (one of them national), 1 in the zone, 1 in Liyang, 1 in no area."""
    made = factories.plan()
    areas = [factories.district(code) for code in ("320412", "320481", "320471")]
    District.objects.filter(code="320471").update(inside=areas[0])
    green = factories.scheme()
    whole = factories.target_with_rule(
        "green.all", schemes=(green,), level="provincial", at_least=True, value=Decimal(4)
    )
    factories.target_with_rule(
        "green.national", schemes=(green,), level="national", value=Decimal(2), parent=whole
    )
    factories.target_with_rule(
        "people.trained", feed="statistic", series=_series("trained"), value=Decimal(1000)
    )
    _holders(areas)
    milestone(made)
    return made


def _series(code: str) -> Series:
    return Series.objects.create(code=code, name=code, unit="名")


def _holders(areas: list[District]) -> None:
    wujin, liyang, zone = areas
    places = {"武进甲厂": wujin, "武进乙厂": wujin, "溧阳丙厂": liyang, "经开丁厂": zone, "无区戊厂": None}
    for place, (name, area) in enumerate(places.items()):
        holder = factories.enterprise(name, district=area, uscc=f"91320400MA000000{place}X")
        factories.designation(holder, AWARDED, level="national" if name == "武进甲厂" else "provincial")
    # not counted: run out in Wujin, not yet granted in Liyang
    gone = factories.enterprise("武进旧厂", district=wujin)
    factories.designation(gone, AWARDED, valid_to=dt.date(2024, 12, 31))
    hopeful = factories.enterprise("溧阳新厂", district=liyang)
    factories.designation(hopeful, None, state=DesignationState.ANNOUNCED, announced_on=LAST_DAY)


def milestone(plan: Plan) -> Milestone:
    section = Section.objects.get(plan=plan, code="test")
    made = Milestone.objects.create(
        plan=plan,
        section=section,
        code="milestone.lab",
        name="龙城实验室",
        state="reached",
        reached_on=dt.date(2024, 6, 1),
        evidence="挂牌文件",
    )
    Citation.objects.create(milestone=made, section=section, quote="加快建设龙城实验室")
    return made
