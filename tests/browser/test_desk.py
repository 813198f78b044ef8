"""The clerk's desk by keyboard alone: an enterprise found while typing, a title checked, a row matched."""

import datetime as dt
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from registry.choices import DesignationState
from registry.models import Designation, Enterprise, Scheme
from tests import people
from tests.browser.conftest import PHONE, WIDE, Visitor
from tests.browser.test_pages import RULES
from tests.registry.rosters import lists

pytestmark = pytest.mark.browser

SCREENS = [pytest.param({"viewport": WIDE}, id="wide"), pytest.param({"viewport": PHONE}, id="phone")]
SIZES = pytest.mark.parametrize("visitor", SCREENS, indirect=True)
LITTLE_GIANTS = "/targets/brand.little_giants_national/?as_of=2025-12-31"


def violations(page: Page, part: str) -> list[str]:
    """What axe finds in our own part of the page."""
    found = Axe().run(page, context=part, options=RULES).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


def test_an_enterprise_is_found_while_typing(visitor: Visitor) -> None:
    visitor.sign_in(people.clerk_of_the_city())
    page = visitor.open("/admin/")
    page.focus("#desk-q")
    page.keyboard.type("jmjxd7c")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("示例精密机械第7厂")
    assert violations(page, ".desk") == []
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/story/")
    expect(page.locator(".story h1")).to_have_text("示例精密机械第7厂")
    assert violations(page, ".story") == []
    page.get_by_role("link", name="修改", exact=True).click()
    page.wait_for_url("**/change/")
    # the answer to nothing is said too, and Escape closes
    page = visitor.open("/admin/")
    page.focus("#desk-q")
    page.keyboard.type("jmjx")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.fill("#desk-q", "没有这家")
    expect(page.locator("[data-told]")).to_have_text("没有找到企业。")


@SIZES
def test_a_title_is_checked_by_a_key_and_counts(visitor: Visitor) -> None:
    visitor.sign_in(people.reviewer_of_the_city())
    before = number_on(visitor)
    title = Designation.objects.valid_on(dt.date(2025, 12, 31)).latest("pk")
    Designation.objects.filter(pk=title.pk).update(
        state=DesignationState.SUBMITTED, submitted_at=timezone.now()
    )
    assert number_on(visitor) == before - 1
    page = visitor.open("/admin/registry/designation/checking/")
    assert visitor.overflow() == 0
    assert violations(page, "#content-main, #main, main") == []
    page.get_by_role("link", name="逐条审核").click()
    page.wait_for_url("**/check/**")
    assert visitor.overflow() == 0
    assert violations(page, "#check") == []
    page.keyboard.press("c")
    page.wait_for_url("**/checking/")
    expect(page.get_by_text("没有待审核的称号")).to_be_visible()
    assert number_on(visitor) == before


def number_on(visitor: Visitor) -> int:
    page = visitor.open(LITTLE_GIANTS)
    return int(re.search(r"(\d+)\s*家", page.inner_text("main")).group(1))


@SIZES
def test_a_row_is_matched_by_a_key_and_the_next_list_knows_it(visitor: Visitor) -> None:
    wang = people.clerk_of_the_city()
    known = Enterprise.objects.create(name="常州禾盈汽车零部件有限公司")
    scheme = Scheme.objects.get(code="green_factory")
    assert scheme.levels.filter(level="provincial").exists()
    rows = [["企业名称", "认定日期"], ["常州禾盈汽车零件有限公司", "2023-03-17"]]
    bring = {"scheme": "green_factory", "level": "provincial", "by": wang}
    assert lists.outcomes(lists.bring("designations", rows, **bring)) == ["queued"]
    visitor.sign_in(wang)
    page = visitor.open("/admin/registry/rosterrow/matching/")
    assert visitor.overflow() == 0
    assert violations(page, ".match") == []
    expect(page.locator("mark").first).to_have_text("部")
    page.keyboard.press("1")
    expect(page.get_by_text("没有待匹配的名单行")).to_be_visible()
    assert known.designations.get().valid_from == dt.date(2023, 3, 17)
    assert lists.outcomes(lists.bring("designations", rows, **bring)) == ["unchanged"]
