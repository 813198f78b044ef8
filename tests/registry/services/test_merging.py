"""Two records of one enterprise: counted once after merging, and as before after undoing it."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models
from django.test import Client

from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    MatchDecision,
    Membership,
    Merge,
    NotDuplicate,
    Review,
    User,
)
from registry.services import merging
from registry.services.merging import MergeRefused
from targets.measure import measure
from targets.rules import spec_of
from tests import factories as make
from tests.people import clerk_of_the_city, clerk_of_wujin

pytestmark = pytest.mark.django_db

D = dt.date
DAY = D(2025, 6, 30)


@pytest.fixture
def wang(db: None) -> User:
    return clerk_of_the_city()


@pytest.fixture
def pair(db: None) -> tuple[Enterprise, Enterprise]:
    """The one with its code, and the one that a list of names made once more."""
    wujin = make.district("320412")
    keep = make.enterprise("常州禾盈汽车零部件有限公司", district=wujin, uscc="91320412MA1HEAYY0X")
    other = make.enterprise("常州禾盈汽车零件有限公司", district=wujin, address="湖塘镇")
    return keep, other


def everything() -> dict[str, list[dict[str, Any]]]:
    """All facts without their versions, which count every change."""
    kinds: list[type[models.Model]] = [
        Enterprise,
        Designation,
        AnnualFigures,
        Membership,
        FormerName,
        MatchDecision,
        NotDuplicate,
        Review,
    ]
    found = {}
    for kind in kinds:
        rows = kind._default_manager.order_by("pk").values()
        found[kind.__name__] = [
            {key: value for key, value in row.items() if key not in ("version", "decided_at")} for row in rows
        ]
    return found


def done(pair: tuple[Enterprise, Enterprise], by: User) -> Merge:
    return merging.merge(keep=pair[0], other=pair[1], by=by, reason="同一企业")


def test_what_hangs_on_the_other_moves(pair: Any, wang: User) -> None:
    keep, other = pair
    title = make.designation(other, D(2022, 1, 1))
    make.figures(other, 2024, revenue=100)
    make.member(other, make.cluster("steel"))
    child = make.enterprise("子公司", parent=other)
    FormerName.objects.create(enterprise=other, name="禾盈老厂")
    MatchDecision.objects.create(name="禾盈", name_key="禾盈", enterprise=other)
    made = done(pair, wang)
    keep.refresh_from_db()
    assert not Enterprise.objects.filter(pk=other.pk).exists()
    assert keep.address == "湖塘镇"
    assert keep.designations.get() == title
    assert keep.figures.get().year == 2024
    assert keep.memberships.count() == 1
    assert set(keep.subsidiaries.all()) == {child}
    assert {one.name for one in keep.former_names.all()} == {"禾盈老厂", "常州禾盈汽车零件有限公司"}
    assert MatchDecision.objects.get().enterprise == keep
    assert (made.merged_by, made.reason, made.kept_id) == (wang, "同一企业", keep.pk)
    assert keep.events.latest("pgh_id").pgh_context.metadata["reason"] == "同一企业"


def test_an_enterprise_counts_once_after_and_twice_again_after_undoing(pair: Any, wang: User) -> None:
    keep, other = pair
    scheme = make.scheme()
    make.designation(keep, D(2022, 1, 1), scheme=scheme)
    make.designation(other, D(2022, 1, 1), scheme=scheme)
    make.designation(other, D(2021, 1, 1), scheme=scheme, level="national")
    target = make.target_with_rule(
        "green.all", schemes=(scheme,), feed="stock", level="provincial", at_least=True
    )
    spec = spec_of(target.rule)

    def number(day: dt.date) -> Any:
        return measure([spec], day)["green.all"].value

    before = {day: number(day) for day in (D(2021, 6, 30), DAY)}
    assert before == {D(2021, 6, 30): 1, DAY: 2}
    made = done(pair, wang)
    assert {day: number(day) for day in before} == {D(2021, 6, 30): 1, DAY: 1}
    merging.undo(done=made, by=wang, reason="看错了")
    assert {day: number(day) for day in before} == before


def test_undone_all_is_as_it_was(pair: Any, wang: User) -> None:
    keep, other = pair
    steel = make.cluster("steel")
    make.designation(keep, D(2022, 1, 1))
    make.designation(other, D(2022, 1, 1))
    make.designation(other, D(2023, 1, 1), item="一号车间", valid_to=D(2025, 12, 31))
    make.figures(keep, 2024, revenue=100)
    make.figures(other, 2024, revenue=100)
    make.figures(other, 2023, revenue=90)
    make.member(keep, steel)
    make.member(other, steel)
    make.relocation(other, D(2023, 1, 1), make.district("320481"), other.district)
    FormerName.objects.create(enterprise=other, name="禾盈老厂", ended_on=D(2020, 1, 1))
    third = make.enterprise("禾盈三厂", parent=other)
    first, second = sorted((third.pk, other.pk))
    NotDuplicate.objects.create(first_id=first, second_id=second, reason="两家")
    before = everything()
    made = done(pair, wang)
    assert everything() != before
    assert merging.undo(done=made, by=wang, reason="看错了").pk == other.pk
    assert everything() == before
    made.refresh_from_db()
    assert (made.undone_by, made.undo_reason) == (wang, "看错了")
    with pytest.raises(MergeRefused):
        merging.undo(done=made, by=wang, reason="再一次")
    # and it can be done once more
    assert done(pair, wang).pk != made.pk


def in_the_way(pair: tuple[Enterprise, Enterprise], what: str) -> None:
    keep, other = pair
    if what == "codes":
        Enterprise.objects.filter(pk=other.pk).update(uscc="91320412MA1HEAYY1X")
    elif what == "areas":
        Enterprise.objects.filter(pk=other.pk).update(district=make.district("320481"))
    elif what == "group":
        Enterprise.objects.filter(pk=other.pk).update(parent=keep)
    elif what == "titles":
        make.designation(keep, D(2022, 1, 1))
        make.designation(other, D(2022, 1, 2))
    elif what == "reviewed":
        make.designation(keep, D(2022, 1, 1))
        Review.objects.create(designation=make.designation(other, D(2022, 1, 1)), day=DAY, outcome="passed")
    elif what == "figures":
        make.figures(keep, 2024, revenue=100)
        make.figures(other, 2024, revenue=101)
    elif what == "groups":
        make.member(keep, make.cluster("steel"))
        make.member(other, make.cluster("textile"))
    elif what == "moves":
        for one in pair:
            make.relocation(one, D(2023, 1, 1), make.district("320481"), one.district)


@pytest.mark.parametrize(
    ("what", "word"),
    [
        ("codes", "代码不同"),
        ("areas", "板块不同"),
        ("group", "所属集团"),
        ("titles", "重叠"),
        ("reviewed", "重叠"),
        ("figures", "2024"),
        ("groups", "主集群不同"),
        ("moves", "迁移"),
    ],
)
def test_what_stands_in_the_way_is_told_and_nothing_is_done(
    pair: Any, wang: User, what: str, word: str
) -> None:
    in_the_way(pair, what)
    before = everything()
    with pytest.raises(MergeRefused, match=word):
        done(pair, wang)
    assert everything() == before
    assert not Merge.objects.exists()


@pytest.mark.parametrize("what", ["moved row", "gone row", "taken field", "kept gone"])
def test_what_was_changed_since_stands_in_the_way_of_undoing(pair: Any, wang: User, what: str) -> None:
    keep, other = pair
    title = make.designation(other, D(2022, 1, 1))
    made = done(pair, wang)
    if what == "moved row":
        Designation.objects.filter(pk=title.pk).update(note="改")
    elif what == "gone row":
        title.delete()
    elif what == "taken field":
        Enterprise.objects.filter(pk=keep.pk).update(address="别处")
    else:
        Designation.objects.all().delete()
        FormerName.objects.all().delete()
        Enterprise.objects.filter(pk=keep.pk).delete()
    before = everything()
    with pytest.raises(MergeRefused):
        merging.undo(done=made, by=wang, reason="看错了")
    assert everything() == before


def test_nobody_merges_an_enterprise_with_itself(pair: Any, wang: User) -> None:
    with pytest.raises(MergeRefused):
        merging.merge(keep=pair[0], other=pair[0], by=wang, reason="x")


def test_every_relation_to_an_enterprise_is_known_to_merging() -> None:
    for relation in Enterprise._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete:
            continue
        model: Any = relation.related_model
        if not hasattr(model, "pgh_tracked_model"):  # histories tell what was
            assert model in merging.WAYS, (
                f"{model.__name__}.{relation.field.name} leads to an enterprise: say in registry.services.merging.WAYS "
                "what becomes of its rows when two enterprises become one"
            )


# At the desk


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_merged_and_undone_by_hand(pair: Any, wang: User) -> None:
    keep, other = pair
    make.designation(other, D(2022, 1, 1))
    client = browser(wang)
    path = f"/admin/registry/enterprise/{keep.pk}/merge/"
    page = client.get(path, {"q": "禾盈汽车零件"})
    assert f"?other={other.pk}" in page.content.decode()
    page = client.get(path, {"other": other.pk})
    assert "转入认定称号 1 条" in page.content.decode()
    assert Enterprise.objects.count() == 2
    assert client.post(f"{path}?other={other.pk}", {"reason": ""}).status_code == 200
    answer = client.post(f"{path}?other={other.pk}", {"reason": "同一企业"}, follow=True)
    assert "已合并" in answer.content.decode()
    undo = f"/admin/registry/merge/{Merge.objects.get().pk}/undo/"
    assert undo in answer.content.decode()
    answer = client.post(undo, {"reason": "看错了"}, follow=True)
    assert "常州禾盈汽车零件有限公司" in answer.content.decode()
    assert Enterprise.objects.count() == 2


def test_an_area_neither_merges_nor_learns(pair: Any, wang: User) -> None:
    keep, other = pair
    done(pair, wang)
    gu = browser(clerk_of_wujin())
    assert gu.get(f"/admin/registry/enterprise/{keep.pk}/merge/").status_code == 403
    assert gu.get(f"/admin/registry/merge/{Merge.objects.get().pk}/undo/").status_code == 403
    with pytest.raises(PermissionDenied):
        merging.undo(done=Merge.objects.get(), by=User.objects.get(username="gu"), reason="x")
    assert browser(wang).get(f"/admin/registry/enterprise/{keep.pk}/merge/?other=x").status_code == 200
    assert browser(wang).get(f"/admin/registry/enterprise/{other.pk}/merge/").status_code == 404
