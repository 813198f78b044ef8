"""What a list would do, row by row, without writing anything: the preview, and what `apply` then writes.

rows = created + updated + unchanged + queued + rejected, always: each row has exactly one outcome.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from registry import demo
from registry.choices import Level, RosterKind, RowOutcome
from registry.rosters import columns, reference, returning, workbook
from registry.rosters.area import AreaGuard, wait_for_check
from registry.rosters.candidates import Candidate
from registry.rosters.columns import Table
from registry.rosters.decide_designations import DesignationDecider
from registry.rosters.decide_enterprises import EnterpriseDecider
from registry.rosters.decide_figures import FiguresDecider
from registry.rosters.decide_statistics import StatisticDecider
from registry.rosters.errors import RosterError, RowRefused
from registry.rosters.ledger import Write
from registry.rosters.parse import Parsed, RowParser
from registry.rosters.progress import Step, Tell, counted, silent
from registry.rosters.reference import Reference, SchemeInfo
from registry.rosters.workbench import Decider, Decision, Options, Queued, Workbench
from registry.rosters.workbook import Cell

# The table that the rows of a kind are about, and who decides about them.
DECIDERS: dict[str, tuple[str, type[Decider]]] = {
    RosterKind.ENTERPRISES: ("enterprise", EnterpriseDecider),
    RosterKind.DESIGNATIONS: ("designation", DesignationDecider),
    RosterKind.ANNUAL_FIGURES: ("figures", FiguresDecider),
    RosterKind.STATISTICS: ("statistic", StatisticDecider),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A list as it is brought, and how it is to be read."""

    kind: str
    content: bytes
    file_name: str
    sheet: str = ""
    options: Options = field(default_factory=Options)
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    # leave rejected rows out and apply the rest
    partial: bool = False
    # what a person says that columns mean: the field of a header, "" for none
    columns: Mapping[str, str] = field(default_factory=dict)
    # the area of the person who brings it, none for the city
    area: int | None = None

    def options_as_json(self) -> dict[str, Any]:
        found = {
            name: value for name, value in asdict(self.options).items() if value not in ("", None, False)
        }
        if self.partial:
            found["partial"] = True
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value for name, value in found.items()
        }


@dataclass(slots=True)
class PlannedRow:
    """A row with what would become of it."""

    number: int
    cells: Sequence[Cell]
    outcome: RowOutcome
    reason: str = ""
    remedy: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ImportPlan:
    """All that a list would do."""

    request: Request
    sheet: str
    table: Table
    rows: list[PlannedRow]
    # the same rows in the order in which they were decided: each sees what those before it do
    decided: list[PlannedRow]
    notes: list[str]
    removes_demo: bool = False
    # an export of ours that was edited: see `returning`
    is_returned: bool = False

    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found.get(outcome, 0) for outcome in RowOutcome}

    def of(self, outcome: RowOutcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome == outcome]

    @property
    def changes_something(self) -> bool:
        return any(row.writes for row in self.rows)

    def fingerprint(self) -> str:
        """The same for two plans that would do the same; what was previewed is what is applied."""
        digest = hashlib.sha256()
        for row in self.rows:
            writes = [(w.record.table, w.record.id, w.created, w.before, w.after) for w in row.writes]
            digest.update(repr((row.number, row.outcome.value, row.reason, writes)).encode())
        return digest.hexdigest()


def prepare(request: Request, tell: Tell = silent) -> ImportPlan:
    """Read a list and decide about every row of it; writes nothing."""
    if request.kind not in RosterKind.values:
        raise RosterError(_("Unknown kind of list: %(kind)s.") % {"kind": request.kind})
    tell(Step.READING, 0, 0)
    sheet = workbook.read(request.content, sheet=request.sheet)
    table = columns.recognise(sheet, request.kind, request.columns)
    known = reference.load()
    bench = Workbench(request.options, known, _scheme_of(request.options, known), request.decisions)
    guard = AreaGuard(request.area, request.kind, bench) if request.area is not None else None
    parsed = list(RowParser(table, request.kind, known).rows())
    tell(Step.MATCHING, 0, 0)
    main, decides = DECIDERS[request.kind]
    decider = returning.beside(decides(bench), bench, table, request.kind, parsed, area=request.area)
    decider.load([row for row in parsed if not row.refused])
    seen = counted(decider.in_turn(parsed), Step.DECIDING, len(parsed), tell)
    decided = [_planned(row, decider, bench, main, guard) for row in seen]
    rows = sorted(decided, key=lambda row: row.number)
    notes = [*table.notes, *(note % {"count": count} for note, count in bench.notes.items())]
    plan = ImportPlan(request, sheet.name, table, rows, decided, notes)
    plan.is_returned = isinstance(decider, returning.ReturningDecider)
    plan.removes_demo = plan.changes_something and not plan.is_returned and demo.demo_is_present()
    return plan


def _planned(
    row: Parsed, decider: Decider, bench: Workbench, main: str, guard: AreaGuard | None
) -> PlannedRow:
    planned = PlannedRow(row.number, row.cells, RowOutcome.REJECTED, row.refused, warnings=row.warnings)
    if row.refused:
        planned.remedy = row.remedy or _remedy(row, bench, main)
        return planned
    try:
        planned.writes = _decided(row, decider, bench, guard)
    except RowRefused as error:
        planned.reason, planned.remedy = str(error), error.remedy or _remedy(row, bench, main)
        return planned
    except Queued as error:
        bench.wait(row, error.candidates)
        error = guard.queued(error) if guard else error
        planned.outcome, planned.reason, planned.candidates = RowOutcome.QUEUED, str(error), error.candidates
        return planned
    planned.outcome = _outcome(planned.writes, main)
    return planned


def _decided(row: Parsed, decider: Decider, bench: Workbench, guard: AreaGuard | None) -> list[Write]:
    # a row that comes back is found by its number, and carries only what was changed in it
    back = isinstance(decider, returning.ReturningDecider) and decider.is_back(row)
    if guard and not back:
        guard.look_at(row)
    decider.decide(row)
    writes = bench.ledger.take()
    if guard:
        return guard.settle(writes)
    # with four eyes also what the city's own lists grant waits for another person
    for write in writes if settings.FOUR_EYES else ():
        wait_for_check(write)
    return writes


def _remedy(row: Parsed, bench: Workbench, main: str) -> str:
    """What is to be done about a row where its refusal does not say more."""
    if main == "designation" and "valid_from" not in row.values and bench.options.valid_from is None:
        return _("Fill in the column %(name)s, or say it for the whole list.") % {"name": "认定日期"}
    return _("Correct this row in the workbook of rejected rows and upload that again.")


def _outcome(writes: list[Write], main: str) -> RowOutcome:
    if not writes:
        return RowOutcome.UNCHANGED
    made = any(write.created and write.record.table == main for write in writes)
    return RowOutcome.CREATED if made else RowOutcome.UPDATED


def _scheme_of(options: Options, known: Reference) -> SchemeInfo | None:
    if options.level and options.level not in Level.values:
        raise RosterError(_("Unknown level: %(level)s.") % {"level": options.level})
    if not options.scheme:
        return None
    words = known.scheme(options.scheme)
    if words is None:
        raise RosterError(_("Unknown scheme (认定类别): %(scheme)s.") % {"scheme": options.scheme})
    if options.level and options.level not in words.scheme.levels:
        raise RosterError(
            _("%(scheme)s is not granted at the level %(level)s.")
            % {"scheme": words.scheme.name, "level": Level(options.level).label}
        )
    return words.scheme
