"""Decides about the rows of a list that comes back: each cell against the value at the export and the value now."""

from collections import defaultdict
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from registry.rosters import ledger
from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import IDS, MODELS, Record
from registry.rosters.parse import Parsed
from registry.rosters.returning import fields
from registry.rosters.returning.cells import Back, Cells
from registry.rosters.returning.checks import Checks
from registry.rosters.returning.fields import ID, TABLES, VERSION
from registry.rosters.returning.groups import Groups
from registry.rosters.returning.holder import HolderCells
from registry.rosters.workbench import Decider, Workbench


def beside(
    inner: Decider, bench: Workbench, table: Table, kind: str, parsed: list[Parsed], area: int | None = None
) -> "Decider | ReturningDecider":
    """The decider itself for an office's list; for one that was exported here a decider that compares cells.

    `area` keeps a person of an area to the records of it: to others there seems to be no such record.
    """
    if ID not in table.headers or VERSION not in table.headers:
        return inner
    returning = ReturningDecider(inner, bench, table, kind, area)
    used = returning.cells.used()
    table.ignored = [name for name in table.ignored if name not in used]
    returning.take(parsed)
    return returning


class ReturningDecider(Decider):
    """Rows with a number are compared; rows without one go the way of an office's list."""

    def __init__(
        self, inner: Decider, bench: Workbench, table: Table, kind: str, area: int | None = None
    ) -> None:
        self.inner, self.bench, self.table, self.area = inner, bench, table, area
        self.main = TABLES[kind]  # type: ignore[index]
        self.holders = HolderCells(table, self.main, bench.reference)
        self.cells = Cells(table, kind, self.main, bench.reference, self.holders)
        self.groups = Groups(bench, table, self.cells.parsers) if self.main == "enterprise" else None
        self.checks = Checks(self.main, bench)
        self.rows: dict[int, Back] = {}
        self.first_of: dict[int, int] = {}

    def take(self, parsed: list[Parsed]) -> None:
        """Take over the rows with a number: of them only changed cells are read, later."""
        for row in parsed:
            back = self.cells.identity(row)
            if back is not None:
                self.rows[row.number] = back
                row.refused, row.values, row.incomplete = "", {}, {}
                row.warnings.clear()

    def is_back(self, row: Parsed) -> bool:
        return row.number in self.rows

    # Loading

    def load(self, rows: list[Parsed]) -> None:
        self.inner.load([row for row in rows if not self.is_back(row)])
        backs = [self.rows[row.number] for row in rows if self.is_back(row)]
        self._load_records(backs)
        for row in rows:
            if self.is_back(row):
                back = self.rows[row.number]
                try:
                    self._compare(row, back)
                except RowRefused as error:
                    back.refused = back.refused or str(error)
        changing = [back for back in backs if back.changes and not back.refused and back.record]
        self.checks.load([(back.record, back.changes) for back in changing if back.record])
        if backs:
            note = _("Rows of an exported list that are found by their number (编号): %(count)s.")
            self.bench.notes.update({note: len(backs)})

    def _load_records(self, backs: list[Back]) -> None:
        ids = ledger.listed({back.id for back in backs if back.id})
        known = self._known()
        records = {
            found.id: known.get(found.id, found)
            for found in ledger.load(self.main, f"fact.id = ANY({IDS})", [ids])
        }
        self.holders.load(records.values())
        if self.area is not None:
            records = {pk: one for pk, one in records.items() if self.holders.area_of(one) == self.area}
        if self.groups:
            self.groups.load(records)
        older = [back for back in backs if back.id in records and 0 < back.version < records[back.id].version]
        editions = _editions(self.main, older)
        for back in backs:
            back.record = records.get(back.id)
            if back.record is not None:
                current = back.version == back.record.version
                back.base = dict(back.record.values) if current else editions.get((back.id, back.version), {})

    def _known(self) -> dict[int, Record]:
        """Records that the other rows of the list know: two rows must speak of one and the same."""
        if self.main == "enterprise":
            return {pk: record for pk, record in self.bench.directory.records.items() if pk > 0}
        found: dict[int, Record] = {}
        for kept in getattr(self.inner, "known", {}).values():
            found.update({record.id: record for record in (kept if isinstance(kept, list) else [kept])})
        return found

    # Comparing

    def _compare(self, row: Parsed, back: Back) -> None:
        if back.refused:
            raise RowRefused(back.refused)
        record = back.record
        if record is None:
            raise RowRefused(
                _(
                    "There is no record %(number)s here. Empty the cells 编号 and 版本 if the row is a new record."
                )
                % {"number": back.id}
            )
        if back.id in self.first_of:
            raise RowRefused(
                _("The record %(number)s stands in row %(row)s already.")
                % {"number": back.id, "row": self.first_of[back.id]}
            )
        self.first_of[back.id] = row.number
        if not back.base:
            raise RowRefused(
                _("The version %(version)s of the record %(number)s is not known here. Export the list anew.")
                % {"version": back.version, "number": back.id}
            )
        problems = list(self.cells.problems(row, back))
        if self.groups:
            problems += self.groups.problems(row, record)
        if self.area is not None and back.changes.get("district_id", self.area) != self.area:
            problems.append(_("An enterprise is moved to another area by the city."))
        if problems:
            raise RowRefused(" ".join(problems))

    # Deciding

    def in_turn(self, rows: list[Parsed]) -> list[Parsed]:
        return self.inner.in_turn(rows)

    def decide(self, row: Parsed) -> None:
        if not self.is_back(row):
            self.inner.decide(row)
            return
        back = self.rows[row.number]
        if back.refused or back.record is None:
            raise RowRefused(back.refused)
        record, changes = back.record, back.changes
        self.checks.look_at(record, changes, row)
        self.bench.refuse_contradiction(record, row.number, changes)
        emptied = [name for name, value in changes.items() if value in (None, "")]
        if emptied:
            labels = [str(fields.model_field(self.main, name).verbose_name) for name in emptied]
            row.warnings.append(_("Emptied: %(fields)s.") % {"fields": "、".join(labels)})
        old_name = record.values.get("name", "")
        self.bench.ledger.change(record, changes)
        self.bench.state(record, row.number, changes)
        if self.groups:
            self.groups.decide(record, row, renamed_from=old_name if "name" in changes else "")


def _editions(main: str, backs: list[Back]) -> dict[tuple[int, int], dict[str, Any]]:
    """Records as they stood at an earlier version, from the history."""
    if not backs:
        return {}
    names = ledger.columns(main)
    events: Any = MODELS[main]._meta.get_field("events").related_model
    listed = ", ".join(f'event."{name}"' for name in names)
    found: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked.id, asked.version, {listed} "
            f"FROM unnest({IDS}, {IDS}) AS asked(id, version) "
            f'JOIN "{events._meta.db_table}" AS event '
            "ON event.pgh_obj_id = asked.id AND event.version = asked.version ORDER BY event.pgh_id",
            [ledger.listed(back.id for back in backs), ledger.listed(back.version for back in backs)],
        )
        for pk, version, *rest in cursor.fetchall():
            found[pk, version] = dict(zip(names, rest, strict=True))
    return found
