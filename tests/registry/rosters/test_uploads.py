"""Lists that wait: recognised, corrected, previewed, applied once or not at all."""

from typing import Any

import pytest
from django.db import connection

from registry.choices import UploadState
from registry.models import (
    Designation,
    Enterprise,
    RememberedColumns,
    Roster,
    RosterUpload,
    RosterUploadRow,
    User,
)
from registry.rosters import uploads, workbook
from registry.rosters.errors import RosterError
from registry.rosters.progress import Step, percent
from tests import factories as make
from tests.registry.rosters import files
from tests.registry.rosters.lists import code, day
from tests.registry.rosters.waiting import applied, brought, counts, fresh, said

pytestmark = pytest.mark.usefixtures("city")
TITLES = [["企业名称", "统一社会信用代码", "认定日期"], ["光能科技有限公司", code(1), "2023-03-17"]]
GREEN = {"kind": "designations", "options": {"scheme": "green_factory", "level": "provincial"}}


@pytest.fixture
def li(db: None) -> User:
    """Li works in the office of Wang."""
    return User.objects.create_user("li", password=None, full_name="李雷", role="city_clerk")


@pytest.fixture
def light() -> Enterprise:
    return make.enterprise(uscc=code(1))


def test_a_list_is_read_and_applied(wang: User, light: Enterprise) -> None:
    upload = brought(wang, TITLES, **GREEN)
    assert (upload.state, counts(upload)) == ("previewed", {"created": 1})
    row = upload.rows.get()
    assert (row.number, row.name, row.outcome) == (2, "光能科技有限公司", "created")
    assert row.changes[0]["after"]["valid_from"] == "2023-03-17"
    assert not Designation.objects.exists(), "a preview writes nothing"
    upload = applied(upload)
    title = Designation.objects.get()
    assert upload.state == UploadState.APPLIED
    assert title.roster_row.roster == upload.roster
    assert bytes(upload.roster.content) == files.text(TITLES), "the original file is kept"
    assert not upload.content, "once"
    assert not RosterUploadRow.objects.exists()


def test_the_preview_holds_only_what_would_change(wang: User, light: Enterprise) -> None:
    make.designation(light, day("2023-03-17"))
    rows = [*TITLES, ["别家有限公司", "", "2023-03-17"], ["", "", "2023-03-17"]]
    upload = brought(wang, rows, **GREEN)
    assert counts(upload) == {"unchanged": 1, "queued": 1, "rejected": 1}
    assert list(upload.rows.values_list("number", "outcome")) == [(3, "queued"), (4, "rejected")]
    assert upload.rows.get(outcome="rejected").remedy


def test_a_wrong_cell_is_named_with_its_row_and_column(wang: User, light: Enterprise) -> None:
    upload = brought(wang, [TITLES[0], ["光能科技有限公司", code(1), "去年"]], **GREEN)
    row = upload.rows.get()
    assert row.reason == "认定日期: “去年” is no date. Write it like 2022-03-01."
    assert row.remedy == "Correct the cells of “认定日期” in row 2."


REMEDIES: list[tuple[str, list[list[str]], str]] = [
    ("designations", [["企业名称", "认定日期"], ["光能科技有限公司", "2023-03-17"]], "认定类别"),
    (
        "designations",
        [["企业名称", "认定类别", "认定日期"], ["光能科技有限公司", "绿色工厂", "2023-03-17"]],
        "级别",
    ),
    (
        "designations",
        [["企业名称", "认定类别", "级别"], ["光能科技有限公司", "绿色工厂", "省级"]],
        "认定日期",
    ),
    ("annual_figures", [["企业名称", "营业收入"], ["光能科技有限公司", "1"]], "年份"),
]


@pytest.mark.parametrize(("kind", "rows", "column"), REMEDIES)
def test_what_the_whole_list_lacks_is_said_for_all_of_it(
    wang: User, light: Enterprise, kind: str, rows: list[list[str]], column: str
) -> None:
    row = brought(wang, rows, kind=kind).rows.get()
    assert (row.outcome, row.remedy) == (
        "rejected",
        f"Fill in the column {column}, or say it for the whole list.",
    )


def test_applied_once_however_often_the_job_runs(wang: User, light: Enterprise) -> None:
    upload = applied(brought(wang, TITLES, **GREEN))
    uploads.apply(upload.pk)
    uploads.read(upload.pk)
    assert Roster.objects.count() == Designation.objects.count() == 1
    assert fresh(upload).state == "applied"


def test_an_error_in_the_midst_leaves_nothing(
    wang: User, light: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought(wang, TITLES, **GREEN)
    uploads.confirm(upload, fingerprint=upload.fingerprint, partial=False, reason="")

    def stop(step: Step, done: int, total: int) -> None:
        if step == Step.FINISHING and done == total - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        uploads.apply(upload.pk, tell=stop)
    assert not Roster.objects.exists()
    assert not Designation.objects.exists()
    assert fresh(upload).state == "applying", "the next worker goes on"
    uploads.apply(upload.pk)
    assert Designation.objects.count() == 1


def test_what_changed_since_the_preview_is_previewed_anew(wang: User, light: Enterprise) -> None:
    upload = brought(wang, TITLES, **GREEN)
    uploads.confirm(upload, fingerprint=upload.fingerprint, partial=False, reason="")
    make.designation(light, day("2023-03-17"))
    uploads.apply(upload.pk)
    upload = fresh(upload)
    assert (upload.state, counts(upload)) == ("previewed", {"unchanged": 1})
    assert "has changed since the preview" in upload.notice
    assert not Roster.objects.exists()


def test_a_killed_worker_between_the_two_leaves_no_list_without_preview(
    wang: User, light: Enterprise
) -> None:
    """The plan had changed, the state was set back to reading, and then the worker died."""
    upload = brought(wang, TITLES, **GREEN)
    RosterUpload.objects.update(state="reading")
    uploads.apply(upload.pk)
    assert fresh(upload).state == "previewed"


def test_only_the_preview_that_was_seen_is_confirmed(wang: User, light: Enterprise) -> None:
    upload = brought(wang, TITLES, **GREEN)
    with pytest.raises(RosterError, match="preview has changed"):
        uploads.confirm(upload, fingerprint="another", partial=False, reason="")
    assert fresh(upload).state == "previewed"


def test_rejected_rows_are_left_out_only_if_a_person_says_so(wang: User, light: Enterprise) -> None:
    upload = brought(wang, [*TITLES, ["", "", "2023-03-17"]], **GREEN)
    with pytest.raises(RosterError, match="rejected"):
        applied(upload)
    upload = applied(upload, partial=True)
    assert upload.roster.rows.get(outcome="rejected").remedy
    assert Designation.objects.count() == 1


def test_a_list_of_rejected_rows_alone_does_not_go_in(wang: User) -> None:
    upload = brought(wang, [TITLES[0], ["", "", "2023-03-17"]], **GREEN)
    with pytest.raises(RosterError, match="No row of this list"):
        applied(upload, partial=True)
    assert not Roster.objects.exists()


# Files


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 3000, "no readable workbook"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"<html><table></table></html>", "web page"),
        (b" \n ", "empty"),
        ("只有一行".encode(), "no header row"),
        ("甲,乙\n一,二".encode(), "no header row"),
    ],
)
def test_a_file_that_is_no_list_says_so(wang: User, content: bytes, problem: str) -> None:
    upload = brought(wang, content)
    assert upload.state == UploadState.UNREADABLE
    assert problem in upload.problem.lower()


def test_an_empty_or_huge_file_is_not_taken(wang: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RosterError, match="empty"):
        uploads.receive(by=wang, file_name="空.csv", content=b"")
    monkeypatch.setattr(workbook, "MAX_BYTES", 10)
    with pytest.raises(RosterError, match="larger than"):
        uploads.receive(by=wang, file_name="大.csv", content=b"x" * 11)


def test_nobody_piles_up_lists(wang: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_WAITING", 1)
    brought(wang, TITLES)
    with pytest.raises(RosterError, match="1 lists waiting"):
        brought(wang, TITLES)


def test_what_nobody_comes_back_to_goes(wang: User, light: Enterprise) -> None:
    _old, new, done = (brought(wang, [*TITLES, [f"{n}", "", ""]], **GREEN) for n in range(3))
    applied(done, partial=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_rosterupload SET uploaded_at = now() - interval '31 days' WHERE id <> %s",
            [new.pk],
        )
    uploads.tidy()
    assert set(RosterUpload.objects.values_list("pk", flat=True)) == {new.pk, done.pk}
    assert set(RosterUploadRow.objects.values_list("upload", flat=True)) == {new.pk}


def test_the_same_file_is_told(wang: User, li: User, light: Enterprise) -> None:
    first = brought(wang, TITLES, **GREEN)
    assert "waiting already, brought by 王敏" in brought(li, TITLES).notice
    applied(first)
    assert f"imported already, as list #{Roster.objects.get().pk}" in brought(wang, TITLES).notice


# Sheets, kinds, columns


def test_a_sheet_is_chosen(wang: User, light: Enterprise) -> None:
    book = files.xlsx([["企业名称"], ["甲有限公司"]], sheets={"第二": TITLES})
    upload = brought(wang, book, file_name="名单.xlsx")
    assert (upload.sheets, upload.kind) == (["Sheet", "第二"], "designations")
    upload = said(upload, sheet="第二", options=GREEN["options"])
    assert counts(upload) == {"created": 1}


KINDS: list[tuple[list[str], str, str]] = [
    (["企业名称", "统一社会信用代码", "注册地址"], "a.csv", "enterprises"),
    (["企业名称", "认定类别", "认定日期"], "a.csv", "designations"),
    (["企业名称", "所属区"], "2023年绿色工厂名单.csv", "designations"),  # the name of the file says so
    (["企业名称", "所属区"], "企业.csv", "enterprises"),
    (["企业名称", "年份", "营业收入"], "a.csv", "annual_figures"),
    (["指标", "日期", "数值", "来源"], "a.csv", "statistics"),
]


@pytest.mark.parametrize(("headers", "file_name", "kind"), KINDS)
def test_the_kind_is_guessed(wang: User, headers: list[str], file_name: str, kind: str) -> None:
    assert brought(wang, [headers, ["甲"] * len(headers)], file_name=file_name).kind == kind


def test_the_heading_tells_scheme_document_and_batch(wang: User) -> None:
    rows = [["第五批省级绿色工厂公示名单（苏工信〔2023〕12号）"], ["企业名称"], ["甲有限公司"]]
    assert brought(wang, rows, file_name="附件.csv").options == {
        "scheme": "green_factory",
        "level": "provincial",
        "document": "苏工信〔2023〕12号",
        "batch": "第五批",
    }


STRANGE = [["甲方", "何时"], ["光能科技有限公司", "2023-03-17"]]


def test_columns_are_corrected_and_remembered(wang: User, li: User, light: Enterprise) -> None:
    upload = brought(wang, STRANGE)
    assert upload.state == UploadState.UNREADABLE
    assert [one["header"] for one in upload.headers] == ["甲方", "何时"], "they can be said all the same"
    assert upload.headers[0]["samples"] == ["光能科技有限公司"]
    upload = said(upload, kind="designations")
    upload = said(upload, options=GREEN["options"], chosen={"甲方": "name", "何时": "valid_from"})
    assert counts(upload) == {"created": 1}
    # the next list with these headers, also that of a colleague
    for person in (wang, li):
        again = brought(person, [STRANGE[0], ["光能科技有限公司", "2024-03-17"]])
        assert (again.kind, again.columns) == ("designations", {"甲方": "name", "何时": "valid_from"})
        assert "corrected in an earlier list" in again.notice


def test_columns_are_not_remembered_across_offices(wang: User) -> None:
    upload = said(brought(wang, STRANGE), kind="enterprises")
    said(upload, chosen={"甲方": "name"})
    chen = User.objects.create_user("chen", password=None, district=make.district("320412"))
    assert brought(chen, STRANGE).columns == {}
    assert RememberedColumns.objects.count() == 1


def test_a_column_is_left_out(wang: User, light: Enterprise) -> None:
    rows = [["企业名称", "注册地址", "所属区"], ["光能科技有限公司", "武进区湖塘镇1号", "溧阳市"]]
    upload = said(brought(wang, rows), chosen={"所属区": ""})
    (change,) = upload.rows.get().changes
    assert change["after"]["district_id"] == make.district("320412").pk, "the address decides then"
    assert "Columns not used: 所属区" in upload.notes


# Progress


def test_progress_only_grows(wang: User, light: Enterprise) -> None:
    told: list[tuple[Step, int, int]] = []

    def tell(*step: Any) -> None:
        told.append(step)

    upload = brought(wang, TITLES, **GREEN)
    RosterUpload.objects.update(state="reading")
    uploads.read(upload.pk, tell=tell)
    seen = [percent(*one, applying=False) for one in told]
    assert seen == sorted(seen)
    told.clear()
    uploads.confirm(fresh(upload), fingerprint=fresh(upload).fingerprint, partial=False, reason="")
    uploads.apply(upload.pk, tell=tell)
    seen = [percent(*one, applying=True) for one in told]
    assert seen == sorted(seen)
    assert {one[0] for one in told} >= {Step.READING, Step.MATCHING, Step.WRITING, Step.FINISHING}
