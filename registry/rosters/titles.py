"""Which titles exclude each other: of one kind, level and holder no two are held on one day."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from registry import terms
from registry.choices import DesignationState

Values = dict[str, Any]
# scheme, level, enterprise, area, item in lower case: the holder for whom the database refuses overlaps
Key = tuple[int, str, int | None, int | None, str]
HOLDING = frozenset([DesignationState.CONFIRMED.value, DesignationState.SUBMITTED.value])


def key_of(values: Values) -> Key:
    return (
        values["scheme_id"],
        values["level"],
        values.get("enterprise_id"),
        values.get("district_id"),
        (values.get("item") or "").lower(),
    )


def is_held(values: Values) -> bool:
    """Whether it stands in the way of others: granted, or sent in to be."""
    return values["state"] in HOLDING and bool(values.get("valid_from"))


def overlapped(values: Values, others: Iterable[Values]) -> Values | None:
    """The first of the others, all held, that shares a day with an award."""
    return next((other for other in others if terms.overlap(values, other)), None)


def words_of_overlap(other: Values) -> str:
    return _(
        "The holder has this title already from %(start)s to %(end)s%(batch)s; the two would overlap."
    ) % {
        "start": other["valid_from"],
        "end": terms.last_day(other) or _("no fixed end"),
        "batch": f" ({other['batch']})" if other.get("batch") else "",
    }
