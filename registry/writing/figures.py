"""Yearly figures: one row of an enterprise and a year."""

from typing import Any

from registry.choices import Figure
from registry.rosters import ledger
from registry.rosters.ledger import IDS, Record
from registry.writing.hanging import HangingWriter


class FiguresWriter(HangingWriter):
    table = "figures"
    key = ("enterprise_id", "year")
    told_at = {
        "enterprise_id": "uscc",
        **{f"figures_{figure}_not_negative": str(figure) for figure in Figure},
    }

    def load_keys(self, keys: list[Any]) -> list[Record]:
        return ledger.load(
            self.table,
            f"fact.enterprise_id = ANY({IDS}) AND fact.year = ANY({IDS})",
            [
                ledger.listed({holder for holder, _year in keys}),
                ledger.listed({year for _holder, year in keys}),
            ],
            lock=True,
        )
