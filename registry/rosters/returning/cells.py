"""The cells of a row that came back, each against the value at the export and the value now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import Record
from registry.rosters.parse import Parsed, RowParser
from registry.rosters.reference import Reference
from registry.rosters.returning import fields
from registry.rosters.returning.comparing import Shown
from registry.rosters.returning.fields import ID, VERSION, Field
from registry.rosters.returning.holder import HolderCells
from registry.rosters.workbook import Cell, is_blank

MISSING: Any = object()


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


class Cells:
    """What a person changed in the rows of a table."""

    def __init__(self, table: Table, kind: str, main: str, known: Reference, holders: HolderCells) -> None:
        self.table, self.main, self.known, self.holders = table, main, known, holders
        parser = RowParser(table, kind, known)
        self.parsers = {name: parse for name, _place, _title, parse in parser.columns}
        titles = {name: title for name, _place, title, _parse in parser.columns}
        self.fields = fields.editable(table, main, self.parsers, titles)
        self.fixed = fields.fixed(table, main)
        self.shown = Shown(main, known)
        self.places = (table.headers.index(ID), table.headers.index(VERSION))

    def used(self) -> set[str]:
        """The headers of the columns that are read besides those that the import knows."""
        places = [
            *self.places,
            *(one.place for one in self.fields),
            *(place for place, _c in self.fixed.values()),
        ]
        return {self.table.headers[place] for place in places}

    def identity(self, row: Parsed) -> Back | None:
        """The number and the version of a row; None where it has no number."""
        identity, version = (_cell(row, place) for place in self.places)
        if identity is MISSING or is_blank(identity):
            return None
        number, edition = _whole(identity), _whole(version)
        back = Back(row.number, number or 0, edition or 0)
        if number is None or edition is None:
            back.refused = _(
                "编号 and 版本 must stay as they were exported: %(number)s, %(version)s. Export the list anew."
            ) % {"number": _said(identity), "version": _said(version)}
        return back

    def problems(self, row: Parsed, back: Back) -> Iterable[str]:
        """Note the changes of a row; what is wrong with it, all at once."""
        yield from self._changed_identity(row, back)
        yield from self._changed_cells(row, back)

    def _changed_identity(self, row: Parsed, back: Back) -> Iterable[str]:
        assert back.record is not None
        yield from self.holders.problems(row, back.record)
        for name, (place, column) in self.fixed.items():
            cell = _cell(row, place)
            if cell is MISSING:
                continue
            known = [edition.get(column) for edition in (back.base, back.record.values)]
            if name == "unit":
                known = [self.holders.unit_of(back.record)]
            try:
                said = None if is_blank(cell) else fields.fixed_value(name, cell, self.known)
            except RowRefused as error:
                said = error
            if said not in known:
                yield _(
                    "%(field)s tells which record this is and is not changed by a list; change it on its own page."
                ) % {"field": self.table.headers[place]}

    def _changed_cells(self, row: Parsed, back: Back) -> Iterable[str]:
        for one in self.fields:
            cell = _cell(row, one.place)
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


def _cell(row: Parsed, place: int) -> Any:
    """A cell that the row has, be it empty; MISSING where the row ends before it."""
    return row.cells[place] if place < len(row.cells) else MISSING


def _whole(cell: Any) -> int | None:
    """A whole number above zero."""
    try:
        found = int(str(cell).strip().removesuffix(".0"))
    except ValueError:
        return None
    return found if 0 < found < 2**63 else None


def _said(cell: Any) -> str:
    return "" if cell is MISSING or cell is None else str(cell)
