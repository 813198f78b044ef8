"""Where targets stand: each target with its reading and its verdict, as pages, API, commands and exports show it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch, QuerySet

from registry import past, state
from registry.models import District
from registry.recent import Recent
from targets import rules
from targets.choices import Comparator, Feed
from targets.measure import Reading, measure, measure_on
from targets.models import Citation, Plan, Revision, Target
from targets.progress import Terms, Thresholds, Verdict, verdict


@dataclass(frozen=True)
class Standing:
    """A target on a day, for the city or one area."""

    target: Target
    spec: rules.Spec
    terms: Terms
    reading: Reading
    value: Decimal | None
    verdict: Verdict
    district: District | None = None

    @cached_property
    def rule_text(self) -> str:
        return rules.sentence(self.spec)

    @property
    def data_date(self) -> dt.date | None:
        """The day that the value's data are of; areas always have the registry's own number."""
        return self.reading.data_date if self.district is None else self.reading.registry.data_date


def plan_on(day: dt.date, plans: Iterable[Plan] | None = None) -> Plan | None:
    """The published plan that runs on a day: the one whose period holds it, else the newest that has begun, else the
    first. Among the plans given, where they have been read already.
    """
    known = Plan.objects.all() if plans is None else plans
    published = sorted((plan for plan in known if not plan.is_draft), key=lambda plan: plan.deadline)
    begun = [plan for plan in published if plan.baseline_date < day]
    running = [plan for plan in begun if day <= plan.deadline]
    return next(iter([*running, *reversed(begun), *published]), None)


def plan_before(plan: Plan) -> Plan | None:
    """The published plan that ended last before this one begins: from it this one takes its baselines."""
    ended = Plan.objects.filter(is_draft=False, deadline__lte=plan.baseline_date).exclude(pk=plan.pk)
    return ended.order_by("-deadline").first()


def default_day(plan: Plan, today: dt.date) -> dt.date:
    """The day that is shown when none is asked for: today, but not after the plan's last day."""
    return min(today, plan.deadline)


def targets_of(plan: Plan) -> QuerySet[Target]:
    """The targets of a plan with all that their rules, terms and quotations need, in a fixed number of queries."""
    return (
        Target.objects.filter(plan=plan)
        .select_related("plan", "section__parent", "parent", "rule__series")
        .prefetch_related(
            "rule__schemes__scheme__levels",
            "rule__cluster_links__cluster",
            "steps",
            "revisions",
            Prefetch("citations", Citation.objects.select_related("section__parent")),
        )
    )


# What `targets_of` reads: plans with all that hangs on them, and the names that rules lead to.
READ = (state.EVERYTHING, state.PLAN, state.REFERENCE)
KNOWN = Recent(16)


def known_targets(plan: Plan) -> list[Target]:
    """The targets of a plan as `targets_of` reads them, kept until one of the plans or a name has changed.

    To be read only: everybody who asks gets the same ones.
    """
    now = state.read()
    if now.written:
        return list(targets_of(plan))
    key = (plan.pk, past.moment_in_force(), now.of(READ))
    found: list[Target] | None = KNOWN.get_many([key]).get(key)
    if found is None:
        found = list(targets_of(plan))
        if state.read().of(READ) == now.of(READ):
            KNOWN.set_many({key: found})
    return found


def place_of(target: Target) -> tuple[int, int, int]:
    """Where a target stands in the plan's document: under which heading, which part of it, and there."""
    section = target.section
    return ((section.parent or section).position, section.position, target.position)


def in_use(targets: Iterable[Target], day: dt.date) -> list[Target]:
    """Targets that have a rule and are not retired on the day."""
    return [
        target
        for target in targets
        if hasattr(target, "rule") and not (target.retired_on and target.retired_on <= day)
    ]


def one_in_use(code: str, plan: Plan, day: dt.date) -> Target | None:
    """The target of a plan with a code, as `known_targets` knows it; None where it is not in use on the day."""
    return next((target for target in in_use(known_targets(plan), day) if target.code == code), None)


def standings(targets: Iterable[Target], day: dt.date, *, district: District | None = None) -> list[Standing]:
    """Where targets stand on a day; give them from `targets_of`.

    With a district: its own number, against the city's target.
    """
    chosen = in_use(targets, day)
    specs = {target.code: rules.spec_of(target.rule) for target in chosen}
    readings = measure(specs.values(), day)
    return [_standing(target, specs[target.code], readings[target.code], district) for target in chosen]


def standings_on(targets: Iterable[Target], days: Iterable[dt.date]) -> dict[dt.date, list[Standing]]:
    """Where targets stand for the city on each of some days, which are one question to the facts."""
    asked = sorted(set(days))
    chosen = {day: in_use(list(targets), day) for day in asked}
    every = {target.code: target for found in chosen.values() for target in found}
    specs = {code: rules.spec_of(target.rule) for code, target in every.items()}
    readings = dict(zip(asked, measure_on(specs.values(), asked), strict=True))
    return {
        day: [_standing(one, specs[one.code], readings[day][one.code], None) for one in found]
        for day, found in chosen.items()
    }


def course(target: Target, days: Iterable[dt.date], *, district: District | None = None) -> list[Standing]:
    """Where one target stands on each of some days, in their order; each day is judged by what was wanted on it."""
    spec = rules.spec_of(target.rule)
    found = measure_on([spec], days)
    return [_standing(target, spec, readings[target.code], district) for readings in found]


def _standing(target: Target, spec: rules.Spec, reading: Reading, district: District | None) -> Standing:
    value, data_date = reading.value, reading.data_date
    if district is not None:
        value, data_date = reading.by_district.get(district.pk), reading.registry.data_date
    terms = terms_on(target, spec.feed, reading.as_of)
    judged = verdict(
        terms, value, as_of=reading.as_of, data_date=data_date, thresholds=thresholds_of(target.plan)
    )
    return Standing(target, spec, terms, reading, value, judged, district)


def terms_on(target: Target, feed: Feed, day: dt.date) -> Terms:
    """What the target wanted on a day: before a revision its former value."""
    later: Revision | None = next((one for one in target.revisions.all() if one.day > day), None)
    value = later.value_before if later else target.value
    comparator = later.comparator_before if later else target.comparator
    return Terms(
        comparator=Comparator(comparator),
        value=value,
        starts_on=target.starts_on,
        due_on=target.due_on,
        tolerance=target.tolerance,
        steps=tuple((step.day, step.value) for step in target.steps.all()),
        each_year=feed == Feed.YEARLY,
        baseline=None if feed in rules.BEGIN_ANEW else target.baseline_value,
    )


def thresholds_of(plan: Plan) -> Thresholds:
    return Thresholds(plan.ahead_from, plan.behind_from, plan.far_behind_from)
