"""The next plan (下一规划): opened as a draft from the one before, whose last day gives its baselines; then published."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from registry import history
from registry.models import User
from targets import rules
from targets.choices import Feed, Official
from targets.measure import Reading, measure
from targets.models import Document, Plan, Rule, RuleCluster, RuleScheme, Section, Target
from targets.standings import Standing, place_of, standings, targets_of

R = TypeVar("R", bound=models.Model)

# As the columns keep it.
PLACES = Decimal("0.0001")
# Leaves room for the rest of the sentence.
LONGEST_SOURCE = 120


@dataclass(frozen=True)
class Proposal:
    """What the next plan takes from the last day of a plan for one of its targets.

    `baseline` is the official value of that day, of a multiple the number that is divided; `whose` says whether it is
    the registry's or a published one.
    """

    standing: Standing
    baseline: Decimal | None = None
    whose: str = ""

    @property
    def target(self) -> Target:
        return self.standing.target

    @property
    def source(self) -> str:
        """Where the baseline comes from, as the next plan keeps it."""
        words = {"plan": self.target.plan.name, "day": self.standing.reading.as_of, "whose": self.whose}
        return _("Reading of %(plan)s on %(day)s (%(whose)s)") % words

    @property
    def is_multiple(self) -> bool:
        """Its baseline stands in the rule, which divides by it."""
        return self.standing.spec.feed == Feed.MULTIPLE

    @property
    def begins_from_zero(self) -> bool:
        """It counts what is new, and needs no baseline."""
        return self.standing.spec.feed in rules.BEGIN_ANEW and not self.is_multiple


@dataclass(frozen=True)
class Choice:
    """A target to take over, with what the next plan wants of it: as much as before, where nothing is said."""

    code: str
    value: Decimal | None = None
    value_max: Decimal | None = None
    with_baseline: bool = True


@dataclass(frozen=True)
class Opened:
    """The draft with its targets, and those that would need a baseline and have none."""

    plan: Plan
    targets: list[Target]
    without_baseline: list[Target]


# What the last day gives


def proposals(plan: Plan) -> list[Proposal]:
    """The targets in use on the last day of a plan, in its order, each with the baseline that the day gives."""
    found = sorted(standings(targets_of(plan), plan.deadline), key=lambda standing: place_of(standing.target))
    figures = _published_of_multiples(found, plan.deadline)
    return [_proposal(standing, figures.get(standing.target.code)) for standing in found]


def _published_of_multiples(found: list[Standing], day: dt.date) -> dict[str, Reading]:
    """The figures that multiples of a published series divide: their readings know the quotient only."""
    asked = [
        replace(one.spec, feed=Feed.STATISTIC)
        for one in found
        if one.spec.feed == Feed.MULTIPLE
        and (not one.spec.schemes or one.reading.basis == Official.PUBLISHED)
    ]
    return measure(asked, day) if asked else {}


def _proposal(standing: Standing, figure: Reading | None) -> Proposal:
    proposal = Proposal(standing)
    reading = figure or standing.reading
    value = reading.value
    if proposal.is_multiple and figure is None:
        value = reading.registry.numerator
    # by 0 nothing can be divided
    if value is None or proposal.begins_from_zero or (proposal.is_multiple and value <= 0):
        return proposal
    return Proposal(standing, value.quantize(PLACES, ROUND_HALF_UP), _whose(reading))


def _whose(reading: Reading) -> str:
    if reading.basis == Official.PUBLISHED and reading.official is not None:
        words = {"source": reading.official.source[:LONGEST_SOURCE], "data_date": reading.official.as_of}
        return _("published: %(source)s, %(data_date)s") % words
    if reading.data_date in (None, reading.as_of):
        return _("registry")
    return _("registry, data of %(data_date)s") % {"data_date": reading.data_date}


# Opening


@transaction.atomic
def open_plan(
    *,
    from_plan: Plan,
    code: str,
    name: str,
    deadline: dt.date,
    by: User | None,
    reason: str,
    document: Document | None = None,
    targets: Iterable[Choice] | None = None,
) -> Opened:
    """Open a draft that begins where a plan ends, with its headings and the chosen targets (all in use on the last day).

    Quotations, steps, revisions and milestones stay with the old plan: they are its words, and its history.
    """
    period = {"baseline_date": from_plan.deadline, "deadline": deadline}
    plan = _copy(from_plan, code=code, name=name, document=document, is_draft=True, **period)
    _refuse(plan, from_plan)
    chosen = _chosen(from_plan, targets)
    with history.change(by=by, reason=reason):
        plan.save()
        made = _copy_targets(plan, _copy_sections(from_plan, plan), chosen)
    return Opened(plan, list(made.values()), _without_baseline(plan, made, chosen))


def _refuse(plan: Plan, before: Plan) -> None:
    if before.is_draft:
        message = _("“%(plan)s” is itself a draft: publish it before the next plan is opened from it.")
        raise ValidationError(message % {"plan": before.name})
    if Plan.objects.filter(code=plan.code).exists():
        message = _("There is already a plan with the code “%(code)s”.")
        raise ValidationError({"code": message % {"code": plan.code}})
    plan.full_clean()
    _refuse_beside(plan)


def _refuse_beside(plan: Plan) -> None:
    """Of published plans one runs at a time, so that a day leads to one."""
    other = plan.published_beside().first()
    if other is not None:
        message = _("In this period runs the published plan “%(plan)s” (%(first)s to %(last)s).")
        words = {"plan": other.name, "first": other.first_day, "last": other.deadline}
        raise ValidationError({"deadline": message % words})


Chosen = list[tuple[Proposal, Choice]]


def _chosen(plan: Plan, targets: Iterable[Choice] | None) -> Chosen:
    offered = {proposal.target.code: proposal for proposal in proposals(plan)}
    wanted = [Choice(code) for code in offered] if targets is None else targets
    choices = {choice.code: choice for choice in wanted}
    if not choices:
        raise ValidationError(_("Choose at least one target."))
    unknown = [code for code in choices if code not in offered]
    if unknown:
        message = _("“%(plan)s” has no target %(codes)s in use on its last day.")
        raise ValidationError(message % {"plan": plan.name, "codes": _(", ").join(unknown)})
    return [(offered[code], choice) for code, choice in choices.items()]


def _without_baseline(plan: Plan, made: dict[int, Target], chosen: Chosen) -> list[Target]:
    return [
        made[proposal.target.pk]
        for proposal, choice in chosen
        if not proposal.begins_from_zero and _baseline(plan, proposal, choice) is None
    ]


def _copy_sections(before: Plan, plan: Plan) -> dict[int, Section]:
    return _in_waves(before.sections.all(), lambda row, parent: _copy(row, plan=plan, parent=parent))


def _copy_targets(plan: Plan, sections: dict[int, Section], chosen: Chosen) -> dict[int, Target]:
    """Targets with their rules; a part whose whole was not chosen stands by itself."""
    by_target = {proposal.target.pk: (proposal, choice) for proposal, choice in chosen}

    def copy(target: Target, parent: Target | None) -> Target:
        proposal, choice = by_target[target.pk]
        baseline = None if proposal.is_multiple else _baseline(plan, proposal, choice)
        made = _copy(
            target,
            plan=plan,
            section=sections[target.section_id],
            parent=parent,
            baseline_date=_in_period(target.baseline_date, plan),
            deadline=_in_period(target.deadline, plan),
            baseline_value=baseline,
            baseline_source="" if baseline is None else proposal.source,
            retired_on=None,
            **_wanted(choice),
        )
        _check(made)
        return made

    made = _in_waves([proposal.target for proposal, _choice in chosen], copy)
    for proposal, choice in chosen:
        _copy_rule(proposal, made[proposal.target.pk], _baseline(plan, proposal, choice))
    return made


def _wanted(choice: Choice) -> dict[str, Decimal]:
    given = {"value": choice.value, "value_max": choice.value_max}
    return {name: value for name, value in given.items() if value is not None}


def _in_period(day: dt.date | None, plan: Plan) -> dt.date | None:
    """A date of a target's own; of the period before it says nothing in the next."""
    return day if day is not None and day > plan.baseline_date else None


def _baseline(plan: Plan, proposal: Proposal, choice: Choice) -> Decimal | None:
    """The number of the last day, unless the target begins later or nobody wants it."""
    begins_later = _in_period(proposal.target.baseline_date, plan) is not None
    return proposal.baseline if choice.with_baseline and not begins_later else None


def _check(target: Target) -> None:
    try:
        target.full_clean(exclude=["plan", "section", "parent"], validate_unique=False)
    except ValidationError as error:
        words = [_("%(target)s: %(problem)s") % {"target": target, "problem": one} for one in error.messages]
        raise ValidationError(words) from error


def _copy_rule(proposal: Proposal, target: Target, baseline: Decimal | None) -> None:
    rule: Rule = proposal.target.rule
    divides = proposal.is_multiple and baseline is not None
    made = _copy(
        rule,
        target=target,
        baseline_value=baseline if divides else None,
        baseline_source=proposal.source if divides else "",
    )
    made.save()
    RuleScheme.objects.bulk_create(_copy(row, rule=made) for row in rule.schemes.all())
    RuleCluster.objects.bulk_create(_copy(row, rule=made) for row in rule.cluster_links.all())


def _copy(row: R, **changes: Any) -> R:
    """A new row like another, save for what is given; column by column, so that a new one is not forgotten."""
    other = {"id", "version", *changes}
    columns = [column.attname for column in row._meta.concrete_fields if column.name not in other]
    return type(row)(**{name: getattr(row, name) for name in columns}, **changes)


def _in_waves(rows: Iterable[R], copy: Callable[[R, R | None], R]) -> dict[int, R]:
    """Copies by the number of the old row, each after that of its parent; of a circle the parents are left out."""
    waiting: dict[int, Any] = {row.pk: row for row in rows}
    made: dict[int, R] = {}
    while waiting:
        ready = [row for row in waiting.values() if row.parent_id not in waiting] or list(waiting.values())
        copies = [copy(row, made.get(row.parent_id)) for row in ready]
        type(copies[0])._default_manager.bulk_create(copies)
        for row, new in zip(ready, copies, strict=True):
            made[row.pk] = new
            del waiting[row.pk]
    return made


# From a draft to a plan


@transaction.atomic
def publish_plan(*, plan: Plan, by: User | None, reason: str) -> Plan:
    """End the draft: from now on the days of its period lead to it."""
    draft = _draft(plan)
    _refuse_beside(draft)
    draft.is_draft = False
    with history.change(by=by, reason=reason):
        draft.save(update_fields=["is_draft"])
    return draft


@transaction.atomic
def discard_draft(*, plan: Plan, by: User | None, reason: str) -> None:
    """Remove a draft with all that stands in it; the history keeps it."""
    draft = _draft(plan)
    with history.change(by=by, reason=reason):
        draft.milestones.all().delete()
        # a whole is protected as long as it has parts
        draft.targets.update(parent=None)
        draft.targets.all().delete()
        draft.delete()


def _draft(plan: Plan) -> Plan:
    """The draft as it is now, held until the end of the transaction."""
    found: Plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if not found.is_draft:
        raise ValidationError(_("“%(plan)s” is published already.") % {"plan": found.name})
    return found
