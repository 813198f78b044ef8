"""No English on a Chinese page: every address, as several people, all that a person reads or is read aloud."""

import re
from collections import defaultdict
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from tests import people
from tests.czindustry.addresses import every_address
from tests.czindustry.test_walk import World, world  # noqa: F401

# What is called so in Chinese too: abbreviations, names of formats and programs, codes that people type.
KNOWN = {"api", "excel", "csv", "xls", "xlsx", "ods", "sha", "utf", "gbk", "gdp", "json", "url", "esc", "pon"}
KNOWN |= {"control", "command", "mac", "word", "docx", "pdf"}
# The way to the other language, in its own words.
KNOWN |= {"english"}
# Programs for telephones.
KNOWN |= {"microsoft", "authenticator", "freeotp"}
# What a person types, and the command that is told to whoever looks after the server.
KNOWN |= {"thgn", "changepassword"}
# Codes of this test's own world.
KNOWN |= {"green", "factory", "all", "workshop", "steel", "trained", "test", "greens"}
WORD = re.compile(r"(?<![\w.@/_-])[A-Za-z]{3,}(?![\w.@/_-])")
READ_ALOUD = ("title", "placeholder", "aria-label", "alt")
UNSEEN = {"script", "style", "code", "kbd", "template", "svg", "textarea", "noscript"}
# The program's own language, and files: no pages of ours.
NOT_PAGES = ("api-", "admin:jsi18n", "signout", "admin:logout", "admin:autocomplete")


class Words(HTMLParser):
    """The English words among what a person sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: list[str] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        icon = "material-symbols-outlined" in (named.get("class") or "")
        if tag in UNSEEN or icon or self.hidden:
            if tag not in ("input", "br", "img", "meta", "link", "hr"):
                self.hidden.append(tag)
            return
        self._look(" ".join(named.get(name) or "" for name in READ_ALOUD))
        if tag == "input" and named.get("type") in ("submit", "button"):
            self._look(named.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self._look(data)

    def _look(self, text: str) -> None:
        self.found |= {word for word in WORD.findall(text) if word.lower() not in KNOWN}


def english_on(page: str) -> set[str]:
    words = Words()
    words.feed(page)
    return words.found


@pytest.mark.parametrize(
    "person", [people.reviewer_of_the_city, people.clerk_of_wujin, people.security_administrator]
)
def test_no_page_speaks_english(world: World, person: Any) -> None:  # noqa: F811
    account = person()
    accounts = {"wang", "tao", "ning", account.username}
    client = Client()
    client.force_login(account)
    found: dict[str, set[str]] = defaultdict(set)
    for address in every_address():
        if address.name.startswith(NOT_PAGES):
            continue
        answer = client.get(world.path(address))
        if answer.headers["Content-Type"].startswith("text/html") and not answer.streaming:
            for word in english_on(answer.content.decode()) - accounts:
                found[word].add(address.name)
    assert not found, "\n".join(f"{word}: {', '.join(sorted(where)[:4])}" for word, where in found.items())


def test_the_walk_would_find_english() -> None:
    icon = '<i class="material-symbols-outlined">home</i>'
    page = f'<p>规划 <b>Save</b></p><code>none</code><input placeholder="Search">{icon}'
    assert english_on(page) == {"Save", "Search"}
