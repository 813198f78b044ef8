"""Decides about the rows of a list that comes back: each cell against the value at the export and the value now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from registry.rosters import ledger
from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import IDS, MODELS, Record
from registry.rosters.parse import Parsed, RowParser
from registry.rosters.returning import checks, fields
from registry.rosters.returning.comparing import Shown
from registry.rosters.returning.fields import ID, TABLES, VERSION, Field
from registry.rosters.returning.groups import Groups
from registry.rosters.returning.holder import HolderCells
from registry.rosters.workbench import Decider, Workbench
from registry.rosters.workbook import Cell, is_blank


@dataclass(slots=True)
class Back:
    """A row that came back: which record, as of which version, what a person changed in it."""

    number: int
    id: int
    version: int
    record: Record | None = None
    base: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    refused: str = ""


def beside(
    inner: Decider, bench: Workbench, table: Table, kind: str, parsed: list[Parsed], area: int | None = None
) -> "Decider | ReturningDecider":
    """The decider itself for an office's list; for one that was exported here a decider that compares cells.

    `area` keeps a person of an area to the records of it: to others there seems to be no such record.
    """
    if ID not in table.headers or VERSION not in table.headers:
        return inner
    table.ignored = [name for name in table.ignored if name not in (ID, VERSION)]
    returning = ReturningDecider(inner, bench, table, kind, area)
    returning.take(parsed)
    return returning


class ReturningDecider:
    """Rows with a number are compared; rows without one go the way of an office's list."""

    def __init__(
        self, inner: Decider, bench: Workbench, table: Table, kind: str, area: int | None = None
    ) -> None:
        self.inner, self.bench, self.table, self.area = inner, bench, table, area
        self.main = TABLES[kind]  # type: ignore[index]
        parser = RowParser(table, kind, bench.reference)
        parsers = {name: parse for name, _place, _title, parse in parser.columns}
        titles = {name: title for name, _place, title, _parse in parser.columns}
        self.fields = fields.editable(table, self.main, parsers, titles)
        self.fixed = fields.fixed(table, self.main)
        self.shown = Shown(self.main, bench.reference)
        self.groups = Groups(bench, table, parsers) if self.main == "enterprise" else None
        self.holders = HolderCells(table, self.main, bench.reference)
        self.checks = checks.Checks(self.main, bench)
        self.places = (table.headers.index(ID), table.headers.index(VERSION))
        self.rows: dict[int, Back] = {}
        self.first_of: dict[int, int] = {}

    def take(self, parsed: list[Parsed]) -> None:
        """Take over the rows with a number: of them only changed cells are read, later."""
        for row in parsed:
            identity, version = (self._cell(row, place) for place in self.places)
            if is_blank(identity):
                continue
            number, edition = _whole(identity), _whole(version)
            back = self.rows[row.number] = Back(row.number, number or 0, edition or 0)
            row.refused, row.values, row.incomplete = "", {}, {}
            row.warnings.clear()
            if number is None or edition is None:
                back.refused = _(
                    "编号 and 版本 must stay as they were exported: %(number)s, %(version)s. Export the list anew."
                ) % {"number": _said(identity), "version": _said(version)}

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
        problems = [*self._changed_identity(row, back), *self._changed_cells(row, back)]
        if self.groups:
            problems += self.groups.problems(row, record)
        if problems:
            raise RowRefused(" ".join(problems))

    def _changed_identity(self, row: Parsed, back: Back) -> Iterable[str]:
        assert back.record is not None
        yield from self.holders.problems(row, back.record)
        for name, (place, column) in self.fixed.items():
            cell = self._cell(row, place)
            if cell is MISSING:
                continue
            known = [edition.get(column) for edition in (back.base, back.record.values)]
            if name == "unit":
                known = [self.holders.unit_of(back.record)]
            try:
                said = None if is_blank(cell) else fields.fixed_value(name, cell, self.bench.reference)
            except RowRefused as error:
                said = error
            if said not in known:
                yield _(
                    "%(field)s tells which record this is and is not changed by a list; change it on its own page."
                ) % {"field": self.table.headers[place]}

    def _changed_cells(self, row: Parsed, back: Back) -> Iterable[str]:
        for one in self.fields:
            cell = self._cell(row, one.place)
            try:
                if cell is not MISSING and self._is_changed(one, cell, back):
                    self._take_change(one, cell, back)
            except RowRefused as error:
                yield _("%(field)s: %(reason)s") % {"field": one.title, "reason": error}

    def _is_changed(self, one: Field, cell: Cell, back: Back) -> bool:
        base = back.base.get(one.column)
        return not (one.as_written or is_blank(cell)) or not self.shown.is_shown(one.column, base, cell)

    def _take_change(self, one: Field, cell: Cell, back: Back) -> None:
        assert back.record is not None
        column = one.column
        mine = self._read(one, cell, back)
        if column == "uscc" and isinstance(mine, tuple):
            column, mine = "registration_no", mine[1]
        base, now = back.base.get(column), back.record.values.get(column)
        if mine in (base, now):
            return
        if now != base:
            raise RowRefused(
                _(
                    "changed by somebody else since the export. Exported: %(base)s; now: %(now)s; in this list: %(mine)s."
                )
                % {
                    "base": self.shown.words(column, base),
                    "now": self.shown.words(column, now),
                    "mine": self.shown.words(column, mine),
                }
            )
        back.changes[column] = mine

    def _read(self, one: Field, cell: Cell, back: Back) -> Any:
        assert back.record is not None
        found = None if is_blank(cell) else one.parse(cell)
        if found in (None, "", ("", "")):
            return fields.cleared(self.main, one.column)
        if one.column == "uscc" and not found[0]:
            return found
        return fields.settled(one.column, found, self.holders.unit_of(back.record))

    # Deciding

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

    def _cell(self, row: Parsed, place: int) -> Any:
        """A cell that the row has, be it empty; MISSING where the row ends before it."""
        return row.cells[place] if place < len(row.cells) else MISSING


MISSING: Any = object()


def _whole(cell: Any) -> int | None:
    """A whole number above zero."""
    try:
        found = int(str(cell).strip().removesuffix(".0"))
    except ValueError:
        return None
    return found if 0 < found < 2**63 else None


def _said(cell: Any) -> str:
    return "" if cell is MISSING or cell is None else str(cell)


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
