"""Data quality in a real browser: what is doubtful, a pair that is two, a list that goes out and opens."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from registry.models import District, NotDuplicate
from tests import factories, people
from tests.browser.conftest import PHONE, WIDE, Visitor
from tests.browser.test_pages import RULES
from tests.registry.admin.desk import sign_in

pytestmark = pytest.mark.browser
SCREENS = [pytest.param({"viewport": WIDE}, id="wide"), pytest.param({"viewport": PHONE}, id="phone")]


def problems(page: Page) -> list[str]:
    """What axe finds in our own part of the page."""
    found = Axe().run(page, context=".quality-cards, .quality-about, .quality-box", options=RULES).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@pytest.mark.parametrize("visitor", SCREENS, indirect=True)
def test_wang_sets_a_pair_apart_and_takes_a_list_home(visitor: Visitor, tmp_path: Path) -> None:
    wang = people.clerk_of_the_city()
    sign_in(wang)
    wujin = District.objects.get(code="320412")
    for name in ("示例光能科技有限公司", "示例光能科技股份有限公司"):
        factories.enterprise(name, district=wujin)
    visitor.sign_in(wang)
    page = visitor.open(reverse("admin:registry_quality"))
    assert visitor.overflow() == 0
    assert problems(page) == []
    page.get_by_role("link", name="疑似重复").press("Enter")
    # by the keyboard alone
    page.locator(".quality-dismiss summary").first.press("Enter")
    assert visitor.overflow() == 0
    assert problems(page) == []
    page.get_by_label("理由").first.fill("法定代表人不同")
    page.get_by_label("理由").first.press("Enter")
    expect(page.locator(".quality-about")).to_contain_text("没有发现")
    assert NotDuplicate.objects.get().reason == "法定代表人不同"
    visitor.open(reverse("admin:registry_enterprise_changelist") + "?q=光能科技")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="导出 Excel").click()
    waiting.value.save_as(tmp_path / "list.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "list.xlsx").get_sheet_by_name("数据").to_python()
    assert sorted(row[2] for row in rows[1:]) == ["示例光能科技有限公司", "示例光能科技股份有限公司"]
