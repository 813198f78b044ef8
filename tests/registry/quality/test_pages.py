"""The pages of data quality, and the export of lists, as people open them."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from czindustry.security.models import AuditEvent
from registry import quality
from registry.models import Enterprise, NotDuplicate, Relocation, User
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_liyang
from tests.registry.admin.desk import sign_in
from tests.registry.rosters import lists
from tests.registry.rosters.lists import code

pytestmark = pytest.mark.django_db
OVERVIEW = "/admin/registry/quality/"


def allowed(user: User, *names: str) -> Client:
    """A browser of a person with just these permissions."""
    user.is_staff = True
    user.save()
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return sign_in(user, every_right=False)


def workbook(answer: Any) -> dict[str, list[list[Any]]]:
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture
def two(db: None) -> tuple[Enterprise, Enterprise]:
    wujin = make.district("320412")
    return make.enterprise("光能科技有限公司", district=wujin), make.enterprise(
        "光能科技有限公司", district=wujin
    )


# Data quality


def test_the_page_is_for_those_who_may_check(two: Any) -> None:
    assert reverse("admin:registry_quality") == OVERVIEW
    wang = clerk_of_the_city()
    for page in ("", "duplicates/", "duplicates/export/"):
        assert allowed(wang, "view_enterprise").get(OVERVIEW + page).status_code == 403
        assert allowed(wang, "check_quality").get(OVERVIEW + page).status_code == 200
    assert Client().get(OVERVIEW).status_code == 302


def test_every_check_has_a_card_a_page_and_an_export(two: Any) -> None:
    client = allowed(clerk_of_the_city(), "check_quality")
    page = client.get(OVERVIEW).content.decode()
    for check in quality.all_checks():
        assert check.title in page
        assert client.get(f"{OVERVIEW}{check.code}/").status_code == 200
        sheets = workbook(client.get(f"{OVERVIEW}{check.code}/export/"))
        assert sheets["数据"][0][0] in ("序号", "编号")
        assert {row[0]: row[1] for row in sheets["说明"]}["检查说明"] == check.explanation
    assert client.get(f"{OVERVIEW}nothing/").status_code == 404


def test_what_a_check_has_found_is_mended_in_its_list_and_imported(
    two: tuple[Enterprise, Enterprise],
) -> None:
    client = allowed(clerk_of_the_city(), "check_quality")
    answer = client.get(f"{OVERVIEW}no_code/export/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book["数据"]
    titles = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.cell(2, titles["检查结果"]).value == "没有统一社会信用代码"
    sheet.cell(2, titles["统一社会信用代码"]).value = code(1)
    out = io.BytesIO()
    book.save(out)
    assert lists.outcomes(lists.bring("enterprises", out.getvalue())) == ["updated", "unchanged"]
    two[1].refresh_from_db()
    assert two[1].uscc == code(1)


def test_the_number_of_queries_does_not_grow_with_the_rows(two: Any) -> None:
    client = allowed(clerk_of_the_city(), "check_quality")
    day = dt.date(2020, 1, 1)

    def queries() -> dict[str, int]:
        asked = {}
        for page in ["", *(f"{check.code}/" for check in quality.all_checks())]:
            client.get(OVERVIEW + page)
            with CaptureQueriesContext(connection) as seen:
                client.get(OVERVIEW + page)
            asked[page] = len(seen)
        return asked

    def more(number: int) -> None:
        holder = make.enterprise(f"光能科技有限公司{number}", district=make.district("320412"))
        make.enterprise(f"光能科技有限公司{number}", district=make.district("320412"))
        closed = make.enterprise(f"已注销{number}", closed_on=day)
        for one in (holder, closed):
            make.designation(one, dt.date(2015, 1, 1), valid_to=dt.date(2024, 1, 1))
        make.figures(holder, 2023, revenue=10, value_added=-1, output=9_000, above_scale=True)
        make.figures(holder, 2024, revenue=50_000, value_added=-1)

    more(0)
    before = queries()
    for number in (1, 2, 3):
        more(number)
    after = queries()
    assert after == before
    assert max(after.values()) < 45


def test_a_pair_is_dismissed_with_its_reason(two: tuple[Enterprise, Enterprise]) -> None:
    wang = clerk_of_the_city()
    client = allowed(wang, "check_quality")
    page = f"{OVERVIEW}duplicates/"
    assert "不是重复" in client.get(page).content.decode()
    given = {"one": two[0].pk, "other": two[1].pk, "next": page}
    refused = client.post(f"{OVERVIEW}dismiss/", {**given, "reason": "  "}, follow=True)
    assert "请说明两家企业为何不是同一家。" in refused.content.decode()
    assert not NotDuplicate.objects.exists()
    done = client.post(f"{OVERVIEW}dismiss/", {**given, "reason": "法人不同"}, follow=True)
    assert "没有发现" in done.content.decode()
    assert NotDuplicate.objects.get().reason == "法人不同"
    assert client.get(f"{OVERVIEW}dismiss/").status_code == 405
    elsewhere = client.post(f"{OVERVIEW}dismiss/", {**given, "reason": "x", "next": "https://example.org/"})
    assert elsewhere["Location"] == page


def test_people_of_an_area_cannot_dismiss_what_they_do_not_see(two: tuple[Enterprise, Enterprise]) -> None:
    client = allowed(official_of_liyang(), "check_quality")
    given = {"one": two[0].pk, "other": two[1].pk, "reason": "法人不同"}
    client.post(f"{OVERVIEW}dismiss/", given)
    assert not NotDuplicate.objects.exists()
    assert two[0].name not in client.get(f"{OVERVIEW}duplicates/").content.decode()
    assert len(workbook(client.get(f"{OVERVIEW}no_code/export/"))["数据"]) == 1


def test_an_address_with_an_odd_page_number_opens(two: Any) -> None:
    client = allowed(clerk_of_the_city(), "check_quality")
    for asked in ("0", "-1", "99", "x", "9" * 30, "²"):
        assert client.get(f"{OVERVIEW}no_code/", {"p": asked}).status_code == 200


# Lists as workbooks


def test_all_rows_that_match_go_out_in_their_order_with_the_filters_in_words() -> None:
    wujin, liyang = make.district("320412"), make.district("320481")
    for number in range(60):
        make.enterprise(f"光能{number:02d}", district=wujin, uscc=code(number))
    make.enterprise("光能外地", district=liyang)
    make.enterprise("时创能源", district=wujin)
    client = allowed(clerk_of_the_city(), "view_enterprise")
    asked = {"q": "光能", "district__id__exact": wujin.pk, "o": "0", "standing": "open"}
    page = client.get(reverse("admin:registry_enterprise_changelist"), asked)
    link = page.context["export_link"]
    sheets = workbook(client.get(link))
    assert [row[2] for row in sheets["数据"][1:]] == [f"光能{number:02d}" for number in range(60)]
    about = {row[0]: row[1] for row in sheets["说明"]}
    assert (about["名单"], about["行数"], about["检索"]) == ("企业", "60", "光能")
    assert about["筛选：板块"] == "武进区"
    assert about["筛选：存续情况"] == "存续"
    assert about["排序"] == "企业名称"
    assert about["导出人"] == "王敏"
    kept = AuditEvent.objects.get(action="export")
    assert (str(kept.person), kept.rows) == ("王敏", 60)
    assert "检索 光能；筛选：板块 武进区" in kept.subject


def test_people_of_an_area_take_their_own_rows_only() -> None:
    wujin, liyang = make.district("320412"), make.district("320481")
    for area in (wujin, liyang):
        holder = make.enterprise(f"光能{area.code}", district=area)
        make.designation(holder, dt.date(2022, 1, 1))
        make.relocation(holder, dt.date(2022, 1, 1), None, area)
    chen = official_of_liyang()
    client = allowed(chen, "view_enterprise", "view_designation", "view_relocation")
    for model in ("enterprise", "designation", "relocation"):
        rows = workbook(client.get(reverse(f"admin:registry_{model}_export")))["数据"]
        assert len(rows) == 2
        assert "320481" in str(rows[1])
    assert Relocation.objects.count() == 2
    assert client.get(reverse("admin:registry_annualfigures_export")).status_code == 403


def test_contacts_go_out_to_whoever_may_edit_them() -> None:
    make.enterprise("光能", contact_name="张三丰", contact_phone="13812340000")
    wang = clerk_of_the_city()
    link = reverse("admin:registry_enterprise_export")
    reads = workbook(allowed(wang, "view_enterprise").get(link))["数据"]
    assert "13812340000" not in str(reads)
    assert "联系电话" not in reads[0]
    edits = workbook(allowed(wang, "view_enterprise", "change_enterprise").get(link))["数据"]
    assert edits[1][edits[0].index("联系电话")] == "13812340000"


def test_filters_that_mean_nothing_export_nothing() -> None:
    client = allowed(clerk_of_the_city(), "view_enterprise")
    answer = client.get(reverse("admin:registry_enterprise_export"), {"id__exact": "x"})
    assert answer.status_code == 302
