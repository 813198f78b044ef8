"""Lists of published figures."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import Finality, SourceKind
from registry.rosters import ledger, values
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import Record
from registry.rosters.parse import DEMO_NAME, Parsed
from registry.rosters.workbench import Decider, Workbench

FIELDS = ("source", "source_kind", "published_on", "quotation", "note")
PLACES = Decimal("0.000001")
LARGEST = Decimal(10) ** 18
Key = tuple[int, int | None, dt.date, str]


class StatisticDecider(Decider):
    """Decides about the rows of a list of published figures."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.known: dict[Key, Record] = {}

    def load(self, rows: list[Parsed]) -> None:
        found = ledger.load("statistic", "fact.source NOT LIKE %s", [f"{DEMO_NAME}%"])
        self.known = {_key(record.values): record for record in found}

    def decide(self, row: Parsed) -> None:
        series, unit = self._series(row)
        place = {
            "series_id": series,
            "district_id": row.values.get("district"),
            "day": _day(row),
            "finality": str(row.values.get("finality", Finality.FINAL)),
        }
        said: dict[str, Any] = {name: row.values[name] for name in FIELDS if name in row.values}
        said["value"] = _value(row, unit)
        if "source_kind" in said:
            said["source_kind"] = str(said["source_kind"])
        if "source" not in said:
            raise RowRefused(_("The source is missing."))
        record = self.known.get(_key(place))
        if record is None:
            said.setdefault("source_kind", SourceKind.OFFICIAL.value)
            record = self.known[_key(place)] = self.bench.ledger.create("statistic", {**place, **said})
        else:
            self.bench.refuse_contradiction(record, row.number, said)
            self.bench.ledger.change(record, said)
        self.bench.state(record, row.number, said)

    def _series(self, row: Parsed) -> tuple[int, str]:
        if "series" not in row.values:
            raise RowRefused(_("The series (指标) is missing."))
        return self.bench.reference.find_series(row.values["series"])


def _key(values_: dict[str, Any]) -> Key:
    return values_["series_id"], values_.get("district_id"), values_["day"], values_["finality"]


def _day(row: Parsed) -> dt.date:
    if "day" in row.values:
        found: dt.date = row.values["day"]
        return found
    raise RowRefused(row.incomplete.get("day") or _("The day that the value speaks of is missing."))


def _value(row: Parsed, unit: str) -> Decimal:
    """The number in the unit of its series; other units of money are converted, all else is refused."""
    if "value" not in row.values:
        raise RowRefused(_("The value is missing."))
    number, suffix = row.values["value"]
    given = suffix or row.values.get("unit", "")
    if given and given != unit:
        if given not in values.MONEY_UNITS or unit not in values.MONEY_UNITS:
            raise RowRefused(
                _("The unit is “%(given)s”, the series is kept in “%(unit)s”.")
                % {"given": given, "unit": unit}
            )
        number = number * values.MONEY_UNITS[given] / values.MONEY_UNITS[unit]
    if abs(number) >= LARGEST:
        raise RowRefused(_("The value is too large."))
    return Decimal(number).quantize(PLACES)
