"""The page of an enterprise: what it refuses, and what one save does to several rows."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from registry import codes
from registry.admin.forms import FactForm
from registry.models import AnnualFigures, Enterprise, FormerName, Relocation
from tests import factories as make
from tests.people import clerk_of_the_city
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send, sign_in

NEW = page_for_new(Enterprise)
GOOD = codes.with_check_character("91320412MA1ABCDE0")
WRONG_CHECK = GOOD[:17] + ("0" if GOOD[17] != "0" else "1")


@pytest.fixture
def wang(db: None) -> Client:
    return sign_in(clerk_of_the_city())


@pytest.fixture
def trina(db: None) -> Enterprise:
    return make.enterprise("天合光能股份有限公司", district=make.district("320411"), uscc=GOOD)


def test_a_clerk_enters_an_enterprise(wang: Client) -> None:
    answer = send(wang, NEW, name="常州测试有限公司", uscc=GOOD, district=make.district().pk)
    assert answer.status_code == 302
    made = Enterprise.objects.get()
    assert (made.uscc, made.district) == (GOOD, make.district())


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        # a letter that the codes do not have
        ({"uscc": "I" + GOOD[1:]}, "uscc", "不含 I、O、S、V、Z"),
        # a character short
        ({"uscc": GOOD[:17]}, "uscc", "18位"),
        # the right alphabet, the wrong last character: compare and tick
        ({"uscc": WRONG_CHECK}, "uscc", None),
        ({"name": ""}, "name", "必填"),
        ({"founded_on": "2020-01-02", "closed_on": "2020-01-01"}, "closed_on", "不能早于成立日期"),
        ({"registration_no": "123"}, "registration_no", "15位"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    wang: Client, changes: dict[str, str], field: str, words: str | None
) -> None:
    errors = errors_on(send(wang, NEW, **{"name": "常州测试有限公司", **changes}))
    assert set(errors) == {field}
    assert words is None or words in errors[field]
    assert not Enterprise.objects.exists()


def test_a_doubtful_code_is_taken_when_ticked(wang: Client) -> None:
    send(wang, NEW, name="老企业", uscc=WRONG_CHECK, uscc_confirmed="on")
    assert Enterprise.objects.get().uscc == WRONG_CHECK


def test_a_code_in_small_wide_letters_is_cleaned(wang: Client) -> None:
    send(wang, NEW, name="常州测试有限公司", uscc=f" {GOOD[:8].lower()}-{GOOD[8:]} ")
    assert Enterprise.objects.get().uscc == GOOD


def test_a_code_belongs_to_one_enterprise(wang: Client, trina: Enterprise) -> None:
    assert "另一家企业" in errors_on(send(wang, NEW, name="又一家", uscc=GOOD))["uscc"]


def test_an_enterprise_is_not_its_own_group(wang: Client, trina: Enterprise) -> None:
    assert set(errors_on(send(wang, page_of(trina), parent=trina.pk))) == {"parent"}


# Names


@pytest.mark.parametrize(
    ("name", "changes", "kept"),
    [
        # a new name keeps the old one
        ("天合光能集团", {"renamed_on": "2024-05-01"}, [("天合光能股份有限公司", dt.date(2024, 5, 1))]),
        # a slip of the pen does not
        ("天合光能股份公司", {"only_a_slip": "on"}, []),
        # nor do brackets and spaces, which are the same name
        ("天合光能 股份（有限）公司", {}, []),
    ],
)
def test_a_new_name_keeps_the_old_one(
    wang: Client, trina: Enterprise, name: str, changes: dict[str, str], kept: list[Any]
) -> None:
    assert send(wang, page_of(trina), name=name, **changes).status_code == 302
    trina.refresh_from_db()
    assert trina.name == name
    assert list(FormerName.objects.values_list("name", "ended_on")) == kept


def test_a_former_name_stands_once(wang: Client, trina: Enterprise) -> None:
    FormerName.objects.create(enterprise=trina, name="天合（常州）")
    errors = errors_on(send(wang, page_of(trina), rows={"former_names": [{"name": "天合 常州"}]}))
    assert "former_names-1-name" in errors


# Moves


def test_a_move_takes_the_enterprise_along(wang: Client, trina: Enterprise) -> None:
    here, there = make.district("320411"), make.district("320412")
    move = {"day": "2024-01-01", "from_district": here.pk, "to_district": there.pk}
    assert send(wang, page_of(trina), rows={"relocations": [move]}).status_code == 302
    trina.refresh_from_db()
    assert trina.district == there
    # and saving the page again changes nothing
    assert send(wang, page_of(trina)).status_code == 302
    assert trina.relocations.count() == 1


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        # starts where the enterprise is not
        ("320481", "320412"),
        # leads nowhere new
        ("320411", "320411"),
    ],
)
def test_a_move_starts_where_the_enterprise_is(wang: Client, trina: Enterprise, from_: str, to: str) -> None:
    move = {
        "day": "2024-01-01",
        "from_district": make.district(from_).pk,
        "to_district": make.district(to).pk,
    }
    assert errors_on(send(wang, page_of(trina), rows={"relocations": [move]}))
    alone = {**move, "enterprise": trina.pk}
    assert errors_on(send(wang, page_for_new(Relocation), **alone))
    assert not Relocation.objects.exists()


def test_moves_follow_one_another(wang: Client, trina: Enterprise) -> None:
    xinbei, wujin, liyang = (make.district(code) for code in ("320411", "320412", "320481"))
    moves = [
        {"day": "2022-01-01", "from_district": wujin.pk, "to_district": liyang.pk},
        {"day": "2023-01-01", "from_district": wujin.pk, "to_district": xinbei.pk},
    ]
    assert set(errors_on(send(wang, page_of(trina), rows={"relocations": moves}))) == {"relocations"}
    moves[1]["from_district"] = liyang.pk
    assert send(wang, page_of(trina), rows={"relocations": moves}).status_code == 302


# Titles, clusters and figures in rows of the page


def title(**fields: Any) -> dict[str, Any]:
    return {"scheme": make.scheme().pk, "level": "provincial", "valid_from": "2022-01-01", **fields}


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        # both new, overlapping: each alone would pass
        ({"valid_to": "2024-12-31"}, {"valid_from": "2024-12-31"}, True),
        # the day after the last day is free
        ({"valid_to": "2024-12-31"}, {"valid_from": "2025-01-01"}, False),
        # without an end it never makes room
        ({}, {"valid_from": "2030-01-01"}, True),
        # another level, another thing
        ({}, {"level": "national"}, False),
        ({"item": "一号车间"}, {"item": "二号车间"}, False),
        ({"item": "A车间"}, {"item": "a车间"}, True),
    ],
)
def test_new_titles_of_one_page_do_not_overlap(
    wang: Client, trina: Enterprise, first: dict[str, str], second: dict[str, str], refused: bool
) -> None:
    answer = send(wang, page_of(trina), rows={"designations": [title(**first), title(**second)]})
    if refused:
        assert set(errors_on(answer)) == {"designations-1-valid_from"}
    else:
        assert answer.status_code == 302
    assert trina.designations.count() == (0 if refused else 2)


def test_a_new_title_does_not_overlap_one_that_is_there(wang: Client, trina: Enterprise) -> None:
    make.designation(trina, dt.date(2020, 1, 1))
    errors = errors_on(send(wang, page_of(trina), rows={"designations": [title()]}))
    assert "已有该类别" in errors["designations-1-valid_from"]


def test_reversed_days_of_a_new_title_are_said_at_the_last(wang: Client, trina: Enterprise) -> None:
    errors = errors_on(send(wang, page_of(trina), rows={"designations": [title(valid_to="2021-01-01")]}))
    assert set(errors) == {"designations-0-valid_to"}


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        # two main clusters of one kind
        (("steel", {"main": True}), ("textile", {"main": True}), "main"),
        (("steel", {"main": True}), ("textile", {}), None),
        # of two kinds
        (("steel", {"main": True}), ("robots", {"main": True}), None),
        # one after the other
        (
            ("steel", {"main": True, "until": "2022-01-01"}),
            ("textile", {"main": True, "since": "2022-01-01"}),
            None,
        ),
        # the same twice
        (("steel", {}), ("steel", {}), "cluster"),
    ],
)
def test_one_main_cluster_of_a_kind(
    wang: Client, trina: Enterprise, one: Any, other: Any, field: str | None
) -> None:
    kinds = {"steel": "advanced", "textile": "advanced", "robots": "chain"}
    rows = [
        {"cluster": make.cluster(code, kinds[code]).pk, "role": "member", **fields}
        for code, fields in (one, other)
    ]
    both = send(wang, page_of(trina), rows={"memberships": rows})
    if field is None:
        assert both.status_code == 302
        return
    assert set(errors_on(both)) == {f"memberships-1-{field}"}
    # the second after the first was saved
    assert send(wang, page_of(trina), rows={"memberships": rows[:1]}).status_code == 302
    assert f"memberships-1-{field}" in errors_on(send(wang, page_of(trina), rows={"memberships": rows[1:]}))


def test_a_membership_ends_after_it_began(wang: Client, trina: Enterprise) -> None:
    row = {
        "cluster": make.cluster("steel").pk,
        "role": "member",
        "since": "2022-01-02",
        "until": "2022-01-01",
    }
    assert set(errors_on(send(wang, page_of(trina), rows={"memberships": [row]}))) == {"memberships-0-until"}


def test_figures_stand_once_a_year_and_are_not_negative(wang: Client, trina: Enterprise) -> None:
    year = {"year": 2024, "revenue": "12.5"}
    assert errors_on(send(wang, page_of(trina), rows={"figures": [year, year]}))
    assert send(wang, page_of(trina), rows={"figures": [year]}).status_code == 302
    assert "figures-1-year" in errors_on(send(wang, page_of(trina), rows={"figures": [year]}))
    errors = errors_on(send(wang, page_of(trina), rows={"figures": [{"year": 2023, "exports": "-1"}]}))
    assert "出口额不能为负数" in errors["figures-1-exports"]
    assert AnnualFigures.objects.count() == 1


# Finding, history, deleting


@pytest.mark.parametrize(
    "term", ["光能", "天合", "天合光能", "旧名", GOOD[:6].lower(), GOOD, "688599", "天合 688599"]
)
def test_enterprises_are_found(wang: Client, trina: Enterprise, term: str) -> None:
    """By two characters of the name or of a former one, and by the beginning of a code."""
    Enterprise.objects.filter(pk=trina.pk).update(stock_code="688599")
    FormerName.objects.create(enterprise=trina, name="旧名科技")
    make.enterprise("别家企业")
    found = wang.get("/admin/registry/enterprise/", {"q": term}).context["cl"].result_list
    assert [one.pk for one in found] == [trina.pk]


def test_the_history_tells_who_what_and_why(wang: Client, trina: Enterprise) -> None:
    send(wang, page_of(trina), address="新北区天合路2号", change_reason="更正 100% 核对执照")
    for page in (wang.get(page_of(trina)), wang.get(page_of(trina, "history"))):
        shown = page.content.decode()
        for words in ("王敏", "注册地址", "新北区天合路2号", "更正 100% 核对执照"):
            assert words in shown


def test_facts_are_ended_not_deleted(wang: Client, trina: Enterprise) -> None:
    assert wang.get(page_of(trina, "delete")).status_code == 403


def test_what_others_refer_to_cannot_be_deleted(trina: Enterprise, admin_client: Client) -> None:
    make.designation(trina, dt.date(2020, 1, 1))
    page = admin_client.post(page_of(trina, "delete"), {"post": "yes"})
    assert page.status_code == 200
    assert "认定称号" in page.content.decode()
    assert Enterprise.objects.filter(pk=trina.pk).exists()


# All at once, and two at once


def test_a_new_enterprise_comes_with_its_rows(wang: Client) -> None:
    """Rows of a record that is not saved yet are judged among themselves only."""
    rows = {
        "designations": [title(), title(level="national")],
        "figures": [{"year": 2024, "revenue": "1"}],
        "memberships": [{"cluster": make.cluster("steel").pk, "main": True, "role": "leader"}],
        "former_names": [{"name": "旧名"}],
    }
    assert send(wang, NEW, rows=rows, name="常州测试有限公司").status_code == 302
    made = Enterprise.objects.get()
    counts = (made.designations, made.figures, made.memberships, made.former_names)
    assert [rows.count() for rows in counts] == [2, 1, 1, 1]


def test_what_another_saved_a_moment_before_is_said_without_a_crash(
    wang: Client, trina: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question of the form and the saving somebody else may be quicker."""
    monkeypatch.setattr(FactForm, "_check_constraints", lambda form: None)
    monkeypatch.setattr(FactForm, "validate_unique", lambda form: None)
    answer = send(wang, NEW, name="又一家", uscc=GOOD)
    assert answer.status_code == 302
    assert "messages" in answer.cookies
    assert Enterprise.objects.count() == 1
    make.figures(trina, 2024)
    answer = send(wang, page_for_new(AnnualFigures), enterprise=trina.pk, year=2024)
    assert "已有年报数据" in wang.get(answer.url).content.decode()
