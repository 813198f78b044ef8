"""A list from the desk of a clerk to a changed number on the overview, in a real browser with a real worker."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from registry.models import District, RosterUpload
from tests import factories
from tests.browser.conftest import Visitor
from tests.people import clerk_of_the_city
from tests.registry.rosters.files import text, xlsx
from tests.registry.test_worker import Worker, empty_queue

pytestmark = pytest.mark.browser
NUMBER = "a[href*='/targets/brand.little_giants_national/']"
DROP = """(form, [name, content]) => {
    const files = new DataTransfer();
    files.items.add(new File([content], name));
    form.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def worker(register: None) -> Iterator[Worker]:
    empty_queue()
    made = Worker(wait=True)
    yield made
    made.process.terminate()
    made.process.wait(30)
    empty_queue()


@pytest.fixture
def clerk(visitor: Visitor) -> Visitor:
    wang = clerk_of_the_city()
    wang.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["registry", "targets"]))
    factories.enterprise("江南精密机械有限公司", district=District.objects.get(code="320412"))
    visitor.sign_in(wang)
    return visitor


def test_from_a_dropped_file_to_the_overview(clerk: Visitor, worker: Worker) -> None:
    before = row_of_overview(clerk)
    page = clerk.open("/admin/registry/roster/upload/")
    rows = [["企业名称", "认定日期"], ["江南精密机械有限公司", "2023-07-14"], ["", "2023-07-14"]]
    content = text(rows).decode()
    page.locator("[data-drop]").evaluate(DROP, ["专精特新小巨人企业公布名单.csv", content])
    expect(page.locator(".lists-sum")).to_contain_text("共 2 行", timeout=30_000)
    by_keyboard(page, "[name=partial]", "Space")
    by_keyboard(page, ".lists-apply button", "Enter")
    expect(page.locator(".lists-good")).to_contain_text("已导入", timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载退回的 1 行").click()
    assert download.value.suggested_filename.endswith("退回的行.xlsx")
    upload = RosterUpload.objects.get()
    assert upload.counts["created"] == 1
    after = row_of_overview(clerk)
    assert after != before, "the number on the overview has changed"
    assert clerk.overflow() == 0


def row_of_overview(visitor: Visitor) -> str:
    page = visitor.open("/?as_of=2023-12-31")
    return page.locator(f"tr:has({NUMBER}), li:has({NUMBER}), article:has({NUMBER})").first.inner_text()


def by_keyboard(page: Page, selector: str, key: str) -> None:
    page.locator(selector).first.focus()
    page.keyboard.press(key)


@pytest.mark.parametrize("visitor", [{"viewport": {"width": 360, "height": 740}}], indirect=True)
def test_a_narrow_window_and_several_files(clerk: Visitor, worker: Worker) -> None:
    page = clerk.open("/admin/registry/roster/upload/")
    book = xlsx([["企业名称", "所属区"], ["江南精密机械有限公司", "武进区"]])
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "甲.xlsx", "mimeType": "application/octet-stream", "buffer": book},
            {"name": "乙.csv", "mimeType": "text/csv", "buffer": text([["企业名称"], ["某某有限公司"]])},
        ]
    )
    expect(page.locator("[data-chosen]")).to_have_text("甲.xlsx、乙.csv")
    by_keyboard(page, "[data-drop] button", "Enter")
    page.get_by_role("link", name="乙.csv").click()
    expect(page.locator(".lists-sum")).to_contain_text("共 1 行", timeout=30_000)
    assert clerk.overflow() == 0
