"""What the database would refuse, said row by row and in words, before anything is written."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from registry import codes, names, terms
from registry.choices import DesignationState, Figure
from registry.rosters import ledger, titles
from registry.rosters.decide_enterprises import refuse_disorder
from registry.rosters.decide_figures import MAY_BE_NEGATIVE
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import IDS, TEXTS, Record
from registry.rosters.parse import Parsed
from registry.rosters.workbench import Workbench

PLACE = ("series_id", "district_id", "day", "finality")
AWARD = ("scheme_id", "level", "enterprise_id", "district_id")
Changes = dict[str, Any]


class Checks:
    """Looks at a record as it would become."""

    def __init__(self, main: str, bench: Workbench) -> None:
        self.main, self.bench = main, bench
        self.codes: dict[str, int] = {}
        self.same: dict[tuple[Any, ...], list[Record]] = defaultdict(list)

    def load(self, pending: list[tuple[Record, Changes]]) -> None:
        """Read what the changed records could collide with."""
        {
            "enterprise": self._load_codes,
            "designation": self._load_awards,
            "statistic": self._load_places,
        }.get(self.main, lambda _pending: None)(pending)

    def _load_codes(self, pending: list[tuple[Record, Changes]]) -> None:
        wanted = ledger.listed(changes["uscc"] for _record, changes in pending if changes.get("uscc"))
        if wanted:
            found = ledger.load("enterprise", f"fact.uscc = ANY({TEXTS})", [wanted], only=["uscc"])
            self.codes = {record.values["uscc"]: record.id for record in found}

    def _load_awards(self, pending: list[tuple[Record, Changes]]) -> None:
        moved = [
            record
            for record, changes in pending
            if changes.keys() & {"item", "valid_from", "valid_to", "ended_on"}
        ]
        if not moved:
            return
        condition = (
            f"fact.scheme_id = ANY({IDS}) AND (fact.enterprise_id = ANY({IDS}) OR fact.enterprise_id IS NULL)"
        )
        schemes = ledger.listed({record.values["scheme_id"] for record in moved})
        holders = ledger.listed({record.values["enterprise_id"] for record in moved} - {None})
        mine = {record.id: record for record, _changes in pending}
        for one in ledger.load("designation", condition, [schemes, holders]):
            record = mine.get(one.id, one)
            self.same[tuple(record.values[name] for name in AWARD)].append(record)

    def _load_places(self, pending: list[tuple[Record, Changes]]) -> None:
        series = ledger.listed({record.values["series_id"] for record, _changes in pending})
        mine = {record.id: record for record, _changes in pending}
        for one in ledger.load("statistic", f"fact.series_id = ANY({IDS})", [series]):
            record = mine.get(one.id, one)
            self.same[record.values["series_id"],].append(record)

    # One row

    def look_at(self, record: Record, changes: Changes, row: Parsed) -> None:
        """Raises RowRefused where the record may not become so."""
        if not changes:
            return
        looks: dict[str, Callable[[Record, Changes, Parsed], None]] = {
            "enterprise": self._enterprise,
            "designation": self._designation,
            "figures": self._figures,
            "statistic": self._statistic,
        }
        looks[self.main](record, changes, row)

    def _enterprise(self, record: Record, changes: Changes, row: Parsed) -> None:
        _refuse_another(record, changes)
        refuse_disorder({**record.values, **changes})
        number = changes.get("registration_no")
        if number and not codes.is_registration_no(number):
            raise RowRefused(_("An old registration number has 15 digits."))
        uscc = changes.get("uscc")
        if uscc:
            if self.codes.get(uscc, record.id) != record.id:
                raise RowRefused(
                    _("The code %(code)s belongs to another enterprise already.") % {"code": uscc}
                )
            self.codes[uscc] = record.id
            if not codes.has_valid_check_character(uscc):
                row.warnings.append(
                    _("The check character of the code %(code)s is wrong. Compare it with the licence.")
                    % {"code": uscc}
                )
        if "uscc" in changes and record.values.get("uscc_confirmed"):
            changes["uscc_confirmed"] = False
        if changes.get("district_id") and record.values.get("district_id"):
            row.warnings.append(
                _("The area is corrected. If the enterprise has moved, enter the move with its day.")
            )

    def _designation(self, record: Record, changes: Changes, row: Parsed) -> None:
        after = {**record.values, **changes}
        start = after["valid_from"]
        if after["state"] == DesignationState.CONFIRMED and start is None:
            raise RowRefused(_("The day of the award (认定日期) is missing."))
        if after["enterprise_id"] is None and not after["item"]:
            raise RowRefused(_("The name of the thing that holds the title must not be emptied."))
        if start and after["valid_to"] and after["valid_to"] < start:
            raise RowRefused(_("The last day must not lie before the first."))
        if start and after["ended_on"] and after["ended_on"] < start:
            raise RowRefused(_("The end must not lie before the start."))
        if bool(after["ended_on"]) != bool(after["end_reason"]):
            raise RowRefused(_("An end needs both its day (终止日期) and its reason (终止原因)."))
        if start and after["state"] in titles.HOLDING:
            self._refuse_overlap(record, after)

    def _refuse_overlap(self, record: Record, after: Changes) -> None:
        for other in self.same[tuple(after[name] for name in AWARD)]:
            theirs = other.values
            is_same = theirs["item"].lower() == after["item"].lower() and theirs["state"] in titles.HOLDING
            if other.id != record.id and is_same and theirs["valid_from"] and terms.overlap(after, theirs):
                raise RowRefused(titles.words_of_overlap(theirs))

    def _figures(self, record: Record, changes: Changes, row: Parsed) -> None:
        for figure in Figure:
            value = changes.get(figure.value)
            if value is not None and value < 0 and figure.value not in MAY_BE_NEGATIVE:
                raise RowRefused(_("%(figure)s: must not be negative.") % {"figure": figure.label})

    def _statistic(self, record: Record, changes: Changes, row: Parsed) -> None:
        after = {**record.values, **changes}
        if _place(after) != _place(record.values) and any(
            other.id != record.id and _place(other.values) == _place(after)
            for other in self.same[record.values["series_id"],]
        ):
            raise RowRefused(_("The series has a value of this kind for that day already."))


def _place(values: Changes) -> tuple[Any, ...]:
    return tuple(values[name] for name in PLACE)


def _refuse_another(record: Record, changes: Changes) -> None:
    """A new name and a new code at once: that is another enterprise under this number."""
    known = record.values
    renamed = "name" in changes and names.key(changes["name"]) != names.key(known["name"])
    if renamed and changes.get("uscc") and known.get("uscc"):
        raise RowRefused(
            _(
                "The number %(number)s is that of “%(name)s”, %(code)s; name and code of the row are another's. "
                "A new enterprise stands in a row without 编号."
            )
            % {"number": record.id, "name": known["name"], "code": known["uscc"]}
        )
