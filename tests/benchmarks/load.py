"""Three hundred people at work for ten minutes, on the volume of a city: how long each page takes, and what fails.

    make load [ARGS="--people 300 --minutes 10"]

The site is served as in production, and the people (locust) are on the same two cores. Two thirds are officials who read;
a third are clerks who look up and save; a list comes in meanwhile. Each looks at a page for 10 to 50 seconds before the
next. They have signed in before: passwords are slow on purpose, and not all sign in at
once. Prints of each page: requests, failures, median, 95th and 99th percentile, the longest, in ms; and all errors.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from tests.benchmarks.imports import prepare_django, scratch_database
from tests.benchmarks.pages import make_plan
from tests.benchmarks.serving import HOST, PORT, address_of_database, served
from tests.benchmarks.volume import make_volume

ODD = "压测"
LOCUST = "locust==2.47.0"
PEOPLE_AT_WORK = Path(__file__).with_name("people_at_work.py")
COLUMNS = ("Name", "Request Count", "Failure Count", "50%", "95%", "99%", "Max Response Time")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--minutes", type=int, default=10)
    asked = parser.parse_args()
    prepare_django()
    call_command("collectstatic", interactive=False, verbosity=0)
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        make_volume(1)
        make_plan()
        call_command("createcachetable", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        world = Path(folder) / "world.json"
        world.write_text(json.dumps(make_world(asked.people)))
        connections.close_all()
        with served(), importing(Path(folder), asked.minutes * 60 / 3):
            run(asked.people, asked.minutes, Path(folder), world)
        report(Path(folder) / "told_stats.csv", Path(folder) / "told_failures.csv")


def make_world(people: int) -> dict[str, Any]:
    """Sessions of everybody, and what they open."""
    from registry.choices import Role
    from registry.models import District, Enterprise, User
    from registry.services import take_up_role

    # all of the city: whoever is of an area would meet enterprises of others
    roles = (Role.CITY_OFFICIAL, Role.CITY_OFFICIAL, Role.CITY_CLERK)
    sessions: dict[str, list[str]] = {"officials": [], "clerks": []}
    for number in range(people):
        role = roles[number % 3]
        user = User.objects.create(username=f"p{number}", full_name=f"人{number}", role=role)
        take_up_role(account=user)
        sessions["clerks" if role == Role.CITY_CLERK else "officials"].append(session_of(user))
    return {
        "sessions": sessions,
        "cookie": settings.SESSION_COOKIE_NAME,
        "targets": [f"t{number}" for number in range(75)],
        "districts": list(District.objects.values_list("code", flat=True)),
        "enterprises": list(Enterprise.objects.order_by("?").values_list("pk", flat=True)[:2_000]),
        "typed": ["光能", "天地", "czgn", "常州电子", "9132040000001"],
    }


def session_of(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.RIGHTS_BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    key: str = store.session_key
    return key


@contextmanager
def importing(folder: Path, after: float) -> Iterator[None]:
    """A list of 5,000 enterprises comes in meanwhile; how long that takes is told."""
    file = folder / "名单.csv"
    lines = (f"{ODD}{number}号企业有限公司,\n" for number in range(5_000))
    file.write_text("企业名称,统一社会信用代码\n" + "".join(lines))
    command = [
        sys.executable,
        "manage.py",
        "import_roster",
        str(file),
        "--kind",
        "enterprises",
        "--create-missing",
    ]
    around = {**os.environ, "DATABASE_URL": address_of_database()}

    def work() -> None:
        time.sleep(after)
        began = time.monotonic()
        done = subprocess.run(command, env=around, cwd=settings.BASE_DIR, capture_output=True, text=True)
        told = f"list of 5,000 rows: {time.monotonic() - began:.0f} s, code {done.returncode}"
        sys.stdout.write(f"{told} {done.stdout.strip().splitlines()[-1:]}\n")

    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()


def run(people: int, minutes: int, folder: Path, world: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [
        str(uv),
        "tool",
        "run",
        "--from",
        LOCUST,
        "locust",
        "--locustfile",
        str(PEOPLE_AT_WORK),
        "--headless",
    ]
    command += [
        "--host",
        f"http://{HOST}:{PORT}",
        "--users",
        str(people),
        "--spawn-rate",
        str(max(1, people // 60)),
    ]
    command += [
        "--run-time",
        f"{minutes}m",
        "--csv",
        str(folder / "told"),
        "--only-summary",
        "--loglevel",
        "WARNING",
    ]
    started = time.monotonic()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, env={**os.environ, "WORLD": str(world)}, check=False, **quiet)
    sys.stdout.write(f"{people} people, {(time.monotonic() - started) / 60:.1f} minutes\n")


def report(stats: Path, failures: Path) -> None:
    with stats.open() as file:
        for row in csv.DictReader(file):
            number, failed, *times = (row[name] for name in COLUMNS[1:])
            told = "".join(f"{float(one or 0):>9.0f}" for one in times)
            sys.stdout.write(f"{row['Name'] or 'all':<34}{number:>7}{failed:>6}{told}\n")
    with failures.open() as file:
        for row in csv.DictReader(file):
            sys.stdout.write(f"failed {row['Occurrences']} times: {row['Name']} {row['Error']}\n")


if __name__ == "__main__":
    main()
