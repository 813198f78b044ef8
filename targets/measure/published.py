"""Published figures on a day: of each series and area the newest; of one day a final before a preliminary one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, IntegerField, Value, When

from registry.choices import Finality
from registry.models import Statistic
from targets.measure.days import Days

CITY = None
FIELDS = ("value", "day", "source", "source_kind", "note")


@dataclass(frozen=True)
class Published:
    """A published value with its day and source."""

    value: Decimal
    as_of: dt.date
    source: str
    source_kind: str = ""
    note: str = ""


Values = dict[int | None, Published]  # by district id; CITY for the whole city


def newest(series: Iterable[int], day: dt.date) -> dict[int, Values]:
    """The newest published values up to a day, by series and area."""
    return newest_on(series, Days([day]))[0]


def newest_on(series: Iterable[int], days: Days) -> list[dict[int, Values]]:
    """The newest published values up to each of the days, by series and area."""
    found: list[dict[int, Values]] = [defaultdict(dict) for _ in days.days]
    # for a single day the newest alone
    each = ("series_id", "district_id") if len(days) == 1 else ("series_id", "district_id", "day")
    rows = (
        Statistic.objects.up_to(days.last)
        .filter(series__in=set(series))
        .order_by("series_id", "district_id", "-day", _final_first())
        .distinct(*each)
    )
    for series_id, district_id, *rest in rows.values_list("series_id", "district_id", *FIELDS):
        value = Published(*rest)
        # rows come with the newest first: each is the newest of the days that no newer one has taken
        for on_the_day, day in zip(found, days.days, strict=True):
            if value.as_of <= day:
                on_the_day[series_id].setdefault(district_id, value)
    return found


def course(series: Iterable[int], day: dt.date, district: int | None = CITY) -> dict[int, list[Published]]:
    """All published values up to a day of the city or an area, by series, the oldest first: one for each day."""
    rows = (
        Statistic.objects.up_to(day)
        .filter(series__in=set(series), district=district)
        .order_by("series_id", "day", _final_first())
        .distinct("series_id", "day")
    )
    found: dict[int, list[Published]] = defaultdict(list)
    for series_id, *rest in rows.values_list("series_id", *FIELDS):
        found[series_id].append(Published(*rest))
    return found


def _final_first() -> Case:
    return Case(When(finality=Finality.FINAL, then=Value(0)), default=Value(1), output_field=IntegerField())
