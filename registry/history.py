"""Every version of every fact, written by triggers of the database: bulk and raw SQL included.

Each tracked table `registry_x` has a table of events `registry_xevent` with a full copy of the row, the kind of
change (`insert`, `update`, `delete`; a delete keeps the last row), the moment, the transaction and the context
(person, reason, address of the page). A position in the history is (transaction, event).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.expressions import RawSQL
from pghistory.models import Event

M = TypeVar("M", bound=type[models.Model])


class FactEvent(Event):
    """One version of a fact."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_transaction = models.BigIntegerField(
        "事务", db_default=RawSQL("(pg_current_xact_id()::text::bigint)", []), editable=False
    )

    class Meta:
        abstract = True


def track(*, generated: tuple[str, ...] = ()) -> Callable[[M], M]:
    """Keep the history of a model, and count up its `version` with every real change.

    `generated` names the columns that the database computes: they are not facts of their own, and a trigger that
    runs before the row is written must not look at them.
    """

    def decorate(model: M) -> M:
        counted = pgtrigger.Trigger(
            name="version",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.AnyChange(exclude=["version", *generated]),
            func="NEW.version := OLD.version + 1; RETURN NEW;",
        )
        pgtrigger.register(counted)(model)
        events = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(generated) or None,
            base_model=FactEvent,
            obj_field=pghistory.ObjForeignKey(related_name="events"),
            meta={
                "indexes": [
                    models.Index(fields=["pgh_obj", "pgh_id"]),
                    # what has come since a position: see registry.feed
                    models.Index(fields=["pgh_transaction"]),
                    # rows come in the order of time: a block index costs next to nothing to write
                    BrinIndex(fields=["pgh_created_at"], autosummarize=True),
                ]
            },
        )
        return events(model)

    return decorate


@contextmanager
def change(*, by: Any = None, reason: str = "", **details: Any) -> Iterator[None]:
    """Write who changes what follows, and why, into the history.

    Nests: an inner block adds to the outer one. Empty values are left out, so that they never hide an outer one.
    """
    context = {"user": getattr(by, "pk", None), "reason": reason, **details}
    with pghistory.context(**{key: value for key, value in context.items() if value not in (None, "")}):
        yield
