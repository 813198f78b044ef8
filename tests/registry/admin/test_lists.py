"""Lists through admin: Wang of the city and Sun of Wujin bring them, look, let them in, take them back."""

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Designation, Enterprise, Roster, RosterRow, RosterUpload
from registry.rosters import workbook
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_wujin
from tests.registry.admin.background import bring, clerk, clerk_of_wujin, do_all_jobs, page
from tests.registry.rosters.files import text
from tests.registry.rosters.lists import code, day

TITLES = [["企业名称", "信用代码", "认定日期"], ["光能科技有限公司", code(1), "2023-03-17"]]
BAD_ROW = ["", "", "2023-03-17"]


@pytest.fixture
def wang(db: None) -> Client:
    return clerk(clerk_of_the_city())


@pytest.fixture
def sun(db: None) -> Client:
    return clerk(clerk_of_wujin())


@pytest.fixture
def light(db: None) -> Enterprise:
    make.scheme()
    return make.enterprise(uscc=code(1), district=make.district("320412"))


def brought(client: Client, rows: Any, **options: str) -> RosterUpload:
    """Brought, read, and said to be green factories of the province."""
    assert bring(client, text(rows)).status_code == 302
    upload = RosterUpload.objects.order_by("pk").last()
    assert upload is not None
    do_all_jobs()
    settings = {"kind": "designations", "scheme": "green_factory", "level": "provincial", **options}
    upload.refresh_from_db()
    columns = {f"column-{place}": one["field"] for place, one in enumerate(upload.headers)}
    answer = client.post(page("upload_settings", upload), settings | columns)
    assert answer.status_code == 302, answer.context["options"].errors
    do_all_jobs()
    upload.refresh_from_db()
    return upload


def let_in(client: Client, upload: RosterUpload, **more: str) -> RosterUpload:
    client.post(page("upload_apply", upload), {"fingerprint": upload.fingerprint, **more})
    do_all_jobs()
    upload.refresh_from_db()
    return upload


def shown(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer
    content: str = answer.content.decode()
    return content


# The whole way


def test_from_file_to_title(wang: Client, light: Enterprise) -> None:
    upload = brought(wang, TITLES, document="苏工信〔2023〕1号")
    preview = shown(wang, page("upload_show", upload))
    assert "共 <b>1</b> 行 = 匹配 <b>0</b>（更新 0、未变 0）+ 新增 <b>1</b>" in preview
    assert "苏工信〔2023〕1号" in preview
    assert not Designation.objects.exists()
    upload = let_in(wang, upload, reason="按文件导入")
    title = Designation.objects.get()
    done = shown(wang, page("upload_show", upload))
    assert page("change", title.roster_row.roster_id) in done
    row = shown(wang, f"/admin/registry/rosterrow/{title.roster_row_id}/change/")
    assert f"/admin/registry/designation/{title.pk}/change/" in row, "the row leads to its record"
    roster = shown(wang, page("change", title.roster_row.roster_id))
    assert "共 1 行 = 匹配 0" in roster
    event = title.events.select_related("pgh_context").get()
    assert event.pgh_context.metadata["reason"] == "按文件导入"
    assert event.pgh_context.metadata["user"] == upload.uploaded_by_id


def test_several_files_become_several_lists(wang: Client, light: Enterprise) -> None:
    other = [TITLES[0], ["光能科技有限公司", code(1), "2024-03-17"]]
    assert bring(wang, text(TITLES), text(other)).url == page("upload")
    assert do_all_jobs() == 2
    content = shown(wang, page("upload"))
    for upload in RosterUpload.objects.all():
        assert page("upload_show", upload) in content


def test_a_bad_file_does_not_stop_the_others(wang: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_BYTES", 300)
    bring(wang, text(TITLES), b"", b"x" * 301)
    assert RosterUpload.objects.count() == 1
    messages = shown(wang, page("upload"))
    assert "文件是空的" in messages or "空" in messages
    assert "名单.csv：" in messages


def test_no_file_is_told(wang: Client) -> None:
    answer = wang.post(page("upload"), {})
    assert "请选择一个或多个文件" in answer.content.decode()


# The preview


def test_changes_are_shown_field_by_field(wang: Client, light: Enterprise) -> None:
    make.designation(light, day("2023-03-17"), document="旧文号")
    upload = brought(wang, TITLES, document="新文号")
    content = shown(wang, page("upload_show", upload))
    assert "<del>旧文号</del> → <ins>新文号</ins>" in content
    assert f"/admin/registry/designation/{Designation.objects.get().pk}/change/" in content


def test_rejected_rows_have_number_reason_and_remedy(wang: Client, light: Enterprise) -> None:
    upload = brought(wang, [*TITLES, BAD_ROW])
    content = shown(wang, page("upload_show", upload), outcome="rejected")
    assert '<td data-label="行号">3</td>' in content
    assert "原因：" in content
    assert "处理办法：" in content
    book = openpyxl.load_workbook(io.BytesIO(wang.get(page("upload_rejected", upload)).content))
    assert [cell.value for cell in book.active[1]][-3:] == ["原行号", "退回原因", "处理办法"]
    # not before the person has said that they are left out
    assert let_in(wang, upload).state == "previewed"
    assert let_in(wang, upload, partial="on").state == "applied"
    assert wang.get(page("rejected", upload.roster_id)).status_code == 200


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [2, 3, 4]),
        ({"outcome": "queued"}, [3]),
        ({"outcome": "rejected"}, [4]),
        ({"outcome": "nonsense"}, [2, 3, 4]),
        ({"q": "光能"}, [2]),
        ({"q": "3"}, [3]),
        ({"q": "99999999999999"}, []),
        ({"page": "77"}, [2, 3, 4]),
    ],
)
def test_rows_are_found(wang: Client, light: Enterprise, query: dict[str, str], numbers: list[int]) -> None:
    upload = brought(wang, [*TITLES, ["别家有限公司", "", "2023-03-17"], BAD_ROW])
    answer = wang.get(page("upload_show", upload), query)
    assert [row.number for row, _changes in answer.context["rows"]] == numbers


def test_a_page_of_many_rows_asks_no_more_than_one_of_few(wang: Client, light: Enterprise) -> None:
    def queries(upload: RosterUpload) -> int:
        wang.get(page("upload_show", upload))
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert wang.get(page("upload_show", upload)).status_code == 200
        return len(found)

    few = queries(brought(wang, TITLES))
    for number in range(2, 60):
        make.enterprise(f"企业{number}有限公司", uscc=code(number), district=make.district("320412"))
    many = [[f"企业{number}有限公司", code(number), "2023-03-17"] for number in range(2, 60)]
    assert queries(brought(wang, [TITLES[0], *many])) == few


def test_columns_are_corrected_on_the_page(wang: Client, light: Enterprise) -> None:
    upload = brought(wang, [["企业名称", "何时"], ["光能科技有限公司", "2023-03-17"]])
    assert upload.counts["rejected"] == 1, "the day is missing"
    said = {"kind": "designations", "scheme": "green_factory", "level": "provincial"}
    twice = wang.post(page("upload_settings", upload), said | {"column-0": "name", "column-1": "name"})
    assert "“企业名称”一列已指定为这一含义" in twice.content.decode()
    wang.post(page("upload_settings", upload), said | {"column-0": "name", "column-1": "valid_from"})
    do_all_jobs()
    upload.refresh_from_db()
    assert upload.counts["created"] == 1


def test_days_in_the_wrong_order_are_told(wang: Client, light: Enterprise) -> None:
    upload = brought(wang, TITLES)
    said = {"kind": "designations", "valid_from": "2024-01-01", "valid_to": "2023-01-01"}
    assert "valid_to" in wang.post(page("upload_settings", upload), said).context["options"].errors


def test_an_unreadable_file_can_be_corrected_or_thrown_away(wang: Client, db: None) -> None:
    bring(wang, "甲,乙\n一,二".encode())
    do_all_jobs()
    upload = RosterUpload.objects.get()
    content = shown(wang, page("upload_show", upload))
    assert "没有找到表头" in content or "表头" in content
    assert "确认导入" not in content
    assert wang.get(page("upload_discard", upload)).status_code == 302
    assert RosterUpload.objects.exists(), "a link does not throw anything away"
    assert wang.post(page("upload_discard", upload)).url == page("upload")
    assert not RosterUpload.objects.exists()


# Progress


def test_progress_survives_a_reload(wang: Client, light: Enterprise) -> None:
    bring(wang, text(TITLES))
    upload = RosterUpload.objects.get()
    RosterUpload.objects.update(step="deciding", done=500, total=1000)
    for _ in range(2):
        content = shown(wang, page("upload_show", upload))
        assert 'role="progressbar"' in content
        assert 'aria-valuenow="67"' in content
        assert "逐行核对：500 / 1,000" in content
        assert '<noscript><meta http-equiv="refresh"' in content, "without JavaScript it reloads"
    told = wang.get(page("upload_progress", upload)).json()
    assert (told["state"], told["percent"]) == ("reading", 67)


def test_that_nobody_works_is_told(wang: Client, light: Enterprise) -> None:
    bring(wang, text(TITLES))
    upload = RosterUpload.objects.get()
    assert wang.get(page("upload_progress", upload)).json()["is_idle"]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    assert not wang.get(page("upload_progress", upload)).json()["is_idle"]


def test_what_is_being_worked_on_is_left_alone(wang: Client, light: Enterprise) -> None:
    upload = brought(wang, TITLES)
    wang.post(page("upload_apply", upload), {"fingerprint": upload.fingerprint})
    for view in ("upload_settings", "upload_discard", "upload_apply"):
        wang.post(page(view, upload), {"kind": "designations", "fingerprint": upload.fingerprint})
    assert do_all_jobs() == 1
    assert Roster.objects.count() == 1


def test_an_error_of_the_programme_is_told(
    wang: Client, light: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought(wang, TITLES)

    def fail(*args: Any, **names: Any) -> None:
        raise ZeroDivisionError

    wang.post(page("upload_apply", upload), {"fingerprint": upload.fingerprint})
    with monkeypatch.context() as broken:
        broken.setattr("registry.rosters.service.import_list", fail)
        with pytest.raises(ZeroDivisionError):
            do_all_jobs()
    assert "程序出错，没有导入任何内容" in shown(wang, page("upload_show", upload))


# Undo


def test_undo_is_shown_first(wang: Client, light: Enterprise) -> None:
    known = make.designation(light, day("2020-01-01"), valid_to=day("2022-12-31"), document="旧文号")
    rows = [*TITLES, ["光能科技有限公司", code(1), "2020-01-01"]]
    roster = let_in(wang, brought(wang, rows, document="新文号")).roster
    assert roster is not None
    content = shown(wang, page("undo", roster.pk))
    assert "将删除 <b>1</b> 条记录，恢复 <b>1</b> 条记录的原值" in content
    assert "<del>新文号</del> → <ins>旧文号</ins>" in content
    assert Designation.objects.count() == 2, "looking changes nothing"
    assert "change_reason" in wang.post(page("undo", roster.pk), {}).context["form"].errors
    assert wang.post(page("undo", roster.pk), {"change_reason": "重复导入"}).status_code == 302
    assert list(Designation.objects.values_list("pk", "document")) == [(known.pk, "旧文号")]
    roster.refresh_from_db()
    assert (roster.undone_by.username, roster.undo_reason) == ("wang", "重复导入")
    assert wang.get(page("undo", roster.pk)).status_code == 302, "once"


def test_undo_refuses_with_names(wang: Client, light: Enterprise) -> None:
    roster = let_in(wang, brought(wang, TITLES)).roster
    assert roster is not None
    Designation.objects.update(note="后来改的")
    content = shown(wang, page("undo", roster.pk))
    assert "现在不能撤销" in content
    assert "光能科技有限公司" in content
    wang.post(page("undo", roster.pk), {"change_reason": "重复导入"})
    assert Designation.objects.exists()


# Who may


def test_sun_brings_titles_that_wait_for_the_city(sun: Client, light: Enterprise) -> None:
    make.enterprise("天目湖机械有限公司", uscc=code(2), district=make.district("320481"))
    upload = brought(sun, [*TITLES, ["天目湖机械有限公司", code(2), "2023-03-17"]])
    content = shown(sun, page("upload_show", upload))
    assert "这一行不属于本板块" in content
    assert "溧阳" not in content
    let_in(sun, upload, partial="on")
    assert Designation.objects.get().state == "submitted"


def test_sun_sees_own_lists_only(sun: Client, wang: Client, light: Enterprise) -> None:
    upload = brought(wang, TITLES)
    names = ("show", "settings", "apply", "discard", "progress", "rejected")
    for name in names:
        assert sun.get(page(f"upload_{name}", upload)).status_code == 404, name
        assert sun.post(page(f"upload_{name}", upload)).status_code == 404, name
    roster = let_in(wang, upload).roster
    assert roster is not None
    for name in ("download", "rejected", "undo"):
        assert sun.get(page(name, roster.pk)).status_code == 404, name
    assert page("upload_show", upload) not in shown(sun, page("upload"))
    assert not sun.get("/admin/registry/roster/").context["cl"].result_list
    # Wang's colleagues see the list that is in, and not what still waits
    own = brought(sun, TITLES)
    assert wang.get(page("upload_show", own)).status_code == 404


def test_sun_is_not_offered_published_figures(sun: Client, light: Enterprise) -> None:
    upload = brought(sun, TITLES)
    assert "统计数据" not in shown(sun, page("upload_show", upload))
    answer = sun.post(page("upload_settings", upload), {"kind": "statistics"})
    assert "kind" in answer.context["options"].errors


def test_without_the_right_there_is_no_way_in(db: None, wang: Client, light: Enterprise) -> None:
    upload = let_in(wang, brought(wang, TITLES))
    reader = clerk(official_of_wujin(), "view_roster", "view_rosterrow")
    assert reader.get(page("upload")).status_code == 403
    assert reader.post(page("upload"), {}).status_code == 403
    assert "上传名单" not in shown(reader, "/admin/registry/roster/")
    colleague = clerk(clerk_of_wujin(), "view_roster")
    Roster.objects.update(imported_by=upload.uploaded_by)
    for name in ("change", "undo"):
        assert colleague.get(page(name, upload.roster_id)).status_code in (302, 403, 404)
    viewer = clerk(upload.uploaded_by, "view_roster")
    assert viewer.get(page("undo", upload.roster_id)).status_code == 403
    assert "撤销名单" not in shown(viewer, page("change", upload.roster_id))


def test_every_record_leads_to_its_row(wang: Client, light: Enterprise) -> None:
    let_in(wang, brought(wang, TITLES))
    title = Designation.objects.get()
    assert RosterRow.objects.get(pk=title.roster_row_id).changes[0]["id"] == title.pk


def test_the_queue_has_no_pages_of_its_own(wang: Client) -> None:
    assert wang.get("/admin/procrastinate/procrastinatejob/").status_code == 404


def test_what_waits_is_told_on_the_page_of_lists(wang: Client, light: Enterprise) -> None:
    assert "待处理" not in shown(wang, "/admin/registry/roster/")
    brought(wang, TITLES)
    assert "您有 1 份上传的名单待处理" in shown(wang, "/admin/registry/roster/")


def test_the_page_of_uploads_asks_no_more_for_many(wang: Client, light: Enterprise) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            shown(wang, page("upload"))
        return len(found)

    let_in(wang, brought(wang, TITLES))
    brought(wang, TITLES)
    queries()
    few = queries()
    for number in range(5):
        let_in(wang, brought(wang, [*TITLES, [f"企业{number}", "", ""]]), partial="on")
        bring(wang, text([*TITLES, [str(number), "", ""]]))
    assert queries() == few
