"""How fast the pages of officials are made, and how many bytes they are, on the volume of a city.

    python -m tests.benchmarks.pages

Server time on a day that nobody has asked about, after an enterprise has moved (all enterprises are read anew), after a
reference row has been changed, once the worker has warmed the answers after a change, and with all remembered; beside
that where all facts are read anew, which a process does before it serves its first page; and as known at a moment,
after which titles and enterprises were corrected: first, on a day that nobody has asked about, and remembered. Bytes as
they are sent, without style sheets and the chart library, which a browser keeps. Runs in a database made for it and
dropped afterwards.
"""

import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone

from tests.benchmarks.imports import prepare_django, scratch_database
from tests.benchmarks.measuring import (
    forgetting,
    forgetting_answers,
    moving,
    query,
    renaming,
)
from tests.benchmarks.search import people
from tests.benchmarks.volume import make_volume

ROUNDS = 3
DAY = "2025-12-31"
# Some of the titles that no other of the same scheme follows.
PROLONG = """
    UPDATE registry_designation corrected SET valid_to = valid_to + 1
     WHERE id % 630 = 0 AND valid_to IS NOT NULL AND ended_on IS NULL AND NOT EXISTS (
       SELECT FROM registry_designation other WHERE other.enterprise_id = corrected.enterprise_id
          AND other.scheme_id = corrected.scheme_id AND other.id <> corrected.id
     ) RETURNING id
"""
AMEND = "UPDATE registry_enterprise SET address = address || '+' WHERE id % 600 = 0 RETURNING id"
WANTED = "wanted: at most 700, 700, 700, 700, 150 and 150 KB"


def make_plan() -> None:
    """96 targets in the proportions of the plan, as in the measurements of reading."""
    from registry.models import Cluster, Scheme
    from tests import factories as make

    levels = ({"level": "national"}, {"level": "provincial"}, {"level": "provincial", "at_least": True})
    schemes = list(Scheme.objects.order_by("pk"))
    for number in range(75):
        scheme = schemes[number % len(schemes)]
        fields = {"feed": ("stock", "stock", "new", "yearly")[number % 4], "counted": scheme.counts}
        make.target_with_rule(f"t{number}", schemes=(scheme,), **fields, **levels[number % 3])
    for cluster in Cluster.objects.all():
        make.target_with_rule(cluster.code, feed="sum", figure="revenue", clusters=(cluster,), unit="亿元")


def addresses() -> dict[str, str]:
    from registry.models import Cluster, District, Enterprise

    district = District.objects.first()
    one = Enterprise.objects.filter(designations__isnull=False, district=district).first()
    cluster = Cluster.objects.first()
    assert one is not None
    assert cluster is not None
    assert district is not None
    return {
        "overview": "/",
        "target": "/targets/t0/",
        "enterprises": "/enterprises/",
        "enterprises that hold a title": "/enterprises/?scheme=s1",
        "enterprise": f"/enterprises/{one.pk}/",
        "small pictures of the overview": "/courses/",
        "ranking of the areas": "/districts/",
        "area": f"/districts/{district.code}/",
        "holdings of the area": f"/districts/{district.code}/holdings/",
        "clusters": "/clusters/",
        "cluster": f"/clusters/{cluster.code}/",
        "titles that run out": "/expiring/",
        "find": "/find/?q=光能",
        "bulletin": "/bulletin/?kind=month",
        "differences": "/differences/",
    }


def main() -> None:
    prepare_django()
    call_command("collectstatic", interactive=False, verbosity=0)
    with scratch_database():
        make_volume(1)
        make_plan()
        moment = quote(corrected_since().isoformat())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        for person in people():
            client = Client(SERVER_NAME="localhost")
            client.force_login(person)
            sys.stdout.write(f"{person.full_name}\n")
            for name, address in addresses().items():
                tell(client, name, f"{address}{'&' if '?' in address else '?'}as_of={DAY}", moment)


def tell(client: Client, name: str, address: str, moment: str) -> None:
    size = opened(client, address)
    ways = [way(lambda: opened(client, address)) for way in (forgetting_answers, moving, renaming)]
    taken = [median(way) for way in ways]
    taken.append(median(lambda: opened(client, address), before=forget_and_warm))
    taken.append(median(lambda: opened(client, address)))
    anew = median(forgetting(lambda: opened(client, address)))
    in_the_past = ", ".join(f"{one:.0f}" for one in known_then(client, address, moment))
    times = "".join(f"{one:>8.0f} ms" for one in taken)
    sys.stdout.write(f"  {name:<32}{times} {size / 1024:>7.0f} KB  {WANTED}; all anew {anew:.0f} ms")
    sys.stdout.write(f"; as known at a moment {in_the_past} ms\n")
    sys.stdout.flush()


def corrected_since() -> dt.datetime:
    """A moment after which a thousand titles and three hundred enterprises were corrected, and one had moved."""
    from registry.models import District, Enterprise, Relocation

    query(AMEND)  # the volume comes without a history of enterprises
    moment = timezone.localtime()
    query(PROLONG)
    query(AMEND)
    one = Enterprise.objects.filter(relocations=None).earliest("pk")
    before = District.objects.exclude(pk=one.district_id).first()
    Relocation.objects.create(
        enterprise=one, day=dt.date(2024, 6, 6), from_district=before, to_district=one.district
    )
    return moment


def known_then(client: Client, address: str, moment: str) -> list[float]:
    """As known at a moment: first, where the facts of now are known, as to each process that serves; of another day;
    remembered.
    """
    then = f"{address}&known_at={moment}"
    first = median(lambda: opened(client, then), before=forgetting(lambda: opened(client, address)))
    return [
        first,
        median(forgetting_answers(lambda: opened(client, then))),
        median(lambda: opened(client, then)),
    ]


def forget_and_warm() -> None:
    """As after a change, in a process that serves pages: the worker is another one."""
    from registry import state
    from targets.measure.memory import RECENT
    from targets.tasks import warm

    state.touch()
    warm(dt.date.fromisoformat(DAY))
    RECENT.clear()


def opened(client: Client, address: str) -> int:
    answer = client.get(address)
    assert answer.status_code == 200, f"{address} {answer.status_code}"
    close_old_connections()
    return len(answer.content)


def median(work: Callable[[], Any], *, before: Callable[[], Any] = lambda: None) -> float:
    spent = []
    for _ in range(ROUNDS):
        before()
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
