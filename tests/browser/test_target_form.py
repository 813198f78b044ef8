"""A new target with its rule, made in the admin by keyboard and seen before it is saved."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from targets.models import Target
from targets.standings import standings, targets_of
from tests import people
from tests.browser.conftest import Visitor
from tests.registry.admin.desk import sign_in

pytestmark = pytest.mark.browser

DAY = dt.date(2025, 12, 31)


def choose(page: Page, field: str, term: str) -> None:
    """In a field that suggests while one types."""
    page.locator(f"#id_{field} + .select2 .select2-selection").focus()
    page.keyboard.press("Enter")
    page.keyboard.type(term)
    page.locator(".select2-results__option[role=option]", has_text=term).first.wait_for()
    page.keyboard.press("Enter")


def test_a_clerk_makes_a_target(visitor: Visitor) -> None:
    wang = people.clerk_of_the_city()
    sign_in(wang)
    visitor.sign_in(wang)
    page = visitor.open("/admin/targets/target/add/")
    page.select_option("#id_plan", index=1)
    choose(page, "section", "企业发展")
    for field, text in {"code": "test.giants", "name": "小巨人", "value": "100", "unit": "家"}.items():
        page.fill(f"#id_{field}", text)
    feed = page.locator("#id_rule-0-feed")
    # only what the way of counting needs is there
    feed.select_option("statistic")
    expect(page.locator("#id_rule-0-level")).to_be_hidden()
    expect(page.locator("#rule-0-schemes-data")).to_be_hidden()
    feed.select_option("stock")
    expect(page.locator("#id_rule-0-level")).to_be_visible()
    expect(page.locator("#id_rule-0-figure")).to_be_hidden()
    # without a scheme there is nothing to count, and the page says so, by keyboard alone
    page.locator("[data-rule-preview] button").focus()
    page.keyboard.press("Enter")
    result = page.locator("#rule-preview")
    expect(result).to_contain_text("还算不出来")
    page.locator("[id^=rule-0-schemes] a.add-row, .nested-formset a.add-row").first.click()
    choose(page, "rule-0-schemes-0-scheme", "小巨人")
    page.locator("[data-rule-preview] button").focus()
    page.keyboard.press("Enter")
    expect(result).to_contain_text("2025-12-31")
    shown = result.inner_text()
    page.locator("button[name=_save]").click()
    page.wait_for_url("**/admin/targets/target/")
    made = Target.objects.get(code="test.giants")
    (standing,) = standings(targets_of(made.plan).filter(pk=made.pk), DAY)
    assert f"{standing.value} 家" in shown
    assert not visitor.foreign
    assert not visitor.complaints
