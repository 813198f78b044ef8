"""Who is granted a title: as many as bring the count of a step to what the course says."""

import datetime as dt
from collections import defaultdict

from registry.choices import EndReason
from targets.demo.companies import random_day
from targets.demo.course import Course, Step
from targets.demo.facts import Company, Title
from targets.demo.items import ALONE, item_name
from targets.demo.ledger import DAY, Ledger, begun, end, holder

AGE = dt.timedelta(days=365)  # of an enterprise at its first title
SECURE = dt.timedelta(days=182)  # how long it must still be there


class Granting:
    """Makes awards; every draw is from the ledger's generator."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.rng = ledger.rng
        self.places = [(code, town) for code, area in ledger.areas.items() for town in area.towns or [""]]
        self.items: dict[str, set[tuple[int | None, str]]] = defaultdict(set)
        self.suited: dict[tuple[str, str, str], list[Company]] = {}

    # To enterprises

    def grow(self, course: Course) -> list[Title]:
        """Holders of the title above who had this one before."""
        found: list[Title] = []
        seen = {holder(title) for title in self.ledger.by_key[course.key]} if course.unite else set()
        for later in [title for key in course.unite for title in self.ledger.by_key[key]]:
            company, day = later.company, later.valid_from
            if company is None or day is None or company.number in seen:
                continue
            seen.add(company.number)
            draw, gives_up = self.rng.random(), self.rng.random()
            steps = [one for one in course.steps if company.founded + AGE < one.awarded < day - AGE / 2]
            if draw >= course.grown or not steps:
                continue
            title = self.ledger.add(course, company, steps[-1].awarded, course.batch_of(steps[-1]))
            if gives_up < course.graduated:
                end(title, day, EndReason.GRADUATED)
            found.append(title)
        return found

    def intake(self, course: Course, step: Step, before: dt.date) -> list[Title]:
        """New holders, as many as the step lacks."""
        counted = self._counted(course, step.read)
        able = [one for one in self._able(course, step, before) if one.number not in counted]
        drawn = sorted(able, key=lambda one: self.draw(course, one), reverse=True)
        chosen = drawn[: max(step.stock - len(counted), 0)]
        chosen.sort(key=lambda one: one.number)
        batch = course.batch_of(step)
        return [self.ledger.add(course, one, self._day(course, step, before), batch) for one in chosen]

    def _counted(self, course: Course, day: dt.date) -> set[int]:
        ledger = self.ledger
        inside = {
            holder(title)
            for title in ledger.alive(ledger.by_key[course.key], day)
            if title.company and in_area(course, title.company)
        }
        above = (title for key in course.unite for title in ledger.alive(ledger.by_key[key], day))
        return inside | {holder(title) for title in above}

    def _able(self, course: Course, step: Step, before: dt.date) -> list[Company]:
        """Old enough, still there for a while, in the right place, and without this title."""
        held = {
            holder(title)
            for title in self.ledger.by_key[course.key]
            if not course.again or self.ledger.until(title) > before
        }
        risen = {holder(title) for title in self.ledger.later(course) if begun(title, step.read)}
        without = held | risen
        first = before if course.spread else step.awarded
        return [one for one in self._present(course, first, step.read) if one.number not in without]

    def _present(self, course: Course, first: dt.date, last: dt.date) -> list[Company]:
        """Those of a course who are old enough on the first day and still there a while after the last."""
        born, leaving = first - AGE, last + SECURE
        return [
            one
            for one in self._suited(course)
            if one.founded <= born and (one.gone is None or one.gone > leaving)
        ]

    def _suited(self, course: Course) -> list[Company]:
        key = (course.who, course.within, course.outside)
        if key not in self.suited:
            everybody = self.ledger.companies
            self.suited[key] = [one for one in everybody if is_of(course, one) and in_area(course, one)]
        return self.suited[key]

    def _day(self, course: Course, step: Step, before: dt.date) -> dt.date:
        return random_day(self.rng, before + DAY, step.awarded) if course.spread else step.awarded

    def draw(self, course: Course, company: Company) -> float:
        """Sorted by this, enterprises are drawn without putting back; the larger the likelier."""
        weight = float((0.03 + company.rank) ** course.prefer)
        return float(self.rng.random() ** (1 / weight))

    # To things

    def things(self, course: Course, step: Step, ours: list[Title]) -> list[Title]:
        """New things, as many as the step lacks; an enterprise may have several."""
        wanted = max(step.stock - sum(1 for _title in self.ledger.alive(ours, step.read)), 0)
        if course.item in ALONE:
            return [self._thing(course, None, step) for _number in range(wanted)]
        able = self._present(course, step.awarded, step.read)
        if not able:
            return []
        weights = [(0.03 + company.rank) ** (course.prefer + 1) for company in able]
        return [self._thing(course, one, step) for one in self.rng.choices(able, weights, k=wanted)]

    def _thing(self, course: Course, company: Company | None, step: Step) -> Title:
        title = self.ledger.add(course, company, step.awarded, course.batch_of(step))
        area, town = self.rng.choice(self.places)
        title.item = self.name(course.item, company, town, course.scheme)
        title.district = area if company is None else None
        return title

    def name(self, kind: str, company: Company | None, town: str, scheme: str) -> str:
        return item_name(self.rng, kind, company, town, self.items[scheme])


def in_area(course: Course, company: Company) -> bool:
    """Who is bound to an area, or kept out of it, is one that never moved."""
    if course.within:
        return company.stays and company.district == course.within
    return not course.outside or (company.stays and company.district != course.outside)


def is_of(course: Course, company: Company) -> bool:
    if course.who == "giant":
        return company.giant is not None
    if course.who == "services":
        return company.sector.code == "services"
    return course.who != "maker" or company.sector.code != "services"
