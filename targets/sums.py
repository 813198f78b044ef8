"""Whether numbers may be added up, and what is told in place of a sum that would count something twice.

Clusters of different kinds group the same enterprises in other ways: their numbers are never added up. Counts of
enterprises are added up where no enterprise is in two of them; otherwise the number of those is told.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from django.utils.translation import gettext as _

from registry.choices import ClusterKind, Figure, Unit
from registry.models import District
from targets.choices import Feed
from targets.measure import measure
from targets.measure.overlaps import Together, counts_enterprises, together
from targets.rules import Spec
from targets.sides import Side


@dataclass(frozen=True)
class Total:
    """What several numbers of the registry add up to on a day; with a reason against it there is no value.

    `together` is told for counts of enterprises: how many of them the sum would count again.
    """

    sides: tuple[Side, ...]
    values: tuple[Decimal | None, ...]
    unit: str
    value: Decimal | None
    reason: str = ""
    together: Together | None = None


def add_up(sides: Sequence[Side], day: dt.date, *, district: District | None = None) -> Total:
    """The sum of the registry's numbers on a day, of the city or one area, or why there is none."""
    area = district.pk if district else None
    specs = [side.spec for side in sides]
    readings = measure(specs, day)
    numbers = [readings[spec.code] for spec in specs]
    values = tuple(one.by_district.get(area) if district else one.registry.value for one in numbers)
    sets = together(specs, day, district=area) if all(map(_is_of_enterprises, specs)) else None
    reason = reason_against(sides, sets)
    known = [value for value in values if value is not None]
    return Total(
        sides=tuple(sides),
        values=values,
        unit=specs[0].target_unit if len({spec.target_unit for spec in specs}) == 1 else "",
        value=sum(known, Decimal(0)) if not reason and len(known) == len(values) else None,
        reason=reason,
        together=sets,
    )


def _is_of_enterprises(spec: Spec) -> bool:
    return counts_enterprises(spec) and spec.unit == Unit.ENTERPRISE


def reason_against(sides: Sequence[Side], sets: Together | None = None) -> str:
    """Why numbers may not be added up; empty where nothing is against it.

    Their rules alone tell most; of counts of enterprises `sets` tells whether one would be counted again.
    """
    specs = [side.spec for side in sides]
    for rule in (_twice, _no_amounts, _kinds, _units, _figures, _scopes, _things):
        reason = rule(specs)
        if reason:
            return reason
    return _again(sets) if sets and all(map(_is_of_enterprises, specs)) else ""


def _again(sets: Together) -> str:
    if not sets.again:
        return ""
    words = {"added": f"{sets.added:,}", "once": f"{sets.once:,}", "again": f"{sets.again:,}"}
    return (
        _("Added up they are %(added)s, but only %(once)s enterprises: %(again)s would be counted again.")
        % words
    )


def _twice(specs: Sequence[Spec]) -> str:
    return "" if len({spec.code for spec in specs}) == len(specs) else _("One of them is named twice.")


def _no_amounts(specs: Sequence[Spec]) -> str:
    feeds = {spec.feed for spec in specs}
    if feeds & {Feed.RATIO, Feed.MULTIPLE, Feed.LEAST, Feed.CLUSTERS_OVER}:
        return _(
            "Shares, multiples, smallest groups and numbers of groups are no amounts: they do not add up."
        )
    if Feed.STATISTIC in feeds:
        return _("What published figures have in common is not known: they are not added up.")
    return ""


def _kinds(specs: Sequence[Spec]) -> str:
    kinds = {kind for spec in specs for kind in _kinds_of(spec)}
    if len(kinds) < 2:
        return ""
    names = _(", ").join(str(kind.label) for kind in ClusterKind if kind in kinds)
    return _(
        "Clusters of different kinds are groupings of the same enterprises and are never added up: %(kinds)s."
    ) % {"kinds": names}


def _kinds_of(spec: Spec) -> set[str]:
    return {term.kind for term in spec.clusters} | ({spec.cluster_kind} if spec.cluster_kind else set())


def _units(specs: Sequence[Spec]) -> str:
    if len({spec.unit for spec in specs}) > 1:
        return _("Enterprises and things are not added up.")
    units = sorted({spec.target_unit for spec in specs})
    if len(units) == 1:
        return ""
    return _("They are in different units: %(units)s.") % {"units": _(", ").join(units)}


def _figures(specs: Sequence[Spec]) -> str:
    names = {str(Figure(spec.figure).label) if spec.feed == Feed.SUM else "" for spec in specs}
    if len(names) == 1:
        return ""
    if "" in names:
        return _("Numbers of enterprises and their yearly figures are not added up.")
    return _("They are different yearly figures: %(figures)s.") % {"figures": _(", ").join(sorted(names))}


def _scopes(specs: Sequence[Spec]) -> str:
    """Of sums of a figure: an enterprise has one main cluster of a kind, different ones have none in common."""
    sums = [spec for spec in specs if spec.feed == Feed.SUM]
    for one, other in combinations(sums, 2):
        if not _kinds_of(one) or not _kinds_of(other):
            return _("One of them is the sum over all enterprises: it holds the other.")
        if one.cluster_kind or other.cluster_kind:
            return _("One of them is the sum over the whole kind: it holds the other.")
        common = sorted(term.name for term in one.clusters if term.id in {term.id for term in other.clusters})
        if common:
            return _("%(clusters)s would be counted twice.") % {"clusters": _(", ").join(common)}
    return ""


def _things(specs: Sequence[Spec]) -> str:
    """Things of different schemes or levels are different things."""
    counting = [spec for spec in specs if spec.unit == Unit.ITEM]
    for one, other in combinations(counting, 2):
        if _titles(one) & _titles(other):
            return _("Both count things of the same titles: one could be counted twice.")
    return ""


def _titles(spec: Spec) -> set[tuple[int, str]]:
    return {(term.id, level) for term in spec.schemes for level in spec.levels if level in term.levels}
