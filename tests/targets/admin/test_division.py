"""分解任务 in the admin: Wang divides a target, corrects the proposal, and brings the whole table back from Excel."""

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from registry.models import District
from targets.models import Quota, Target
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_wujin
from tests.registry.admin.desk import sign_in

LAST_DAY = dt.date(2025, 12, 31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> Client:
    return sign_in(clerk_of_the_city())


@pytest.fixture
def areas() -> list[District]:
    return [make.district(code) for code in ("320412", "320481")]


@pytest.fixture
def green(areas: list[District]) -> Target:
    """20家 until the end of 2025; on the baseline day Wujin has 3 and Liyang has 1."""
    target = make.target_with_rule("green", schemes=(make.scheme(),), value=Decimal(20))
    for area, number in zip(areas, (3, 1), strict=True):
        for one in range(number):
            make.designation(make.enterprise(f"{area}{one}", district=area), dt.date(2020, 1, 1))
    return target


def divide(target: Target) -> str:
    return reverse("admin:targets_target_divide", args=[target.pk])


def table(target: Target) -> str:
    return reverse("admin:targets_plan_table", args=[target.plan_id])


def quotas() -> dict[str, Decimal]:
    return dict(Quota.objects.values_list("district__code", "value"))


# One target


def test_a_proposal_fills_the_page_and_is_saved_only_when_sent(wang: Client, green: Target) -> None:
    asked = {"of": "increase", "by": "number", "counted_on": "2020-12-31", "day": "2025-12-31"}
    page = wang.get(divide(green), asked)
    assert [line.field.value() for line in page.context["lines"]] == [15, 5]
    assert page.context["form"]["basis"].value() == "增量（现有数之外）按现有数分摊（2020-12-31）"
    assert not Quota.objects.exists()
    sent = {
        "area-320412": "14",
        "area-320481": "6",
        "change_reason": "任务分解",
        "basis": "常工信〔2022〕1号",
    }
    answer = wang.post(divide(green), sent)
    assert answer.status_code == 302
    assert quotas() == {"320412": 14, "320481": 6}
    assert set(Quota.objects.values_list("basis", flat=True)) == {"常工信〔2022〕1号"}
    assert [line.field.value() for line in wang.get(divide(green)).context["lines"]] == [14, 6]


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"area-320412": "14"}, "该字段是必填项"),  # no reason
        ({"area-320412": "-1", "change_reason": "分解"}, "大于或等于"),
        ({"area-320412": "十四", "change_reason": "分解"}, "输入一个数"),
    ],
)
def test_what_cannot_be_saved_is_said_beside_its_field(
    wang: Client, green: Target, sent: dict[str, str], word: str
) -> None:
    page = wang.post(divide(green), sent)
    assert page.status_code == 200
    assert word in page.content.decode()
    assert quotas() == {}


def test_a_key_without_numbers_is_refused_in_words(wang: Client, green: Target) -> None:
    page = wang.get(divide(green), {"of": "whole", "by": "output", "counted_on": "2020-12-31"})
    assert "没有可作为分摊依据的数" in page.content.decode()


def test_the_days_between_are_divided_by_themselves(wang: Client, green: Target) -> None:
    page = wang.get(divide(green), {"day": "2023-12-31"})
    assert page.context["whole"] == 12  # 20 × 1095/1826
    wang.post(f"{divide(green)}?day=2023-12-31", {"area-320412": "9", "change_reason": "分解"})
    assert Quota.objects.get().day == dt.date(2023, 12, 31)


def test_an_official_reads_and_changes_nothing(green: Target) -> None:
    reader = sign_in(official_of_wujin(), every_right=False)
    assert reader.get(divide(green)).status_code == 403
    assert reader.post(divide(green), {"area-320412": "14", "change_reason": "分解"}).status_code == 403
    upload = {"file": SimpleUploadedFile("分解.xlsx", b"x"), "change_reason": "分解"}
    assert reader.post(table(green), upload).status_code == 403
    assert quotas() == {}


# The whole table


def taken_out(wang: Client, target: Target) -> Any:
    answer = wang.get(table(target), {"day": "2025-12-31", "format": "xlsx"})
    return openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def brought_back(wang: Client, target: Target, book: Any) -> Any:
    out = BytesIO()
    book.save(out)
    upload = {"file": SimpleUploadedFile("分解.xlsx", out.getvalue()), "change_reason": "任务分解"}
    return wang.post(f"{table(target)}?day=2025-12-31", upload)


def test_the_table_goes_out_and_comes_back_with_its_changes_alone(
    wang: Client, green: Target, areas: list[District]
) -> None:
    Quota.objects.create(target=green, district=areas[0], day=LAST_DAY, value=12)
    book = taken_out(wang, green)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [
        "代码",
        "目标",
        "截至日期",
        "单位",
        "全市",
        "武进区",
        "溧阳市",
    ]
    assert [cell.value for cell in sheet[2]][4:] == [20, 12, None]
    sheet["G2"] = 8
    page = brought_back(wang, green, book)
    changed = [(one.area.code, one.before, one.value) for one in page.context["changes"].cells]
    assert changed == [("320481", None, 8)]
    assert quotas() == {"320412": 12}, "only shown"
    wang.post(f"{table(green)}?day=2025-12-31", {"confirmed": page.context["packed"]})
    assert quotas() == {"320412": 12, "320481": 8}
    [line] = wang.get(table(green), {"day": "2025-12-31"}).context["lines"]
    assert (line.whole, line.total, line.difference) == (20, 20, 0)


def test_an_emptied_cell_takes_the_quota_away(wang: Client, green: Target, areas: list[District]) -> None:
    Quota.objects.create(target=green, district=areas[0], day=LAST_DAY, value=12)
    book = taken_out(wang, green)
    book.worksheets[0]["F2"] = None
    page = brought_back(wang, green, book)
    assert [one.value for one in page.context["changes"].cells] == [None]
    wang.post(table(green), {"confirmed": page.context["packed"]})
    assert quotas() == {}


@pytest.mark.parametrize(
    ("cell", "content", "word"),
    [
        ("G2", "八家", "第 2 行，溧阳市：“八家”不是不小于 0 的数"),
        ("G2", -1, "不是不小于 0 的数"),
        ("A2", "no.such", "没有代码为“no.such”的目标"),
        ("C2", "明年", "截至日期读不懂"),
        ("C2", dt.date(2025, 6, 30), "不是该目标可分解的日期"),
        ("A1", "编码", "找不到含“代码”和板块名称的表头"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    wang: Client, green: Target, cell: str, content: Any, word: str
) -> None:
    book = taken_out(wang, green)
    book.worksheets[0]["F2"] = 12
    book.worksheets[0][cell] = content
    page = brought_back(wang, green, book)
    assert word in page.content.decode()
    assert not page.context["packed"] or page.context["changes"].problems
    assert quotas() == {}


def test_a_row_that_stands_twice_is_refused(wang: Client, green: Target) -> None:
    book = taken_out(wang, green)
    sheet = book.worksheets[0]
    for column, cell in enumerate(list(sheet[2]), start=1):
        sheet.cell(3, column, cell.value)
    assert "出现两次" in brought_back(wang, green, book).content.decode()


def test_a_preview_that_was_altered_is_refused(wang: Client, green: Target) -> None:
    answer = wang.post(table(green), {"confirmed": "W1tbMSwi:altered"}, follow=True)
    assert "预览已过期" in answer.content.decode()
    assert quotas() == {}
