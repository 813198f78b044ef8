"""Two records of one enterprise become one: looked at before, done whole, undone whole.

The record that stays gets all that hangs on the other; what both say alike is dropped and kept in the merge; what they
say differently stands in the way and is told by name. The other record goes; the history keeps it, and so does the merge.
A true merger of two enterprises is none of this: there the one that ceases is closed on its day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from registry import history, names, terms
from registry.choices import DesignationState, Figure
from registry.models import (
    AnnualFigures,
    Designation,
    Enterprise,
    FormerName,
    MatchDecision,
    Membership,
    Merge,
    NotDuplicate,
    Relocation,
    Split,
    User,
)

RIGHT = "registry.merge_enterprise"
# What the record that stays takes over where it says nothing itself.
TAKEN: tuple[str, ...] = (
    "registration_no",
    "district_id",
    "address",
    "industry_id",
    "legal_form",
    "parent_id",
)
TAKEN += ("founded_on", "closed_on", "stock_code", "contact_name", "contact_phone", "uscc", "uscc_confirmed")
HOLDING = (DesignationState.CONFIRMED, DesignationState.SUBMITTED)


class MergeRefused(Exception):
    """Nothing was done; the messages name what stands in the way."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


@dataclass
class Preview:
    """What merging would do: rows that move and rows that are dropped by kind, fields taken over, and obstacles."""

    moves: dict[type[models.Model], list[Any]] = field(default_factory=dict)
    drops: list[Any] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    obstacles: list[str] = field(default_factory=list)


def look(keep: Enterprise, other: Enterprise) -> Preview:
    """What would move from `other` to `keep`; writes nothing."""
    found = Preview(obstacles=list(_obstacles(keep, other)))
    for model, sort in WAYS.items():
        sort(keep, other, found.moves.setdefault(model, []), found)
    found.taken = {
        name: getattr(other, name)
        for name in TAKEN
        if getattr(keep, name) in (None, "", False) and getattr(other, name) not in (None, "", False)
    }
    return found


@transaction.atomic
def merge(*, keep: Enterprise, other: Enterprise, by: User, reason: str) -> Merge:
    """Make one record of two. PermissionDenied without the right, MergeRefused with what stands in the way."""
    if not by.has_perm(RIGHT):
        raise PermissionDenied
    locked = Enterprise.objects.select_for_update().in_bulk(sorted({keep.pk, other.pk}))
    if len(locked) < 2:
        raise MergeRefused([_("One of the two enterprises no longer exists.")])
    keep, other = locked[keep.pk], locked[other.pk]
    found = look(keep, other)
    if found.obstacles:
        raise MergeRefused(found.obstacles)
    done = Merge(
        kept_id=keep.pk,
        absorbed_id=other.pk,
        kept_name=keep.name,
        absorbed_name=other.name,
        absorbed=_values(other),
        merged_by=by,
        reason=reason,
    )
    try:
        with transaction.atomic(), history.change(by=by, reason=reason):
            _write(keep, other, found, done)
    except IntegrityError as error:
        raise MergeRefused([_("The database refuses to merge these two; nothing was done.")]) from error
    done.save()
    return done


def _write(keep: Enterprise, other: Enterprise, found: Preview, done: Merge) -> None:
    done.dropped = [{"model": type(row)._meta.model_name, "values": _values(row)} for row in found.drops]
    for row in found.drops:
        row.delete()
    for model, rows in found.moves.items():
        if not rows:
            continue
        name = "parent_id" if model is Enterprise else "enterprise_id"
        moved = model._default_manager.filter(pk__in=[row.pk for row in rows])
        moved.update(**{name: keep.pk})
        done.moved[str(model._meta.model_name)] = {str(pk): v for pk, v in moved.values_list("pk", "version")}
    other.delete()
    done.taken = {name: [getattr(keep, name), value] for name, value in found.taken.items()}
    for name, value in found.taken.items():
        setattr(keep, name, value)
    keep.save()
    known = {names.key(keep.name), *keep.former_names.values_list("name_key", flat=True)}
    if names.key(other.name) not in known:
        made = FormerName.objects.create(enterprise=keep, name=other.name)
        done.made["formername"] = {str(made.pk): made.version}


# What moves, what both say, what stands in the way


def _obstacles(keep: Enterprise, other: Enterprise) -> Iterator[str]:
    if keep.pk == other.pk:
        yield _("Choose two different enterprises.")
    if keep.uscc and other.uscc and keep.uscc != other.uscc:
        yield _("The codes differ (%(one)s, %(other)s): these are two enterprises.") % {
            "one": keep.uscc,
            "other": other.uscc,
        }
    if keep.district_id and other.district_id and keep.district_id != other.district_id:
        yield _("The areas differ: correct one of them first.")
    if other.pk == keep.parent_id or keep.pk == other.parent_id:
        yield _("One of them is the parent group of the other.")
    if Split.objects.filter(enterprise__in=(keep, other), successor__in=(keep, other)).exists():
        yield _("One of them was split off the other: these are two enterprises.")
    elif Split.objects.filter(successor=other).exists():
        yield _("%(name)s was split off another enterprise: swap the two, so that it stays.") % {
            "name": other
        }
    if keep.relocations.exists() and other.relocations.exists():
        yield _("Both have moves between areas: leave those of one only.")


def _subsidiaries(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    moves += Enterprise.objects.filter(parent=other)


def _titles(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    known = list(keep.designations.select_related("scheme", "enterprise"))
    for title in other.designations.select_related("scheme", "enterprise").prefetch_related("reviews"):
        same = [one for one in known if _same_kind(one, title) and _overlap(one, title)]
        if not same:
            moves.append(title)
        elif same[0].valid_from == title.valid_from and not title.reviews.all():
            found.drops.append(title)
        else:
            found.obstacles.append(
                _("Both hold %(title)s for overlapping times: correct or end one of them first.")
                % {"title": title.called}
            )


def _same_kind(one: Designation, other: Designation) -> bool:
    return (one.scheme_id, one.level, one.item.lower()) == (other.scheme_id, other.level, other.item.lower())


def _overlap(one: Designation, other: Designation) -> bool:
    """As the database refuses it: only what is granted or sent in, with a first day."""
    if one.state not in HOLDING or other.state not in HOLDING or not one.valid_from or not other.valid_from:
        return False
    return terms.overlap(*({name: getattr(row, name) for name in DAYS} for row in (one, other)))


DAYS = ("valid_from", "valid_to", "ended_on")


def _figures(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    known = {row.year: row for row in keep.figures.all()}
    for row in other.figures.all():
        here = known.get(row.year)
        if here is None:
            moves.append(row)
        elif all(getattr(row, one.value) in (None, getattr(here, one.value)) for one in Figure):
            found.drops.append(row)
        else:
            found.obstacles.append(
                _("Both have figures of %(year)s, and they differ: correct one of them first.")
                % {"year": row.year}
            )


def _memberships(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    known = list(keep.memberships.select_related("cluster"))
    for row in other.memberships.select_related("cluster"):
        beside = [one for one in known if _together(one, row)]
        if any(one.cluster_id == row.cluster_id for one in beside):
            found.drops.append(row)
        elif row.main and any(one.main and one.kind == row.kind for one in beside):
            found.obstacles.append(
                _("Their main groups differ (%(cluster)s): leave one of them main.")
                % {"cluster": row.cluster}
            )
        else:
            moves.append(row)


def _together(one: Membership, other: Membership) -> bool:
    starts = [day for day in (one.since, other.since) if day is not None]
    ends = [day for day in (one.until, other.until) if day is not None]
    return not starts or not ends or max(starts) < min(ends)


def _former_names(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    known = {names.key(keep.name), *keep.former_names.values_list("name_key", flat=True)}
    for row in other.former_names.all():
        (found.drops if row.name_key in known else moves).append(row)


def _relocations(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    moves += other.relocations.all()


def _decisions(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    moves += MatchDecision.objects.filter(enterprise=other)


def _refused_pairs(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    """That the absorbed one is no duplicate of others says nothing of the one that stays."""
    found.drops += NotDuplicate.objects.filter(models.Q(first=other) | models.Q(second=other))


def _splits(keep: Enterprise, other: Enterprise, moves: list[Any], found: Preview) -> None:
    moves += other.splits.exclude(successor=keep)


Sort = Callable[[Enterprise, Enterprise, list[Any], Preview], None]
# Every relation to an enterprise; a test demands that none is forgotten.
WAYS: dict[type[models.Model], Sort] = {
    Enterprise: _subsidiaries,
    Designation: _titles,
    AnnualFigures: _figures,
    Membership: _memberships,
    FormerName: _former_names,
    Relocation: _relocations,
    MatchDecision: _decisions,
    NotDuplicate: _refused_pairs,
    Split: _splits,
}


# Undoing


@transaction.atomic
def undo(*, done: Merge, by: User, reason: str) -> Enterprise:
    """Make two records of one again, as they were. MergeRefused with the names of what was changed since."""
    if not by.has_perm(RIGHT):
        raise PermissionDenied
    done = Merge.objects.select_for_update().get(pk=done.pk)
    keep = Enterprise.objects.select_for_update().filter(pk=done.kept_id).first()
    problems = list(_changed_since(done, keep))
    if problems or keep is None:
        raise MergeRefused(problems)
    with history.change(by=by, reason=reason):
        for name, rows in done.made.items():
            _model(name)._default_manager.filter(pk__in=rows).delete()
        for name, (before, _after) in done.taken.items():
            setattr(keep, name, _column(name).to_python(before))
        keep.save()
        restored = _restore(Enterprise, done.absorbed)
        for name, rows in done.moved.items():
            column = "parent_id" if name == "enterprise" else "enterprise_id"
            _model(name)._default_manager.filter(pk__in=rows).update(**{column: restored.pk})
        for row in done.dropped:
            _restore(_model(row["model"]), row["values"])
    Merge.objects.filter(pk=done.pk).update(undone_by=by, undone_at=Now(), undo_reason=reason)
    return Enterprise.objects.get(pk=restored.pk)


def _changed_since(done: Merge, keep: Enterprise | None) -> Iterator[str]:
    if done.undone_at is not None:
        yield _("This merge has been undone already.")
    if keep is None:
        yield _("%(name)s no longer exists.") % {"name": done.kept_name}
        return
    for name, (_before, after) in done.taken.items():
        column = _column(name)
        if getattr(keep, name) != column.to_python(after):
            yield _("%(name)s was changed since.") % {"name": f"{keep.name} · {column.verbose_name}"}
    for name, rows in [*done.moved.items(), *done.made.items()]:
        column = "parent_id" if name == "enterprise" else "enterprise_id"
        present = {row.pk: row for row in _model(name)._default_manager.filter(pk__in=rows)}
        for pk, version in rows.items():
            row: Any = present.get(int(pk))
            if row is None:
                yield _("%(name)s no longer exists.") % {"name": f"{_model(name)._meta.verbose_name} {pk}"}
            elif row.version != version or getattr(row, column) != keep.pk:
                yield _("%(name)s was changed since.") % {"name": row}


def _column(name: str) -> Any:
    return next(one for one in Enterprise._meta.concrete_fields if one.attname == name)


def _model(name: str) -> type[models.Model]:
    return {str(model._meta.model_name): model for model in WAYS}[name]


def _values(row: models.Model) -> dict[str, Any]:
    """A row by its columns, as JSON takes them; what the database derives it derives again."""
    return {
        one.attname: getattr(row, one.attname)
        for one in row._meta.concrete_fields
        if not isinstance(one, models.GeneratedField)
    }


def _restore(model: type[models.Model], values: dict[str, Any]) -> models.Model:
    """A row again as it was, under its old number."""
    fields: dict[str, Any] = {one.attname: one for one in model._meta.concrete_fields}
    row = model(**{name: fields[name].to_python(value) for name, value in values.items()})
    models.Model.save_base(row, raw=True, force_insert=True)
    return row
