"""Yearly figures: the revenue of a sector follows its path, and everything else follows the revenue."""

import math
from collections import defaultdict
from decimal import Decimal
from random import Random

from targets.demo.companies import CEILING
from targets.demo.facts import Company, Year
from targets.demo.sectors import FIRST_YEAR, LAST_YEAR, SECTORS, YEARS, Sector

HUNDRED_MILLION = 10_000  # 亿元 in 万元
ABOVE_SCALE = 2_000.0  # 万元
SILENT = 0.012  # of smaller enterprises: no answer at all, or one without the revenue

SOFTWARE = (19.0, 22.5, 28.0, 35.0, 42.0, 49.0, 55.5)  # 亿元, all enterprises
PATENTS = (9_400, 11_300, 14_000, 17_200, 20_300, 23_500, 26_400)
PATENTS_FOR = 3_200  # enterprises that hold as many; fewer hold fewer

# Share of the revenue, from and to; the exact one is the enterprise's own.
SHARES = {
    "output": (0.90, 1.02),
    "value_added": (0.17, 0.29),
    "rnd": (0.021, 0.062),
    "tax": (0.018, 0.055),
    "upgrade_investment": (0.008, 0.055),
    "exports": (0.0, 0.35),
}

Revenue = dict[tuple[int, int], float]  # (number of the enterprise, year): 亿元


def years(rng: Random, companies: list[Company]) -> list[Year]:
    """All figures, year by year."""
    revenue: Revenue = {}
    for sector in SECTORS:
        _sell(rng, sector, [company for company in companies if company.sector is sector], revenue)
    software = _parts(revenue, _software_weights(rng, companies), SOFTWARE)
    scale = min(1.0, len(companies) / PATENTS_FOR)
    weights = {company.number: rng.lognormvariate(0, 0.9) * (0.2 + company.rank**2) for company in companies}
    patents = _parts(revenue, weights, tuple(total * scale for total in PATENTS))
    shares = {company.number: _shares(rng, company) for company in companies}
    output = {company.number: rng.uniform(80, 150) for company in companies}  # 万元 a head
    return [
        _year(rng, company, year, revenue, shares, software, patents, output)
        for year in YEARS
        for company in companies
        if (company.number, year) in revenue and (company.rank > 0.8 or rng.random() > SILENT)
    ]


def is_there(company: Company, year: int) -> bool:
    return company.founded.year <= year and (company.gone is None or company.gone.year > year)


def _sell(rng: Random, sector: Sector, ours: list[Company], revenue: Revenue) -> None:
    """The large ones and what the others share, for each year; each has good and bad years of its own."""
    luck = {company.number: 0.0 for company in ours}
    for year in YEARS:
        path = sector.path[year - FIRST_YEAR]
        rest = sector.total * path
        drawn: dict[int, float] = {}
        for company in ours:
            luck[company.number] = 0.8 * luck[company.number] + rng.gauss(0, 0.11)
            if not is_there(company, year):
                continue
            if company.giant is not None:
                revenue[company.number, year] = company.size * path
                rest -= company.size * path
            else:
                drawn[company.number] = company.size * math.exp(luck[company.number])
        for number, value in _fitted(drawn, rest).items():
            revenue[number, year] = value


def _fitted(drawn: dict[int, float], total: float) -> dict[int, float]:
    """Brought to the total, none above the ceiling."""
    for _again in range(4):
        factor = total / (sum(drawn.values()) or 1.0)
        drawn = {number: min(value * factor, CEILING) for number, value in drawn.items()}
    return drawn


def _software_weights(rng: Random, companies: list[Company]) -> dict[int, float]:
    shares = {"services": (1.0, 1.0), "electronics": (0.12, 0.1), "equipment": (0.08, 0.02)}
    found: dict[int, float] = {}
    for company in companies:
        chance, part = shares.get(company.sector.code, (0.0, 0.0))
        if rng.random() < chance and company.giant is None:
            found[company.number] = company.size * part
    return found


def _parts(revenue: Revenue, weights: dict[int, float], totals: tuple[float, ...]) -> Revenue:
    """A yearly total divided among those who report, by their weights."""
    sums: dict[int, float] = defaultdict(float)
    ours = [(number, year) for number, year in revenue if number in weights]
    for number, year in ours:
        sums[year] += weights[number]
    return {(number, year): totals[year - FIRST_YEAR] * weights[number] / sums[year] for number, year in ours}


def _shares(rng: Random, company: Company) -> dict[str, float]:
    shares = {name: rng.uniform(*bounds) for name, bounds in SHARES.items()}
    if rng.random() < 0.4:
        shares["exports"] = 0.0
    if company.sector.code == "services":
        del shares["output"]
    return shares


def money(hundred_million: float) -> Decimal:
    """亿元 to 万元, exact to 100 yuan."""
    return Decimal(round(hundred_million * HUNDRED_MILLION * 100)).scaleb(-2)


def _year(
    rng: Random,
    company: Company,
    year: int,
    revenue: Revenue,
    shares: dict[int, dict[str, float]],
    software: Revenue,
    patents: Revenue,
    output: dict[int, float],
) -> Year:
    key = (company.number, year)
    sold = revenue[key]
    silent = company.rank < 0.8 and rng.random() < SILENT * (2 if year == LAST_YEAR else 1)
    figures: dict[str, Decimal | None] = {
        name: money(sold * share * rng.uniform(0.94, 1.06)) for name, share in shares[company.number].items()
    }
    figures["revenue"] = None if silent else money(sold)
    figures["software_revenue"] = money(software[key]) if key in software else None
    if rng.random() < 0.01 and figures["tax"]:
        figures["tax"] = -figures["tax"]  # a refund
    heads = sold * HUNDRED_MILLION / output[company.number]
    above = None if silent else sold * HUNDRED_MILLION >= ABOVE_SCALE
    return Year(company, year, figures, max(round(heads), 3), round(patents[key]), above)
