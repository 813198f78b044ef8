"""The data that the site ships: areas, groups, industries, titles, the plan with its rules, published figures.

A row is told by its natural key. What is missing is created; what is there stays as staff have left it; and what staff
have removed or renamed is not brought back: the history knows that it was here before.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.base import DeserializationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from registry import history

FIXTURES = ("reference", "schemes", "targets", "official_figures")

# What tells two rows of a model apart; a reference to another row stands for what tells that one apart. In the order
# of loading, each after what it refers to.
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
# Filled in by the office; --update leaves them alone unless the fixture itself names them.
OF_THE_OFFICE = {
    "baseline_source",
    "baseline_value",
    "evidence",
    "office",
    "reached_on",
    "retired_on",
    "roster_row",
    "state",
    "version",
}
# The stored text of a document and the address are never the fixture's to empty.
NEVER = {("targets.document", "text"), ("targets.document", "url")}

Key = tuple[str | None, ...]
Row = dict[str, Any]


@dataclass
class Counts:
    """What became of the rows of the fixtures."""

    created: int = 0
    updated: int = 0
    kept: int = 0
    removed: list[str] = field(default_factory=list)


class Command(BaseCommand):
    help = _(
        "Load areas, groups, industries, titles, the plan and the published figures that the site ships. Creates what "
        "is missing, and never overwrites what staff have changed or brings back what they have removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--update",
            action="store_true",
            help=_(
                "overwrite on purpose: set every row back to what is shipped, and bring back what was removed"
            ),
        )

    def handle(self, *args: Any, update: bool = False, verbosity: int = 1, **options: Any) -> None:
        counts = load(update=update)
        if verbosity < 1:
            return
        message = _(
            "Reference data: %(created)d created, %(updated)d updated, %(kept)d kept, %(removed)d left out."
        )
        numbers = {"created": counts.created, "updated": counts.updated, "kept": counts.kept}
        self.stdout.write(message % {**numbers, "removed": len(counts.removed)})
        if verbosity > 1:
            for line in counts.removed:
                self.stdout.write(
                    _("  left out, as staff have removed or renamed it: %(row)s") % {"row": line}
                )


@transaction.atomic
def load(*, update: bool = False) -> Counts:
    counts = Counts()
    rows = read_fixtures()
    with history.change(reason=_("Reference data that the site ships")):
        for label in IDENTITY:
            load_model(apps.get_model(label), rows.get(label, {}), counts, update=update)
    return counts


def read_fixtures() -> dict[str, dict[Key, Row]]:
    """The rows of all fixtures by model and key."""
    found: dict[str, dict[Key, Row]] = {}
    for name in FIXTURES:
        path = Path(settings.BASE_DIR) / "fixtures" / f"{name}.json"
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = {"file": path.name, "error": error}
            raise CommandError(_("%(file)s cannot be read: %(error)s") % reason) from error
        for row in rows:
            found.setdefault(row["model"], {})[key_of(row)] = row
    return found


def load_model(model: type[models.Model], rows: dict[Key, Row], counts: Counts, *, update: bool) -> None:
    """A single statement where nothing is to do."""
    present = present_rows(model, rows)
    former = {} if rows.keys() <= present.keys() else former_rows(model, rows)
    for key, row in rows.items():
        pk = present.get(key) or former.get(key)
        if pk is not None:
            changed = update and overwrite(model, pk, row)
            counts.updated += changed
            counts.kept += not changed
        elif (update or key not in former) and create(row):
            counts.created += 1
        else:
            counts.removed.append(describe(row))


# Keys


@cache
def key_paths(label: str) -> tuple[str, ...]:
    """The paths of lookups to what tells a row apart: `rule__target__plan__code`, …"""
    model = apps.get_model(label)
    paths: list[str] = []
    for name in IDENTITY[label]:
        related = model._meta.get_field(name).related_model
        if isinstance(related, type):
            paths += [f"{name}__{path}" for path in key_paths(related._meta.label_lower)]
        else:
            paths.append(name)
    return tuple(paths)


@cache
def key_width(label: str, name: str) -> int:
    related = apps.get_model(label)._meta.get_field(name).related_model
    return len(key_paths(related._meta.label_lower)) if isinstance(related, type) else 1


def key_of(row: Row) -> Key:
    """The key of a row as the fixture has it: references are lists, and absent ones are as many empty parts."""
    parts: list[str | None] = []
    for name in IDENTITY[row["model"]]:
        value = row["fields"].get(name)
        parts += value if isinstance(value, list) else [value] * key_width(row["model"], name)
    return tuple(parts)


def keys_in(manager: Any, label: str, rows: Iterable[Key], pk: str) -> list[tuple[Key, int]]:
    """The keys in a table, of the same series, plan or code as those of the fixture."""
    paths = key_paths(label)
    found = manager.filter(**{f"{paths[0]}__in": {key[0] for key in rows}}).order_by()
    return [
        (tuple(None if part is None else str(part) for part in parts), number)
        for number, *parts in found.values_list(pk, *paths)
    ]


def present_rows(model: type[models.Model], rows: Iterable[Key]) -> dict[Key, int]:
    return dict(keys_in(model._default_manager, model._meta.label_lower, rows, "pk"))


def former_rows(model: type[models.Model], rows: Iterable[Key]) -> dict[Key, int | None]:
    """Every key under which a row was ever seen, with that row if it lives on under another, else None."""
    events = model._meta.get_field("events").related_model
    assert isinstance(events, type)
    seen = keys_in(events._default_manager, model._meta.label_lower, rows, "pgh_obj_id")
    alive = set(model._default_manager.filter(pk__in={pk for _key, pk in seen}).values_list("pk", flat=True))
    found: dict[Key, int | None] = dict.fromkeys(key for key, _pk in seen)
    return found | {key: pk for key, pk in seen if pk in alive}


def describe(row: Row) -> str:
    return f"{row['model']} {' '.join(part or '—' for part in key_of(row))}"


# Writing


def create(row: Row) -> bool:
    """False when the row hangs on one that staff have removed or renamed."""
    try:
        deserialized(row).save()
    except DeserializationError as error:
        if not isinstance(error.__cause__, ObjectDoesNotExist):
            raise
        return False
    return True


def deserialized(row: Row) -> Any:
    return next(iter(serializers.deserialize("python", [row])))


def overwrite(model: type[models.Model], pk: int, row: Row) -> bool:
    """Set the row back to the fixture, and say whether it differed."""
    shipped = deserialized(row).object
    instance = model._default_manager.get(pk=pk)
    names = [name for name in governed(model, row) if getattr(instance, name) != getattr(shipped, name)]
    for name in names:
        setattr(instance, name, getattr(shipped, name))
    if names:
        instance.save(update_fields=names)
    return bool(names)


def governed(model: type[models.Model], row: Row) -> Iterator[str]:
    """The columns that the fixture decides on: those that it names, and those that it leaves at their default."""
    label = model._meta.label_lower
    for column in model._meta.concrete_fields:
        if column.primary_key or (label, column.name) in NEVER:
            continue
        if column.name in row["fields"] or column.name not in OF_THE_OFFICE:
            yield column.attname
