"""People of an area see and change what is of their area, on every page and by every way in."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.test import Client

from registry.choices import DesignationState
from registry.models import Designation, Enterprise, FormerName, Relocation, Review, Roster, RosterRow
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_liyang, official_of_wujin
from tests.registry.admin.desk import errors_on, filled, page_for_new, page_of, send, sign_in

DAY = dt.date(2022, 1, 1)
LISTS = ["enterprise", "designation", "review", "annualfigures", "membership", "relocation", "formername"]


@dataclass
class World:
    here: Enterprise
    there: Enterprise
    zhou: Client


@pytest.fixture
def world(db: None) -> World:
    """Zhou of Wujin has every right, but one area."""
    wujin, liyang = make.district("320412"), make.district("320481")
    here = make.enterprise("武进重工", district=wujin)
    there = make.enterprise("溧阳电池", district=liyang)
    for holder, other in ((here, liyang), (there, wujin)):
        title = make.designation(holder, DAY)
        Review.objects.create(designation=title, day=DAY, outcome="passed")
        make.figures(holder, 2024)
        make.member(holder, make.cluster("steel"))
        make.relocation(holder, DAY, other, holder.district)
        FormerName.objects.create(enterprise=holder, name=f"{holder.name}旧名")
    return World(here, there, sign_in(official_of_wujin()))


@pytest.mark.parametrize("model", LISTS)
def test_lists_and_their_counts_are_of_the_own_area(world: World, model: str) -> None:
    for asked in ({}, {"q": "武进"}, {"q": "溧阳"}):
        changes = world.zhou.get(f"/admin/registry/{model}/", asked).context["cl"]
        wanted = 0 if asked == {"q": "溧阳"} else 1
        assert (changes.result_count, len(changes.result_list)) == (wanted, wanted)


@pytest.mark.parametrize("model", LISTS)
def test_pages_of_other_areas_do_not_open(world: World, model: str) -> None:
    admin = world.zhou.get(f"/admin/registry/{model}/").context["cl"].model_admin
    rows = admin.model._default_manager.order_by("pk")
    own, other = rows.first(), rows.last()
    for view in ("change", "history", "delete"):
        assert world.zhou.get(page_of(other, view)).status_code in (302, 403), view
    for view in ("change", "history"):
        assert world.zhou.get(page_of(own, view)).status_code == 200
    assert "溧阳电池" not in world.zhou.get(page_of(own)).content.decode()


@pytest.mark.parametrize(("term", "found"), [("武进", ["武进重工"]), ("溧阳", []), ("", ["武进重工"])])
def test_suggestions_are_of_the_own_area(world: World, term: str, found: list[str]) -> None:
    asked = {"app_label": "registry", "model_name": "designation", "field_name": "enterprise", "term": term}
    answer = world.zhou.get("/admin/autocomplete/", asked).json()
    assert [one["text"] for one in answer["results"]] == found


def test_the_city_sees_both(world: World) -> None:
    wang = sign_in(clerk_of_the_city())
    assert wang.get("/admin/registry/enterprise/").context["cl"].result_count == 2


def test_another_area_sees_its_own(world: World) -> None:
    chen = sign_in(official_of_liyang())
    assert [one.name for one in chen.get("/admin/registry/enterprise/").context["cl"].result_list] == [
        "溧阳电池"
    ]


def test_an_enterprise_of_another_area_cannot_be_named(world: World) -> None:
    """Whoever guesses the number of one is refused as if it did not exist."""
    new = {"scheme": make.scheme().pk, "level": "national", "valid_from": "2022-01-01"}
    errors = errors_on(send(world.zhou, page_for_new(Designation), **new, enterprise=world.there.pk))
    assert "enterprise" in errors
    assert "parent" in errors_on(send(world.zhou, page_of(world.here), parent=world.there.pk))
    liyang = make.district("320481")
    assert "district" in errors_on(send(world.zhou, page_of(world.here), district=liyang.pk))


def test_what_an_area_enters_waits_for_the_city(world: World) -> None:
    new = {"scheme": make.scheme().pk, "level": "national", "valid_from": "2022-01-01"}
    send(world.zhou, page_for_new(Designation), **new, enterprise=world.here.pk)
    send(world.zhou, page_of(world.here), rows={"designations": [{**new, "item": "车间"}]})
    # nor does a forged field help
    send(world.zhou, page_for_new(Designation), **new, enterprise=world.here.pk, item="二", state="confirmed")
    made = Designation.objects.filter(level="national")
    assert [title.state for title in made] == [DesignationState.SUBMITTED] * 3


def test_what_the_city_confirmed_an_area_reads(world: World) -> None:
    title = world.here.designations.get()
    data = filled(sign_in(clerk_of_the_city()), page_of(title), note="改")
    assert world.zhou.get(page_of(title)).status_code == 200
    assert world.zhou.post(page_of(title), data).status_code == 403


def test_moves_are_the_citys(world: World) -> None:
    assert world.zhou.get(page_for_new(Relocation)).status_code == 403
    move = {"day": "2023-01-01", "from_district": world.here.district_id, "to_district": ""}
    send(world.zhou, page_of(world.here), rows={"relocations": [move]} if _has_moves(world) else None)
    assert world.here.relocations.count() == 1


def _has_moves(world: World) -> bool:
    page = world.zhou.get(page_of(world.here))
    return any(inline.formset.prefix == "relocations" for inline in page.context["inline_admin_formsets"])


def test_a_group_of_another_area_is_neither_shown_nor_lost(world: World) -> None:
    Enterprise.objects.filter(pk=world.here.pk).update(parent=world.there)
    shown = world.zhou.get(page_of(world.here)).content.decode()
    assert "溧阳电池" not in shown
    assert "溧阳电池" not in world.zhou.get(page_of(world.here, "history")).content.decode()
    assert send(world.zhou, page_of(world.here), address="延政大道1号").status_code == 302
    world.here.refresh_from_db()
    assert (world.here.parent, world.here.address) == (world.there, "延政大道1号")


def test_after_a_move_the_former_area_sees_nothing(world: World) -> None:
    Enterprise.objects.filter(pk=world.here.pk).update(district=make.district("320481"))
    assert world.zhou.get("/admin/registry/enterprise/").context["cl"].result_count == 0
    assert world.zhou.get("/admin/registry/designation/").context["cl"].result_count == 0


def test_lists_of_the_city_are_not_open_to_an_area(world: World) -> None:
    roster = Roster.objects.create(kind="enterprises", file_name="a.csv", content=b"x", sha256="0")
    row = RosterRow.objects.create(roster=roster, number=1, raw={"企业名称": "溧阳电池"}, outcome="created")
    assert world.zhou.get(page_of(row)).status_code == 302
    assert world.zhou.get(f"/admin/registry/roster/{roster.pk}/download/").status_code == 404
    assert (
        sign_in(clerk_of_the_city()).get(f"/admin/registry/roster/{roster.pk}/download/").status_code == 200
    )


def test_contacts_are_masked_for_who_only_reads(db: None) -> None:
    from django.contrib.auth.models import Permission

    zhou = official_of_wujin()
    zhou.is_staff = True
    zhou.save()
    zhou.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    reader = sign_in(zhou, every_right=False)
    held = make.enterprise(
        "武进重工", district=make.district("320412"), contact_name="张三丰", contact_phone="13812340000"
    )
    for view in ("change", "history"):
        shown = reader.get(page_of(held, view)).content.decode()
        assert "张**" in shown
        assert "张三丰" not in shown
        assert "13812340000" not in shown
