"""How well the facts behind a number are filled in: what the card of data quality of a target tells."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from registry import validity
from registry.choices import DesignationState
from registry.models import Designation
from targets.choices import Exclusion, Feed
from targets.measure.memory import remembered
from targets.measure.records import Window, exclusions
from targets.rules import TITLES, Spec


@dataclass(frozen=True)
class Coverage:
    """Of the titles that count on a day, or were first awarded in the period; enterprises as often as they hold one.

    `newest` is the last day on which one was awarded. `undated` lack the last day although their scheme has a term.
    Beside them those of the same schemes that are only announced, or wait to be confirmed, whatever their level.
    """

    titles: int
    without_code: int
    without_area: int
    without_document: int
    undated: int
    newest: dt.date | None
    announced: int = 0
    not_confirmed: int = 0


def coverage(spec: Spec, day: dt.date) -> Coverage | None:
    """None where the number does not come from titles."""
    if spec.feed not in (*TITLES, Feed.MULTIPLE) or not spec.schemes:
        return None
    asked = (spec, day, "coverage")
    return remembered([asked], lambda _asked: {asked: _covered(spec, day)})[asked]


def _covered(spec: Spec, day: dt.date) -> Coverage:
    schemes = [term.id for term in spec.schemes]
    held = Designation.objects.filter(scheme__in=schemes, level__in=spec.levels)
    if spec.feed in (Feed.NEW, Feed.YEARLY):
        counted = held.filter(state=validity.CONFIRMED, valid_from__gt=_begin(spec, day), valid_from__lte=day)
    else:
        counted = held.valid_on(day)
    of_enterprise = Q(enterprise__isnull=False)
    found = counted.order_by().aggregate(
        titles=Count("pk"),
        without_code=Count("pk", filter=of_enterprise & Q(enterprise__uscc__isnull=True)),
        without_area=Count(
            "pk",
            filter=Q(enterprise__isnull=True, district__isnull=True)
            | (of_enterprise & Q(enterprise__district__isnull=True)),
        ),
        without_document=Count("pk", filter=Q(document="")),
        undated=Count("pk", filter=Q(valid_to__isnull=True, scheme__term_months__isnull=False)),
        newest=Max("valid_from"),
    )
    waiting = Designation.objects.filter(scheme__in=schemes).exclude(state=validity.CONFIRMED).order_by()
    states = dict(waiting.values_list("state").annotate(Count("pk")))
    announced = states.pop(DesignationState.ANNOUNCED, 0)
    return Coverage(**found, announced=announced, not_confirmed=sum(states.values()))


def _begin(spec: Spec, day: dt.date) -> dt.date:
    """The evening before the first award that is new."""
    return dt.date(day.year - 1, 12, 31) if spec.feed == Feed.YEARLY else spec.starts_on


def without_figure(spec: Spec, day: dt.date) -> int:
    """How many enterprises have no figure of the year that counts, though they would; of the whole city."""
    asked = (spec, day, "without figure")
    one = Window(reason=Exclusion.NO_FIGURE, limit=1)
    return remembered([asked], lambda _asked: {asked: exclusions(spec, day, one).total})[asked]
