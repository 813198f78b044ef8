"""Writes a plan: set-based, in one transaction, with person and reason in the history."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from registry import demo, history
from registry.choices import RowOutcome
from registry.models import Roster, RosterRow, User
from registry.refusals import constraints
from registry.rosters import kept, ledger, tables
from registry.rosters.errors import RosterError
from registry.rosters.ledger import MODELS, Record
from registry.rosters.plan import ImportPlan, PlannedRow
from registry.rosters.progress import Step, Tell, counted, silent


@dataclass(slots=True)
class Gathered:
    """The writes of all rows by table; of each record its last state counts."""

    made: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[str, dict[Record, set[str]]] = field(default_factory=lambda: defaultdict(dict))
    row_of: dict[Record, PlannedRow] = field(default_factory=dict)


class RowsRejected(RosterError):
    """Some rows cannot go in, so none did; the plan says which and why."""

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__(
            _(
                "%(count)s rows are rejected, so nothing was imported. "
                "Correct them, or import the others alone."
            )
            % {"count": plan.counts()[RowOutcome.REJECTED]}
        )
        self.plan = plan


def write(plan: ImportPlan, *, by: User | None, reason: str, tell: Tell = silent) -> Roster:
    """Write a plan that was made in this very transaction, behind `take_turn`."""
    if not plan.request.partial and plan.of(RowOutcome.REJECTED):
        raise RowsRejected(plan)
    try:
        with transaction.atomic(), history.change(by=by, reason=reason):
            return _write(plan, by, tell)
    except (IntegrityError, DataError) as error:
        raise RosterError(explain(error)) from error


def _write(plan: ImportPlan, by: User | None, tell: Tell) -> Roster:
    roster = _roster(plan, by)
    with history.change(roster=roster.pk):
        tables.tell_history()
        if plan.removes_demo:
            demo.remove_demo()
        gathered = _gather(plan.decided)
        _number(gathered.made)
        _copy_rows(roster, plan, gathered, tell)
        for place, table in enumerate(MODELS):
            tell(Step.FINISHING, place, len(MODELS) + 1)
            tables.insert(table, gathered.made[table])
            changed = gathered.changed[table]
            tables.update(table, list(changed), set().union(*changed.values()))
        tell(Step.FINISHING, len(MODELS), len(MODELS) + 1)
        tables.check_now()
    return roster


def _roster(plan: ImportPlan, by: User | None) -> Roster:
    request = plan.request
    return Roster.objects.create(
        kind=request.kind,
        file_name=request.file_name[-200:],
        content=request.content,
        sha256=hashlib.sha256(request.content).hexdigest(),
        options=request.options_as_json(),
        sheet=plan.sheet,
        columns=plan.table.recognised(),
        headers=plan.table.headers_with_units(),
        imported_by=by,
    )


def _gather(rows: Iterable[PlannedRow]) -> Gathered:
    found = Gathered()
    for row in rows:
        for entry in row.writes:
            record = entry.record
            found.row_of[record] = row
            if entry.created:
                found.made[record.table].append(record)
            elif not record.is_new:
                found.changed[record.table].setdefault(record, set()).update(entry.after)
    return found


def _number(made: dict[str, list[Record]]) -> None:
    """Give new records their ids, and those ids to the records that refer to them."""
    real: dict[str, dict[int, int]] = {}
    for table, records in made.items():
        ids = tables.new_ids(MODELS[table], len(records))
        real[table] = {record.id: pk for record, pk in zip(records, ids, strict=True)}
        for record, pk in zip(records, ids, strict=True):
            record.id = pk
    for records in made.values():
        for record in records:
            for column, table in kept.REFERENCES.items():
                if (record.values.get(column) or 0) < 0:
                    record.values[column] = real[table][record.values[column]]


def _copy_rows(roster: Roster, plan: ImportPlan, gathered: Gathered, tell: Tell) -> None:
    """The rows as they came and what became of them; each record points to the last row that touched it.

    Their ids go up as they were decided: undoing goes by them.
    """
    ids = tables.new_row_ids(len(plan.decided))
    columns = ["id", "roster_id", "number", "raw", "outcome", "reason", "remedy", "candidates", "changes"]
    raw = kept.RawRows(plan.table)
    drafts = (
        (
            pk,
            roster.pk,
            row.number,
            raw.json(row.cells),
            row.outcome.value,
            _reason(row),
            row.remedy[:300],
            kept.candidates(row),
            kept.changes(row),
        )
        for pk, row in zip(ids, counted(plan.decided, Step.WRITING, len(plan.decided), tell), strict=True)
    )
    tables.copy(RosterRow._meta.db_table, columns, drafts)
    id_of = {id(row): pk for pk, row in zip(ids, plan.decided, strict=True)}
    for record, row in gathered.row_of.items():
        _point_to(record, id_of[id(row)], gathered)


def _reason(row: PlannedRow) -> str:
    return " ".join([row.reason, *row.warnings]).strip()[:500] if row.warnings else row.reason[:500]


# One row more, of a list that is in


def write_row(row: RosterRow, planned: PlannedRow) -> str:
    """Write what a row of a list does after all; what it did, as it is kept of rows."""
    gathered = _gather([planned])
    _number(gathered.made)
    changes = kept.changes(planned)
    for record in gathered.row_of:
        _point_to(record, row.pk, gathered)
    for table in MODELS:
        tables.insert(table, gathered.made[table])
        changed = gathered.changed[table]
        tables.update(table, list(changed), set().union(*changed.values()))
    tables.check_now()
    return changes


def _point_to(record: Record, row: int, gathered: Gathered) -> None:
    """A record points to the last row that touched it."""
    if "roster_row_id" in ledger.columns(record.table):
        record.values["roster_row_id"] = row
        if record in gathered.changed[record.table]:
            gathered.changed[record.table][record].add("roster_row_id")


# When the database refuses after all


def explain(error: IntegrityError | DataError) -> str:
    """The words of the constraint; every case we know is caught row by row before it comes to this."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    if name in constraints():
        return str(constraints()[name].get_violation_error_message())
    for model in MODELS.values():
        for column in model._meta.concrete_fields:
            if column.unique and name.startswith(f"{model._meta.db_table}_{column.column}_"):
                return str(column.error_messages["unique"])
    return _("The database refuses the list (%(constraint)s); nothing was imported.") % {"constraint": name}
