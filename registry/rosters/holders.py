"""The enterprise that a title or a figure belongs to: found, or made where the list may make it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry import names
from registry.rosters.decide_enterprises import enterprise_values, new_enterprise, refuse_disorder
from registry.rosters.ledger import Record
from registry.rosters.parse import Parsed
from registry.rosters.workbench import Queued, Workbench


@dataclass(slots=True)
class Holder:
    """An enterprise, perhaps one that has yet to be put into the ledger."""

    bench: Workbench
    row: Parsed
    record: Record | None

    @property
    def id(self) -> int | None:
        return self.record.id if self.record else None

    def put(self) -> int:
        """The id; a new enterprise is made now, when nothing can refuse the row any more."""
        if self.record is None:
            self.record = new_enterprise(self.bench, self.row)
        return self.record.id


def find_holder(bench: Workbench, row: Parsed) -> Holder:
    """The enterprise of a row, or the leave to make it; raises Queued where only a person can tell."""
    record = bench.match(row).record
    if record is not None:
        _compare(row, record)
        return Holder(bench, row, record)
    candidates = bench.near.get(row.values.get("name", ""), [])
    if "name" not in row.values:
        raise Queued(_("No enterprise has this code, and the row has no name."), [])
    if row.number in bench.decisions or (bench.options.create_missing and bench.may_create(row)):
        bench.refuse_waiting(row, None)
        refuse_disorder(enterprise_values(row))
        return Holder(bench, row, None)
    if candidates:
        raise Queued(_("No enterprise of this name or code; some names are near."), candidates)
    raise Queued(_("No enterprise of this name or code."), [])


def _compare(row: Parsed, record: Record) -> None:
    name, known = row.values.get("name"), record.values["name"]
    if name and name != known and names.key(name) != names.key(known):
        row.warnings.append(_("The enterprise is registered as “%(name)s”.") % {"name": known})
