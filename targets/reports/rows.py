"""A target as a line of a table, the same on every page."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from registry.choices import MONEY_FIGURES
from registry.models import District
from targets.choices import Feed, Official, State
from targets.models import Target
from targets.reports import bars, words
from targets.rules import ADDITIVE, PER_HUNDRED_MILLION
from targets.standings import Standing

HUNDRED_MILLION = "亿元"


@dataclass(frozen=True)
class Other:
    """The number beside the one that is judged: published beside the registry's, or the other way round."""

    published: bool
    value: Decimal
    day: dt.date | None
    difference: Decimal | None


@dataclass(frozen=True)
class Row:
    """Where a target stands, ready to be shown; with a district its own number beside the city's.
    The verdict is the city's; how far an area is with its own quota is told by `targets.quotas`.
    """

    standing: Standing
    district: District | None = None
    is_part: bool = False
    names_whole: bool = False

    @property
    def target(self) -> Target:
        return self.standing.target

    @property
    def unit(self) -> str:
        return self.standing.target.unit

    @property
    def state(self) -> State:
        return self.standing.verdict.state

    @property
    def additive(self) -> bool:
        return self.standing.spec.feed in ADDITIVE

    @property
    def wanted(self) -> str:
        return words.wanted(self.standing)

    @property
    def met_when(self) -> str:
        return words.met_when(self.standing)

    @property
    def is_statistic(self) -> bool:
        """Whether there is nothing of the registry behind the number, only published figures."""
        spec = self.standing.spec
        return spec.feed == Feed.STATISTIC or (spec.feed == Feed.MULTIPLE and not spec.schemes)

    @property
    def is_multiple(self) -> bool:
        return self.standing.spec.feed == Feed.MULTIPLE

    @property
    def data_date(self) -> dt.date | None:
        """The day of the data, where it is not the day asked about."""
        reading = self.standing.reading
        return None if reading.data_date == reading.as_of else reading.data_date

    @property
    def is_published(self) -> bool:
        return self.is_statistic or self.standing.reading.basis == Official.PUBLISHED

    @cached_property
    def other(self) -> Other | None:
        reading = self.standing.reading
        if self.is_statistic:
            return None
        if self.is_published:
            own = reading.registry
            if own.value is None:
                return None
            return Other(False, own.value, own.data_date, reading.difference)
        if reading.official is None:
            return None
        return Other(True, reading.official.value, reading.official.as_of, reading.difference)

    @property
    def own(self) -> Decimal | None:
        """The district's own number."""
        return self.standing.reading.by_district.get(self.district.pk) if self.district else None

    @property
    def share(self) -> Decimal | None:
        """The district's part of the registry's number for the city."""
        whole = self.standing.reading.registry.value
        return self.own / whole if self.additive and self.own is not None and whole else None

    @property
    def numerator(self) -> Decimal | None:
        return self._of_quotient(self.standing.reading.registry.numerator)

    @property
    def denominator(self) -> Decimal | None:
        return self._of_quotient(self.standing.reading.registry.denominator)

    @property
    def quotient_unit(self) -> str:
        """The unit of what is divided."""
        if self.is_multiple:
            series = self.target.rule.series
            return series.unit if series and not self.standing.spec.schemes else _("enterprises")
        return HUNDRED_MILLION if self._in_money else ""

    @property
    def _in_money(self) -> bool:
        return self.standing.spec.figure in MONEY_FIGURES

    def _of_quotient(self, number: Decimal | None) -> Decimal | None:
        return number / PER_HUNDRED_MILLION if number is not None and self._in_money else number

    @property
    def bar(self) -> bars.Bar:
        judged = self.standing.verdict
        return bars.bar(judged.completion, judged.expected, self.share)
