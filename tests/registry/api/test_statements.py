"""What the API asks of the database: how many statements, and that they find their rows through an index."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import FormerName, Review
from tests.factories import cluster, designation, district, enterprise, member, relocation, scheme
from tests.registry.api.conftest import Get, errors_of
from tests.registry.plans import make_many, plan_of, searched

pytestmark = pytest.mark.django_db

D = dt.date


def asked_of_the_database(get: Get, path: str, **parameters: Any) -> list[str]:
    """Without those that ask who it is, the session and the person, and the state of the facts (see `statements`)."""
    with CaptureQueriesContext(connection) as caught:
        get(path, **parameters)
    session, person, *statements = [query["sql"] for query in caught]
    assert "django_session" in session
    assert "registry_user" in person
    return [one for one in statements if "registry_partchange" not in one]


@pytest.fixture
def solar() -> None:
    """光能 with everything that hangs on an enterprise, the later of it written first."""
    wujin, liyang = district("320412"), district("320481")
    holder = enterprise("光能科技", district=wujin, uscc="91320400MA1ABCDE0X")
    FormerName.objects.create(enterprise=holder, name="光能二厂", ended_on=D(2015, 1, 1))
    FormerName.objects.create(enterprise=holder, name="光能一厂", ended_on=D(2005, 1, 1))
    relocation(holder, D(2021, 5, 1), liyang, wujin)
    relocation(holder, D(2019, 5, 1), None, liyang)
    member(holder, cluster("chain.solar", "chain"), since=D(2022, 1, 1))
    member(holder, cluster("advanced.energy"), main=False)
    title = designation(holder, D(2022, 1, 1))
    Review.objects.create(designation=title, day=D(2027, 1, 1), outcome="failed")
    Review.objects.create(designation=title, day=D(2024, 1, 1), outcome="passed", valid_to=D(2026, 12, 31))


@pytest.mark.parametrize(
    ("path", "asked", "statements"),
    [
        ("enterprises/", {}, 1),  # with all that hangs on each of them
        ("enterprises/91320400MA1ABCDE0X/", {}, 1),
        ("enterprises/", {"district": "320412", "name": "光能"}, 2),  # and one for each kind of codes
        ("enterprises/", {"district": ["320412", "320481"], "scheme": "green_factory"}, 3),
        ("designations/", {}, 1),
        ("designations/", {"valid_on": "2023-06-01", "name": "光能"}, 1),
        ("annual-figures/", {"year": "2022"}, 1),
        ("memberships/", {"valid_on": "2023-06-01"}, 1),
        ("statistics/", {}, 1),
    ],
)
@pytest.mark.usefixtures("solar")
def test_a_page_costs_one_statement(brain: Get, path: str, asked: dict[str, Any], statements: int) -> None:
    assert len(asked_of_the_database(brain, path, **asked)) == statements


@pytest.mark.usefixtures("solar")
def test_what_hangs_on_a_row_stands_in_its_own_order(brain: Get) -> None:
    for found in (brain("enterprises/91320400MA1ABCDE0X/"), *brain("enterprises/")):
        assert found["former_names"] == [
            {"name": "光能一厂", "ended_on": "2005-01-01"},
            {"name": "光能二厂", "ended_on": "2015-01-01"},
        ]
        assert found["relocations"] == [
            {"day": "2019-05-01", "from_district": None, "to_district": "320481"},
            {"day": "2021-05-01", "from_district": "320481", "to_district": "320412"},
        ]
        assert [
            (one["cluster"], one["main"], one["since"], one["until"]) for one in found["memberships"]
        ] == [
            ("advanced.energy", False, None, None),
            ("chain.solar", True, "2022-01-01", None),
        ]
    (title,) = brain("designations/")
    assert [(one["day"], one["outcome"], one["valid_to"]) for one in title["reviews"]] == [
        ("2024-01-01", "passed", "2026-12-31"),
        ("2027-01-01", "failed", None),
    ]


@pytest.mark.usefixtures("solar")
def test_what_hangs_on_nothing_is_an_empty_list(brain: Get) -> None:
    enterprise("钢铁集团")
    (found,) = brain("enterprises/", name="钢铁")
    assert (found["former_names"], found["memberships"], found["relocations"]) == ([], [], [])
    assert (found["district"], found["industry"], found["uscc"], found["is_demo"]) == (
        None,
        None,
        None,
        False,
    )


def test_one_unknown_code_among_known_ones_is_refused(brain: Get) -> None:
    district("320412")
    problems = brain("enterprises/", status=400, district=["320412", "999999"])
    assert "999999" in errors_of(problems)["district"]


@pytest.mark.parametrize(
    ("text", "looked_up"),
    [
        ("光能", "Index Cond: (name_bigrams @> '{光能}'::text[])"),
        ("光", ""),  # no bigram and no index, which shows that this test can tell
    ],
)
def test_area_title_and_two_characters_use_the_index(brain: Get, text: str, looked_up: str) -> None:
    for code in ("320412", "320481"):
        district(code)
    designation(enterprise("光能科技", district=district("320412")), D(2022, 1, 1), scheme=scheme())
    make_many()
    asked = {"name": text, "district": "320412", "scheme": "green_factory"}
    assert [row["name"] for row in brain("enterprises/", **asked)] == ["光能科技"]
    plan = plan_of(asked_of_the_database(brain, "enterprises/", **asked)[-1])
    assert searched(plan, "enterprise_bigrams") == looked_up, plan
    assert searched(plan, "former_name_bigrams") == looked_up, plan


def test_the_first_page_of_an_area_is_read_from_its_index(brain: Get) -> None:
    """Else a small area would be looked for through all enterprises of the city."""
    for code in ("320412", "320481"):
        district(code)
    make_many()
    plan = plan_of(asked_of_the_database(brain, "enterprises/", district="320412")[-1])
    assert "Index Scan using enterprise_district on registry_enterprise" in plan, plan
    assert "Sort Key: registry_enterprise.id" not in plan, plan
