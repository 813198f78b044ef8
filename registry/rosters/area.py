"""What a list may do that a person of one area brings: to enterprises of this area only, for the city to confirm.

Rows that mean anything else are rejected in words that tell nothing of what the registry holds elsewhere.
"""

from functools import cached_property

from django.utils.translation import gettext as _

from registry.choices import DesignationState, RosterKind
from registry.models import Enterprise
from registry.rosters.candidates import Candidate
from registry.rosters.errors import RosterError, RowRefused
from registry.rosters.ledger import Write
from registry.rosters.parse import Parsed
from registry.rosters.workbench import Queued, Workbench


def wait_for_check(write: Write) -> None:
    """A title that a list would grant waits for somebody to confirm it."""
    record = write.record
    if record.table == "designation" and write.after.get("state") == DesignationState.CONFIRMED:
        record.values["state"] = write.after["state"] = DesignationState.SUBMITTED.value
        if not write.created and write.before.get("state") == DesignationState.SUBMITTED:
            del write.after["state"], write.before["state"]


class AreaGuard:
    """Keeps the rows of a list to one area."""

    def __init__(self, area: int, kind: str, bench: Workbench) -> None:
        if kind == RosterKind.STATISTICS:
            raise RosterError(_("Published figures are entered by the city."))
        self.area = area
        self.kind = kind
        self.bench = bench

    def look_at(self, row: Parsed) -> None:
        """Before the row is decided: whose is it?"""
        stated = row.values.get("district")
        if stated is None and "address" in row.values:
            stated = self.bench.reference.district_of_address(row.values["address"])
        if stated not in (None, self.area):
            raise self.elsewhere()
        if not {"name", "uscc", "registration_no"} & row.values.keys():
            if stated is None:
                raise RowRefused(_("Fill in your area (板块): this row names no enterprise."))
            return
        record = self.bench.match(row).record
        if record is not None and record.values.get("district_id") != self.area:
            raise self.elsewhere()

    @staticmethod
    def elsewhere() -> RowRefused:
        return RowRefused(
            _("This row is not of your area."),
            _("Compare name, code and area; what belongs to another area is brought in by the city."),
        )

    # What the row would write

    def settle(self, writes: list[Write]) -> list[Write]:
        """Make what would be written fit; raises RowRefused with everything put back as it was."""
        if any(map(self._is_for_the_city, writes)):
            for write in reversed(writes):
                write.record.values.update(write.before)
            raise RowRefused(
                _("The city has confirmed this title, or decides on its re-review."),
                _("Tell the city's clerk what is to be changed."),
            )
        for write in writes:
            self._adapt(write)
        return [write for write in writes if write.created or write.after]

    def _is_for_the_city(self, write: Write) -> bool:
        if write.record.table == "review":
            return True
        if write.record.table != "designation" or write.created:
            return False
        before = write.before.get("state", write.record.values.get("state"))
        return bool(before == DesignationState.CONFIRMED)

    def _adapt(self, write: Write) -> None:
        record = write.record
        if record.table == "enterprise" and write.created and not record.values.get("district_id"):
            record.values["district_id"] = write.after["district_id"] = self.area
        wait_for_check(write)

    # What a person has to decide

    def queued(self, error: Queued) -> Queued:
        """Who asks may know which enterprises of the own area are meant, and not whether there are others."""
        return Queued(
            _("No enterprise of your area answers to this row for certain."), self._own(error.candidates)
        )

    @cached_property
    def _districts(self) -> dict[int, int | None]:
        """The area of every enterprise that could be offered, asked for all rows at once."""
        near = {one["id"] for candidates in self.bench.near.values() for one in candidates}
        known = {pk: record.values.get("district_id") for pk, record in self.bench.directory.records.items()}
        return known | dict(
            Enterprise.objects.filter(pk__in=near - known.keys()).values_list("pk", "district")
        )

    def _own(self, candidates: list[Candidate]) -> list[Candidate]:
        return [one for one in candidates if self._districts.get(one["id"]) == self.area]
