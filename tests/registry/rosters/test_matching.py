"""Which enterprise a row means, and that nobody guesses."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from registry.models import FormerName
from registry.rosters import candidates
from registry.rosters.matching import Directory, Match
from registry.rosters.parse import Parsed
from tests.factories import enterprise
from tests.registry.rosters.lists import code

pytestmark = pytest.mark.django_db

CODE, OTHER = code(1), code(2)


def find(**row: Any) -> Match:
    directory = Directory()
    directory.load([Parsed(2, [], row)], [], whole=False)
    return directory.find(row)


def found(match: Match) -> str:
    return match.record.values["name"] if match.record else match.reason


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"uscc": CODE}, "常州(天合)光能有限公司"),
        ({"uscc": CODE, "name": "别的名字有限公司"}, "常州(天合)光能有限公司"),  # the code decides
        ({"name": "常州(天合)光能有限公司"}, "常州(天合)光能有限公司"),
        ({"name": "常州（天合）光能有限公司"}, "常州(天合)光能有限公司"),  # wide brackets
        ({"name": "常州 天合光能 有限公司"}, "常州(天合)光能有限公司"),  # spaces, no brackets
        ({"name": "常州天合太阳能有限公司"}, "常州(天合)光能有限公司"),  # a former name
        ({"name": "新名字有限公司", "former_names": ["常州天合太阳能有限公司"]}, "常州(天合)光能有限公司"),
        ({"registration_no": "320400000012345"}, "常州(天合)光能有限公司"),
        ({"uscc": OTHER, "name": "没有此名有限公司"}, ""),
        ({"name": "天合光能"}, ""),  # a short name is no match
        # doubts
        (
            {"uscc": OTHER, "name": "常州(天合)光能有限公司"},
            f"An enterprise of this name is registered under another code, {CODE}.",
        ),
        ({"uscc": CODE, "name": "溧阳双名厂"}, "The code and the name belong to two different enterprises."),
        ({"name": "溧阳双名厂"}, "Several enterprises bear this name."),
        (
            {"name": "常州(天合)光能有限公司", "registration_no": "320400000099999"},
            "An enterprise of this name has another old number, 320400000012345.",
        ),
    ],
)
def test_who_is_meant(row: dict[str, Any], expected: str) -> None:
    tianhe = enterprise("常州(天合)光能有限公司", uscc=CODE, registration_no="320400000012345")
    FormerName.objects.create(enterprise=tianhe, name="常州天合太阳能有限公司")
    for _ in range(2):
        enterprise("溧阳双名厂")
    assert found(find(**row)) == expected


def test_a_name_that_is_ones_own_and_anothers_former_is_ambiguous() -> None:
    enterprise("常州甲有限公司")
    FormerName.objects.create(enterprise=enterprise("常州乙有限公司"), name="常州甲有限公司")
    match = find(name="常州甲有限公司")
    assert [one["name"] for one in match.candidates] == ["常州甲有限公司", "常州乙有限公司"]


def test_an_enterprise_without_code_takes_that_of_its_name() -> None:
    enterprise("常州甲有限公司")
    assert found(find(uscc=CODE, name="常州甲有限公司")) == "常州甲有限公司"


@pytest.mark.parametrize(
    "made_up", [{"name": "示例机械有限公司"}, {"name": "甲厂", "uscc": "91000000000000001X"}]
)
def test_demo_enterprises_are_never_meant(made_up: dict[str, str]) -> None:
    enterprise(**made_up)
    assert find(**made_up).record is None


def test_all_rows_together_take_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows = [Parsed(number, [], {"name": f"厂{number}", "uscc": code(number)}) for number in range(200)]
    for number in range(0, 200, 2):
        enterprise(f"厂{number}")
    directory = Directory()
    with django_assert_num_queries(2):
        directory.load(rows, [], whole=True)
    assert sum(directory.find(row.values).record is not None for row in rows) == 100


# Candidates


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("江苏恒立液压股份有限公司", "恒立液压"),
        ("瑞声光电科技(常州)有限公司", "瑞声光电科技"),
        ("常州市武进第一耐火材料有限公司", "武进第一耐火材料"),
        ("常州公司", "常州公司"),  # what would leave nothing stays whole
    ],
)
def test_core_of_a_name(name: str, core: str) -> None:
    assert candidates.core(name) == core


@pytest.mark.parametrize(
    ("name", "other", "is_near"),
    [
        ("天合光能", "天合光能股份有限公司", True),  # a short name
        ("江苏恒立液压科技有限公司", "江苏恒立液压股份有限公司", True),
        ("格力博(江苏)股份有限公司", "常州格力博有限公司", True),
        ("江苏龙城精锻集团有限公司", "江苏龙城精锻有限公司", True),
        ("常州华威电子有限公司", "常州华音电子有限公司", False),  # one trade, two names
        ("常州光洋轴承股份有限公司", "常州市棱光轴承有限公司", False),
        ("江苏雷利电机股份有限公司", "常州神力电机股份有限公司", False),
    ],
)
def test_near_names(name: str, other: str, is_near: bool) -> None:
    assert (candidates.score(name, other) >= candidates.NEAR) is is_near


def test_candidates_come_best_first_with_their_scores() -> None:
    best = enterprise("江苏天合光能股份有限公司", uscc=CODE)
    former = enterprise("常州新名有限公司")
    FormerName.objects.create(enterprise=former, name="天合光电有限公司")
    enterprise("常州毫无关系厂")
    enterprise("示例天合光能有限公司")
    (first, second) = candidates.near(["天合光能有限公司"])["天合光能有限公司"]
    assert (first["id"], first["uscc"], first["by"]) == (best.pk, CODE, "name")
    assert (second["id"], second["name"], second["by"]) == (former.pk, "常州新名有限公司", "former_name")
    assert first["score"] > second["score"]


def test_common_characters_do_not_find_everything() -> None:
    for number in range(30):
        enterprise(f"常州{chr(0x4E00 + number)}{chr(0x5200 + number)}科技有限公司")
    assert len(candidates.near(["常州金牛科技有限公司"])["常州金牛科技有限公司"]) <= candidates.MOST
