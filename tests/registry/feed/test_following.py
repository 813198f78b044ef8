"""Whoever follows the changes has the registry: none skipped, none twice, those of one row in their order."""

import datetime as dt
import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from registry import contacts
from registry.feed import positions
from registry.feed.changes import Reader
from registry.feed.positions import BadPosition, Forgotten, Position
from registry.feed.resources import BY_NAME, FOLLOWED, named
from registry.models import Enterprise, FeedEpoch, Review
from registry.services import merging, move
from tests import people
from tests.connections import another
from tests.factories import cluster, designation, district, enterprise, figures, member, statistic
from tests.registry.feed.copies import Copy, exported, registry, steps

pytestmark = pytest.mark.django_db(transaction=True)

D = dt.date

RENAME = "UPDATE registry_enterprise SET name = %s WHERE id = %s"
ADD = (
    "INSERT INTO registry_series (code, name, position, unit, note, version) VALUES (%s, %s, 0, '家', '', 1)"
)


def everything() -> Enterprise:
    """A row in every table that can be followed."""
    here = district()
    holder = enterprise("光能", district=here, contact_name="张三丰", contact_phone="13812340000")
    holder.former_names.create(name="旧名")
    member(holder, cluster("solar", "chain"))
    holder.relocations.create(day=D(2021, 1, 1), from_district=None, to_district=here)
    title = designation(holder, D(2022, 1, 1))
    Review.objects.create(designation=title, day=D(2024, 1, 1), outcome="passed")
    figures(holder, 2022, revenue="12.5000", tax="-3")
    statistic("output", D(2022, 12, 31), "20000")
    return holder


# A copy


def test_an_export_and_what_follows_it_are_the_registry() -> None:
    holder = everything()
    copies = []
    for table in FOLLOWED:
        rows, position = exported(table)
        copy = Copy(position, tables=[table])
        copy.rows = rows
        copies.append(copy)
    assert {name for copy in copies for name, _pk in copy.rows} >= {"enterprises", "reviews", "statistics"}
    holder.designations.update(note="改")
    holder.figures.all().delete()
    other = enterprise("新厂", district=district("320481"))
    figures(other, 2023, revenue=1)
    for copy in copies:
        copy.follow()
    assert {key: row for copy in copies for key, row in copy.rows.items()} == registry()
    assert not any(copy.follow() for copy in copies)


def test_a_row_is_told_as_in_the_export_with_exact_amounts() -> None:
    copy = Copy(positions.now())
    everything()
    copy.follow()
    assert copy.rows == registry()
    (row,) = (row for (name, _pk), row in copy.rows.items() if name == "annual-figures")
    assert (row["revenue"], row["tax"], row["exports"], row["year"]) == ("12.5", "-3", None, 2022)
    (title,) = (row for (name, _pk), row in copy.rows.items() if name == "designations")
    assert (title["scheme"], title["valid_from"], title["ended_on"]) == ("green_factory", "2022-01-01", None)
    assert not {"submitted_by", "decided_by", "roster_row_id", "name_key"} & title.keys()


@pytest.mark.parametrize("name", ["", "张三丰"])
@pytest.mark.parametrize("phone", ["", "86668888", "0519-86668888", "13812340000"])
def test_contacts_are_masked_as_everywhere(name: str, phone: str) -> None:
    start = positions.now()
    enterprise(contact_name=name, contact_phone=phone)
    shown = [
        Reader(named(["enterprises"]), contacts=whole).page(start, 5).changes[0]["row"]
        for whole in (False, True)
    ]
    assert [(row["contact_name"], row["contact_phone"]) for row in shown] == [
        (contacts.masked_name(name), contacts.masked_phone(phone)),
        (name, phone),
    ]


# Order


def test_what_is_committed_late_is_told_late_and_not_lost() -> None:
    """A transaction that began first and commits last, beside one that came and went in between."""
    row = enterprise("甲")
    copy = Copy(positions.now())
    with another() as slow:
        slow.run(ADD, "slow", "慢")
        Enterprise.objects.filter(pk=row.pk).update(name="乙")
        assert steps(copy.follow()) == [("enterprises", row.pk, "changed")]
        slow.run(RENAME, "丙", row.pk)
        assert copy.follow() == []
        slow.commit()
    assert [step[::2] for step in steps(copy.follow())] == [("series", "created"), ("enterprises", "changed")]
    assert copy.rows["enterprises", row.pk]["name"] == "丙"
    assert copy.follow() == []


def test_what_is_rolled_back_is_never_told() -> None:
    copy = Copy(positions.now())
    with another() as other:
        other.run(ADD, "gone", "没有")
        enterprise("甲")
        assert len(copy.follow()) == 1
    assert copy.follow() == []


def test_a_page_ends_anywhere_and_others_go_on_writing() -> None:
    """A stretch that was begun is told to its end; what comes meanwhile comes after it."""
    copy = Copy(positions.now())
    first = [enterprise(f"厂{number}").pk for number in range(5)]
    page = copy.reader.page(copy.position, 2)
    assert page.more
    Enterprise.objects.filter(pk__in=first).update(address="新址")
    copy.position = page.position
    told = steps(page.changes) + steps(copy.follow(2))
    assert told == [("enterprises", pk, "created") for pk in first] + [
        ("enterprises", pk, "changed") for pk in first
    ]


def test_eight_writers_and_one_who_follows() -> None:
    rows = [enterprise(f"厂{number}").pk for number in range(6)]
    copy = Copy(positions.now())
    begun, over = Event(), Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        begun.wait()
        try:
            for turn in range(25):
                with transaction.atomic():
                    for pk in sorted(chance.sample(rows, 2)):
                        Enterprise.objects.filter(pk=pk).update(address=f"{seed}/{turn}")
                    made = enterprise(f"{seed}·{turn}")
                    figures(made, 2020 + turn % 5)
                    if chance.random() < 0.2:
                        made.figures.all().delete()
                        made.delete()
                    if chance.random() < 0.1:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    def follow() -> None:
        try:
            while not over.is_set():
                copy.follow(7)
        finally:
            connection.close()

    with ThreadPoolExecutor(9) as pool:
        follower = pool.submit(follow)
        writers = [pool.submit(write, seed) for seed in range(8)]
        begun.set()
        for writer in writers:
            writer.result()
        over.set()
        follower.result()
    copy.follow(7)
    own = {key: row for key, row in registry().items() if key in copy.rows}
    assert copy.rows == own
    assert {pk for name, pk in registry() if name == "enterprises"} == {
        pk for name, pk in copy.rows if name == "enterprises"
    }
    assert_each_version_once(copy.told)


def assert_each_version_once(told: list[dict[str, Any]]) -> None:
    versions = defaultdict(list)
    for change in told:
        versions[change["resource"], change["id"]].append((change["version"], change["change"]))
    for key, found in versions.items():
        counted = [version for version, kind in found if kind != "removed"]
        assert counted == list(range(counted[0], counted[0] + len(counted))), key
        assert [kind for _version, kind in found[:-1]].count("removed") == 0, key


# Merges, areas


def test_a_merge_is_told_with_what_it_became() -> None:
    keep, gone = enterprise("甲", district=district()), enterprise("甲厂", district=district())
    title = designation(gone, D(2022, 1, 1))
    copy = Copy(positions.now())
    copy.rows = registry()
    merging.merge(keep=keep, other=gone, by=people.reviewer_of_the_city(), reason="同一企业")
    told = copy.follow()
    (removed,) = [change for change in told if change["change"] == "removed"]
    assert (removed["resource"], removed["id"], removed["merged_into"]) == ("enterprises", gone.pk, keep.pk)
    assert copy.rows["designations", title.pk]["enterprise_id"] == keep.pk
    assert copy.rows == registry()


def test_an_area_is_told_who_comes_and_who_goes() -> None:
    wujin, liyang = district(), district("320481")
    mover = enterprise("迁移厂", district=wujin)
    designation(mover, D(2022, 1, 1))
    enterprise("溧阳厂", district=liyang)
    position = positions.now()
    ours, theirs = (
        Copy(position, area=area.pk, tables=named(["enterprises", "designations"]))
        for area in (wujin, liyang)
    )
    move(enterprise=mover, to=liyang, day=D(2024, 1, 1), by=None)
    assert steps(ours.follow()) == [("enterprises", mover.pk, "left")]
    assert steps(theirs.follow()) == [("enterprises", mover.pk, "entered")]
    mover.designations.update(note="改")
    assert ours.follow() == []
    assert [kind for *_rest, kind in steps(theirs.follow())] == ["changed"]


def test_an_area_exports_its_own_rows() -> None:
    everything()
    other = enterprise("溧阳厂", district=district("320481"))
    title = designation(other, D(2022, 1, 1))
    Review.objects.create(designation=title, day=D(2024, 1, 1), outcome="passed")
    own = registry(district("320481").pk)
    facts = {key for key in own if BY_NAME[key[0]].area}
    assert {name for name, _pk in facts} == {"enterprises", "designations", "reviews"}
    assert len(facts) == 3


# Positions


def test_a_position_is_what_was_answered() -> None:
    position = positions.now()
    assert positions.read(str(position)) == position
    within = position.at("enterprises", 7)
    assert positions.read(str(within)) == within


BAD = [
    "",
    "x",
    "长",
    "A" * 30_000,
    str(Position(1, "abc")),
    str(Position(1, "5:4:")),
    str(Position(1, "999999999999:999999999999:")),
    str(Position(1, "1:1:", "1:99999999999:")),
    str(Position(1, "1:1:", "1:2:", "nothing", 4)),
    str(Position(1, "1:1:", "1:2:", "enterprises", -4)),
    str(Position(-1, "1:1:")),
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_position_is_refused(text: str) -> None:
    FeedEpoch.objects.create(pk=1, origin=positions._origin())
    with pytest.raises(BadPosition):
        positions.read(text)


def test_a_position_within_a_stretch_is_good_for_its_tables_alone() -> None:
    copy = Copy(positions.now())
    for number in range(3):
        enterprise(f"厂{number}")
    page = copy.reader.page(copy.position, 1)
    with pytest.raises(BadPosition):
        Reader(named(["enterprises"])).page(page.position, 1)


def test_in_another_cluster_positions_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that was restored elsewhere: its events bear transactions of before."""
    old = positions.now()
    enterprise("从前")
    monkeypatch.setattr(positions, "_origin", lambda: "elsewhere")
    with pytest.raises(Forgotten):
        positions.read(str(old))
    begun = Copy(Position(positions.epoch().pk, old.after))
    later = enterprise("今后")
    assert steps(begun.follow()) == [("enterprises", later.pk, "created")]
    assert FeedEpoch.objects.count() == 2
