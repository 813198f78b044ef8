"""What the database refuses, in words: the message of the constraint, whoever meets it."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

UNIQUE, OVERLAP, REFERENCE, CHECK, EMPTY = "23505", "23P01", "23503", "23514", "23502"
# What a value alone can be at fault for; all else is a matter of another record, too.
OF_THE_VALUE = {CHECK, EMPTY}
KEY = re.compile(r"^Key \((?P<columns>[\w, ]+)\)=")


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be written: for people, and by a name for programs."""

    message: str
    code: str
    field: str = ""
    conflicts: bool = False


def refusal_of(error: IntegrityError) -> Refusal:
    """Of a constraint of ours its own message, else what the kind of refusal says."""
    if isinstance(error, ProtectedError | RestrictedError):
        return Refusal(_("Other records refer to this one, so that it stays."), "referred_to", conflicts=True)
    told: Any = getattr(error.__cause__, "diag", None)
    state, name = getattr(told, "sqlstate", None), getattr(told, "constraint_name", None)
    conflicts = state not in OF_THE_VALUE
    constraint = constraints().get(name or "")
    if constraint is not None:
        return Refusal(words_of(constraint), constraint.name, conflicts=conflicts)
    if state == UNIQUE:
        return _taken(told)
    if state == EMPTY:
        return Refusal(_("A value is missing."), "required", told.column_name or "")
    if state == REFERENCE:
        return Refusal(
            _("A record that this refers to is not there, or others refer to it."), "reference", "", True
        )
    message = _("This could not be saved, as somebody else changed the same records. Look and try again.")
    return Refusal(message, "conflict", conflicts=conflicts)


@cache
def constraints() -> dict[str, models.BaseConstraint]:
    """All constraints of all models, by name."""
    return {one.name: one for model in apps.get_models() for one in model._meta.constraints}


def words_of(constraint: models.BaseConstraint) -> str:
    """The clerks' words are Chinese; whoever asks in English gets the name, which is words as well."""
    if get_language() == "en":
        return _("Refused by the rule “%(rule)s”.") % {"rule": constraint.name.replace("_", " ")}
    return str(constraint.get_violation_error_message())


def _taken(told: Any) -> Refusal:
    """A field that is unique by itself: the message that its form would give."""
    found = KEY.match(told.message_detail or "")
    columns = found["columns"].split(", ") if found else []
    model = next((one for one in apps.get_models() if one._meta.db_table == told.table_name), None)
    names = [one.name for one in model._meta.concrete_fields if one.column in columns] if model else []
    if model is None or len(names) != 1:
        return Refusal(_("There is such a record already."), "unique", conflicts=True)
    problem = model().unique_error_message(model, tuple(names))
    return Refusal(problem.messages[0], "unique", names[0], conflicts=True)
