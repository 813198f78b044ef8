"""Into the database: all or nothing, with person and reason, every record leading to its row."""

import datetime as dt
import hashlib
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pghistory.models import Context

from registry.models import Designation, Enterprise, FormerName, Roster, RosterRow, User
from registry.rosters import apply, service, tables
from registry.rosters.apply import RowsRejected
from registry.rosters.errors import RosterError
from tests.factories import enterprise
from tests.registry.rosters import files
from tests.registry.rosters.lists import bring, code, day, outcomes, preview, request

pytestmark = pytest.mark.usefixtures("city")

HEAD = ["企业名称", "统一社会信用代码", "注册地址"]
GOOD = ["常州甲有限公司", code(1), "某路1号"]
BAD = ["常州乙有限公司", "123", "某路2号"]


def counts() -> list[int]:
    return [model.objects.count() for model in (Enterprise, Designation, FormerName, Roster, RosterRow)]


def test_a_rejected_row_stops_the_whole_list() -> None:
    with pytest.raises(RowsRejected, match="1 rows") as caught:
        service.import_list(request("enterprises", [HEAD, GOOD, BAD]), by=None)
    assert outcomes(caught.value.plan) == ["created", "rejected"]
    assert counts() == [0, 0, 0, 0, 0]


def test_or_is_left_out_where_that_is_asked_for() -> None:
    roster = bring("enterprises", [HEAD, GOOD, BAD], partial=True).roster
    assert counts() == [1, 0, 0, 1, 2]
    assert roster.options == {"partial": True, "state": "confirmed"}
    row = roster.rows.get(outcome="rejected")
    assert (row.number, "3 characters" in row.reason, row.changes) == (3, True, [])


def test_a_preview_writes_nothing() -> None:
    plan = preview("enterprises", [HEAD, GOOD, BAD])
    assert (outcomes(plan), counts()) == (["created", "rejected"], [0, 0, 0, 0, 0])


def test_the_list_is_kept_as_it_came(wang: User) -> None:
    content = files.xlsx([["名单"], HEAD, GOOD])
    done = bring("enterprises", content, by=wang, file_name="名单.xlsx", scheme="", sheet="Sheet")
    roster = Roster.objects.get()
    assert bytes(roster.content) == content
    assert roster.sha256 == hashlib.sha256(content).hexdigest()
    assert (roster.kind, roster.file_name, roster.sheet, roster.imported_by) == (
        "enterprises",
        "名单.xlsx",
        "Sheet",
        wang,
    )
    assert roster.columns == {"企业名称": "name", "统一社会信用代码": "code", "注册地址": "address"}
    assert done.roster.pk == roster.pk


def test_a_row_is_kept_with_what_it_did() -> None:
    enterprise("常州甲有限公司", uscc=code(1), address="旧址")
    bring("enterprises", [HEAD, GOOD, ["常州乙有限公司", code(2), ""]])
    changed, made = RosterRow.objects.order_by("number")
    first, second = Enterprise.objects.order_by("id")
    assert changed.raw == {"企业名称": "常州甲有限公司", "统一社会信用代码": code(1), "注册地址": "某路1号"}
    assert changed.changes == [
        {
            "model": "enterprise",
            "id": first.pk,
            "created": False,
            "before": {"address": "旧址", "roster_row_id": None},
            "after": {"address": "某路1号"},
        }
    ]
    assert made.changes[0]["after"] == {"name": "常州乙有限公司", "uscc": code(2)}
    assert (first.roster_row_id, second.roster_row_id) == (changed.pk, made.pk)
    assert (first.version, second.version) == (2, 1)


def test_a_queued_row_keeps_its_candidates() -> None:
    near = enterprise("江苏恒立液压股份有限公司", uscc=code(3))
    bring("designations", [["企业名称", "上市日期"], ["恒立液压", "2023-01-01"]], scheme="listed_company")
    row = RosterRow.objects.get()
    assert (row.outcome, [one["id"] for one in row.candidates]) == ("queued", [near.pk])
    assert row.raw == {"企业名称": "恒立液压", "上市日期": "2023-01-01"}


def test_what_is_kept_survives_quotes_and_line_breaks() -> None:
    address = '某路"1"号\\后\t门'
    bring("enterprises", [[*HEAD, '备 "注"'], [GOOD[0], GOOD[1], address, "甲\n乙"]])
    assert RosterRow.objects.get().raw["注册地址"] == address
    assert RosterRow.objects.get().raw['备 "注"'] == "甲\n乙"
    assert Enterprise.objects.get().address == '某路"1"号\\后 门'


class TestHistory:
    def events(self) -> list[tuple[str, Any]]:
        found = Enterprise.events.rel.related_model.objects.order_by("pgh_id")
        return [(event.pgh_label, event.pgh_context and event.pgh_context.metadata) for event in found]

    def test_person_reason_and_list_for_new_and_changed(self, wang: User) -> None:
        """COPY as the first write of a transaction loses the person."""
        roster = bring("enterprises", [HEAD, GOOD], by=wang, reason="市局来函").roster
        second = bring("enterprises", [HEAD, [*GOOD[:2], "新址"]], by=wang, reason="更正").roster
        assert self.events() == [
            ("insert", {"user": wang.pk, "reason": "市局来函", "roster": roster.pk}),
            ("update", {"user": wang.pk, "reason": "更正", "roster": second.pk}),
        ]

    def test_one_context_for_a_list(self, wang: User) -> None:
        rows = [HEAD, *[[f"常州{number}厂", code(number), ""] for number in range(50)]]
        bring("enterprises", rows, by=wang)
        assert Context.objects.count() == 1
        assert len(self.events()) == 50


def test_twice_changes_nothing() -> None:
    rows = [
        ["企业名称", "统一社会信用代码", "曾用名", "集群"],
        ["常州甲有限公司", code(1), "常州乙厂", "新能源"],
    ]
    bring("enterprises", rows)
    before = list(Enterprise.objects.values())
    assert outcomes(bring("enterprises", rows)) == ["unchanged"]
    assert list(Enterprise.objects.values()) == before


class TestMeanwhile:
    """Between the preview and the import, and between reading and writing, others are at work."""

    def test_only_what_was_previewed(self) -> None:
        asked = request("enterprises", [HEAD, GOOD])
        expected = service.preview(asked).fingerprint()
        enterprise("常州甲有限公司", uscc=code(1))
        with pytest.raises(RosterError, match="changed since the preview"):
            service.import_list(asked, by=None, expected=expected)

    def test_what_was_previewed_is_what_comes(self) -> None:
        asked = request("enterprises", [HEAD, GOOD])
        expected = service.preview(asked).fingerprint()
        assert outcomes(service.import_list(asked, by=None, expected=expected)) == ["created"]

    def test_a_record_changed_by_another_is_not_overwritten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        enterprise("常州甲有限公司", uscc=code(1))
        take = apply.tables.tell_history

        def change_first() -> None:
            take()
            Enterprise.objects.update(legal_form="有限责任公司")

        monkeypatch.setattr(tables, "tell_history", change_first)
        with pytest.raises(RosterError, match="meanwhile"):
            bring("enterprises", [HEAD, GOOD])
        assert Enterprise.objects.get().address == ""

    def test_a_refusal_of_the_database_is_said_in_its_own_words(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables, "tell_history", lambda: enterprise("常州丙有限公司", uscc=code(1)))
        with pytest.raises(RosterError, match="该统一社会信用代码已属于另一家企业"):
            bring("enterprises", [HEAD, GOOD])
        assert not Roster.objects.exists()

    def test_an_overlap_that_slipped_in_is_said_in_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        holder = enterprise("常州甲有限公司", uscc=code(1))
        head = ["企业名称", "认定类别", "认定日期"]
        row = ["常州甲有限公司", "专精特新中小企业", "2022-03-01"]
        bring("designations", [head, row])
        awarded = Designation.objects.get()
        Designation.objects.all().delete()

        def insert_another() -> None:
            awarded.pk = None
            awarded.valid_from, awarded.enterprise, awarded.roster_row = day("2022-04-01"), holder, None
            awarded.save(force_insert=True)

        monkeypatch.setattr(tables, "tell_history", insert_another)
        with pytest.raises(RosterError, match="同一持有者"):
            bring("designations", [head, row])

    def test_an_unknown_constraint_is_named(self) -> None:
        with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO registry_roster (kind) VALUES ('x')")
        assert "nothing was imported" in apply.explain(caught.value)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_no_enterprise_twice() -> None:
    rows = [["企业名称", "注册地址"], *[[f"常州第{number}机械厂", "某路"] for number in range(40)]]
    asked = request("enterprises", rows, file_name="同一份.csv")
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def bring_it() -> None:
        try:
            together.wait(10)
            service.import_list(asked, by=None)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert Enterprise.objects.count() == 40
    assert (
        sorted(RosterRow.objects.values_list("outcome", flat=True)) == ["created"] * 40 + ["unchanged"] * 40
    )


def test_the_day_of_a_workbook_is_the_day_in_the_database() -> None:
    rows = [["企业名称", "成立日期"], ["常州甲有限公司", dt.date(2001, 2, 3)]]
    bring("enterprises", files.xlsx(rows))
    assert Enterprise.objects.get().founded_on == day("2001-02-03")
