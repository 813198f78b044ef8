"""The data that the site ships: areas, groups, industries, titles, the plan and its rules, published figures.

A row is told by its natural key. What is missing is created; what is there stays as staff have left it; and
what staff have removed or renamed is not brought back: the history knows that it was here before.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models, transaction
from django.utils.translation import gettext as _

from registry import history

FIXTURES = ("reference", "schemes", "targets", "official_figures")

# What tells two rows of a model apart; a reference to another row stands for what tells that one apart. The
# models are in the order of loading, each after what it refers to.
IDENTITY: dict[str, tuple[str, ...]] = {
    "registry.district": ("code",),
    "registry.cluster": ("code",),
    "registry.industry": ("code",),
    "registry.scheme": ("code",),
    "registry.schemelevel": ("scheme", "level"),
    "registry.series": ("code",),
    "registry.statistic": ("series", "district", "day", "finality"),
    "targets.document": ("code",),
    "targets.plan": ("code",),
    "targets.section": ("plan", "code"),
    "targets.target": ("plan", "code"),
    "targets.milestone": ("plan", "code"),
    "targets.citation": ("section", "quote", "target", "milestone"),
    "targets.rule": ("target",),
    "targets.rulescheme": ("rule", "scheme"),
    "targets.rulecluster": ("rule", "cluster"),
}
# Filled in by the office: --update leaves them alone unless the fixture itself names them.
OF_THE_OFFICE = {
    "baseline_source",
    "baseline_value",
    "evidence",
    "is_draft",
    "office",
    "reached_on",
    "retired_on",
    "roster_row",
    "state",
    "text",
    "url",
    "version",
}

Row = dict[str, Any]
# As the fixtures write it, with the codes of what a row belongs to: ("532", "scale.industrial_output")
NaturalKey = tuple[str | None, ...]
# The same in the columns of the table, with the numbers of rows: ("1", "scale.industrial_output")
Identity = tuple[str | None, ...]


@dataclass
class Loading:
    """What became of the rows, and which row of the database each natural key means."""

    created: int = 0
    updated: int = 0
    kept: int = 0
    left_out: list[str] = field(default_factory=list)
    known: dict[str, dict[NaturalKey, int]] = field(default_factory=dict)


class Command(BaseCommand):
    help = _(
        "Load areas, groups, industries, titles, the plan and the published figures that the site ships. "
        "Creates what is missing; never overwrites what staff have changed or brings back what they removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--update",
            action="store_true",
            help=_("overwrite on purpose: set every row to what is shipped, and bring back what was removed"),
        )

    def handle(self, *args: Any, update: bool = False, verbosity: int = 1, **options: Any) -> None:
        done = load(update=update)
        if verbosity < 1:
            return
        message = _(
            "Reference data: %(created)d created, %(updated)d updated, %(kept)d kept, %(left_out)d left out."
        )
        numbers = {"created": done.created, "updated": done.updated, "kept": done.kept}
        self.stdout.write(message % {**numbers, "left_out": len(done.left_out)})
        for row in done.left_out if verbosity > 1 else ():
            self.stdout.write(_("  left out, as staff have removed or renamed it: %(row)s") % {"row": row})


@transaction.atomic
def load(*, update: bool = False) -> Loading:
    done = Loading()
    rows = read_fixtures()
    with history.change(reason=_("Reference data that the site ships")):
        for label in IDENTITY:
            load_model(apps.get_model(label), rows.get(label, {}), done, update=update)
    return done


def read_fixtures() -> dict[str, dict[NaturalKey, Row]]:
    """The rows of all fixtures by model and key."""
    found: dict[str, dict[NaturalKey, Row]] = {}
    for name in FIXTURES:
        path = Path(settings.BASE_DIR) / "fixtures" / f"{name}.json"
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = {"file": path.name, "error": error}
            raise CommandError(_("%(file)s cannot be read: %(error)s") % reason) from error
        for row in rows:
            found.setdefault(row["model"], {})[natural_key(row["model"], row["fields"])] = row["fields"]
    return found


def load_model(
    model: type[models.Model], rows: dict[NaturalKey, Row], done: Loading, *, update: bool
) -> None:
    """A single statement where nothing is to do."""
    label = model._meta.label_lower
    known = done.known.setdefault(label, {})
    identities = {key: identity(label, row, done) for key, row in rows.items()}
    wanted = {found for found in identities.values() if found}
    present = present_rows(model, wanted)
    former = {} if wanted <= present.keys() else former_rows(model, wanted)
    missing: dict[NaturalKey, Row] = {}
    for key, own in identities.items():
        pk = own and (present.get(own) or former.get(own))
        if isinstance(pk, int):
            known[key] = pk
        elif own and (update or own not in former):
            missing[key] = rows[key]
        else:
            done.left_out.append(describe(label, key))
    there = dict(known)
    create(model, missing, done)
    changed = sum(overwrite(model, pk, rows[key], done) for key, pk in there.items()) if update else 0
    done.updated += changed
    done.kept += len(there) - changed


# Keys


def natural_key(label: str, row: Row) -> NaturalKey:
    """A reference is a list in the fixture; an absent one, or an absent value, is one empty part."""
    parts: list[str | None] = []
    for name in IDENTITY[label]:
        value = row.get(name)
        parts += value if isinstance(value, list) else [value]
    return tuple(parts)


@cache
def related_label(label: str, name: str) -> str:
    """The model that a column refers to, empty for a plain value."""
    related: Any = apps.get_model(label)._meta.get_field(name).related_model
    return related._meta.label_lower if related else ""


def identity(label: str, row: Row, done: Loading) -> Identity | None:
    """None when it belongs to a row that is not there."""
    values = columns(apps.get_model(label), {name: row.get(name) for name in IDENTITY[label]}, done)
    return None if values is None else as_identity(values.values())


def as_identity(values: Iterable[object]) -> Identity:
    return tuple(None if value is None else str(value) for value in values)


def identities_in(
    manager: Any, label: str, wanted: Iterable[Identity], pk: str
) -> list[tuple[Identity, int]]:
    """The identities in a table, as far as they share the first part with a wanted one."""
    names = [apps.get_model(label)._meta.get_field(name).attname for name in IDENTITY[label]]
    found = manager.filter(**{f"{names[0]}__in": {own[0] for own in wanted}}).order_by()
    return [(as_identity(parts), number) for number, *parts in found.values_list(pk, *names)]


def present_rows(model: type[models.Model], wanted: Iterable[Identity]) -> dict[Identity, int]:
    return dict(identities_in(model._default_manager, model._meta.label_lower, wanted, "pk"))


def former_rows(model: type[models.Model], wanted: Iterable[Identity]) -> dict[Identity, int | None]:
    """Every identity under which a row was ever seen, with that row if it lives on under another."""
    events = model._meta.get_field("events").related_model
    assert isinstance(events, type)
    seen = identities_in(events._default_manager, model._meta.label_lower, wanted, "pgh_obj_id")
    alive = set(model._default_manager.filter(pk__in={pk for _own, pk in seen}).values_list("pk", flat=True))
    found: dict[Identity, int | None] = dict.fromkeys(own for own, _pk in seen)
    return found | {own: pk for own, pk in seen if pk in alive}


def describe(label: str, key: NaturalKey) -> str:
    return f"{label} {' '.join(part or '—' for part in key)}"


# Writing


def create(model: type[models.Model], rows: dict[NaturalKey, Row], done: Loading) -> None:
    """In waves, as a row may refer to another of its model; what refers to a removed row is left out."""
    label = model._meta.label_lower
    while rows:
        built = {key: model(**values) for key, row in rows.items() if (values := columns(model, row, done))}
        if not built:
            done.left_out += [describe(label, key) for key in rows]
            return
        for key, instance in zip(built, model._default_manager.bulk_create(built.values()), strict=True):
            done.known[label][key] = instance.pk
        done.created += len(built)
        rows = {key: row for key, row in rows.items() if key not in built}


def columns(model: type[models.Model], row: Row, done: Loading) -> dict[str, Any] | None:
    """The values of a row by column; None while a row that it refers to is not there."""
    values: dict[str, Any] = {}
    for name, value in row.items():
        column = model._meta.get_field(name)
        assert isinstance(column, models.Field)
        related = related_label(model._meta.label_lower, name)
        if related and value is not None:
            value = done.known.get(related, {}).get(tuple(value))
            if value is None:
                return None
        values[column.attname] = column.to_python(value)
    return values


def overwrite(model: type[models.Model], pk: int, row: Row, done: Loading) -> bool:
    """Set the row back to the fixture, and say whether it differed."""
    values = columns(model, row, done)
    if values is None:
        return False
    shipped = model(**values)
    instance = model._default_manager.get(pk=pk)
    changed = [name for name in governed(model, row) if getattr(instance, name) != getattr(shipped, name)]
    for name in changed:
        setattr(instance, name, getattr(shipped, name))
    if changed:
        instance.save(update_fields=changed)
    return bool(changed)


def governed(model: type[models.Model], row: Row) -> Iterator[str]:
    """The columns that the fixture decides on: those that it names or leaves at their default."""
    for column in model._meta.concrete_fields:
        if not column.primary_key and (column.name in row or column.name not in OF_THE_OFFICE):
            yield column.attname
