"""The made-up facts before they are written: plain data."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from registry.choices import DesignationState
from targets.demo.sectors import Giant, Sector


@dataclass(frozen=True)
class Area:
    """What the story needs to know of an area."""

    name: str
    towns: Sequence[str]


@dataclass
class Member:
    """A link to a cluster or chain, by its code."""

    cluster: str
    main: bool = True
    leader: bool = False
    since: dt.date | None = None


@dataclass
class Move:
    """From an area to another, by their codes; None is outside the city."""

    day: dt.date
    origin: str
    destination: str | None


@dataclass
class Company:
    """An enterprise; `size` is its revenue in a year such as 2025, in 亿元, `rank` its place from 0 to 1."""

    number: int
    name: str
    uscc: str
    sector: Sector
    district: str | None
    address: str
    industry: str
    founded: dt.date
    size: float = 0.0
    rank: float = 0.0
    giant: Giant | None = None
    parent: "Company | None" = None
    closed: dt.date | None = None
    left: dt.date | None = None
    stock_code: str = ""
    moves: list[Move] = field(default_factory=list)
    former_names: list[tuple[str, dt.date]] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    @property
    def gone(self) -> dt.date | None:
        """The first day on which it is no longer there."""
        return self.closed or self.left

    @property
    def stays(self) -> bool:
        """Always in the same area."""
        return not self.moves and self.left is None


@dataclass
class Checked:
    """A re-review of a title; without a new term it failed."""

    day: dt.date
    valid_to: dt.date | None
    document: str


@dataclass
class Title:
    """An award to an enterprise or a thing; `settled` once it was decided what comes after its term."""

    scheme: str
    level: str
    company: Company | None
    valid_from: dt.date | None
    valid_to: dt.date | None = None
    item: str = ""
    district: str | None = None
    batch: str = ""
    document: str = ""
    certificate: str = ""
    announced_on: dt.date | None = None
    ended_on: dt.date | None = None
    end_reason: str = ""
    end_document: str = ""
    state: str = DesignationState.CONFIRMED
    return_reason: str = ""
    reviews: list[Checked] = field(default_factory=list)
    settled: bool = False


@dataclass
class Year:
    """The yearly figures of an enterprise, in 万元 and pieces."""

    company: Company
    year: int
    figures: dict[str, Decimal | None]
    employees: int
    invention_patents: int
    above_scale: bool | None


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the 31st becomes that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
