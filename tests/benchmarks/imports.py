"""How fast lists go in, and with how much memory, against the least that PostgreSQL needs for the same rows.

    python -m tests.benchmarks.imports [--enterprises 200000] [--titles 50000]

The floor is a bare COPY of the titles into a staging table and one INSERT … SELECT from there, with all
indexes, constraints and the history that any write has; the import reads a workbook, matches, checks, and
keeps every row. Both run onto the same enterprises, in a database made for it and dropped afterwards.
"""

import argparse
import datetime as dt
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import xlsxwriter
from django.conf import settings
from django.db import connection, connections, transaction

DATABASE = "bench_imports"
SEED = 532
ROUNDS = 3
FIRST_DAY = dt.date(2022, 3, 1)
OWN = "天地光能金石宏远华新海康东方正大永安瑞丰泰和明德中科龙城江河星宇长兴亚太精工"
TRADES = [
    "精密机械",
    "新能源科技",
    "电子",
    "纺织",
    "新材料",
    "智能装备",
    "汽车零部件",
    "化工",
    "医疗器械",
    "塑料制品",
]

STAGING = """
    CREATE TEMP TABLE staging (uscc text, batch text, document text, certificate text, valid_from date)
    ON COMMIT DROP
"""
FLOOR = """
    INSERT INTO registry_designation
        (version, scheme_id, level, enterprise_id, item, batch, document, certificate, valid_from, valid_to,
         state, end_reason, end_document, return_reason, source, note)
    SELECT 1, %s, 'provincial', enterprise.id, '', staging.batch, staging.document, staging.certificate,
           staging.valid_from, staging.valid_from + 1094, 'confirmed', '', '', '', '', ''
      FROM staging JOIN registry_enterprise AS enterprise ON enterprise.uscc = staging.uscc
"""


@dataclass
class Measure:
    """One measurement; `cpu` is that of Python and of PostgreSQL together, which other work on the machine
    disturbs less than it does the seconds. None where the server is not on this machine."""

    name: str
    rows: int
    seconds: float
    cpu: float | None
    megabytes: float | None = None


def main() -> None:
    arguments = read_arguments()
    if arguments.step:
        run_step(arguments)
        return
    prepare_django()
    listed = settings.BASE_DIR.parent / "shared" / "data" / "enterprises.csv"
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        if listed.exists():
            done = []
            for _ in range(ROUNDS):
                done.append(measured("enterprises", listed, []))
                empty_registry()
            print_measure(best(done))
        seed(arguments.enterprises)
        titles = list(make_titles(arguments.titles))
        workbook = write_workbook(titles, Path(folder) / "titles.xlsx")
        floors, imports = [], []
        for _ in range(ROUNDS):
            floors.append(run_floor(titles))
            imports.append(measured("designations", workbook, ["--scheme", "bench"]))
            empty_titles()
        floors.append(run_floor(titles))
    print_comparison(best(floors), best(imports))


def best(measures: list[Measure]) -> Measure:
    """The least disturbed of several measurements."""
    return min(measures, key=lambda measure: measure.seconds)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--enterprises", type=int, default=200_000)
    parser.add_argument("--titles", type=int, default=50_000)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--scheme", default="", help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true", help="print where the import spends its time")
    return parser.parse_args()


def prepare_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "czindustry.settings")
    django.setup()


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database of its own on the same server; the registry's is not touched."""
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


# A step runs in a process of its own, so that its peak of memory is its own


def measured(kind: str, path: Path, more: list[str]) -> Measure:
    """One import, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.imports", "--step", kind, "--file", str(path), *more]
    if "--profile" in sys.argv:
        command.append("--profile")
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=settings.BASE_DIR)
    sys.stderr.write(done.stderr)
    return Measure(f"import of {path.name}", **json.loads(done.stdout))


def run_step(arguments: argparse.Namespace) -> None:
    prepare_django()
    connections.databases["default"]["NAME"] = DATABASE
    # only now: they need Django's settings
    from registry.rosters import service
    from registry.rosters.plan import Request
    from registry.rosters.workbench import Options

    backend = backend_pid()
    profiler = start_profiler() if arguments.profile else None
    start, cpu = time.perf_counter(), cpu_seconds(backend)
    options = Options(scheme=arguments.scheme, level="provincial" if arguments.scheme else "")
    content = Path(arguments.file).read_bytes()
    request = Request(kind=arguments.step, content=content, file_name="list", options=options)
    plan = service.import_list(request, by=None, reason="benchmark").plan
    seconds, spent = time.perf_counter() - start, since(cpu, backend)
    if profiler:
        print_profile(profiler)
    counts = plan.counts()
    assert counts["created"] >= 0.99 * len(plan.rows), counts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"rows": len(plan.rows), "seconds": seconds, "cpu": spent, "megabytes": peak}
    sys.stdout.write(json.dumps(found))


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
        return pid


def cpu_seconds(backend: int) -> float | None:
    """Of this process and of the server's process that works for it."""
    try:
        fields = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def since(before: float | None, backend: int) -> float | None:
    now = cpu_seconds(backend)
    return now - before if now is not None and before is not None else None


def start_profiler() -> Any:
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable()
    return profiler


def print_profile(profiler: Any) -> None:
    import pstats

    profiler.disable()
    pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(30)


# What is measured on


def uscc(number: int) -> str:
    from registry.codes import with_check_character

    return with_check_character(f"91320411{number:09d}")


def seed(count: int) -> None:
    """Enterprises as a city has them, and a scheme."""
    from registry.models import Scheme, SchemeLevel

    scheme = Scheme.objects.create(code="bench", name="bench", term_months=36)
    SchemeLevel.objects.create(scheme=scheme, level="provincial")
    chance = random.Random(SEED)
    with connection.cursor() as cursor:
        into = "COPY registry_enterprise (version, name, uscc, uscc_confirmed, registration_no, address, "
        into += "legal_form, stock_code, contact_name, contact_phone) FROM STDIN"
        with cursor.copy(into) as copy:
            for number in range(count):
                own = "".join(chance.sample(OWN, 4))
                name = f"常州{own}{chance.choice(TRADES)}有限公司"
                copy.write_row((1, name, uscc(number), False, "", "常州市", "", "", "", ""))
    settle("registry_enterprise")


def make_titles(count: int) -> Iterator[tuple[str, ...]]:
    """Every title to another enterprise, in the order in which an office would list them: none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, uscc FROM registry_enterprise ORDER BY id")
        enterprises = cursor.fetchall()
    for number, (name, code) in enumerate(random.Random(SEED).sample(enterprises, count), start=1):
        day = FIRST_DAY + dt.timedelta(days=number % 30)
        yield name, code, "第五批", "苏工信〔2022〕1号", f"No. {number}", day.strftime("%Y年%m月%d日")


def write_workbook(titles: list[tuple[str, ...]], path: Path) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, ["名单"])
        sheet.write_row(1, 0, ["企业名称", "统一社会信用代码", "批次", "文号", "证书编号", "认定日期"])
        for place, row in enumerate(titles, start=2):
            sheet.write_row(place, 0, row)
    return path


def run_floor(titles: list[tuple[str, ...]]) -> Measure:
    """COPY and INSERT … SELECT, with the commit; taken away again afterwards."""
    from registry.models import Scheme

    scheme = Scheme.objects.get(code="bench").pk
    text = io.StringIO()
    for _name, code, batch, document, certificate, day in titles:
        text.write(f"{code}\t{batch}\t{document}\t{certificate}\t{day[:4]}-{day[5:7]}-{day[8:10]}\n")
    backend = backend_pid()
    start, cpu = time.perf_counter(), cpu_seconds(backend)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STAGING)
        with cursor.copy("COPY staging FROM STDIN") as copy:
            copy.write(text.getvalue())
        cursor.execute(FLOOR, [scheme])
        assert cursor.rowcount == len(titles)
    measure = Measure("floor", len(titles), time.perf_counter() - start, since(cpu, backend))
    empty_titles()
    return measure


def empty_titles() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_review, registry_designation, registry_designationfactevent")
        cursor.execute("UPDATE registry_enterprise SET roster_row_id = NULL WHERE roster_row_id IS NOT NULL")
        cursor.execute("DELETE FROM registry_rosterrow")
    settle("registry_designation", "registry_designationfactevent", "registry_rosterrow")


def empty_registry() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE registry_enterprise, registry_enterprisefactevent, registry_rosterrow CASCADE"
        )


def settle(*tables: str) -> None:
    """Vacuum and checkpoint, so that one measurement does not pay for another."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")


def print_measure(measure: Measure) -> None:
    cpu = f"{measure.cpu:.2f} s of CPU, " if measure.cpu else ""
    peak = f"{measure.megabytes:.0f} MB, " if measure.megabytes else ""
    rate = measure.rows / measure.seconds
    sys.stdout.write(f"{measure.name:24}{measure.rows:>7} rows {measure.seconds:>6.2f} s, {cpu}{peak}")
    sys.stdout.write(f"{rate:,.0f} rows/s\n")


def print_comparison(floor: Measure, imported: Measure) -> None:
    print_measure(floor)
    print_measure(imported)
    sys.stdout.write(f"import : floor = {imported.seconds / floor.seconds:.2f}")
    if imported.cpu and floor.cpu:
        sys.stdout.write(f" by the clock, {imported.cpu / floor.cpu:.2f} by CPU")
    sys.stdout.write("; wanted: at most 3, and under 500 MB\n")


if __name__ == "__main__":
    main()
