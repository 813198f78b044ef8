"""Whether a cell still shows a value as it went out, and how a value is shown in words."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from registry import exports
from registry.rosters import values
from registry.rosters.reference import Reference
from registry.rosters.returning.fields import model_field
from registry.rosters.workbook import Cell, is_blank


class Shown:
    """Values of one table as the export writes them."""

    def __init__(self, main: str, known: Reference) -> None:
        self.main = main
        self.clusters = known.cluster_names
        self.areas = {area.id: area.name for area in known.areas}
        self.industries = {pk: code for code, pk in known.industries.items()}
        self._choices: dict[str, dict[Any, str]] = {}

    def is_shown(self, column: str, value: Any, cell: Cell) -> bool:
        """Whether the cell is as the export wrote the value: such a cell is not even read."""
        if value in (None, ""):
            return is_blank(cell)
        if is_blank(cell):
            # a text of blanks alone, a line's end or the like, is read as an empty cell
            return not self.words(column, value).strip()
        if isinstance(value, bool):
            return values.text(cell) == self.words(column, value)
        if isinstance(value, dt.date):
            return _day(cell) == value.isoformat()
        if isinstance(value, Decimal) or (isinstance(value, int) and not column.endswith("_id")):
            return _number(cell) == Decimal(value)
        return _line(_text(cell)) == _line(self.words(column, value))

    def words(self, column: str, value: Any) -> str:
        """The value as a person reads it."""
        if value in (None, ""):
            return "—"
        if isinstance(value, bool):
            return exports.YES if value else exports.NO
        if column == "district_id":
            return self.areas.get(value, str(value))
        if column == "industry_id":
            return self.industries.get(value, str(value))
        return self._choices_of(column).get(value) or exports.plain(value)

    def _choices_of(self, column: str) -> dict[Any, str]:
        if column not in self._choices:
            field = model_field(self.main, column)
            self._choices[column] = {key: str(label) for key, label in field.flatchoices}
        return self._choices[column]


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _line(words: str) -> str:
    """One line without what cannot be seen; what differs in nothing else nobody has changed."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def _day(cell: Cell) -> str:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool):
        return None
    try:
        return Decimal(repr(cell) if isinstance(cell, int | float) else str(cell).strip().replace(",", ""))
    except InvalidOperation:
        return None
