"""What has changed since the moment in force, by which columns of now become those of then.

Reading a million titles as they were known takes as long as reading them as they are; what has changed since are few.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Model, Q, Value

from registry import past
from registry.querysets import IsAnyOf
from targets.measure.planning import as_usual

# Of more it is as quick to read all.
MOST = 20_000


def unchanged(*models: type[Model]) -> bool:
    """Whether no row of these has changed."""
    return all(past.changed_since(model, 0) == [] for model in models)


def versions(model: type[Model], rows: Callable[[Q], Iterable[Any]]) -> tuple[list[Any], list[Any]] | None:
    """Of the rows of a model that have changed what `rows` tells of them, as they are now and as they were known then;
    None where they are too many. It is given the condition that leaves these alone.
    """
    ids = past.changed_since(model, MOST)
    if ids is None:
        return None
    if not ids:
        return [], []
    changed = Q(IsAnyOf("pk", Value(ids, ArrayField(BigIntegerField()))))
    with as_usual():
        with past.of_now():
            now = list(rows(changed))
        return now, list(rows(changed))
