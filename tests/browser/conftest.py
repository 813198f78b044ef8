"""A real Chromium before the real site, with the whole plan and a few enterprises in it."""

import datetime as dt
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from registry.models import District, Scheme, User
from tests import factories, people
from tests.conftest import chromium_path

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.fail("No Chromium: the browser tests have to run here. make browser installs it.")
    # The driver keeps an event loop in this thread, in which Django else refuses to ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def register(transactional_db: None) -> None:
    """The plan with its reference data, and some little giants in Wujin, Liyang and the zone."""
    cache.clear()
    call_command("load_reference", verbosity=0)
    scheme = Scheme.objects.get(code="little_giant")
    for place, code in enumerate(["320412", "320412", "320481", "320471"] * 15):
        holder = factories.enterprise(f"示例精密机械第{place}厂", district=District.objects.get(code=code))
        factories.designation(
            holder,
            dt.date(2021, 8, 1),
            scheme=scheme,
            level="national",
            valid_to=dt.date(2024, 7, 31) if place % 3 == 0 else dt.date(2027, 7, 31),
            batch="第三批",
            document="工信部企业函〔2021〕197号",
        )


@pytest.fixture(autouse=True)
def answered(transactional_db: None) -> Iterator[None]:
    """Before the database is emptied: what a browser has asked and no longer waits for, the server is still about."""
    changed, waiting = threading.Condition(), 0

    def begun(**_of: object) -> None:
        nonlocal waiting
        with changed:
            waiting += 1

    def done(**_of: object) -> None:
        nonlocal waiting
        with changed:
            waiting -= 1
            changed.notify_all()

    request_started.connect(begun)
    request_finished.connect(done)
    yield
    with changed:
        assert changed.wait_for(lambda: waiting <= 0, timeout=60), "a request was never answered"
    request_started.disconnect(begun)
    request_finished.disconnect(done)


SPILLING = """
[...document.querySelectorAll("td, tbody th, dt, dd")].filter(
    cell => cell.clientWidth && cell.scrollWidth > cell.clientWidth + 2
        && getComputedStyle(cell).overflowX === "visible" && !cell.closest(".hidden")
).map(cell => cell.textContent.trim())
"""


@dataclass
class Visitor:
    """A person at a screen, and what went wrong on it."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """The page with the parts that it asks for when it is shown."""
        self.page.goto(self.address + path)
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        return self.page

    def sign_in(self, user: User, password: str = people.PASSWORD) -> None:
        self.open("/signin/")
        self.page.fill("#id_username", user.username)
        self.page.fill("#id_password", password)
        self.page.click("form.stack button")

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def spilling(self) -> list[str]:
        """The texts of cells and terms that run over what stands beside them."""
        texts: list[str] = self.page.evaluate(SPILLING)
        return texts


def visitor_in(context: BrowserContext, address: str) -> Visitor:
    visitor = Visitor(context.new_page(), address)
    host = urlsplit(address).netloc

    def asked(request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme not in ("data", "blob") and target.netloc != host:
            visitor.foreign.append(request.url)

    def said(line: ConsoleMessage) -> None:
        # The browser also complains of pages that are refused on purpose; of what they load it must not.
        if line.type == "error" and line.location["url"] != visitor.page.url:
            visitor.complaints.append(line.text)

    visitor.page.on("request", asked)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    visitor.page.on("console", said)
    return visitor


@pytest.fixture
def visitor(
    chromium: Browser, live_server: LiveServer, register: None, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """Parametrised indirectly by the options of the screen; a wide one in light colours by default."""
    options = {"viewport": WIDE, "locale": "zh-CN", **getattr(request, "param", {})}
    context = chromium.new_context(**options)
    made = visitor_in(context, live_server.url)
    yield made
    context.close()
    assert made.foreign == []
    assert made.complaints == []
