"""The quotas of the areas for programs: those of the plan, sifted, with numbers in full."""

import datetime as dt

import pytest

from targets.models import Quota
from tests import factories as make
from tests.registry.api.conftest import Get

pytestmark = pytest.mark.django_db


@pytest.fixture
def quotas(db: None) -> None:
    target = make.target_with_rule("green", schemes=(make.scheme(),))
    for code, day, value in (
        ("320412", dt.date(2024, 12, 31), "8"),
        ("320412", dt.date(2025, 12, 31), "10.5"),
        ("320481", dt.date(2025, 12, 31), "6"),
    ):
        Quota.objects.create(
            target=target, district=make.district(code), day=day, value=value, basis="常工信1号"
        )


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ({}, ["6", "10.5", "8"]),
        ({"district": "320412"}, ["10.5", "8"]),
        ({"day": "2025-12-31"}, ["6", "10.5"]),
        ({"plan": "none"}, []),
    ],
)
def test_quotas_are_sifted(brain: Get, quotas: None, asked: dict[str, str], values: list[str]) -> None:
    found = brain("quotas/", **asked)
    assert [one["value"] for one in found] == values


def test_a_quota_names_what_it_is_of(brain: Get, quotas: None) -> None:
    [one] = brain("quotas/", district="320481")
    assert one["unit"] == "家"
    assert (one["district"], one["day"], one["basis"]) == ("320481", "2025-12-31", "常工信1号")


def test_areas_read_the_quotas_of_all(wujin: Get, quotas: None) -> None:
    assert len(wujin("quotas/")) == 3
