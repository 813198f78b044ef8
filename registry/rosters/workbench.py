"""What deciding about rows needs: options, reference rows, directory, ledger, and what rows have said."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

from registry import codes, names
from registry.choices import DesignationState
from registry.models import MatchDecision
from registry.rosters import candidates as names_near
from registry.rosters.candidates import Candidate
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import MODELS, Ledger, Record
from registry.rosters.matching import Directory, Match
from registry.rosters.parse import Parsed
from registry.rosters.reference import Reference, SchemeInfo

# What a person decided about a row of the queue: this enterprise (its id), or a new one.
NEW = "new"
Decision = int | str


# A code, an old number, or the key of a name: (what it is, itself)
Identity = tuple[str, str]
CODES = ("uscc", "registration_no")


@dataclass(frozen=True, slots=True)
class Options:
    """What the list itself does not say, or not in every row; a cell goes before an option."""

    scheme: str = ""
    level: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    batch: str = ""
    document: str = ""
    state: str = DesignationState.CONFIRMED
    year: int | None = None
    create_missing: bool = False


class Queued(Exception):
    """Nobody can tell which enterprise a row means, without a person."""

    def __init__(self, reason: str, candidates: list[Candidate]) -> None:
        super().__init__(reason)
        self.candidates = candidates


class Decider(Protocol):
    """Decides about the rows of one kind of list."""

    def __init__(self, bench: "Workbench") -> None: ...

    def load(self, rows: list[Parsed]) -> None:
        """Read all that the rows may touch."""

    def in_turn(self, rows: list[Parsed]) -> list[Parsed]:
        """The rows in the order in which they are decided, wherever they stand in the list."""
        return rows

    def decide(self, row: Parsed) -> None:
        """Put into the ledger what the row does; raises RowRefused or Queued before it has put anything."""


@dataclass(slots=True)
class Workbench:
    """What a decider works with."""

    options: Options
    reference: Reference
    scheme: SchemeInfo | None = None
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    directory: Directory = field(default_factory=Directory)
    near: dict[str, list[Candidate]] = field(default_factory=dict)
    remembered: dict[tuple[str, str], MatchDecision] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    # code or name → the first row of this list that bears it and waits for a person, with its candidates
    waiting: dict[Identity, tuple[int, list[Candidate]]] = field(default_factory=dict)
    # (table, id) → rows of this list that have spoken of the record, with what they said
    stated: dict[tuple[str, int], list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)

    def refuse_contradiction(self, record: Record, number: int, said: dict[str, Any]) -> None:
        """Two rows of one list that say different things of one record are a mistake, not a change."""
        for other, before in self.stated.get((record.table, record.id), ()):
            differing = [name for name in said.keys() & before.keys() if said[name] != before[name]]
            if differing:
                raise RowRefused(
                    _("Row %(row)s of this list says otherwise of the same record: %(fields)s.")
                    % {"row": other, "fields": "、".join(_labels(record.table, sorted(differing)))}
                )

    def state(self, record: Record, number: int, said: dict[str, Any]) -> None:
        self.stated.setdefault((record.table, record.id), []).append((number, said))

    def match(self, row: Parsed) -> Match:
        """The enterprise of a row, a person's decision before all else."""
        decision = self.decisions.get(row.number)
        if decision == NEW:
            return Match()
        if decision is not None:
            record = self.directory.records.get(int(decision))
            if record is None:
                raise RowRefused(_("The enterprise that was chosen for this row no longer exists."))
            return Match(record, "decision")
        found = self.directory.find(row.values)
        if found.record is None and (found.reason or not self.directory.knows(row.values)):
            found = self._remembered(row) or found
        if found.reason:
            raise Queued(found.reason, found.candidates)
        return found

    def wait(self, row: Parsed, candidates: list[Candidate]) -> None:
        """Remember what a row bears that waits for a person."""
        for identity in _identities(row):
            self.waiting.setdefault(identity, (row.number, candidates))

    def refuse_waiting(self, row: Parsed, record: Record | None) -> None:
        """Queue a row that would make known whose code or name it is for which another row of the list waits.

        That is what the other row asks; settled here, the list would do more when it comes again.
        """
        if not self.waiting or row.number in self.decisions:
            return
        known = self._borne(record) if record else frozenset()
        for identity in _identities(row) - known:
            if identity in self.waiting:
                number, candidates = self.waiting[identity]
                reason = _("Row %(row)s of this list bears the same code or name and waits for a decision.")
                raise Queued(reason % {"row": number}, candidates)

    def _borne(self, record: Record) -> frozenset[Identity]:
        """What a record answers to."""
        former = self.directory.former_keys.get(record.id, ())
        codes_ = {(name, record.values.get(name) or "") for name in CODES}
        return frozenset(codes_ | {("name", key) for key in (names.key(record.values["name"]), *former)})

    def _remembered(self, row: Parsed) -> Match | None:
        """What a person decided about this name and code in an earlier list; refused where it was none of ours."""
        known = self.remembered.get((names.key(row.values.get("name", "")), row.values.get("uscc", "")))
        if known is None:
            return None
        if known.enterprise_id is None:
            raise RowRefused(
                _("It was decided on %(day)s that this is no enterprise of the registry.")
                % {"day": f"{known.decided_at:%Y-%m-%d}"},
                _("If it is one after all, revoke that decision (匹配决定) and bring the row again."),
            )
        record = self.directory.records.get(known.enterprise_id)
        if record is None or record.values.get("closed_on") or self._contradicts(record, row):
            return None
        row.warnings.append(
            _("Taken for %(name)s, as was decided on %(day)s.")
            % {"name": record.values["name"], "day": f"{known.decided_at:%Y-%m-%d}"}
        )
        return Match(record, "decision")

    @staticmethod
    def _contradicts(record: Record, row: Parsed) -> bool:
        """Codes have been learnt since that speak against it."""
        stated, known = row.values.get("uscc"), record.values.get("uscc")
        return bool(stated and known and stated != known)

    def may_create(self, row: Parsed) -> bool:
        """Whether a row that matches nothing may become a new enterprise: not where a near name exists."""
        if self.decisions.get(row.number) == NEW:
            return True
        candidates = self.near.get(row.values.get("name", ""), [])
        return not candidates or candidates[0]["score"] < names_near.NEAR

    def load_directory(self, rows: list[Parsed], *, whole: bool, codes_suffice: bool) -> None:
        """Look up all rows, and candidates for those that match nothing."""
        self._remember(rows)
        chosen = [pk for pk in self.decisions.values() if isinstance(pk, int)]
        chosen += [one.enterprise_id for one in self.remembered.values() if one.enterprise_id is not None]
        self.directory.load(rows, chosen, whole=whole)
        unknown = [row for row in rows if not self.directory.knows(row.values)]
        self.near = names_near.near(
            row.values["name"]
            for row in unknown
            if "name" in row.values and not (codes_suffice and _has_code(row))
        )
        for row in rows:
            self._look_at_check_character(row)

    def _remember(self, rows: list[Parsed]) -> None:
        keys = {names.key(row.values["name"]) for row in rows if "name" in row.values}
        kept = MatchDecision.objects.filter(revoked=False, name_key__in=keys) if self._has_memory() else ()
        self.remembered = {(one.name_key, one.uscc): one for one in kept}

    @staticmethod
    def _has_memory() -> bool:
        return MatchDecision.objects.filter(revoked=False).exists()

    def _look_at_check_character(self, row: Parsed) -> None:
        """Codes that the registry holds have been looked at when they came."""
        uscc = row.values.get("uscc")
        if uscc and not self.directory.has_code(uscc) and not codes.has_valid_check_character(uscc):
            row.warnings.append(
                _("The check character of the code %(code)s is wrong. Compare it with the licence.")
                % {"code": uscc}
            )


def _has_code(row: Parsed) -> bool:
    return any(name in row.values for name in CODES)


def _identities(row: Parsed) -> set[Identity]:
    """All by which an enterprise could be found that a row speaks of."""
    borne = [row.values["name"]] if "name" in row.values else []
    keys = {("name", names.key(name)) for name in (*borne, *row.values.get("former_names", ()))}
    return keys | {(name, row.values[name]) for name in CODES if name in row.values}


def _labels(table: str, fields: list[str]) -> list[str]:
    named = {column.attname: str(column.verbose_name) for column in MODELS[table]._meta.concrete_fields}
    return [named.get(name, name) for name in fields]
