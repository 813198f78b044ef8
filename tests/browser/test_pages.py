"""The pages as a person sees them: the way through, phones, paper, keyboards and screen readers."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from registry.models import User
from tests import people
from tests.browser.conftest import PHONE, WIDE, Visitor

pytestmark = pytest.mark.browser

NEW = "Longcheng-Gongye-532"
TARGET = "/targets/brand.little_giants_national/"
ADDRESSES = [
    "/",
    "/?district=320412",
    "/?state=no_data",
    TARGET,
    TARGET + "?list=excluded&as_of=2025-12-31",
    "/targets/emerging.eight_chains_share/",
    "/targets/scale.industrial_output/",
    TARGET + "differences/",
    "/differences/",
    "/differences/?district=320412",
    "/overlaps/",
    "/overlaps/?among=schemes&first=scheme:little_giant",
    "/overlaps/?first=target:brand.little_giants_national&second=scheme:little_giant",
    TARGET + "series/",
    TARGET + "series/?areas=1&district=320412&step=month",
    TARGET + "bridge/?from=2021-07-31&as_of=2024-08-01",
    TARGET + "bridge/?from_known_at=2020-01-01&cause=granted&district=320412",
    "/targets/scale.industrial_output/series/",
    "/targets/scale.industrial_output/bridge/",
    "/targets/no.such.target/",
    "/?as_of=yesterday",
    "/password/",
]
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
in_every_light = pytest.mark.parametrize(
    ("visitor", "rules"),
    [
        pytest.param({"viewport": WIDE, "color_scheme": "light"}, RULES, id="light"),
        # the same elements in other colours
        pytest.param({"viewport": WIDE, "color_scheme": "dark"}, CONTRAST, id="dark"),
        pytest.param({"viewport": PHONE}, RULES, id="phone"),
    ],
    indirect=["visitor"],
)


def must_change(user: User) -> User:
    user.must_change_password = True
    user.save()
    return user


def test_from_the_first_sign_in_to_the_enterprises_behind_a_number(visitor: Visitor) -> None:
    page = visitor.page
    # whoever opens a target is asked to sign in, then to change the password, and lands on the target
    visitor.open(TARGET)
    assert "/signin/" in page.url
    must_change(people.official_of_wujin())
    page.fill("#id_username", "zhou")
    page.fill("#id_password", people.PASSWORD)
    page.click("form.stack button")
    assert "/password/" in page.url
    page.fill("#id_old_password", people.PASSWORD)
    page.fill("#id_new_password1", NEW)
    page.fill("#id_new_password2", NEW)
    page.click("form.stack button")
    assert page.url == visitor.address + TARGET
    # 60 were awarded in 2021 for three years, 40 of them were renewed
    assert page.inner_text(".figure").startswith("40")
    # overview, another day, and back to the target on that day
    page.click(".crumbs a")
    page.fill("#as_of", "2022-12-31")
    page.click(".controls button")
    assert "as_of=2022-12-31" in page.url
    page.click(f'a[href^="{TARGET}"]')
    assert "as_of=2022-12-31" in page.url
    assert page.inner_text(".figure").startswith("60")
    # of the enterprises Zhou sees those of Wujin, half of all
    expect(page.locator(".list tbody tr")).to_have_count(30)
    page.click(".tabs li:nth-child(2) a")
    expect(page.locator(".list tbody tr")).to_have_count(0)
    # a name is found, and cleared again
    page.click(".tabs li:nth-child(1) a")
    page.fill("#search", "第12厂")
    page.click(".search button")
    expect(page.locator(".list tbody tr")).to_have_count(1)
    assert "as_of=2022-12-31" in page.url
    # the state's tile filters, and sign-out ends it all
    visitor.open("/")
    page.click(".tiles .is-no-data a")
    assert "state=no_data" in page.url
    page.click(".person summary")
    page.click(".menu button")
    assert "/signin/" in page.url
    visitor.open("/")
    assert "/signin/" in page.url


def test_from_a_line_to_the_names_behind_a_change(visitor: Visitor) -> None:
    visitor.sign_in(people.clerk_of_the_city())
    page = visitor.open(TARGET + "?as_of=2024-08-01")
    page.click(".ways li:nth-child(2) a")
    # twelve quarters and more since the baseline, drawn once for this screen and told in the table
    expect(page.locator("svg.chart[role=img]:visible")).to_have_count(1)
    expect(page.locator(".points tbody tr")).to_have_count(16)
    expect(page.locator("svg.at-wide circle")).to_have_count(16)
    page.select_option("#step", "year")
    page.click(".controls button")
    assert "as_of=2024-08-01" in page.url
    expect(page.locator(".points tbody tr")).to_have_count(5)
    page.click(".ways li:nth-child(3) a")
    page.fill("#from", "2024-07-31")
    page.click(".controls button")
    # 60 on the last day of the term, 40 on the day after
    assert page.inner_text(".sum tbody tr:nth-child(2) td") == "−20"
    page.click(".matrix tbody tr:has(th:text('溧阳市')) a")
    assert "from=2024-07-31" in page.url
    assert "as_of=2024-08-01" in page.url
    expect(page.locator(".steps tbody tr")).to_have_count(5)
    page.fill("#search", "第6厂")
    page.click(".search button")
    expect(page.locator(".steps tbody tr")).to_have_count(1)
    assert "from=2024-07-31" in page.url


def test_the_lower_half_of_an_area_comes_after_the_upper(visitor: Visitor) -> None:
    visitor.sign_in(people.official_of_liyang())
    page = visitor.open("/districts/320481/?as_of=2024-12-31")
    titles = page.locator("#titles-h ~ .tablebox tbody tr")
    assert titles.count() > 0
    found = titles.all_inner_texts()
    # where the part does not come the link in its place leads to the whole page
    page.route("**/holdings/**", lambda asked: asked.abort())
    visitor.open("/districts/320481/?as_of=2024-12-31")
    assert titles.count() == 0
    visitor.complaints.clear()
    page.click("[data-part] a")
    # waits for the style of the new page, too: before it the names of columns stand in the cells
    expect(titles).to_have_text(found, use_inner_text=True)


@pytest.mark.parametrize(
    "visitor",
    [
        pytest.param({"viewport": PHONE}, id="360"),
        # 200 % zoom on an office screen
        pytest.param({"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}, id="zoomed"),
        pytest.param({"viewport": {"width": 1024, "height": 768}}, id="1024"),
        pytest.param({"viewport": {"width": 3840, "height": 2160}}, id="4k"),
    ],
    indirect=True,
)
def test_no_page_is_wider_than_its_screen(visitor: Visitor) -> None:
    visitor.open("/signin/")
    assert visitor.overflow() == 0
    visitor.sign_in(people.clerk_of_the_city())
    for address in ADDRESSES:
        visitor.open(address)
        assert (visitor.overflow(), visitor.spilling()) == (0, []), address


@in_every_light
def test_axe_finds_nothing(visitor: Visitor, rules: dict[str, Any]) -> None:
    found = violations(visitor, "/signin/", rules)
    visitor.sign_in(people.clerk_of_the_city())
    for address in ADDRESSES:
        found |= violations(visitor, address, rules)
    assert found == {}


def violations(visitor: Visitor, address: str, rules: dict[str, Any] = RULES) -> dict[str, Any]:
    """What axe finds on a page: the rule and the pieces, by address."""
    page = visitor.open(address)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    response = Axe().run(page, options=rules).response
    return {
        f"{address} {one['id']}": [(node["html"][:120], node["failureSummary"]) for node in one["nodes"][:3]]
        for one in response["violations"]
    }


def test_a_keyboard_gets_everywhere(visitor: Visitor) -> None:
    visitor.sign_in(people.clerk_of_the_city())
    page = visitor.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "as_of"
    # the focus is drawn
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_paper_has_the_tables_and_not_the_navigation(visitor: Visitor) -> None:
    visitor.sign_in(people.clerk_of_the_city())
    page = visitor.open("/")
    page.emulate_media(media="print")
    for gone in (".mainnav", ".person", ".controls", ".contents"):
        assert not page.is_visible(gone), gone
    # lines of a table, not the cards of phones, however narrow the paper
    page.set_viewport_size({"width": 700, "height": 900})
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.targets tbody tr')).display") == "table-row"
    )
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
