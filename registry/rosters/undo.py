"""Takes a list back as a whole: deletes what it made, restores what it changed, or refuses with names.

What came after it, changed since or refers to it, stands in the way: that is undone first, by a person.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from registry import history
from registry.history import FactEvent
from registry.models import Roster, User
from registry.rosters import ledger, tables
from registry.rosters.errors import RosterError
from registry.rosters.ledger import IDS, MODELS, Record

NAMED = 20


@dataclass(slots=True)
class Net:
    """What a list as a whole did to one record."""

    created: bool
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class UndoPlan:
    """What undoing a list would take back, and what stands in its way."""

    deletes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    restores: dict[str, dict[Record, set[str]]] = field(default_factory=lambda: defaultdict(dict))
    obstacles: list[str] = field(default_factory=list)
    # what is there now of what would be restored, by table and id
    present: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        return {
            "deleted": sum(map(len, self.deletes.values())),
            "restored": sum(map(len, self.restores.values())),
        }


def prepare(roster: Roster) -> UndoPlan:
    """What undoing would do; writes nothing."""
    nets = _nets(roster)
    plan = UndoPlan()
    for table, of_table in nets.items():
        found = {r.id: r for r in ledger.load(table, f"fact.id = ANY({IDS})", [ledger.listed(of_table)])}
        for pk, net in of_table.items():
            record = found.get(pk)
            if record is None:
                plan.obstacles.append(
                    _("%(model)s %(id)s no longer exists.") % {"model": _word(table), "id": pk}
                )
            elif _differs(record, net):
                plan.obstacles.append(_("%(name)s was changed since.") % {"name": _name(record)})
            elif net.created:
                plan.deletes[table].append(pk)
            else:
                plan.present[table, pk] = {name: record.values[name] for name in net.before}
                columns = _restore(record, net, roster)
                plan.restores[table][record] = columns
    _find_references(plan)
    return plan


def undo(roster: Roster, *, by: User | None, reason: str) -> UndoPlan:
    """Take the list back, all of it or nothing."""
    if not reason.strip():
        raise RosterError(_("Say why the list is taken back."))
    with transaction.atomic(), history.change(by=by, reason=reason, roster=roster.pk):
        tables.take_turn()
        roster.refresh_from_db(fields=["undone_at"])
        if roster.undone_at:
            raise RosterError(_("This list has been undone already."))
        plan = prepare(roster)
        if plan.obstacles:
            raise RosterError(_refusal(plan.obstacles))
        tables.tell_history()
        for table in reversed(MODELS):
            restores = plan.restores[table]
            tables.update(table, list(restores), set().union(*restores.values()))
            tables.delete(table, plan.deletes[table])
        tables.check_now()
        Roster.objects.filter(pk=roster.pk).update(undone_by=by, undone_at=Now(), undo_reason=reason[:200])
        roster.refresh_from_db(fields=["undone_by", "undone_at", "undo_reason"])
    return plan


def _refusal(obstacles: list[str]) -> str:
    shown = " ".join(obstacles[:NAMED])
    if len(obstacles) > NAMED:
        shown += " " + _("And %(count)s more.") % {"count": len(obstacles) - NAMED}
    return _("The list cannot be undone: %(obstacles)s") % {"obstacles": shown}


def _nets(roster: Roster) -> dict[str, dict[int, Net]]:
    """The first state before and the last after, of every record that any row touched."""
    nets: dict[str, dict[int, Net]] = defaultdict(dict)
    for changes in (
        roster.rows.exclude(changes=[]).order_by("id").values_list("changes", flat=True).iterator()
    ):
        for change in changes:
            net = nets[change["model"]].setdefault(change["id"], Net(change["created"]))
            net.before = {**change["before"], **net.before}
            net.after.update(change["after"])
    return nets


# Compared and restored


def _differs(record: Record, net: Net) -> bool:
    expected = net.after
    if net.created:
        fields = MODELS[record.table]._meta.concrete_fields
        empty = {f.attname: f.get_default() for f in fields if f.attname in record.values and not f.generated}
        expected = {**empty, **net.after}
    return any(
        not _same(record.values[name], value) for name, value in expected.items() if name != "roster_row_id"
    )


def _same(present: Any, kept: Any) -> bool:
    if isinstance(present, Decimal) and kept is not None:
        return present == Decimal(kept)
    return bool(str(present) == str(kept))


def _restore(record: Record, net: Net, roster: Roster) -> set[str]:
    """Put the former values into the record; its pointer only where it still points to this list."""
    columns = set()
    for name, value in net.before.items():
        if name == "roster_row_id" and not _points_to(record, roster):
            continue
        column = next(f for f in MODELS[record.table]._meta.concrete_fields if f.attname == name)
        record.values[name] = column.to_python(value) if value is not None else None
        columns.add(name)
    return columns


def _points_to(record: Record, roster: Roster) -> bool:
    return roster.rows.filter(pk=record.values["roster_row_id"]).exists()


# What refers to what would go


def _find_references(plan: UndoPlan) -> None:
    tables_of = {model: table for table, model in MODELS.items()}
    for table, ids in list(plan.deletes.items()):
        for relation in MODELS[table]._meta.related_objects:
            model = relation.related_model
            if issubclass(model, FactEvent) or relation.many_to_many:
                continue
            going = plan.deletes.get(tables_of.get(model, ""), [])
            column = relation.field.column
            sql = (
                f'SELECT DISTINCT "{column}" FROM "{model._meta.db_table}" '
                f'WHERE "{column}" = ANY({IDS}) AND NOT id = ANY({IDS})'
            )
            with connection.cursor() as cursor:
                cursor.execute(sql, [ledger.listed(ids), ledger.listed(going)])
                held = [pk for (pk,) in cursor.fetchall()]
            for record in ledger.load(table, f"fact.id = ANY({IDS})", [ledger.listed(held)]):
                plan.obstacles.append(
                    _("%(name)s is referred to by %(what)s.")
                    % {"name": _name(record), "what": model._meta.verbose_name}
                )


def _word(table: str) -> str:
    return str(MODELS[table]._meta.verbose_name)


def _name(record: Record) -> str:
    """What a person knows the record by."""
    model = MODELS[record.table]
    return f"{_word(record.table)} {model._default_manager.get(pk=record.id)}"
