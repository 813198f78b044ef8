"""What of a plan does not hold together: a target stated twice, parts that exceed their whole."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from targets import rules
from targets.choices import Feed
from targets.differences import is_kept
from targets.measure import Reading, measure
from targets.models import Target
from targets.rules import TITLES, Spec
from targets.standings import in_use

# Where a part is a part of its whole by counting; a share or a smallest group of a part may well be larger.
AMOUNTS = (*TITLES, Feed.BAND, Feed.SUM, Feed.STATISTIC)


@dataclass(frozen=True)
class Exceeding:
    """A part (or all parts of a whole together) that is more than its whole, in the unit of both."""

    whole: Target
    part: Decimal
    limit: Decimal


def stated_twice(targets: Iterable[Target]) -> Iterator[tuple[Target, Target]]:
    """Targets that count the same in the same period under two codes, in pairs."""
    by_essence: dict[tuple[Any, ...], list[Target]] = defaultdict(list)
    for target in targets:
        if hasattr(target, "rule"):
            essence = essence_of(rules.spec_of(target.rule))
            by_essence[*essence, target.starts_on, target.due_on].append(target)
    for same in by_essence.values():
        yield from combinations(sorted(same, key=lambda target: target.code), 2)


def essence_of(spec: Spec) -> tuple[Any, ...]:
    """What a rule counts, however it was written down: two rules with the same essence always give the same number.

    国家级 and 国家级以上 are the same, as is a level that the scheme is not granted at. Published figures beside a
    count, and which of both is the official one, change nothing of what is counted.
    """
    published = spec.feed == Feed.STATISTIC or (spec.feed == Feed.MULTIPLE and not spec.schemes)
    return (
        spec.feed,
        frozenset(_titles(spec)),
        spec.unit if spec.schemes else "",
        frozenset(term.id for term in spec.clusters),
        spec.cluster_kind,
        spec.denominator_kind,
        spec.role,
        spec.figure,
        spec.lower,
        spec.upper,
        spec.series if published else None,
        spec.baseline_value,
    )


def _titles(spec: Spec) -> Iterator[tuple[int, str, dt.date | None, dt.date | None]]:
    for term in spec.schemes:
        for level in set(spec.levels) & set(term.levels):
            yield term.id, level, term.applies_from, term.applies_to


def parts_of(targets: Iterable[Target]) -> dict[Target, list[Target]]:
    """The parts (其中) of each whole that are in its unit."""
    found: dict[Target, list[Target]] = defaultdict(list)
    for target in targets:
        if target.parent is not None and target.parent.unit == target.unit:
            found[target.parent].append(target)
    return found


def promised_together(targets: Iterable[Target]) -> Iterator[Exceeding]:
    """Wholes whose parts are promised to be more than the whole, though none of them alone is.

    That is right only where the parts overlap: an enterprise that is in two of them is in the whole once.
    """
    for whole, parts in parts_of(targets).items():
        together = sum((most_of(part) for part in parts), Decimal(0))
        if together > most_of(whole) >= max(most_of(part) for part in parts):
            yield Exceeding(whole, together, most_of(whole))


def most_of(target: Target) -> Decimal:
    """The value of a target, of a range (1-2家) its upper end."""
    return target.value if target.value_max is None else target.value_max


def measured_above_whole(targets: Sequence[Target], day: dt.date) -> Iterator[tuple[Target, Exceeding]]:
    """Parts that are more than their whole on a day, as they were counted."""
    pairs = [
        (part, whole)
        for whole, parts in parts_of(in_use(targets, day)).items()
        for part in parts
        if _is_measurable(part) and _is_measurable(whole)
    ]
    specs = {one.code: rules.spec_of(one.rule) for pair in pairs for one in pair}
    readings = measure(specs.values(), day) if specs else {}
    for part, whole in pairs:
        numbers = _like_with_like(
            specs[part.code], readings[part.code], specs[whole.code], readings[whole.code]
        )
        if numbers is not None and numbers[0] > numbers[1]:
            yield part, Exceeding(whole, *numbers)


def _is_measurable(target: Target) -> bool:
    return hasattr(target, "rule") and target.rule.feed in AMOUNTS and not rules.problems(target.rule)


def _like_with_like(
    part_spec: Spec, part: Reading, whole_spec: Spec, whole: Reading
) -> tuple[Decimal, Decimal] | None:
    """The registry's numbers where it keeps both, else those by which the targets are judged."""
    if is_kept(part_spec, part) and is_kept(whole_spec, whole):
        numbers = (part.registry.value, whole.registry.value)
    else:
        numbers = (part.value, whole.value)
    first, second = numbers
    return None if first is None or second is None else (first, second)
