"""What lists can be asked; and that no field of a model is forgotten."""

import datetime as dt
from typing import Any

import pytest
from django.db import models

from registry.choices import EndReason
from registry.filters.base import FactFilter
from registry.models import Roster, User
from targets import filters as of_targets
from tests.factories import (
    cluster,
    designation,
    district,
    enterprise,
    figures,
    member,
    scheme,
    statistic,
)
from tests.registry.api.conftest import Get

pytestmark = pytest.mark.django_db

D = dt.date
SIX = D(2023, 6, 1)


def all_filtersets(base: type[FactFilter] = FactFilter) -> list[type[FactFilter]]:
    found = [one for child in base.__subclasses__() for one in [child, *all_filtersets(child)]]
    return [one for one in found if one._meta.model]


@pytest.mark.parametrize("filterset", all_filtersets(), ids=lambda one: one.__name__)
def test_every_field_of_a_model_can_be_asked_for(filterset: type[FactFilter]) -> None:
    """A new field wants a filter, or a line in `not_filtered` with the reason."""
    model: type[models.Model] = filterset._meta.model
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    asked = {one.field_name.split("__")[0].removesuffix("_id") for one in filterset.base_filters.values()}
    missing = fields - asked - set(filterset.not_filtered)
    assert not missing, f"{filterset.__name__}: add filters for {missing}, or say in not_filtered why not"
    assert not set(filterset.not_filtered) - fields, f"{filterset.__name__}.not_filtered names no field"
    assert not asked & set(filterset.not_filtered) - {"roster_row"}, "filtered and not filtered at once"


def test_filtersets_of_targets_are_among_them() -> None:
    assert {of_targets.TargetFilter, of_targets.MilestoneFilter} <= set(all_filtersets())


def names(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["name"] for row in rows)


@pytest.fixture
def three() -> None:
    """光能 of Wujin, leader, titled 2022 to 2024; 钢铁 of Liyang, titled in 2024; 纺织, closed in 2021."""
    wujin, liyang = district("320412"), district("320481")
    solar = enterprise("光能科技", district=wujin, uscc="91320400MA1ABCDE0X", founded_on=D(2010, 5, 1))
    steel = enterprise("钢铁集团", district=liyang, stock_code="600001")
    enterprise("纺织公司", closed_on=D(2021, 3, 1), parent=steel)
    designation(solar, D(2022, 1, 1), valid_to=D(2024, 12, 31))
    designation(steel, D(2024, 7, 1), level="national")
    member(solar, cluster("chain.solar", "chain"), role="leader", since=D(2022, 1, 1))
    member(steel, cluster("advanced.steel"), main=False)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["光能科技", "纺织公司", "钢铁集团"]),
        ({"name": "科技"}, ["光能科技"]),
        ({"search": "科技"}, ["光能科技"]),
        ({"search": "gnkj"}, ["光能科技"]),
        ({"search": "GN"}, ["光能科技"]),
        ({"search": "zzz"}, []),
        ({"search": "6000"}, ["钢铁集团"]),
        ({"search": "gtjt", "district": "320412"}, []),
        ({"uscc": "91320400ma1abcde0x"}, ["光能科技"]),  # as people type it
        ({"uscc__isnull": "true"}, ["纺织公司", "钢铁集团"]),
        ({"stock_code": "600001"}, ["钢铁集团"]),
        ({"district": "320412"}, ["光能科技"]),
        ({"district": ["320412", "320481"]}, ["光能科技", "钢铁集团"]),
        ({"district__isnull": "true"}, ["纺织公司"]),
        ({"founded_on__gte": "2010-05-01"}, ["光能科技"]),
        ({"founded_on__lte": "2010-04-30"}, []),
        ({"closed_on__isnull": "false"}, ["纺织公司"]),
        ({"existing_on": "2021-02-28"}, ["光能科技", "纺织公司", "钢铁集团"]),
        ({"existing_on": "2021-03-01"}, ["光能科技", "钢铁集团"]),  # the day of closing
        ({"existing_on": "2010-04-30"}, ["纺织公司", "钢铁集团"]),  # not founded yet
        # titles: of the scheme on the day; without a day at any time
        ({"scheme": "green_factory"}, ["光能科技", "钢铁集团"]),
        ({"scheme": "green_factory", "valid_on": "2023-06-01"}, ["光能科技"]),
        ({"scheme": "green_factory", "valid_on": "2025-01-01"}, ["钢铁集团"]),
        ({"scheme": "green_factory", "level": "national"}, ["钢铁集团"]),
        ({"scheme": "green_factory", "level": "national", "valid_on": "2023-06-01"}, []),
        ({"valid_on": "2024-08-01"}, ["光能科技", "钢铁集团"]),
        # groups: kind, role and day are of one and the same membership
        ({"cluster": "chain.solar"}, ["光能科技"]),
        ({"cluster": "chain.solar", "valid_on": "2021-12-31"}, []),
        ({"cluster_kind": "chain", "role": "leader"}, ["光能科技"]),
        ({"cluster": "advanced.steel", "role": "leader"}, []),
        ({"cluster_kind": "advanced", "main": "false"}, ["钢铁集团"]),
    ],
)
@pytest.mark.usefixtures("three")
def test_enterprises(brain: Get, asked: dict[str, Any], found: list[str]) -> None:
    assert names(brain("enterprises/", **asked)) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["光能科技", "钢铁集团"]),
        ({"valid_on": "2023-06-01"}, ["光能科技"]),
        ({"as_of": "2025-01-01"}, ["钢铁集团"]),
        ({"valid_to__lte": "2025-06-30", "valid_to__gte": "2024-07-01"}, ["光能科技"]),  # expiring
        ({"level": ["provincial", "national"], "state": "confirmed"}, ["光能科技", "钢铁集团"]),
        ({"level": "municipal"}, []),
        ({"name": "钢铁"}, ["钢铁集团"]),
        ({"uscc": "91320400MA1ABCDE0X"}, ["光能科技"]),
        ({"district": "320481"}, ["钢铁集团"]),
        ({"ended_on__isnull": "false"}, []),
    ],
)
@pytest.mark.usefixtures("three")
def test_designations(brain: Get, asked: dict[str, Any], found: list[str]) -> None:
    assert sorted(row["enterprise"] for row in brain("designations/", **asked)) == found


def test_a_title_for_good_is_no_trap(brain: Get) -> None:
    """The day after 9999-12-31 is more than Python can read."""
    designation(enterprise(), D(2022, 1, 1), valid_to=D(9999, 12, 31))
    (row,) = brain("designations/", valid_on="2023-06-01")
    assert row["valid_to"] == "9999-12-31"
    assert len(brain("enterprises/", valid_on="2023-06-01")) == 1


def test_things_of_no_enterprise_are_found_by_their_own_area(brain: Get) -> None:
    park = scheme("green_park", counts="item", item_word="园区")
    designation(None, D(2022, 1, 1), scheme=park, item="新北工业园", district=district("320411"))
    (row,) = brain("designations/", district="320411")
    assert (row["item"], row["district"]) == ("新北工业园", "320411")
    assert (row["enterprise_id"], row["enterprise"], row["uscc"]) == (None, None, None)


def test_figures_and_statistics(brain: Get) -> None:
    holder = enterprise()
    figures(holder, 2022, revenue="1200.5000", employees=80)
    figures(holder, 2023, revenue="900")
    statistic("gdp", D(2022, 12, 31), "20000.000000")
    statistic("gdp", D(2023, 12, 31), "0.450000", district=district("320412"))
    (row,) = brain("annual-figures/", year=2022)
    assert (row["revenue"], row["output"], row["employees"]) == ("1200.5", None, 80)
    assert [row["year"] for row in brain("annual-figures/", revenue__gte="1000")] == [2022]
    assert [row["value"] for row in brain("statistics/", series="gdp")] == ["0.45", "20000"]
    assert [row["value"] for row in brain("statistics/", as_of="2023-06-30")] == ["20000"]
    assert [row["district"] for row in brain("statistics/", district__isnull="true")] == [None]


def test_lists_with_what_became_of_their_rows(brain: Get) -> None:
    person = User.objects.get(username="brain")
    roster = Roster.objects.create(kind="designations", file_name="a.xlsx", content=b"x", imported_by=person)
    for number, outcome in enumerate(["created", "created", "queued"]):
        roster.rows.create(number=number, outcome=outcome)
    (row,) = brain("rosters/", kind="designations", imported_by="brain", undone_at__isnull="true")
    assert row["rows"] == {"created": 2, "updated": 0, "unchanged": 0, "queued": 1, "rejected": 0}
    assert "content" not in row


def test_an_ended_title_says_why(brain: Get) -> None:
    designation(enterprise(), D(2022, 1, 1), ended_on=SIX, end_reason=EndReason.REVOKED)
    (row,) = brain("designations/", end_reason="revoked")
    assert row["ended_on"] == "2023-06-01"


def test_reference_rows_stand_in_their_own_order(brain: Get) -> None:
    for position, code in enumerate(["320481", "320411", "320412"]):
        place = district(code)
        place.position = position
        place.save()
    assert [row["code"] for row in brain("districts/")] == ["320481", "320411", "320412"]
    scheme("green_factory")
    assert brain("schemes/", level="national")[0]["levels"][0]["level"] == "national"
    assert brain("schemes/", level="district") == []
    assert brain("districts/320412/")["name"] == "武进区"


@pytest.mark.usefixtures("three")
def test_what_hangs_on_enterprises_is_searched_by_theirs(brain: Get) -> None:
    assert [row["enterprise"] for row in brain("designations/", search="gnkj")] == ["光能科技"]
