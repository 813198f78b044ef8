"""The API as it is served in production, to one programme and to eight at once, beside the bare SQL through pgbench.

    python -m tests.benchmarks.serving [--seconds 10]

200,000 enterprises, 1,000,000 titles, 1,000,000 yearly figures. granian with two processes of four threads, as `run_site`
starts it; the programmes that ask run on the same two cores, each with a connection of its own that stays open.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from django.core.management import call_command
from django.db import connection, connections

from tests.benchmarks.api import (
    DISTRICT,
    FEW,
    FORMER_NAMES,
    LIST,
    PAGE,
    ROWS,
    SCHEME,
    USCC,
    query,
    run,
    token,
)
from tests.benchmarks.imports import prepare_django, scratch_database, settle
from tests.benchmarks.volume import make_volume

HOST, PORT = "127.0.0.1", 8791
PROGRAMMES = (1, 8)
SECONDS_TO_ANSWER = 60
READING = {
    f"a page of {PAGE} filtered": (
        f"/api/v1/enterprises/?{urlencode({'name': FEW, 'district': DISTRICT, 'scheme': SCHEME, 'limit': PAGE})}",
        "at least half of pgbench",
    ),
    "one enterprise by its code": (f"/api/v1/enterprises/{USCC}/", "500"),
    "progress, remembered": ("/api/v1/progress/?as_of=2024-12-31", "800"),
    "changes, none": ("/api/v1/changes/?after={position}&resource=enterprises", ""),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=10)
    seconds: int = parser.parse_args().seconds
    prepare_django()
    with scratch_database():
        make_volume(1)
        run(FORMER_NAMES)
        settle("registry_formername")
        call_command("load_reference", verbosity=0)
        report_floor(seconds)
        text = token()
        uscc = [code for (code,) in query(f"SELECT uscc FROM registry_enterprise ORDER BY id LIMIT {ROWS}")]
        connections.close_all()
        with served():
            report(text, uscc, seconds)


def report_floor(seconds: int) -> None:
    """The very rows of the list, by their SQL alone."""
    ids = {
        name: query(f"SELECT id FROM registry_{name} WHERE code = '{code}'")[0][0]
        for name, code in (("district", DISTRICT), ("scheme", SCHEME))
    }
    sql = LIST % {**ids, "name": f"'{FEW}'"}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(" ".join(sql.split()) + ";\n")
        script.flush()
        for clients in PROGRAMMES:
            rate = pgbench(script.name, clients, seconds)
            print_line(f"a page of {PAGE} filtered, bare SQL", clients, rate, "requests/s")


def pgbench(script: str, clients: int, seconds: int) -> float:
    from czindustry.database import program

    known = connection.get_connection_params()
    command = [str(program("pgbench")), "-n", "-f", script, "-c", str(clients), "-j", "2", "-T", str(seconds)]
    command += ["-h", str(known["host"]), "-U", str(known.get("user", "")), known["dbname"]]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def address_of_database() -> str:
    known = connection.get_connection_params()
    return f"postgres://{known.get('user', '')}@{quote(str(known['host']), safe='')}/{known['dbname']}"


@contextmanager
def served() -> Iterator[None]:
    """The site on the database of the benchmark."""
    around = {**os.environ, "DATABASE_URL": address_of_database(), "CZINDUSTRY_API_RATE": str(10**9)}
    command = [sys.executable, "-m", "granian", "czindustry.worker:application", "--interface", "wsgi"]
    command += [
        "--host",
        HOST,
        "--port",
        str(PORT),
        "--workers",
        "2",
        "--blocking-threads",
        "4",
        "--log-level",
        "error",
    ]
    site = subprocess.Popen(command, env=around)
    try:
        wait_for_site()
        yield
    finally:
        site.terminate()
        site.wait(20)


def wait_for_site() -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        try:
            http.client.HTTPConnection(HOST, PORT, timeout=5).request("GET", "/api/v1/")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the site does not answer")


def report(text: str, uscc: list[str], seconds: int) -> None:
    position = json.loads(Programme(text).ask("GET", "/api/v1/changes/"))["position"]
    for name, (path, wanted) in READING.items():
        asked = path.format(position=position)
        Programme(text).ask("GET", asked)
        for clients in PROGRAMMES:
            rate = together(text, clients, lambda one, _turn, asked=asked: one.ask("GET", asked), seconds)  # type: ignore[misc]
            print_line(name, clients, rate, "requests/s", wanted)
    for clients in PROGRAMMES:
        rate = bulk(text, clients, uscc)
        print_line(f"{ROWS:,} rows of yearly figures at once", clients, rate, "rows/s", "5,000")


class Programme:
    """Asks over one connection that stays open, with as little work of its own as pgbench has."""

    def __init__(self, text: str) -> None:
        self.line = socket.create_connection((HOST, PORT), timeout=120)
        self.answers = self.line.makefile("rb")
        self.headers = f"Host: {HOST}\r\nAuthorization: Bearer {text}\r\nContent-Type: application/json\r\n"

    def ask(self, method: str, path: str, body: str = "") -> bytes:
        content = body.encode()
        head = f"{method} {path} HTTP/1.1\r\n{self.headers}Content-Length: {len(content)}\r\n\r\n"
        self.line.sendall(head.encode() + content)
        status, length = self.answers.readline(), 0
        while (line := self.answers.readline()) not in (b"\r\n", b""):
            name, _colon, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        told = self.answers.read(length)
        if status.split()[1:2] != [b"200"]:
            raise RuntimeError(f"{path} answers {status!r}: {told[:300]!r}")
        return told


def together(text: str, clients: int, work: Callable[[Programme, int], object], seconds: int) -> float:
    """How many requests a second so many programmes get answered."""
    until = time.monotonic() + seconds

    def one(_number: int) -> int:
        programme, turns = Programme(text), 0
        while time.monotonic() < until:
            work(programme, turns)
            turns += 1
        return turns

    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        done = sum(pool.map(one, range(clients)))
    return done / (time.monotonic() - started)


def bulk(text: str, clients: int, uscc: list[str]) -> float:
    """How many rows a second are written, each programme with a year of its own, twice."""
    values = {
        "revenue": "12345.67",
        "output": "23456.7",
        "rnd": "345.6",
        "employees": 120,
        "above_scale": True,
    }
    bodies = {
        year: json.dumps({"rows": [{"uscc": code, "year": year, **values} for code in uscc]})
        for year in range(2040 + clients * 2, 2040 + clients * 4)
    }
    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(
            pool.map(
                lambda body: Programme(text).ask("POST", "/api/v1/annual-figures/bulk/", body),
                bodies.values(),
            )
        )
    return len(bodies) * len(uscc) / (time.monotonic() - started)


def print_line(name: str, clients: int, rate: float, unit: str, wanted: str = "") -> None:
    remark = f"   wanted with 8: {wanted}" if wanted else ""
    sys.stdout.write(f"{name:<40}{clients:>2} at once {rate:>10,.0f} {unit}{remark}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
