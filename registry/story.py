"""What an enterprise went through: its titles on a line of time, its figures by year, the ladder that it climbs."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import COUNT_FIGURES, DesignationState, Figure
from registry.models import AnnualFigures, Designation, Enterprise, Scheme

FIRST_DAY, LAST_DAY = dt.date(1950, 1, 1), dt.date(2100, 12, 31)
SOON = 90
# The figures that stand on a page; all of them are on the page of the enterprise in the admin.
SHOWN = (Figure.REVENUE, Figure.OUTPUT, Figure.RND, Figure.TAX, Figure.EMPLOYEES, Figure.INVENTION_PATENTS)

# Titles on a line of time


@dataclass(frozen=True)
class Bar:
    """A title from its first day to its last, in per cent of the line; without a last day it runs to the end."""

    title: Designation
    left: float
    width: float
    state: str
    word: str
    marks: list[float]
    holds: bool = False


@dataclass(frozen=True)
class TimeLine:
    bars: list[Bar]
    years: list[tuple[int, float]]
    today: float


def time_line(enterprise: Enterprise, day: dt.date) -> TimeLine:
    titles = list(
        enterprise.designations.select_related("scheme")
        .prefetch_related("reviews")
        .order_by("scheme__position", "level", "valid_from", "pk")
    )
    valid = set(enterprise.designations.valid_on(day).values_list("pk", flat=True))
    begun = [title.valid_from or title.announced_on or day for title in titles]
    first = dt.date(max(min([day, *begun]), FIRST_DAY).year, 1, 1)
    ends = [day, *(title.valid_to or day for title in titles)]
    last = dt.date(min(max(ends), LAST_DAY).year + 1, 1, 1)

    def place(one: dt.date) -> float:
        return round(100 * (min(max(one, first), last) - first).days / (last - first).days, 2)

    bars = []
    for title, start in zip(titles, begun, strict=True):
        end = min(filter(None, (title.valid_to, title.ended_on)), default=last)
        state, word = standing(title, day, title.pk in valid)
        marks = [place(review.day) for review in title.reviews.all()]
        bars.append(
            Bar(
                title,
                place(start),
                max(place(end) - place(start), 0.8),
                state,
                word,
                marks,
                title.pk in valid,
            )
        )
    step = max((last.year - first.year) // 8, 1)
    years = [(year, place(dt.date(year, 1, 1))) for year in range(first.year, last.year, step)]
    return TimeLine(bars, years, place(day))


def standing(title: Designation, day: dt.date, valid: bool) -> tuple[str, str]:
    """How a title stands on a day, as a class and in words; whether it counts says `registry.validity` alone."""
    if title.state != DesignationState.CONFIRMED:
        return "waiting", title.get_state_display()
    if valid:
        if title.valid_to is None:
            return "valid", _("valid, without a term")
        left = (title.valid_to - day).days
        if left < 0:
            return "soon", _("expired, counts within its grace")
        if left <= SOON:
            return "soon", _("valid, %(days)d days left") % {"days": left}
        return "valid", _("valid to %(day)s") % {"day": title.valid_to}
    if title.valid_from and title.valid_from > day:
        return "waiting", _("valid from %(day)s") % {"day": title.valid_from}
    if title.ended_on and title.ended_on <= day:
        return "over", _("ended %(day)s: %(reason)s") % {
            "day": title.ended_on,
            "reason": title.get_end_reason_display(),
        }
    if title.valid_to and title.valid_to < day:
        return "over", _("expired %(day)s") % {"day": title.valid_to}
    return "over", _("the enterprise is closed, so that it no longer counts")


# Figures by year


def figures(enterprise: Enterprise) -> dict[str, Any]:
    """The years as columns, the figures as rows, each with its change on the year before."""
    years = list(AnnualFigures.objects.filter(enterprise=enterprise).order_by("year"))
    rows = []
    for figure in SHOWN:
        values = [getattr(one, figure.value) for one in years]
        if any(value is not None for value in values):
            unit = "" if figure in COUNT_FIGURES else "（万元）"
            rows.append({"name": f"{figure.label}{unit}", "cells": cells(years, values)})
    return {"years": [one.year for one in years], "rows": rows}


def cells(years: list[AnnualFigures], values: list[Any]) -> list[dict[str, Any]]:
    found = [{"value": values[0], "change": None}] if values else []
    for (before, here), (earlier, value) in zip(pairwise(years), pairwise(values), strict=True):
        follows = here.year == before.year + 1
        found.append({"value": value, "change": change(earlier, value) if follows else None})
    return found


def change(before: Decimal | int | None, after: Decimal | int | None) -> Decimal | None:
    """In per cent; None where there is nothing to compare with."""
    if not before or after is None:
        return None
    return (Decimal(after) / Decimal(before) - 1) * 100


# The ladder

# The schemes of 优质中小企业梯度培育, from the lowest rung; an enterprise may stand on several at once.
LADDER = ("tech_sme", "innovative_sme", "specialized_sme", "little_giant", "mfg_champion")


@dataclass(frozen=True)
class Rung:
    """A step of the ladder: the title held on the day, or the last one that was; None was never reached."""

    name: str
    title: Designation | None
    held: bool
    word: str


def ladder(line: TimeLine) -> list[Rung]:
    """The rungs on the day of a line of time, the lowest first."""
    names = dict(Scheme.objects.filter(code__in=LADDER).values_list("code", "name"))
    rungs = []
    for code in LADDER:
        bars = [bar for bar in line.bars if bar.title.scheme.code == code]
        best = max(bars, key=lambda bar: (bar.holds, bar.title.valid_from or FIRST_DAY), default=None)
        name = names.get(code, code)
        rungs.append(Rung(name, best.title, best.holds, best.word) if best else Rung(name, None, False, ""))
    return rungs
