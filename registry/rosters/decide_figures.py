"""Lists of yearly figures of enterprises."""

from typing import Any

from django.utils.translation import gettext as _

from registry.choices import Figure
from registry.rosters import ledger
from registry.rosters.errors import RowRefused
from registry.rosters.holders import find_holder
from registry.rosters.ledger import IDS, Record
from registry.rosters.parse import Parsed
from registry.rosters.workbench import Decider, Workbench

FIELDS = (*Figure.values, "above_scale", "source")
MAY_BE_NEGATIVE = frozenset([Figure.VALUE_ADDED.value, Figure.TAX.value])


class FiguresDecider(Decider):
    """Decides about the rows of a list of yearly figures."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.known: dict[tuple[int, int], Record] = {}

    def load(self, rows: list[Parsed]) -> None:
        self.bench.load_directory(rows, whole=False, codes_suffice=False)
        years = {year for row in rows if (year := self._year(row))}
        found = ledger.load(
            "figures",
            f"fact.enterprise_id = ANY({IDS}) AND fact.year = ANY(%s)",
            [ledger.listed(self.bench.directory.records), list(years)],
        )
        self.known = {(record.values["enterprise_id"], record.values["year"]): record for record in found}

    def decide(self, row: Parsed) -> None:
        year = self._year(row)
        if year is None:
            raise RowRefused(
                _("The year is missing."),
                _("Fill in the column %(name)s, or say it for the whole list.") % {"name": "年份"},
            )
        said = self._said(row)
        if not said.keys() - {"source"}:
            raise RowRefused(_("The row holds no figure."))
        holder = find_holder(self.bench, row)
        record = self.known.get((holder.id or 0, year))
        if record is not None:
            self.bench.refuse_contradiction(record, row.number, said)
            self.bench.ledger.change(record, said)
        else:
            values = {"enterprise_id": holder.put(), "year": year, **said}
            record = self.bench.ledger.create("figures", values)
            self.known[record.values["enterprise_id"], year] = record
        self.bench.state(record, row.number, said)

    def _year(self, row: Parsed) -> int | None:
        return row.values.get("year", self.bench.options.year)

    def _said(self, row: Parsed) -> dict[str, Any]:
        said = {name: row.values[name] for name in FIELDS if name in row.values}
        for figure in Figure:
            if figure.value not in MAY_BE_NEGATIVE and said.get(figure.value, 0) < 0:
                raise RowRefused(_("%(figure)s: must not be negative.") % {"figure": figure.label})
        return said
