"""The next plan, from the last day of the old one to the page of its first targets, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from targets.models import Plan, Target
from tests import people
from tests.browser.conftest import PHONE, WIDE, Visitor
from tests.browser.test_pages import violations
from tests.registry.admin.desk import sign_in

pytestmark = pytest.mark.browser

TARGET = "brand.little_giants_national"
SCREENS = [pytest.param({"viewport": WIDE}, id="wide"), pytest.param({"viewport": PHONE}, id="phone")]


@pytest.mark.parametrize("visitor", SCREENS, indirect=True)
def test_wang_opens_and_publishes_the_next_plan(visitor: Visitor) -> None:
    wang = people.clerk_of_the_city()
    sign_in(wang)
    visitor.sign_in(wang)
    page = visitor.open(f"/admin/targets/plan/{Plan.objects.get().pk}/open-next/")
    assert visitor.overflow() == 0
    # 40 little giants on the last day; what is left out is dimmed
    row = page.locator(".next-plan-targets tr", has_text=TARGET)
    expect(row.locator(".take b")).to_have_text("40")
    page.get_by_role("button", name="全部不选").click()
    expect(row).to_have_class(re.compile("left-out"))
    row.locator(".choose input").check()
    row.get_by_label("新目标值").fill("0")
    page.fill("#id_name", "“十五五”规划")
    page.fill("#id_code", "155")
    page.fill("#id_change_reason", "编制下一规划")
    page.get_by_role("button", name="保存为草案").click()
    expect(row.locator("td").last).to_contain_text("目标值须大于零")
    assert not Plan.objects.filter(code="155").exists()
    row.get_by_label("新目标值").fill("300")
    page.get_by_role("button", name="保存为草案").click()
    page.wait_for_url("**/change/")
    assert Target.objects.get(plan__code="155").baseline_value == 40
    # a draft is shown to who asks for it, and says that it is one
    visitor.open("/?plan=155")
    assert visitor.overflow() == 0
    assert page.inner_text("h1").endswith("草案")
    expect(page.locator(".targets tbody tr:not(.group)")).to_have_count(1)
    visitor.open("/?as_of=2026-06-30")
    assert "532" in page.inner_text("h1")
    # published, it is what the day leads to
    visitor.open(f"/admin/targets/plan/{Plan.objects.get(code='155').pk}/publish/")
    assert visitor.overflow() == 0
    page.fill("#id_change_reason", "市政府印发")
    page.get_by_role("button", name="确认发布").click()
    page.wait_for_url("**/change/")
    visitor.open("/?as_of=2026-06-30")
    assert page.inner_text("h1") == "“十五五”规划"
    page.click(f'a[href^="/targets/{TARGET}/"]')
    assert "40 家" in page.inner_text(".rules")
    # and back to the same target of the old plan, on its last day
    page.locator(".family a", has_text="532").click()
    assert "plan=532" in page.url
    assert page.input_value("#as_of") == "2025-12-31"
    page.locator(".plans a", has_text="十五五").click()
    assert "plan=155" in page.url


def test_axe_finds_nothing_on_pages_of_two_plans(visitor: Visitor) -> None:
    old = Plan.objects.get()
    made = Plan.objects.create(
        code="155", name="“十五五”规划", is_draft=True, baseline_date=old.deadline, deadline="2030-12-31"
    )
    visitor.sign_in(people.clerk_of_the_city())
    assert violations(visitor, f"/targets/{TARGET}/") == {}
    assert violations(visitor, f"/?plan={made.code}") == {}
