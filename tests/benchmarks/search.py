"""How fast an enterprise is found and the first page of the admin is made, on the volume of a city.

    python -m tests.benchmarks.search

Server time of each kind of search, also of what nearly all names hold; the first page as a reviewer of the city and as
a clerk of an area sees it. Runs in a database made for it and dropped afterwards.
"""

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections, connection
from django.test import Client

from tests.benchmarks.imports import prepare_django, scratch_database
from tests.benchmarks.volume import make_volume

ROUNDS = 9
DAY = dt.date(2025, 12, 31)
# Few names, many, all but all; inside a name; a code; nothing.
TYPED = ("天地光能", "光能", "常州", "常", "czgn", "cz", "jxyxgs", "yxgs", "tdgn", "9132040000001", "91")
TYPED += ("没有这家", "zzzz")
WANTED = 100


def main() -> None:
    prepare_django()
    with scratch_database():
        make_volume(1)
        from registry.models.search import spell_all

        start = time.perf_counter()
        spell_all()
        tell("the initials of 200,000 names, all anew", (time.perf_counter() - start) * 1000)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE registry_nameinitials")
        searches()
        pages()


def searches() -> None:
    from registry import search

    city, area = people()
    for person in (city, area):
        for text in TYPED:
            taken = median(lambda text=text, person=person: search.find(person, text, day=DAY))
            tell(f"find “{text}”, {person.full_name}", taken, f"wanted: at most {WANTED}")


def pages() -> None:
    for person in people():
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        taken = median(lambda client=client: opened(client))
        tell(f"first page of the admin, {person.full_name}", taken, "wanted: at most 150")


def opened(client: Client) -> None:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    close_old_connections()


def people() -> list[Any]:
    from registry.choices import Role
    from registry.models import District, User
    from registry.services import take_up_role

    made = []
    for name, role, district in (
        ("city", Role.CITY_REVIEWER, None),
        ("area", Role.DISTRICT_CLERK, District.objects.first()),
    ):
        person, new = User.objects.get_or_create(
            username=name, defaults={"role": role, "district": district, "full_name": role.label}
        )
        if new:
            take_up_role(account=person)
        made.append(User.objects.get(pk=person.pk))
    return made


def median(work: Callable[[], Any]) -> float:
    spent = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent[1:])


def tell(name: str, milliseconds: float, note: str = "") -> None:
    sys.stdout.write(f"{name:<56}{milliseconds:>10.1f} ms  {note}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
