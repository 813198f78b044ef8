"""Made-up figures for published series that have none; a few stay without any on purpose."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from targets.demo.sectors import AREAS


@dataclass(frozen=True)
class Course:
    """Values at the ends of the years from `first` on; `divided`: the areas have their shares of it."""

    first: int
    values: tuple[float, ...]
    divided: bool = False


@dataclass(frozen=True)
class Published:
    """One value; without an area it is the city's."""

    series: str
    district: str | None
    day: dt.date
    value: Decimal


# Without data: scale.tech_upgrade_invest_share, quality.madrid.
SERIES = {
    "scale.mfg_va_gdp_share": Course(2020, (41.1, 41.6, 41.9, 42.2, 42.4, 42.6)),
    "structure.hitech_output_share": Course(2020, (46.3, 47.5, 48.4, 49.2, 50.1, 51.3)),
    "integration.cloud_enterprises": Course(
        2020, (5_600, 8_700, 11_900, 15_050, 18_200, 21_380), divided=True
    ),
    "digital.cloud_new_per_year": Course(2021, (3_100, 3_200, 3_150, 3_150, 3_180), divided=True),
    "digital.base_stations_5g": Course(2020, (6_200, 11_300, 15_800, 20_900, 25_700, 30_400), divided=True),
    "digital.pon_10g_ports": Course(2020, (9_000, 24_000, 41_500, 58_000, 73_000, 86_400), divided=True),
    "digital.id_node_served": Course(2021, (1_250, 2_300, 3_500, 4_650)),
    "digecon.core_va_gdp_share": Course(2020, (9.8, 10.4, 11.0, 11.5, 11.9, 12.4)),
    "quality.trademarks": Course(2020, (118_000, 139_000, 160_000, 178_500, 196_000, 212_400)),
    "finance.mfg_financing_new": Course(2021, (610, 1_290, 2_010, 2_740, 3_460), divided=True),
    "people.trained_leaders": Course(2021, (24, 47, 69, 91, 112)),
    "people.trained_growth": Course(2021, (170, 360, 560, 755, 938)),
    "people.trained_managers": Course(2021, (1_400, 3_050, 4_800, 6_450, 8_120)),
    "market.entities_double": Course(
        2020, (612_000, 668_000, 724_000, 781_000, 846_000, 905_000), divided=True
    ),
    "market.enterprises_double": Course(
        2020, (205_000, 228_000, 250_000, 272_000, 295_000, 318_000), divided=True
    ),
    "market.entities_new": Course(2021, (118_000, 241_000, 372_000, 512_000, 655_000), divided=True),
    "market.legal_persons_new": Course(2021, (37_500, 77_000, 118_500, 163_000, 208_600), divided=True),
}


def published() -> Iterator[Published]:
    for series, course in SERIES.items():
        for year, number in enumerate(course.values, start=course.first):
            day, value = dt.date(year, 12, 31), Decimal(str(number))
            yield Published(series, None, day, value)
            if course.divided:
                yield from _shares(series, day, int(number))


def _shares(series: str, day: dt.date, total: int) -> Iterator[Published]:
    """Whole numbers that add up; the largest area takes what rounding leaves."""
    parts = {code: total * share // sum(AREAS.values()) for code, share in AREAS.items()}
    parts[max(AREAS, key=lambda code: AREAS[code])] += total - sum(parts.values())
    for code, part in parts.items():
        yield Published(series, code, day, Decimal(part))
