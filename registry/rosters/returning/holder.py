"""The cells that tell whose a record is: name, code and area of its enterprise, unit of its series."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from registry import codes, names
from registry.rosters import ledger, values
from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import IDS, Record
from registry.rosters.parse import Parsed
from registry.rosters.reference import Reference
from registry.rosters.workbook import is_blank

BRIEF = ["name", "uscc", "district_id"]
FORMER = f"SELECT enterprise_id, name_key FROM registry_formername WHERE enterprise_id = ANY({IDS})"


class HolderCells:
    """Compares name, code and area with the enterprise to which a record belongs."""

    def __init__(self, table: Table, main: str, known: Reference) -> None:
        self.main, self.known = main, known
        self.places: dict[str, int] = {
            name: table.places[name] for name in ("name", "code", "district") if name in table.places
        }
        self.units = dict(known.series.values())
        self.enterprises: dict[int, Record] = {}
        self.former: dict[int, set[str]] = defaultdict(set)

    def load(self, records: Iterable[Record]) -> None:
        if self.main not in ("designation", "figures"):
            return
        ids = ledger.listed({record.values["enterprise_id"] for record in records} - {None})
        found = ledger.load("enterprise", f"fact.id = ANY({IDS})", [ids], only=BRIEF)
        self.enterprises = {one.id: one for one in found}
        with connection.cursor() as cursor:
            cursor.execute(FORMER, [ids])
            for enterprise, key in cursor.fetchall():
                self.former[enterprise].add(key)

    def area_of(self, record: Record) -> int | None:
        """The area whose people may see the record."""
        holder = self.enterprises.get(record.values.get("enterprise_id") or 0)
        found: int | None = (holder or record).values.get("district_id")
        return found

    def unit_of(self, record: Record) -> str:
        return self.units.get(record.values.get("series_id") or 0, "")

    def problems(self, row: Parsed, record: Record) -> Iterator[str]:
        """What does not fit: the number must mean the enterprise that the row names."""
        if self.main not in ("designation", "figures"):
            return
        cells = {name: row.cells[place] for name, place in self.places.items() if place < len(row.cells)}
        holder = self.enterprises.get(record.values.get("enterprise_id") or 0)
        stated = {name: _stated(name, cell) for name, cell in cells.items() if not is_blank(cell)}
        if not self._fits(stated, holder):
            yield _(
                "The number %(number)s is that of “%(name)s”; name and code of the row are another's. "
                "Names and codes are changed in a list of enterprises."
            ) % {"number": record.id, "name": holder.values["name"] if holder else record.values.get("item")}
        elif "district" in stated and self._is_elsewhere(stated["district"], record):
            if holder is None:
                yield _("The area of a thing is changed on its own page.")
            else:
                row.warnings.append(_("The area is that of the enterprise; it was not changed here."))

    def _fits(self, stated: dict[str, str], holder: Record | None) -> bool:
        if holder is None:
            return not stated.keys() & {"name", "code"}
        name, code = stated.get("name"), stated.get("code")
        if code and code != holder.values["uscc"]:
            return False
        key = names.key(name or "")
        return not name or key == names.key(holder.values["name"]) or key in self.former[holder.id]

    def _is_elsewhere(self, words: str, record: Record) -> bool:
        try:
            return self.known.district(words) != self.area_of(record)
        except RowRefused:
            return True


def _stated(name: str, cell: Any) -> str:
    text = values.text(cell)
    return codes.clean_uscc(text) if name == "code" else text
