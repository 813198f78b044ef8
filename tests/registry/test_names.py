"""Names: the same key in Python and in the database, and search through the index."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import codes, names
from registry.models import Enterprise, FormerName
from tests.factories import enterprise
from tests.registry.plans import make_many, plan_of, searched

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("天合光能（常州）股份有限公司", "天合光能(常州)股份有限公司"),
        ("天合光能 股份有限公司", "天合光能股份有限公司"),
        ("ＡＢＣ科技", "abc科技"),
        ("“小巨人”科技", '"小巨人"科技'),
        ("瑞声光电·常州", "瑞声光电常州"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


def test_different_names_stay_different() -> None:
    assert names.key("常州天合光能有限公司") != names.key("常州天合有限公司")


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_the_database_makes_the_same_key(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_name_key(%s)", [name])
        (key,) = cursor.fetchone()
    # PostgreSQL lowers a few letters of rare scripts otherwise; no name of an enterprise has them
    if name.isascii() or all("\u4e00" <= letter <= "\u9fff" or letter.isascii() for letter in name):
        assert key == names.key(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("光能", {"天合光能"}),
        ("光", {"天合光能", "曙光电机"}),
        ("天合 光", {"天合光能"}),
        ("能光", set()),
        ("常柴厂", {"常柴股份"}),
    ],
)
def test_search_by_name_and_former_name(text: str, found: set[str]) -> None:
    for name in ("天合光能", "曙光电机"):
        enterprise(name)
    FormerName.objects.create(enterprise=enterprise("常柴股份"), name="常柴厂")
    assert {row.name for row in Enterprise.objects.named_like(text)} == found


@pytest.mark.parametrize(
    ("text", "looked_up"),
    [
        ("光能", "{光能}"),
        ("天合光", "{合光,天合}"),
        ("光", None),  # no bigram: the whole table, which shows that this test can tell
    ],
)
def test_two_characters_use_the_index(text: str, looked_up: str | None) -> None:
    make_many()
    found = Enterprise.objects.named_like(text).order_by().values("pk")
    plan = plan_of(*found.query.sql_with_params())
    wanted = f"Index Cond: (name_bigrams @> '{looked_up}'::text[])" if looked_up else ""
    for index in ("enterprise_bigrams", "former_name_bigrams"):
        assert searched(plan, index) == wanted, plan
    assert ("Seq Scan" in plan) == (looked_up is None), plan


def test_an_enterprise_is_found_once_by_both_of_its_names() -> None:
    twice = enterprise("天合光能新能源")
    FormerName.objects.create(enterprise=twice, name="天合光能")
    FormerName.objects.create(enterprise=twice, name="常州光能")
    assert list(Enterprise.objects.named_like("光能")) == [twice]


@pytest.mark.parametrize(
    ("code", "well_formed", "check"),
    [
        ("91320411608131455L", True, True),
        ("913204116081314558", True, False),
        ("9132041160813145OL", False, False),
        ("91320411608131455", False, False),
        ("320400000012345", False, False),
        ("", False, False),
    ],
)
def test_codes(code: str, well_formed: bool, check: bool) -> None:
    assert codes.is_uscc(code) is well_formed
    assert codes.has_valid_check_character(code) is check


def test_an_old_registration_number_has_fifteen_digits() -> None:
    assert codes.is_registration_no("320400000012345")
    assert not codes.is_registration_no("32040000001234A")
    assert not codes.is_registration_no("３20400000012345")
