"""What a list would do, kept in memory: records as they would become, and what each row did to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    Membership,
    Review,
    Statistic,
)

# In the order in which they can be written: what is referred to comes first.
MODELS: dict[str, type[models.Model]] = {
    "enterprise": Enterprise,
    "former_name": FormerName,
    "membership": Membership,
    "designation": Designation,
    "review": Review,
    "figures": AnnualFigures,
    "statistic": Statistic,
}


@dataclass(slots=True, eq=False)
class Record:
    """A record by its columns; a negative id is one that this list would make."""

    table: str
    id: int
    values: dict[str, Any]
    version: int = 0

    @property
    def is_new(self) -> bool:
        return self.id < 0


@dataclass(slots=True)
class Write:
    """What one row does to one record."""

    record: Record
    created: bool
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """Collects the writes of the row that is being decided; later rows see what earlier ones did."""

    _writes: list[Write] = field(default_factory=list)
    _last_id: int = 0

    def create(self, table: str, values: dict[str, Any]) -> Record:
        self._last_id -= 1
        record = Record(table, self._last_id, dict(values))
        self._writes.append(Write(record, True, {}, values))
        return record

    def change(self, record: Record, wanted: dict[str, Any]) -> bool:
        """Set what differs; False when nothing does."""
        after = {name: value for name, value in wanted.items() if record.values.get(name) != value}
        if not after:
            return False
        before = {name: record.values.get(name) for name in after}
        record.values.update(after)
        self._writes.append(Write(record, False, before, after))
        return True

    def take(self) -> list[Write]:
        """The writes of the row that has just been decided."""
        writes, self._writes = self._writes, []
        return writes


def columns(table: str) -> list[str]:
    """The columns of a table that are facts: neither its key nor what the database derives."""
    return [
        column.attname
        for column in MODELS[table]._meta.concrete_fields
        if not column.generated and column.attname not in ("id", "version")
    ]


# A list of thousands as one text is bound at a tenth of the cost of an array; keys and codes hold no comma.
IDS = "string_to_array(%s, ',')::bigint[]"
TEXTS = "string_to_array(%s, ',')"


def listed(values: Iterable[object]) -> str:
    """The parameter for IDS and TEXTS."""
    return ",".join(map(str, values))


def load(
    table: str, condition: str, parameters: list[Any], *, only: list[str] | None = None, lock: bool = False
) -> list[Record]:
    """Records of a table by a condition in SQL; through the ORM it would cost more than all the rest.

    With `lock` they stay as they are to the end of the transaction; whoever wants them too takes them in the same order.
    """
    names = only or columns(table)
    fields = ", ".join(f'fact."{name}"' for name in ("id", "version", *names))
    sql = f'SELECT {fields} FROM "{MODELS[table]._meta.db_table}" AS fact WHERE {condition} ORDER BY fact.id'
    if lock:
        sql += " FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [
            Record(table, id_, dict(zip(names, rest, strict=True)), version)
            for id_, version, *rest in cursor.fetchall()
        ]
