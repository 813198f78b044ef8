"""From the courses to awards: who is granted a title when, whose term is renewed, who loses it."""

from registry.choices import DesignationState
from targets.demo.course import Course
from targets.demo.ending import end_with_company, remove, renew
from targets.demo.facts import Company, Title
from targets.demo.granting import AGE, Granting, is_of
from targets.demo.ledger import COURSES, Ledger, document, holder
from targets.demo.pending import PENDING, Pending


def titles(ledger: Ledger) -> list[Title]:
    """Every award, those of one title together and in the order of their making."""
    granting = Granting(ledger)
    for course in COURSES:
        _follow(granting, course.scaled(len(ledger.companies)))
    for pending in PENDING:
        _add_pending(granting, pending)
    found = [title for group in ledger.by_key.values() for title in group]
    for title in found:
        end_with_company(ledger, title)
    return found


def _follow(granting: Granting, course: Course) -> None:
    ledger = granting.ledger
    ours = granting.grow(course)
    before = course.steps[0].awarded - AGE
    for step in course.steps:
        renew(ledger, course, ours, step.read)
        remove(ledger, course, ours, before, step.read)
        if course.item:
            ours += granting.things(course, step, ours)
        else:
            ours += granting.intake(course, step, before)
        before = step.read


def _add_pending(granting: Granting, pending: Pending) -> None:
    """To enterprises that never had the title."""
    ledger = granting.ledger
    course = next(one for one in COURSES if one.key == pending.key)
    held = {holder(title) for title in ledger.by_key[pending.key]}
    able = [
        one
        for one in ledger.companies
        if one.number not in held and one.gone is None and one.founded.year < 2020 and is_of(course, one)
    ]
    able.sort(key=lambda one: granting.draw(course, one), reverse=True)
    for company in able[: pending.number]:
        ledger.by_key[pending.key].append(_pending(granting, pending, company))


def _pending(granting: Granting, pending: Pending, company: Company) -> Title:
    start, kind = pending.in_force, pending.item
    granted = pending.state == DesignationState.CONFIRMED and start is not None
    return Title(
        scheme=pending.scheme,
        level=pending.level,
        company=company,
        valid_from=start,
        valid_to=granting.ledger.last_day(pending.scheme, start) if start else None,
        item=granting.name(kind, company, "", pending.scheme) if kind else "",
        batch=f"{(start or pending.announced).year}年度",
        document=document(pending.key, start.year) if granted and start else "",
        announced_on=pending.announced,
        state=pending.state,
        return_reason=pending.return_reason,
    )
