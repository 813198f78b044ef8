"""Does the plan hold together: rules compile, quotations stand at their place, numbers and parts agree."""

import csv
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from targets import citations, consistency, rules
from targets.choices import Comparator
from targets.citations import Amount, Finding, FoundQuotation
from targets.consistency import most_of
from targets.models import Citation, Plan, Target
from targets.standings import default_day

FIELDS = ("severity", "plan", "code", "message")


class Severity(StrEnum):
    PROBLEM = "problem"
    NOTE = "note"


@dataclass(frozen=True)
class Remark:
    """Something that is wrong, or worth knowing; `code` is that of a target, a milestone or a section."""

    plan: str
    code: str
    message: str
    severity: Severity = Severity.PROBLEM


class Command(BaseCommand):
    help = _(
        "Check the plans: every rule can be evaluated, every quotation stands in the document at its place "
        "and states the value, no target is stated twice, parts do not exceed their whole, neither as promised "
        "nor as counted on a day. Ends with 1 where something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", metavar="CODE", help=_("only this plan"))
        parser.add_argument(
            "--as-of",
            metavar="DAY",
            help=_("the day on which parts are counted (default: today, but not after the plan's last day)"),
        )
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *args: Any, plan: str | None, as_of: str | None, format: str, **options: Any) -> None:
        day = day_of(as_of) if as_of else None
        plans = list(Plan.objects.filter(**{"code": plan} if plan else {}).select_related("document"))
        if not plans:
            raise CommandError(_("There is no such plan; manage.py load_reference brings ours."))
        today = timezone.localdate()
        remarks = [remark for each in plans for remark in check_plan(each, day or default_day(each, today))]
        getattr(self, f"write_{format}")(plans, remarks)
        problems = sum(remark.severity == Severity.PROBLEM for remark in remarks)
        if problems:
            raise CommandError(_("Problems: %(count)d") % {"count": problems}, returncode=1)

    def write_table(self, plans: list[Plan], remarks: list[Remark]) -> None:
        for plan in plans:
            self.stdout.write(summary(plan))
        words = {Severity.PROBLEM: _("problem"), Severity.NOTE: _("note")}
        for remark in remarks:
            self.stdout.write(f"{words[remark.severity]}  {remark.plan}  {remark.code}  {remark.message}")
        if not remarks:
            self.stdout.write(_("All is well."))

    def write_json(self, plans: list[Plan], remarks: list[Remark]) -> None:
        found = {"plans": [plan.code for plan in plans], "remarks": [asdict(remark) for remark in remarks]}
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))

    def write_csv(self, plans: list[Plan], remarks: list[Remark]) -> None:
        writer = csv.DictWriter(self.stdout, FIELDS)
        writer.writeheader()
        writer.writerows(asdict(remark) for remark in remarks)


def day_of(text: str) -> dt.date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(
            _("“%(text)s” is not a day. Write the day like this: 2025-12-31.") % {"text": text}
        )
    return day


def summary(plan: Plan) -> str:
    numbers = {
        "plan": plan.code,
        "targets": plan.targets.count(),
        "milestones": plan.milestones.count(),
        "quotations": Citation.objects.filter(section__plan=plan).count(),
    }
    return (
        _("Plan %(plan)s: %(targets)d targets, %(milestones)d milestones, %(quotations)d quotations.")
        % numbers
    ) + (_(" It is a draft.") if plan.is_draft else "")


def check_plan(plan: Plan, day: dt.date) -> Iterator[Remark]:
    in_use = plan.targets.filter(retired_on__isnull=True)
    targets = list(
        in_use.select_related("plan", "parent", "rule").prefetch_related(
            "citations", "revisions", "rule__schemes__scheme__levels", "rule__cluster_links__cluster"
        )
    )
    for target in targets:
        for check in (check_rules, check_parents, check_numbers):
            for message in check(target):
                yield Remark(plan.code, target.code, message)
    yield from check_stated_once(plan, targets)
    yield from check_parts(plan, targets, day)
    yield from check_quoted(plan)
    yield from check_used_once(plan)
    yield from check_document(plan)


# Each target by itself


def check_rules(target: Target) -> Iterator[str]:
    rule = getattr(target, "rule", None)
    if rule is None:
        yield _("It has no rule: nothing feeds it.")
    else:
        yield from (_("Its rule cannot be evaluated: %(why)s") % {"why": why} for why in rules.problems(rule))


def check_parents(target: Target) -> Iterator[str]:
    if is_circular(target):
        yield _("It is a part of itself.")
        return
    parent = target.parent
    if parent and parent.unit == target.unit and most_of(target) > most_of(parent):
        numbers = {"part": plain(most_of(target)), "whole": plain(most_of(parent)), "parent": parent.code}
        yield _("The part (%(part)s) exceeds its whole %(parent)s (%(whole)s).") % numbers


def is_circular(target: Target) -> bool:
    seen = {target.pk}
    parent = target.parent
    while parent is not None:
        if parent.pk in seen:
            return True
        seen.add(parent.pk)
        parent = parent.parent
    return False


def check_numbers(target: Target) -> Iterator[str]:
    """What the document promised: before the first revision, where there was one."""
    stated = promised(target)
    for citation in target.citations.all():
        if stated not in citations.amounts(citation.quote, target.unit):
            numbers = {"quote": citation.quote, "value": words_of(stated), "unit": target.unit}
            yield _("The quotation “%(quote)s” does not state %(value)s %(unit)s.") % numbers


def promised(target: Target) -> Amount:
    first = min(target.revisions.all(), key=lambda revision: revision.day, default=None)
    if first is None:
        return Amount(target.value, target.value_max if target.comparator == Comparator.RANGE else None)
    return Amount(first.value_before, first.value_max_before)


def words_of(amount: Amount) -> str:
    return plain(amount.low) if amount.high is None else f"{plain(amount.low)}–{plain(amount.high)}"


def plain(number: Any) -> str:
    return f"{number.normalize():f}"


# Several targets together


def check_stated_once(plan: Plan, targets: list[Target]) -> Iterator[Remark]:
    for first, second in consistency.stated_twice(targets):
        message = _("It is the same target as %(other)s: the same rule, the same period.")
        yield Remark(plan.code, first.code, message % {"other": second.code})


def check_parts(plan: Plan, targets: list[Target], day: dt.date) -> Iterator[Remark]:
    for part, found in consistency.measured_above_whole(targets, day):
        numbers = {
            "day": day,
            "part": plain(found.part),
            "whole": plain(found.limit),
            "parent": found.whole.code,
        }
        message = _("On %(day)s the part (%(part)s) exceeds its whole %(parent)s (%(whole)s).")
        yield Remark(plan.code, part.code, message % numbers)
    for found in consistency.promised_together(targets):
        numbers = {"parts": plain(found.part), "whole": plain(found.limit)}
        message = _("Together its parts (%(parts)s) exceed it (%(whole)s): right only where they overlap.")
        yield Remark(plan.code, found.whole.code, message % numbers, Severity.NOTE)


# Quotations


def check_quoted(plan: Plan) -> Iterator[Remark]:
    """A draft is written before its document: there a missing quotation is no fault."""
    severity = Severity.NOTE if plan.is_draft else Severity.PROBLEM
    for subjects in (plan.targets.filter(retired_on__isnull=True), plan.milestones):
        for subject in subjects.filter(citations__isnull=True):
            yield Remark(plan.code, subject.code, _("It has no quotation: who promised it?"), severity)


def check_used_once(plan: Plan) -> Iterator[Remark]:
    users = defaultdict(set)
    for quotation in citations.quotations_of(plan):
        users[quotation.section, quotation.quote].add(quotation.subject)
    for (_section, quote), subjects in users.items():
        first, *others = sorted(subjects)
        for other in others:
            names = {"quote": quote, "other": other}
            yield Remark(
                plan.code, first, _("The quotation “%(quote)s” is that of %(other)s as well.") % names
            )


def check_document(plan: Plan) -> Iterator[Remark]:
    text = plan.document.text if plan.document else ""
    if not text:
        message = _("The text of the document is not stored (load_document): quotations were not compared.")
        yield Remark(plan.code, "", message, Severity.NOTE)
        return
    sections = citations.find_sections(text, citations.headings_of(plan))
    for section in sections.values():
        if section.finding != Finding.FOUND:
            name = {"name": section.heading.name, "finding": word(section.finding)}
            yield Remark(plan.code, section.heading.code, _("The heading “%(name)s” %(finding)s.") % name)
    found = citations.find_quotations(text, sections, citations.quotations_of(plan))
    for quotation in found:
        if quotation.finding != Finding.FOUND:
            yield Remark(plan.code, quotation.quotation.subject, misplaced(quotation))
    count = Counter(quotation.finding for quotation in found)
    in_place = {"found": count[Finding.FOUND], "all": len(found)}
    message = _("%(found)d of %(all)d quotations stand in the document at their place.") % in_place
    yield Remark(plan.code, "", message, Severity.NOTE)


def misplaced(found: FoundQuotation) -> str:
    words = {"quote": found.quotation.quote, "finding": word(found.finding)}
    return _("The quotation “%(quote)s” %(finding)s.") % words


def word(finding: Finding) -> str:
    return {
        Finding.FOUND: _("stands at its place"),
        Finding.MISSING: _("does not stand in the document"),
        Finding.ELSEWHERE: _("does not stand under its heading, but elsewhere"),
        Finding.AMBIGUOUS: _("stands there more than once"),
    }[finding]
