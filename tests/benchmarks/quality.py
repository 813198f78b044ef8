"""How long data quality and exports take at the volume of a city.

    python -m tests.benchmarks.quality

Each check over the volume of `tests.benchmarks.volume`, first when nobody remembers its answer and then again, with its
first page; and 200,000 rows of each large list as a workbook, with the memory that it took. One enterprise in twelve
has no code, as near names are looked for where one is missing. Runs in a database made for it and dropped afterwards.
"""

import resource
import sys
import time
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from tests.benchmarks.imports import prepare_django, scratch_database
from tests.benchmarks.volume import make_volume

WITHOUT_CODE = """
SET session_replication_role = replica;
UPDATE registry_enterprise SET uscc = NULL WHERE id % 12 = 0;
SET session_replication_role = origin;
"""
ROWS = 200_000


def main() -> None:
    prepare_django()
    with scratch_database():
        make_volume(1)
        with connection.cursor() as cursor:
            cursor.execute(WITHOUT_CODE)
            cursor.execute("VACUUM ANALYZE registry_enterprise")
        checks()
        exported()


def checks() -> None:
    from registry import quality
    from registry.models import User
    from registry.quality import Scope

    caches["answers"].clear()
    chief = User.objects.create_superuser("root", password=None)
    day = timezone.localdate()
    for check in quality.all_checks():
        taken = []
        for _round in ("nobody remembers", "remembered"):
            start = time.perf_counter()
            findings = check.find(Scope(chief, day))
            count = findings.count()
            findings.page(0, 50)
            taken.append((time.perf_counter() - start) * 1_000)
        say(f"{check.code:28} {count:9,} found  first {taken[0]:7,.0f} ms  then {taken[1]:5,.0f} ms")


def exported() -> None:
    from registry import exports, layouts
    from registry.models import AnnualFigures, Designation, Enterprise

    models: list[Any] = [Enterprise, Designation, AnnualFigures]
    for model in models:
        before, start = memory(), time.perf_counter()
        layout = layouts.layout_of(model)
        rows = exports.rows_of(layout, model.objects.order_by("-pk")[:ROWS])
        about = exports.About("名单", "—", timezone.localtime(), timezone.localdate())
        file, count = exports.write(layout, rows, about)
        size = file.seek(0, 2) / 1e6
        seconds = time.perf_counter() - start
        grown = memory() - before
        say(f"{model.__name__:28} {count:9,} rows   {seconds:6.1f} s   {size:5.1f} MB   peak +{grown:.0f} MB")


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
