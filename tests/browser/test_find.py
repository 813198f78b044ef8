"""The search at the top in a real browser: by keyboard to an enterprise, and nothing that axe finds on the way."""

import re
from typing import Any

import pytest

from registry.models import Cluster, Enterprise
from tests import people
from tests.browser.conftest import Visitor
from tests.browser.test_pages import in_every_light, violations
from tests.factories import named_list

pytestmark = pytest.mark.browser

FOUND = "#top-hits [role=option]"


def test_a_keyboard_finds_an_enterprise(visitor: Visitor) -> None:
    visitor.sign_in(people.clerk_of_the_city())
    page = visitor.open("/?as_of=2025-06-30")
    page.focus("#top-q")
    page.keyboard.type("精密机械第1厂")
    page.wait_for_selector(FOUND)
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#top-q", "aria-activedescendant") == "top-hits-0"
    name = page.locator(f"{FOUND}[aria-selected=true]").evaluate("one => one.firstChild.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/enterprises/"))
    assert page.inner_text("h1").startswith(name)
    assert "as_of=2025-06-30" in page.url, "the day goes along"


def test_escape_closes_and_enter_alone_opens_the_page_of_all(visitor: Visitor) -> None:
    visitor.sign_in(people.clerk_of_the_city())
    page = visitor.open("/")
    page.focus("#top-q")
    page.keyboard.type("小巨人")
    page.wait_for_selector(FOUND)
    page.keyboard.press("Escape")
    assert page.get_attribute("#top-q", "aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/find/"))


@in_every_light
def test_the_pages_that_are_searched_are_in_everybodys_reach(visitor: Visitor, rules: dict[str, Any]) -> None:
    clerk = people.clerk_of_the_city()
    visitor.sign_in(clerk)
    named_list(clerk, search=["精密"])
    addresses = (
        "/enterprises/",
        f"/enterprises/{Enterprise.objects.earliest('pk').pk}/",
        "/lists/",
        "/lists/innovation_loan/?as_of=2024-01-01",
        "/expiring/?within=365&as_of=2024-01-01",
        "/clusters/",
        f"/clusters/{Cluster.objects.earliest('pk').code}/",
        "/find/?q=精密",
        "/districts/",
        "/districts/320412/",
        "/bulletin/?kind=month",
        "/publications/",
        "/plans/532/document/",
    )
    found = {}
    for address in addresses:
        found |= violations(visitor, address, rules)
        assert (visitor.overflow(), visitor.spilling()) == (0, []), address
    assert found == {}
