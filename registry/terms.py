"""How long a title runs: terms in months, last days, overlaps."""

import calendar
import datetime as dt
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def months_after(day: dt.date, months: int) -> dt.date:
    """The same day months later; the 31st becomes the last day of a shorter month, as in PostgreSQL."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def one_more(last: dt.date | None, months: int | None) -> dt.date | None:
    """The last day of another term behind the present one; None where there is no term."""
    if last is None or months is None:
        return None
    return months_after(last + dt.timedelta(days=1), months) - dt.timedelta(days=1)


def last_day(award: dict[str, Any]) -> dt.date | None:
    """The last day of an award without grace, None where it has none."""
    ends: list[dt.date] = []
    if award.get("valid_to"):
        ends.append(award["valid_to"])
    if award.get("ended_on"):
        ends.append(award["ended_on"] - dt.timedelta(days=1))
    return min(ends) if ends else None


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two awards share a day: what the database refuses. One that ended on its first day has none."""
    start = max(one["valid_from"], other["valid_from"])
    lasts = [last for award in (one, other) if (last := last_day(award)) is not None]
    return all(start <= last for last in lasts)
