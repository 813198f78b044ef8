"""The changed cells of a list that came back, for a preview: which row, which field, before and after."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from django.utils.translation import gettext as _

from registry.rosters import reference
from registry.rosters.ledger import MODELS, Write, columns
from registry.rosters.returning.comparing import Shown
from registry.rosters.returning.fields import model_field


class Planned(Protocol):
    """A row of a plan."""

    number: int
    writes: list[Write]


def changed_cells(rows: Iterable[Planned]) -> list[dict[str, Any]]:
    """One line a changed field; a record that is made beside it (former name, membership) is one line."""
    known = reference.load()
    shown = {table: Shown(table, known) for table in MODELS}
    return [line for row in rows for write in row.writes for line in _lines(row, write, shown)]


def _lines(row: Planned, write: Write, shown: dict[str, Shown]) -> Iterator[dict[str, Any]]:
    table = write.record.table
    named = str(MODELS[table]._meta.verbose_name)
    if write.created:
        yield {
            "row": row.number,
            "record": named,
            "field": _("new"),
            "before": "",
            "after": _made(write, shown),
        }
        return
    for name in write.after:
        yield {
            "row": row.number,
            "record": f"{named} {write.record.id}",
            "field": str(model_field(table, name).verbose_name),
            "before": shown[table].words(name, write.before.get(name)),
            "after": shown[table].words(name, write.after[name]),
        }


def _made(write: Write, shown: dict[str, Shown]) -> str:
    """What is told of a new record: its name, or what it refers to."""
    values = write.record.values
    if values.get("name"):
        return str(values["name"])
    known = shown[write.record.table]
    if "cluster_id" in values:
        return known.clusters.get(values["cluster_id"], "")
    return "、".join(
        known.words(name, values[name])
        for name in columns(write.record.table)
        if values.get(name) and not name.endswith("_id")
    )[:80]
