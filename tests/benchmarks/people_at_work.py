"""What people do at work, for locust: see `tests.benchmarks.load`. Knows nothing of the site but its addresses."""

import json
import os
import random
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from locust import HttpUser, between, task

WORLD: dict[str, Any] = json.loads(Path(os.environ["WORLD"]).read_text())
DAY = "2025-12-31"
LIST = "企业名称,统一社会信用代码,板块\n" + "".join(
    f"压测企业{number}有限公司,,\n" for number in range(2_000)
)


class Form(HTMLParser):
    """What the form of a page of the admin would send if nothing was changed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._select = self._area = ""
        self._text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and kind not in ("submit", "button", "file", "image"):
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.fields.append((name, given.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields.append((self._select, given.get("value", "")))
        elif tag == "textarea":
            self._area, self._text = name, []

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area:
            self.fields.append((self._area, "".join(self._text).lstrip("\n")))
            self._area = ""


class Person(HttpUser):
    abstract = True
    wait_time = between(10, 50)
    kind = ""

    def on_start(self) -> None:
        session = WORLD["sessions"][self.kind].pop()
        self.client.cookies.set(WORLD["cookie"], session)

    def look(self, address: str, name: str) -> Any:
        """Opens a page; being sent to sign in again counts as an error."""
        with self.client.get(address, name=name, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code}")
        return answer


class Official(Person):
    kind = "officials"
    weight = 2

    @task(5)
    def overview(self) -> None:
        self.look(f"/?as_of={DAY}", "overview")

    @task(5)
    def target(self) -> None:
        self.look(f"/targets/{random.choice(WORLD['targets'])}/?as_of={DAY}", "target")

    @task(3)
    def enterprise(self) -> None:
        self.look(f"/enterprises/{random.choice(WORLD['enterprises'])}/", "enterprise")

    @task(3)
    def find(self) -> None:
        self.look(f"/find/?q={random.choice(WORLD['typed'])}", "find")

    @task(1)
    def area(self) -> None:
        self.look(f"/districts/{random.choice(WORLD['districts'])}/?as_of={DAY}", "area")

    @task(1)
    def expiring(self) -> None:
        self.look(f"/expiring/?as_of={DAY}", "titles that run out")


class Clerk(Person):
    kind = "clerks"
    weight = 1

    @task(4)
    def save(self) -> None:
        page = f"/admin/registry/enterprise/{random.choice(WORLD['enterprises'])}/change/"
        answer = self.look(page, "enterprise, form")
        fields = [(name, value) for name, value in Form(answer.text).fields if not name.startswith("_")]
        sent: dict[str, Any] = {}
        for name, value in fields:
            sent.setdefault(name, []).append(value)
        # the codes of the volume are made up: their check character is wrong
        sent["uscc_confirmed"] = ["on"]
        sent["address"] = [f"常州市{random.randrange(10_000)}号"]
        sent["_save"] = [""]
        headers = {"Referer": f"{self.host}{page}"}
        with self.client.post(
            page, sent, name="enterprise, saved", headers=headers, allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != 302:
                answer.failure(f"{answer.status_code}")

    @task(3)
    def desk(self) -> None:
        self.look("/admin/", "first page of admin")

    @task(3)
    def find(self) -> None:
        self.look(
            f"/admin/registry/enterprise/?q={random.choice(WORLD['typed'])}", "enterprises, found in admin"
        )

    @task(2)
    def overview(self) -> None:
        self.look(f"/?as_of={DAY}", "overview")
