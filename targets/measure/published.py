"""Published figures on a day: of each series and area the newest; of one day a final before a preliminary one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, IntegerField, Value, When

from registry.choices import Finality
from registry.models import Statistic

CITY = None


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
    final_first = Case(
        When(finality=Finality.FINAL, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    rows = (
        Statistic.objects.up_to(day)
        .filter(series__in=set(series))
        .order_by("series_id", "district_id", "-day", final_first)
        .distinct("series_id", "district_id")
    )
    found: dict[int, Values] = defaultdict(dict)
    fields = ("series_id", "district_id", "value", "day", "source", "source_kind", "note")
    for series_id, district_id, *rest in rows.values_list(*fields):
        found[series_id][district_id] = Published(*rest)
    return found
