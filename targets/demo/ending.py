"""How titles end or run on: re-reviews, second awards, removals, and the end of their enterprise."""

import datetime as dt

from registry.choices import EndReason
from targets.demo.companies import random_day
from targets.demo.course import AWARD, EXTEND, Course
from targets.demo.facts import Checked, Title
from targets.demo.ledger import DAY, Ledger, begun, document, end, holder

REVOKED = 0.25  # of those struck off; the others are removed
STRUCK_OFF = 3  # of so many enterprises that close, one loses its titles by a list of its own


def renew(ledger: Ledger, course: Course, ours: list[Title], day: dt.date) -> None:
    """What became of the terms that ran out before the day; second awards join `ours`."""
    for title in ours:
        gone = title.company.gone if title.company else None
        while not title.settled and title.valid_to is not None and title.valid_to < day:
            if gone is not None and gone <= title.valid_to:
                break
            _decide(ledger, course, title, ours)


def _decide(ledger: Ledger, course: Course, title: Title, ours: list[Title]) -> None:
    assert title.valid_to is not None
    start = title.valid_to + DAY
    paper = document(course.key, title.valid_to.year)
    draw = ledger.rng.random()
    if draw < course.failed:
        day = title.valid_to - dt.timedelta(days=ledger.rng.randint(5, 40))
        title.reviews.append(Checked(day, None, paper))
        end(title, day, EndReason.FAILED_REVIEW, paper)
    elif draw < course.failed + course.lapsed:
        title.settled = True
    elif course.renewal == AWARD:
        title.settled = True
        ours.append(ledger.add(course, title.company, start, f"{start.year}年度"))
    else:
        title.valid_to = ledger.last_day(title.scheme, start)
        if course.renewal != EXTEND:
            title.reviews.append(Checked(start - dt.timedelta(days=25), title.valid_to, paper))


def remove(ledger: Ledger, course: Course, ours: list[Title], before: dt.date, day: dt.date) -> None:
    """Some are struck off; those who rose to the later title leave with it."""
    rng = ledger.rng
    risen = {holder(title): title.valid_from for title in ledger.later(course)}
    chance = course.removed * (day - before).days / 365
    for title in list(ledger.alive(ours, day)):
        assert title.valid_from is not None
        rose = risen.get(holder(title)) if risen else None
        if rose is not None and title.valid_from < rose <= day:
            end(title, rose, EndReason.GRADUATED)
        elif chance and rng.random() < chance:
            reason = EndReason.REVOKED if rng.random() < REVOKED else EndReason.REMOVED
            ended = random_day(rng, max(before, title.valid_from) + DAY, day)
            end(title, ended, reason, document(course.key, ended.year))


def end_with_company(ledger: Ledger, title: Title) -> None:
    """Who leaves gives its titles up; of who closes, some are struck off at once."""
    company = title.company
    if company is None or company.gone is None or title.ended_on is not None:
        return
    if ledger.until(title) < company.gone or not begun(title, company.gone):
        return
    if company.left is not None:
        end(title, company.left, EndReason.LEFT)
    elif company.number % STRUCK_OFF == 0:
        end(title, company.gone, EndReason.DEREGISTERED)
