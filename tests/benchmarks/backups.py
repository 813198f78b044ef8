"""How long a backup of a city takes, and to bring it back with every row compared.

    python -m tests.benchmarks.backups

200,000 enterprises, 1,000,000 titles and yearly figures, the history of every title. Runs in a database made for it
and dropped afterwards.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.imports import prepare_django, scratch_database
from tests.benchmarks.volume import make_volume


def main() -> None:
    prepare_django()
    from czindustry import backups
    from czindustry.postgresql.base import close_connections

    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        make_volume(1)
        began = time.perf_counter()
        made = backups.make(Path(folder))
        told = f"{made.rows:,} rows of {len(made.tables)} tables, {made.size / 2**20:.0f} MB"
        tell("backup", time.perf_counter() - began, told)
        close_connections()
        began = time.perf_counter()
        found = backups.restore(Path(folder) / made.file, replace=True)
        tell("restore, every row compared", time.perf_counter() - began, "")
        drop(found.before)


def drop(name: str) -> None:
    """The database of before, which a restore keeps."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def tell(name: str, seconds: float, remark: str) -> None:
    sys.stdout.write(f"{name:<32}{seconds:>6.0f} s   {remark}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
