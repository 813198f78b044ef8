"""The awards made so far, and how long each counts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from registry.choices import DesignationState, EndReason
from registry.demo import MARK
from targets.demo.course import AWARD, Course
from targets.demo.course_practice import PRACTICE
from targets.demo.course_standing import STANDING
from targets.demo.course_things import THINGS
from targets.demo.facts import Area, Company, Title, add_months

DAY = dt.timedelta(days=1)
COURSES = (*STANDING, *PRACTICE, *THINGS)

Key = tuple[str, str]  # code of the scheme, level

PAPERS = {key: number for number, key in enumerate(dict.fromkeys(one.key for one in COURSES), start=11)}


def document(key: Key, year: int) -> str:
    """A number of no real paper."""
    return f"{MARK}〔{year}〕{PAPERS[key]}号"


@dataclass(frozen=True)
class Term:
    """How long a scheme's titles run, in months: none is for good; and how long they count after that."""

    months: int | None = None
    grace: int = 0


class Ledger:
    """All awards by title; made by granting, changed by ending."""

    def __init__(
        self, rng: Random, companies: list[Company], terms: Mapping[str, Term], areas: Mapping[str, Area]
    ) -> None:
        self.rng = rng
        self.companies = companies
        self.terms = terms
        self.areas = areas
        self.by_key: dict[Key, list[Title]] = defaultdict(list)
        self.serial = 0

    def add(self, course: Course, company: Company | None, day: dt.date, batch: str) -> Title:
        title = Title(
            scheme=course.scheme,
            level=course.level,
            company=company,
            valid_from=day,
            valid_to=self.last_day(course.scheme, day),
            batch=batch,
            document=document(course.key, day.year),
            certificate=self._certificate(course, day),
            announced_on=None if course.spread else day - dt.timedelta(days=21),
        )
        self.by_key[course.key].append(title)
        return title

    def _certificate(self, course: Course, day: dt.date) -> str:
        if course.renewal != AWARD:
            return ""
        self.serial += 1
        return f"{MARK}GR{day.year}{self.serial:06d}"

    def last_day(self, scheme: str, start: dt.date) -> dt.date | None:
        months = self.terms[scheme].months
        return None if months is None else add_months(start, months) - DAY

    def until(self, title: Title) -> dt.date:
        """The first day on which a title no longer counts."""
        ends = [title.ended_on, title.company.gone if title.company else None]
        if title.valid_to is not None:
            grace = self.terms[title.scheme].grace
            ends.append((add_months(title.valid_to, grace) if grace else title.valid_to) + DAY)
        return min((end for end in ends if end is not None), default=dt.date.max)

    def alive(self, titles: Iterable[Title], day: dt.date) -> Iterator[Title]:
        return (title for title in titles if begun(title, day) and self.until(title) > day)

    def later(self, course: Course) -> list[Title]:
        """The awards of the title that ends this one."""
        return self.by_key[course.until] if course.until else []


def end(title: Title, day: dt.date, reason: EndReason, paper: str = "") -> None:
    title.ended_on, title.end_reason, title.end_document = day, reason, paper
    title.settled = True


def holder(title: Title) -> int:
    assert title.company is not None
    return title.company.number


def begun(title: Title, day: dt.date) -> bool:
    confirmed = title.state == DesignationState.CONFIRMED
    return confirmed and title.valid_from is not None and title.valid_from <= day
