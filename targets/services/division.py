"""The plan divided among the areas (任务分解): a proposal by a key, and what was decided."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from registry import history
from registry.choices import Figure
from registry.models import District, User
from targets import rules
from targets.choices import DivideBy, Divided, Feed
from targets.division import apportion
from targets.measure import measure
from targets.models import Quota, Target
from targets.quotas import adds_up, whole_on

FIGURES = {
    DivideBy.REVENUE: Figure.REVENUE,
    DivideBy.OUTPUT: Figure.OUTPUT,
    DivideBy.EMPLOYEES: Figure.EMPLOYEES,
}
Numbers = dict[int, Decimal]


def propose(target: Target, day: dt.date, *, by: DivideBy, of: Divided, counted_on: dt.date) -> Numbers:
    """The quotas of a day by district, for the areas in use on it; together they are what the city wants by then.

    Of the increase each area gets its part on top of the number that it had on `counted_on`. Raises ValidationError
    where a target cannot be divided so.
    """
    spec = rules.spec_of(target.rule)
    if not adds_up(target, spec.feed):
        message = _(
            "The numbers of the areas do not add up to this target: it cannot be divided, only entered."
        )
        raise ValidationError(message)
    areas = list(District.objects.in_use_on(day).order_by("position", "code").values_list("pk", flat=True))
    whole = whole_on(target, spec.feed, day)
    begun = dict.fromkeys(areas, Decimal(0))
    if of == Divided.INCREASE:
        begun = _numbers(spec, areas, counted_on)
    left = whole - sum(begun.values())
    if left < 0:
        message = _(
            "On %(day)s the areas had more than the target wants: divide the whole, not the increase."
        )
        raise ValidationError(message % {"day": counted_on})
    weights = _weights(by, spec, areas, counted_on)
    if not any(weights.values()):
        message = _("On %(day)s there are no numbers by which to divide. Choose another day or another key.")
        raise ValidationError(message % {"day": counted_on})
    parts = apportion(left, weights)
    return {area: begun[area] + parts[area] for area in areas}


def _weights(by: DivideBy, spec: rules.Spec, areas: list[int], day: dt.date) -> Numbers:
    if by == DivideBy.EVEN:
        return dict.fromkeys(areas, Decimal(1))
    if by == DivideBy.NUMBER:
        return _numbers(spec, areas, day)
    figure = rules.Spec(
        code="", feed=Feed.SUM, target_unit="亿元", starts_on=spec.starts_on, figure=FIGURES[by]
    )
    return _numbers(figure, areas, day)


def _numbers(spec: rules.Spec, areas: list[int], day: dt.date) -> Numbers:
    """The areas' numbers on a day; where there is none, 0 is divided by as well as nothing."""
    found = measure([spec], day)[spec.code].by_district
    return {area: max(found.get(area) or Decimal(0), Decimal(0)) for area in areas}


@transaction.atomic
def assign(
    *,
    target: Target,
    day: dt.date,
    values: Mapping[int, Decimal | None],
    by: User | None,
    reason: str,
    basis: str = "",
) -> None:
    """Set the quotas of a day, by district; None takes one away. Those of areas that are not named stay."""
    present = {
        one.district_id: one for one in Quota.objects.select_for_update().filter(target=target, day=day)
    }
    with history.change(by=by, reason=reason):
        for area, value in values.items():
            quota = present.get(area)
            if value is None:
                if quota is not None:
                    quota.delete()
                continue
            if quota is not None and quota.value == value and quota.basis == basis:
                continue
            quota = quota or Quota(target=target, day=day, district_id=area)
            quota.value, quota.basis = value, basis
            quota.full_clean()
            quota.save()
