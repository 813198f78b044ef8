"""Groups and former names in the list of enterprises: what is added in a cell is added, nothing is taken away."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from registry import names
from registry.choices import MemberRole
from registry.rosters import ledger
from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import IDS, Record
from registry.rosters.parse import Parsed, Parser
from registry.rosters.returning.fields import GROUPS
from registry.rosters.workbench import Workbench
from registry.rosters.workbook import is_blank

SEVERAL = (*GROUPS, "former_names")


class Groups:
    """The cells that hold several things: clusters and chains, former names."""

    def __init__(self, bench: Workbench, table: Table, parsers: dict[str, Parser]) -> None:
        self.bench, self.parsers = bench, parsers
        self.places = {name: table.places[name] for name in SEVERAL if name in table.places}
        self.titles = {name: table.headers[place] for name, place in self.places.items()}
        self.members: dict[int, list[Record]] = defaultdict(list)
        self.former: dict[int, list[str]] = defaultdict(list)
        self.wanted: dict[int, dict[str, list[Any]]] = defaultdict(dict)

    def load(self, records: dict[int, Record]) -> None:
        ids = ledger.listed(records)
        for member in ledger.load("membership", f"fact.enterprise_id = ANY({IDS})", [ids]):
            self.members[member.values["enterprise_id"]].append(member)
        for one in ledger.load("former_name", f"fact.enterprise_id = ANY({IDS})", [ids]):
            self.former[one.values["enterprise_id"]].append(one.values["name"])

    def problems(self, row: Parsed, record: Record) -> Iterator[str]:
        """Read the cells in which something else stands than went out."""
        for name, place in self.places.items():
            cell = row.cells[place] if place < len(row.cells) else None
            here = self._here(name, record)
            if _parts(cell) == _parts("、".join(here)):
                continue
            try:
                said = [] if is_blank(cell) else self.parsers[name](cell)
            except RowRefused as error:
                yield _("%(field)s: %(reason)s") % {"field": self.titles[name], "reason": error}
                continue
            self.wanted[row.number][name] = said
            gone = [word for word in here if self._meaning(name, word) not in self._meanings(name, said)]
            if gone:
                row.warnings.append(
                    _("%(field)s: %(names)s stays; what ends is ended with its day on the enterprise's page.")
                    % {"field": self.titles[name], "names": "、".join(gone)}
                )

    def _here(self, name: str, record: Record) -> list[str]:
        if name == "former_names":
            return self.former[record.id]
        known = self.bench.reference.cluster_names
        return [
            known[member.values["cluster_id"]]
            for member in self.members[record.id]
            if member.values["kind"] == GROUPS[name] and member.values["until"] is None
        ]

    def _meaning(self, name: str, word: str) -> Any:
        if name == "former_names":
            return names.key(word)
        return self.bench.reference.cluster(word, GROUPS[name])

    def _meanings(self, name: str, said: list[Any]) -> set[Any]:
        return {names.key(word) for word in said} if name == "former_names" else set(said)

    # Into the ledger

    def decide(self, record: Record, row: Parsed, *, renamed_from: str) -> None:
        if renamed_from and names.key(renamed_from) != names.key(record.values["name"]):
            self._add_former(record, renamed_from)
            row.warnings.append(_("Renamed; “%(name)s” is kept as a former name.") % {"name": renamed_from})
        for name, said in self.wanted.get(row.number, {}).items():
            for one in said:
                if name == "former_names":
                    self._add_former(record, one)
                else:
                    self._add_member(record, one, row)

    def _add_former(self, record: Record, name: str) -> None:
        known = {names.key(one) for one in (*self.former[record.id], record.values["name"])}
        if names.key(name) not in known:
            self.bench.ledger.create("former_name", {"enterprise_id": record.id, "name": name})
            self.former[record.id].append(name)

    def _add_member(self, record: Record, cluster: int, row: Parsed) -> None:
        known = self.members[record.id]
        same = [member for member in known if member.values["cluster_id"] == cluster]
        if any(member.values["until"] is None for member in same):
            return
        if same:
            row.warnings.append(_("The membership of this group has ended; a new one needs its first day."))
            return
        kind = self.bench.reference.cluster_kinds[cluster]
        has_main = any(member.values["kind"] == kind and member.values["main"] for member in known)
        values = {
            "enterprise_id": record.id,
            "cluster_id": cluster,
            "kind": kind,
            "main": not has_main,
            "role": MemberRole.MEMBER.value,
            "until": None,
        }
        known.append(self.bench.ledger.create("membership", values))


def _parts(cell: Any) -> set[str]:
    """What stands in such a cell, whatever its order and spaces."""
    return {"".join(part.split()) for part in str("" if cell is None else cell).split("、")} - {""}
