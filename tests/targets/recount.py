"""A recount in plain Python of what `targets.measure` answers: slow and obvious, from the catalogue alone."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from targets.rules import Spec

CITY = "city"
RANK = ["national", "provincial", "municipal", "district", "none"]


@dataclass
class Company:
    name: str
    district: str | None = None
    closed_on: dt.date | None = None
    parent: str | None = None
    moves: list[tuple[dt.date, str | None, str | None]] = field(default_factory=list)


@dataclass
class Title:
    scheme: str
    level: str
    company: str | None
    item: str
    district: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    ended_on: dt.date | None
    state: str


@dataclass
class Member:
    company: str
    cluster: str
    kind: str
    main: bool
    role: str
    since: dt.date | None
    until: dt.date | None


@dataclass
class World:
    """All facts by name; `grace` and `clusters` (name → kind) are reference data."""

    districts: list[str]
    grace: dict[str, int]
    clusters: dict[str, str]
    companies: dict[str, Company] = field(default_factory=dict)
    titles: list[Title] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    revenue: dict[tuple[str, int], Decimal | None] = field(default_factory=dict)
    statistics: list[tuple[str | None, dt.date, str, Decimal]] = field(default_factory=list)

    # What is true on a day

    def district_on(self, company: str, day: dt.date) -> str | None:
        later = sorted(move for move in self.companies[company].moves if move[0] > day)
        return later[0][1] if later else self.companies[company].district

    def exists(self, company: str, day: dt.date) -> bool:
        closed = self.companies[company].closed_on
        return closed is None or day < closed

    def is_valid(self, title: Title, day: dt.date) -> bool:
        if title.state != "confirmed" or title.valid_from is None or title.valid_from > day:
            return False
        if title.valid_to is not None and day > add_months(title.valid_to, self.grace[title.scheme]):
            return False
        if title.ended_on is not None and day >= title.ended_on:
            return False
        return title.company is None or self.exists(title.company, day)

    def place(self, title: Title, day: dt.date) -> str | None:
        return title.district if title.company is None else self.district_on(title.company, day)

    def members_on(self, day: dt.date) -> list[Member]:
        return [
            member
            for member in self.members
            if (member.since is None or member.since <= day)
            and (member.until is None or day < member.until)
            and self.exists(member.company, day)
        ]

    # Feeds

    def count(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal:
        """Stock, new and yearly: holders that count."""
        matching = [title for title in self.titles if self._feeds(title, spec)]
        groups: dict[object, list[Title]] = {}
        for title in matching:
            if title.state == "confirmed" and title.valid_from is not None and title.valid_from <= day:
                groups.setdefault(holder(title, spec), []).append(title)
        return Decimal(sum(self._counts(of, spec, day, area) for of in groups.values()))

    def _feeds(self, title: Title, spec: Spec) -> bool:
        terms = [term for term in spec.schemes if term.name == title.scheme]
        if not terms or title.valid_from is None or not level_fits(title.level, spec):
            return False
        (term,) = terms
        return (term.applies_from is None or term.applies_from <= title.valid_from) and (
            term.applies_to is None or title.valid_from <= term.applies_to
        )

    def _counts(self, titles: list[Title], spec: Spec, day: dt.date, area: str | None) -> bool:
        if area != CITY and self.place(titles[0], day) != area:
            return False
        first = min(title.valid_from for title in titles if title.valid_from is not None)
        if spec.feed == "new":
            return first > spec.starts_on
        if spec.feed == "yearly":
            return first.year == day.year
        return any(self.is_valid(title, day) for title in titles)

    def companies_of(self, spec: Spec, day: dt.date, area: str | None = CITY) -> set[str]:
        """The enterprises behind a number; a thing stands for the enterprise that holds it."""
        if spec.feed == "band":
            return {name for name in self._in_band(spec, day) if area in (CITY, self.district_on(name, day))}
        groups: dict[object, list[Title]] = {}
        for title in self.titles:
            begun = title.valid_from is not None and title.valid_from <= day
            if (
                self._feeds(title, spec)
                and title.state == "confirmed"
                and begun
                and title.company is not None
            ):
                groups.setdefault(holder(title, spec), []).append(title)
        counted = (of[0].company for of in groups.values() if self._counts(of, spec, day, area))
        return {company for company in counted if company is not None}

    def multiple(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        base = spec.baseline_value
        if base is None:
            base = self.count(spec, spec.starts_on, area)
        elif area != CITY:
            return None
        return self.count(spec, day, area) / base if base else None

    def year_of(self, companies_of: dict[str, set[str]] | set[str], day: dt.date) -> int | None:
        assert isinstance(companies_of, set)
        closed = day.year if (day.month, day.day) == (12, 31) else day.year - 1
        years = [
            year
            for (company, year), value in self.revenue.items()
            if value is not None and company in companies_of and year <= closed
        ]
        return max(years, default=None)

    def scope(self, clusters: Iterable[str] | None, day: dt.date) -> set[str]:
        """The companies whose figures a rule adds up: main members of the clusters, or all that exist."""
        if clusters is None:
            return {name for name in self.companies if self.exists(name, day)}
        wanted = set(clusters)
        return {member.company for member in self.members_on(day) if member.main and member.cluster in wanted}

    def total(self, companies: set[str], year: int, day: dt.date, area: str | None = CITY) -> Decimal | None:
        values = [
            value
            for company in companies
            if (value := self.revenue.get((company, year))) is not None
            and area in (CITY, self.district_on(company, day))
        ]
        return sum(values, Decimal(0)) if values else None

    def of_kind(self, kind: str) -> list[str]:
        return [name for name, its in self.clusters.items() if its == kind]

    def clusters_of(self, spec: Spec) -> list[str] | None:
        if spec.clusters:
            return [term.name for term in spec.clusters]
        return self.of_kind(spec.cluster_kind) if spec.cluster_kind else None

    def sum(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        companies = self.scope(self.clusters_of(spec), day)
        year = self.year_of(companies, day)
        if year is None:
            return None
        total = self.total(companies, year, day, area)
        return None if total is None else total / 10_000

    def ratio(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        above = self.scope(self.of_kind(spec.cluster_kind), day)
        below = self.scope(self.of_kind(spec.denominator_kind), day)
        year = self.year_of(above | below, day)
        if year is None:
            return None
        numerator, denominator = self.total(above, year, day, area), self.total(below, year, day, area)
        return numerator / denominator * 100 if numerator is not None and denominator else None

    def band(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        if self.year_of(self.scope(None, day), day) is None:
            return None
        inside = self._in_band(spec, day)
        return Decimal(sum(area in (CITY, self.district_on(company, day)) for company in inside))

    def _in_band(self, spec: Spec, day: dt.date) -> set[str]:
        year = self.year_of(self.scope(None, day), day)
        inside = set()
        for company in self.scope(None, day):
            value = self.revenue.get((company, year)) if year else None
            if value is None or self.companies[company].parent:
                continue
            scale = value / 10_000
            if (spec.lower is None or scale >= spec.lower) and (spec.upper is None or scale < spec.upper):
                inside.add(company)
        return inside

    def clusters_over(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        clusters = self.of_kind(spec.cluster_kind)
        year = self.year_of(self.scope(clusters, day), day)
        if year is None or spec.lower is None:
            return None
        totals = [self.total(self.scope([cluster], day), year, day, area) for cluster in clusters]
        if area != CITY and all(total is None for total in totals):
            return None
        return Decimal(sum(total is not None and total / 10_000 > spec.lower for total in totals))

    def least(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal:
        counts = []
        for cluster in self.of_kind(spec.cluster_kind):
            leaders = {
                member.company
                for member in self.members_on(day)
                if member.cluster == cluster
                and member.role == spec.role
                and area in (CITY, self.district_on(member.company, day))
            }
            counts.append(len(leaders))
        return Decimal(min(counts))

    def statistic(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        wanted = None if area == CITY else area
        rows = [row for row in self.statistics if row[0] == wanted and row[1] <= day]
        if not rows:
            return None
        newest = max(row[1] for row in rows)
        return next(row[3] for row in sorted(rows, key=lambda row: row[2] != "final") if row[1] == newest)

    def answer(self, spec: Spec, day: dt.date, area: str | None = CITY) -> Decimal | None:
        by_feed = {"stock": self.count, "new": self.count, "yearly": self.count}
        return (by_feed.get(spec.feed) or getattr(self, spec.feed))(spec, day, area)


def holder(title: Title, spec: Spec) -> object:
    """Enterprises are counted once; things one by one, each under its scheme."""
    if title.company is not None and spec.unit == "enterprise":
        return title.company
    scheme = title.scheme if spec.unit == "item" else None
    return (title.company, title.item.lower(), title.district, scheme)


def level_fits(level: str, spec: Spec) -> bool:
    if not spec.level:
        return True
    return RANK.index(level) <= RANK.index(spec.level) if spec.at_least else level == spec.level


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later; the last of the month where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return dt.date(day.year + years, month + 1, min(day.day, last))
