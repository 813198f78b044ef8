"""Published figures: one of a series, an area or the city, a day, and whether it is final."""

from typing import Any

from django.utils.translation import gettext as _

from registry.models import District, Series
from registry.rosters import ledger
from registry.rosters.ledger import IDS, Record
from registry.writing.drafts import Draft, Kind
from registry.writing.writer import Writer


class StatisticWriter(Writer):
    table = "statistic"
    references = {"series_id": Series, "district_id": District}
    key = ("series_id", "district_id", "day", "finality")
    told_at = {"finality": "day", "statistic_has_a_source": "source"}

    def key_of(self, values: dict[str, Any]) -> tuple[Any, ...] | None:
        """Without an area it is the city's; without a word final."""
        series, day = values.get("series_id"), values.get("day")
        if series is None or day is None:
            return None
        return series, values.get("district_id"), day, values.get("finality", self.empty["finality"])

    def load_keys(self, keys: list[Any]) -> list[Record]:
        return ledger.load(
            self.table,
            f"fact.series_id = ANY({IDS}) AND fact.day = ANY(%s)",
            [ledger.listed({series for series, *_rest in keys}), list({day for _s, _d, day, _f in keys})],
            lock=True,
        )

    def judge(self, draft: Draft) -> None:
        super().judge(draft)
        area = self.by.district_id
        places = {draft.record.values["district_id"], draft.before.get("district_id", area)}
        if area is not None and places != {area}:
            message = _("You write the figures of your own area.")
            draft.refuse("district", "permission_denied", message, Kind.FORBIDDEN)
