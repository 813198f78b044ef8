"""Lists on the way at the end of the plan: announced, examined, returned, or in force a few weeks later."""

import datetime as dt
from dataclasses import dataclass

from registry.choices import DesignationState


@dataclass(frozen=True)
class Pending:
    scheme: str
    level: str
    number: int
    state: DesignationState
    announced: dt.date
    in_force: dt.date | None = None
    return_reason: str = ""
    item: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.scheme, self.level)


_DECEMBER = dt.date(2025, 12, 17)
_JANUARY = dt.date(2026, 1, 12)
ANNOUNCED, SUBMITTED = DesignationState.ANNOUNCED, DesignationState.SUBMITTED
RETURNED, CONFIRMED = DesignationState.RETURNED, DesignationState.CONFIRMED

PENDING = (
    Pending("little_giant", "national", 9, ANNOUNCED, _DECEMBER),
    Pending("little_giant", "national", 2, SUBMITTED, dt.date(2025, 9, 22), dt.date(2025, 10, 20)),
    Pending(
        "little_giant", "national", 1, RETURNED, dt.date(2025, 9, 22), None, "名单上的名称与营业执照不一致"
    ),
    Pending("mfg_champion", "national", 3, ANNOUNCED, _DECEMBER),
    Pending("specialized_sme", "provincial", 24, CONFIRMED, _DECEMBER, _JANUARY),
    Pending("green_factory", "provincial", 11, ANNOUNCED, _DECEMBER),
    Pending("green_factory", "national", 4, CONFIRMED, _DECEMBER, _JANUARY),
    Pending("smart_factory", "provincial", 5, ANNOUNCED, _DECEMBER),
    Pending("smart_factory", "provincial", 1, RETURNED, dt.date(2025, 10, 15), None, "申报材料缺少能耗数据"),
    Pending("smart_workshop", "provincial", 8, ANNOUNCED, _DECEMBER, item="workshop"),
    Pending("gazelle", "none", 6, SUBMITTED, dt.date(2025, 11, 25), dt.date(2025, 12, 10)),
    Pending("jiangsu_premium", "provincial", 4, SUBMITTED, dt.date(2025, 11, 25), dt.date(2025, 12, 10)),
    Pending("star_cloud_enterprise", "provincial", 20, CONFIRMED, _DECEMBER, _JANUARY),
)
