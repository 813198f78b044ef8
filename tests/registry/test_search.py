"""An enterprise is found by whatever a person types, and by nobody who may not see it."""

import datetime as dt

import pytest
from django.db import connection

from registry import initials, search
from registry.models import Enterprise, FormerName, NameInitials
from registry.models.search import spell_all
from tests import factories as make
from tests.people import clerk_of_the_city, clerk_of_wujin, official_of_liyang

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 6, 30)


@pytest.fixture
def three() -> dict[str, Enterprise]:
    wujin, liyang = make.district("320412"), make.district("320481")
    trina = make.enterprise(
        "天合光能股份有限公司", district=wujin, uscc="91320411608131455L", stock_code="688599"
    )
    closed = make.enterprise("天合光伏（常州）有限公司", district=wujin, closed_on=dt.date(2025, 6, 30))
    catl = make.enterprise("江苏时代新能源科技有限公司", district=liyang, registration_no="320481000012345")
    FormerName.objects.create(enterprise=catl, name="天目湖电池有限公司", ended_on=dt.date(2019, 1, 1))
    make.enterprise("常州3C集团", district=liyang)
    return {"trina": trina, "closed": closed, "catl": catl}


def found(person: object, text: str, most: int = search.MOST) -> list[str]:
    return [hit.name for hit in search.find(person, text, day=TODAY, most=most)]


TRINA, CLOSED, CATL = "天合光能股份有限公司", "天合光伏（常州）有限公司", "江苏时代新能源科技有限公司"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("天合光能股份有限公司", [TRINA]),
        ("天合", [TRINA, CLOSED]),
        ("天合光伏(常州)", [CLOSED]),  # other brackets
        ("光能", [TRINA]),
        ("天", [TRINA, CLOSED, CATL]),  # one character begins a name, present or former
        ("天目湖", [CATL]),  # a former name
        ("thgn", [TRINA]),
        ("THGN", [TRINA]),
        ("th", [TRINA, CLOSED]),
        ("gnkj", []),
        ("xnykj", [CATL]),  # inside the initials
        ("tmhdc", [CATL]),  # of the former name
        ("3cjt", ["常州3C集团"]),  # a figure among the letters
        ("9132041160", [TRINA]),
        ("91320411608131455l", [TRINA]),
        ("688599", [TRINA]),
        ("3204810000", [CATL]),
        ("", []),
        ("  ", []),
        ("没有这家", []),
        ("%", []),
        ("\\", []),
        ("a" * 500, []),
    ],
)
def test_find(three: dict[str, Enterprise], text: str, names: list[str]) -> None:
    assert found(clerk_of_the_city(), text) == names


def test_a_former_name_is_told(three: dict[str, Enterprise]) -> None:
    wang = clerk_of_the_city()
    assert [hit.former for hit in search.find(wang, "天目", day=TODAY)] == ["天目湖电池有限公司"]
    assert [hit.former for hit in search.find(wang, "tmh", day=TODAY)] == ["天目湖电池有限公司"]


def test_the_closed_come_last_from_the_day_of_closing(three: dict[str, Enterprise]) -> None:
    wang = clerk_of_the_city()
    before = search.find(wang, "天合", day=TODAY - dt.timedelta(1))
    assert [hit.closed for hit in before] == [False, False]
    assert [hit.closed for hit in search.find(wang, "天合", day=TODAY)] == [False, True]


@pytest.mark.parametrize(
    "text", ["天", "天合", "th", "thgn", "tmhdc", "天目湖", "91320411", "688599", "3204810000"]
)
def test_areas_find_their_own(three: dict[str, Enterprise], text: str) -> None:
    for person, own in ((clerk_of_wujin(), {TRINA, CLOSED}), (official_of_liyang(), {CATL})):
        everything = set(found(person, text))
        assert everything <= own


def test_an_area_finds_its_own_among_many_of_others() -> None:
    """Many of other areas begin with the same letters: the first few of the city are none of them."""
    liyang = make.district("320481")
    Enterprise.objects.bulk_create(
        Enterprise(name=f"天合示例{number}厂", district=make.district("320411")) for number in range(400)
    )
    mine = make.enterprise("天合溧阳电池", district=liyang)
    chen = official_of_liyang()
    assert found(chen, "thly") == [mine.name]
    assert found(chen, "天合") == [mine.name]
    assert found(chen, "th") == [mine.name]


def test_no_more_than_asked(three: dict[str, Enterprise]) -> None:
    assert len(found(clerk_of_the_city(), "天", most=2)) == 2


# Initials are kept on whatever way a name comes in


def spelt(enterprise: Enterprise) -> set[str]:
    return set(NameInitials.objects.filter(enterprise_id=enterprise.pk).values_list("initials", flat=True))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("天合光能", {"thgn"}),
        ("长江（常州）", {"cjcz", "zjcz"}),  # 长 is read in two ways
        ("重庆长安", {"zqca", "cqza"}),
        ("A8新材料", {"a8xcl"}),
        ("Ｃ９（集团）", {"c9jt"}),
        ("。", set()),
    ],
)
def test_a_name_is_spelt(name: str, letters: set[str]) -> None:
    assert spelt(make.enterprise(name)) == letters


def test_renamed_in_bulk_by_raw_sql_and_deleted() -> None:
    one, two = make.enterprise("天合光能"), make.enterprise("时代新能源")
    former = FormerName.objects.create(enterprise=one, name="天目湖")
    assert spelt(one) == {"thgn", "tmh"}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_enterprise SET name = '光能科技' WHERE id = %s", [one.pk])
    assert spelt(one) == {"gnkj", "tmh"}
    Enterprise.objects.filter(pk=two.pk).update(address="改")  # no name has changed
    assert spelt(two) == {"sdxny"}
    former.delete()
    assert spelt(one) == {"gnkj"}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_enterprise WHERE id = %s", [one.pk])
    assert spelt(one) == set()


def test_all_can_be_spelt_anew() -> None:
    one = make.enterprise("天合光能")
    FormerName.objects.create(enterprise=one, name="天目湖")
    before = spelt(one)
    NameInitials.objects.all().delete()
    spell_all()
    assert spelt(one) == before == {"thgn", "tmh"}


def test_every_usual_character_has_a_letter() -> None:
    known = initials.letters()
    text = "江苏常州武进新北天宁钟楼金坛溧阳经开科技股份有限公司集团智能装备新能源材料电子机械医药纺织"
    assert "".join(known[one] for one in text)[:4] == "jscz"
    assert all(letter.isascii() and letter.isalpha() for letter in known.values())


@pytest.mark.parametrize(
    ("condition", "index"),
    [("initials LIKE 'thgn%%'", "initials_"), ("initials LIKE '%%hgn%%'", "initials_trigrams")],
)
def test_initials_use_an_index(condition: str, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_nameinitials (enterprise_id, initials) "
            "SELECT n, translate(md5(n::text), '0123456789', 'ghijklmnop') FROM generate_series(1, 20000) n"
        )
        cursor.execute("ANALYZE registry_nameinitials")
        cursor.execute(f"EXPLAIN SELECT enterprise_id FROM registry_nameinitials WHERE {condition}", [])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan
