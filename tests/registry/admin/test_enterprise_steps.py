"""A new name, a move, the end and a split, entered on pages of their own."""

import datetime as dt

import pytest
from django.test import Client

from registry.models import Enterprise, Split, User
from tests import factories as make
from tests import people

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 5, 1)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(one: Enterprise, name: str) -> str:
    return f"/admin/registry/enterprise/{one.pk}/steps/{name}/"


def errors(answer: object) -> set[str]:
    return set(answer.context["form"].errors)  # type: ignore[attr-defined]


@pytest.fixture
def one(db: None) -> Enterprise:
    found = make.enterprise("武进重工", district=make.district("320412"), uscc=None)
    make.designation(found, dt.date(2023, 1, 1), scheme=make.scheme())
    return found


def test_a_new_name_keeps_the_old_one(one: Enterprise) -> None:
    gu = browser(people.clerk_of_wujin())
    page = gu.get(address(one, "rename"))
    assert "武进重工" in page.content.decode()
    assert errors(gu.post(address(one, "rename"), {"name": "武进重工", "day": "2024-05-01"})) == {
        "name",
        "reason",
    }
    answer = gu.post(address(one, "rename"), {"name": "武进智造", "day": "2024-05-01", "reason": "工商变更"})
    assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.name, one.former_names.get().name, one.former_names.get().ended_on) == (
        "武进智造",
        "武进重工",
        DAY,
    )


def test_a_move_is_entered_by_the_city_and_counts_from_its_day(one: Enterprise) -> None:
    liyang = make.district("320481")
    sent = {"to": liyang.pk, "day": "2024-05-01", "reason": "搬迁"}
    assert browser(people.clerk_of_wujin()).post(address(one, "move"), sent).status_code == 403
    wang = browser(people.clerk_of_the_city())
    # nobody is moved out of the city by leaving the area open, nor to where it is
    for wrong in ("", str(one.district_id), "999"):
        assert errors(wang.post(address(one, "move"), {**sent, "to": wrong})) == {"to"}
    assert wang.post(address(one, "move"), sent).status_code == 302
    one.refresh_from_db()
    assert (one.district, one.relocations.get().day) == (liyang, DAY)
    # an earlier move would contradict the later one
    back = {**sent, "to": make.district("320412").pk, "day": "2024-04-30"}
    assert errors(wang.post(address(one, "move"), back)) == {"day"}
    assert one.relocations.count() == 1
    gone = {"to": "outside", "day": "2024-06-01", "reason": "迁出本市"}
    assert wang.post(address(one, "move"), gone).status_code == 302
    one.refresh_from_db()
    assert one.district is None


@pytest.mark.parametrize(
    ("day", "valid"),
    [(dt.date(2024, 4, 30), 1), (DAY, 0), (dt.date(2024, 5, 2), 0)],
)
def test_from_the_day_of_its_end_nothing_of_it_counts(one: Enterprise, day: dt.date, valid: int) -> None:
    gu = browser(people.clerk_of_wujin())
    page = gu.get(address(one, "close")).content.decode()
    assert "今日有效的称号" in page
    answer = gu.post(address(one, "close"), {"day": "2024-05-01", "reason": "工商注销"})
    assert answer.status_code == 302
    assert one.designations.valid_on(day).count() == valid
    assert errors(gu.post(address(one, "close"), {"day": "2024-05-02", "reason": "再次"})) == {"day"}
    assert "注销</a>" not in gu.get(f"/admin/registry/enterprise/{one.pk}/story/").content.decode()


def test_what_is_split_off_is_new_and_the_titles_stay(one: Enterprise) -> None:
    make.member(one, make.cluster("steel"))
    wang = browser(people.clerk_of_the_city())
    sent = {
        "name": "武进精工",
        "uscc": "",
        "district": one.district_id,
        "day": "2024-05-01",
        "reason": "派生分立",
        "join_clusters": "on",
    }
    answer = wang.post(address(one, "split"), {**sent, "uscc": "123"})
    assert errors(answer) == {"__all__"}
    wrong_check = wang.post(address(one, "split"), {**sent, "uscc": "91320412MA1WJ00001"})
    assert errors(wrong_check) == {"uscc"}
    assert not Split.objects.exists()
    assert wang.post(address(one, "split"), sent).status_code == 302
    new = Enterprise.objects.get(name="武进精工")
    assert (new.founded_on, new.designations.count(), one.designations.count()) == (DAY, 0, 1)
    assert [(row.cluster.code, row.since) for row in new.memberships.all()] == [("steel", DAY)]
    for of, told in ((one, "分立出"), (new, "分立")):
        page = wang.get(f"/admin/registry/enterprise/{of.pk}/story/").content.decode()
        assert told in page
        assert "武进精工" in page
        assert "武进重工" in page


def test_an_area_is_not_told_what_was_split_off_into_another(one: Enterprise) -> None:
    new = make.enterprise("溧阳精工", district=make.district("320481"))
    Split.objects.create(enterprise=one, successor=new, day=DAY)
    gu = browser(people.clerk_of_wujin())
    assert "溧阳精工" not in gu.get(f"/admin/registry/enterprise/{one.pk}/story/").content.decode()
    assert "溧阳精工" not in gu.get("/admin/registry/split/").content.decode()
    assert gu.get(address(new, "rename")).status_code == 404
    assert gu.get(address(one, "split")).status_code == 403


@pytest.mark.parametrize("name", ["rename", "move", "close", "split"])
def test_officials_only_read(one: Enterprise, name: str) -> None:
    zhou = browser(people.official_of_wujin())
    assert zhou.get(address(one, name)).status_code == 403
    assert f"steps/{name}" not in zhou.get(f"/admin/registry/enterprise/{one.pk}/story/").content.decode()


def test_there_is_no_other_step(one: Enterprise) -> None:
    assert browser(people.clerk_of_the_city()).get(address(one, "delete")).status_code == 404
