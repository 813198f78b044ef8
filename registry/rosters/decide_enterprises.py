"""Lists of enterprises: who is new, what changed about those that are known."""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from registry import names
from registry.choices import MemberRole
from registry.rosters import ledger
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import IDS, Record
from registry.rosters.parse import KIND_OF_COLUMN, Parsed
from registry.rosters.workbench import Decider, Queued, Workbench

# The column of a list → the column of the table
PLAIN = {
    "uscc": "uscc",
    "registration_no": "registration_no",
    "district": "district_id",
    "address": "address",
    "industry": "industry_id",
    "founded_on": "founded_on",
    "closed_on": "closed_on",
    "stock_code": "stock_code",
    "legal_form": "legal_form",
}


def without_area() -> str:
    return _("New enterprises without an area: %(count)s (neither the list nor the address tells it).")


def enterprise_values(row: Parsed) -> dict[str, Any]:
    """What a row says of its enterprise."""
    return {column: row.values[name] for name, column in PLAIN.items() if name in row.values}


def new_enterprise(bench: Workbench, row: Parsed) -> Record:
    """Put a new enterprise into the ledger; its area is that of the address where no column names it."""
    said = {"name": row.values["name"], **enterprise_values(row)}
    if "district_id" not in said and "address" in said:
        said["district_id"] = bench.reference.district_of_address(said["address"])
    if not said.get("district_id"):
        bench.notes[without_area()] += 1
    record = bench.ledger.create("enterprise", said)
    bench.directory.add(record)
    return record


class EnterpriseDecider(Decider):
    """Decides about the rows of a list of enterprises."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.memberships: dict[int, list[Record]] = defaultdict(list)

    def load(self, rows: list[Parsed]) -> None:
        self.bench.load_directory(rows, whole=True, codes_suffice=True)
        if any(name in row.values for row in rows for name in KIND_OF_COLUMN):
            ids = ledger.listed(self.bench.directory.records)
            for record in ledger.load("membership", f"fact.enterprise_id = ANY({IDS})", [ids]):
                self.memberships[record.values["enterprise_id"]].append(record)

    def decide(self, row: Parsed) -> None:
        if "name" not in row.values:
            raise RowRefused(_("The name of the enterprise is missing."))
        record = self.bench.match(row).record
        self.bench.refuse_waiting(row, record)
        said = enterprise_values(row)
        if record is None:
            refuse_disorder(said)
            record = self._create(row)
        else:
            self._change(record, row, said)
        self._add_former_names(record, row)
        self._add_memberships(record, row)
        self.bench.state(record, row.number, {**said, "name": names.key(row.values["name"])})

    def _create(self, row: Parsed) -> Record:
        coded = "uscc" in row.values or "registration_no" in row.values
        if not coded and not self.bench.may_create(row):
            raise Queued(
                _("Without a code, and there are enterprises of nearly this name."),
                self.bench.near.get(row.values["name"], []),
            )
        return new_enterprise(self.bench, row)

    def _change(self, record: Record, row: Parsed, said: dict[str, Any]) -> None:
        key = names.key(row.values["name"])
        self.bench.refuse_contradiction(record, row.number, {**said, "name": key})
        refuse_disorder({**record.values, **said})
        wanted = dict(said)
        old, present = record.values["name"], record.values.get("district_id")
        if not present and "district_id" not in wanted and "address" in wanted:
            wanted["district_id"] = self.bench.reference.district_of_address(wanted["address"])
        if present and wanted.get("district_id", present) != present:
            row.warnings.append(
                _("The area is corrected. If the enterprise has moved, enter the move with its day.")
            )
        is_renamed = key != names.key(old) and key not in self.bench.directory.former_keys[record.id]
        if is_renamed:
            wanted["name"] = row.values["name"]
        if self.bench.ledger.change(record, wanted):
            self.bench.directory.add(record)
        if is_renamed:
            self._add_former_name(record, old)
            self.bench.directory.renamed(record, old)
            row.warnings.append(_("Renamed; “%(name)s” is kept as a former name.") % {"name": old})

    # Former names

    def _add_former_names(self, record: Record, row: Parsed) -> None:
        for name in row.values.get("former_names", ()):
            if names.key(name) != names.key(record.values["name"]):
                self._add_former_name(record, name)

    def _add_former_name(self, record: Record, name: str) -> None:
        key = names.key(name)
        if key not in self.bench.directory.former_keys[record.id]:
            self.bench.ledger.create("former_name", {"enterprise_id": record.id, "name": name})
            self.bench.directory.add_former(record.id, key)

    # Memberships

    def _add_memberships(self, record: Record, row: Parsed) -> None:
        role = row.values.get("role")
        for column in KIND_OF_COLUMN:
            for cluster in row.values.get(column, ()):
                self._add_membership(record, cluster, role, row)

    def _add_membership(self, record: Record, cluster: int, role: str | None, row: Parsed) -> None:
        known = self.memberships[record.id]
        same = [member for member in known if member.values["cluster_id"] == cluster]
        still = next((member for member in same if member.values.get("until") is None), None)
        if still is not None:
            if role:
                self.bench.ledger.change(still, {"role": str(role)})
        elif same:
            row.warnings.append(_("The membership of this group has ended; a new one needs its first day."))
        else:
            kind = self.bench.reference.cluster_kinds[cluster]
            has_main = any(member.values["kind"] == kind and member.values["main"] for member in known)
            values = {
                "enterprise_id": record.id,
                "cluster_id": cluster,
                "kind": kind,
                "main": not has_main,
                "role": str(role or MemberRole.MEMBER),
            }
            known.append(self.bench.ledger.create("membership", values))


def refuse_disorder(values: dict[str, Any]) -> None:
    """An enterprise that closed before it was founded is a mistake of the list."""
    founded, closed = values.get("founded_on"), values.get("closed_on")
    if founded and closed and closed < founded:
        raise RowRefused(
            _("The enterprise cannot close (%(closed)s) before it was founded (%(founded)s).")
            % {"closed": closed, "founded": founded}
        )
