"""Enterprises: names, areas, founding, closing, moves, groups, and the clusters that they belong to."""

import datetime as dt
from collections.abc import Iterable, Mapping
from random import Random

from registry.demo import MARK
from targets.demo.facts import Area, Company, Member, Move
from targets.demo.names import FORMS, GROUP, Register
from targets.demo.sectors import AREAS, SECTORS, YEARS, Giant, Sector

FEWEST = 200  # the large enterprises of all sectors need room

LATE = 0.025  # founded within the plan's years
CLOSED = 0.022
LEFT = 0.003
MOVED = 0.025
RENAMED = 0.035
SUBSIDIARIES = 0.03
FURTHER = 0.05  # in a second cluster besides
FUTURE = 0.02
SPREAD = 1.15  # of sizes within a sector, as the deviation of their logarithm
CEILING = 90.0  # 亿元; above are only the large ones of the table

FUTURES = (
    "future.artificial_intelligence",
    "future.communication_6g",
    "future.cell_therapy",
    "future.metamaterials",
    "future.autonomous_driving",
)
LEADERS = {  # of each chain, the largest, in the order of size; the years in which they were named
    "chain.integrated_circuits": (2021, 2022, 2024),
    "chain.robots": (2021, 2021, 2022, 2023, 2024),
    "chain.industrial_internet": (2021, 2022, 2022, 2024),
    "chain.connected_vehicles": (2021, 2021, 2022, 2023, 2025),
    "chain.carbon_composites": (2021, 2022, 2023, 2023),
    "chain.biomedicine": (2021, 2022, 2023, 2024),
    "chain.aerospace_information": (2022, 2023, 2025),
    "chain.communication_5g": (2022, 2022, 2024),
}

Areas = Mapping[str, Area]


def random_day(rng: Random, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(days=rng.randint(0, max((last - first).days, 0)))


def companies(rng: Random, size: int, areas: Areas) -> list[Company]:
    """Exactly `size` enterprises, in an order that says nothing."""
    register = Register(rng)
    found = [
        _company(rng, register, areas, sector, giant)
        for sector, number in _numbers(size)
        for giant in [*sector.giants, *[None] * (number - len(sector.giants))]
    ]
    rng.shuffle(found)
    for number, company in enumerate(found):
        company.number = number
    _set_sizes(rng, found)
    _form_groups(rng, found)
    for company in found:
        _let_live(rng, register, company)
        _join(rng, company)
    _name_leaders(rng, found)
    return found


def _numbers(size: int) -> list[tuple[Sector, int]]:
    """How many enterprises each sector has; the first takes what rounding leaves."""
    numbers = [max(size * sector.share // 1000, len(sector.giants) + 1) for sector in SECTORS]
    numbers[0] += size - sum(numbers)
    return list(zip(SECTORS, numbers, strict=True))


def _company(rng: Random, register: Register, areas: Areas, sector: Sector, giant: Giant | None) -> Company:
    district = _area(rng, sector)
    word = rng.choice(list(sector.lines))
    group = giant is not None and not giant.subsidiary
    return Company(
        number=0,
        name=register.name(word, (GROUP,) if group else FORMS),
        uscc=register.uscc(),
        sector=sector,
        district=district,
        address=_address(rng, areas[district]),
        industry=sector.lines[word],
        founded=_founding_day(rng, late=giant is None and rng.random() < LATE),
        giant=giant,
    )


def _area(rng: Random, sector: Sector) -> str:
    weights = [share * sector.areas.get(code, 1) for code, share in AREAS.items()]
    return rng.choices(list(AREAS), weights)[0]


def _address(rng: Random, area: Area) -> str:
    city = "常州市" if area.name.endswith("区") and not area.name.startswith("常州") else ""
    town = rng.choice(area.towns) if area.towns else ""
    return f"江苏省{city}{area.name}{town}{MARK}路{rng.randint(1, 399)}号"


def _founding_day(rng: Random, *, late: bool) -> dt.date:
    if late:
        return random_day(rng, dt.date(2021, 2, 1), dt.date(2024, 6, 30))
    year = int(rng.triangular(1992, 2018, 2009))
    return random_day(rng, dt.date(year, 1, 2), dt.date(year, 12, 28))


def _set_sizes(rng: Random, found: list[Company]) -> None:
    for sector in SECTORS:
        ours = [company for company in found if company.sector is sector]
        small = [company for company in ours if company.giant is None]
        for company in small:
            company.size = rng.lognormvariate(0, SPREAD)
        rest = sector.total - sum(giant.revenue for giant in sector.giants)
        fit(small, rest)
        for company in ours:
            if company.giant is not None:
                company.size = company.giant.revenue
    for place, company in enumerate(sorted(found, key=lambda one: (one.size, one.number))):
        company.rank = place / len(found)


def fit(small: list[Company], total: float) -> None:
    """Bring sizes to a total without passing the ceiling."""
    for _again in range(4):
        factor = total / sum(company.size for company in small)
        for company in small:
            company.size = min(company.size * factor, CEILING)


def _form_groups(rng: Random, found: list[Company]) -> None:
    for sector in SECTORS:
        ours = [company for company in found if company.sector is sector]
        groups = [company for company in ours if company.giant and not company.giant.subsidiary]
        groups.sort(key=lambda company: -company.size)
        for company in ours:
            if company.giant and company.giant.subsidiary:
                company.parent = groups[0]
            elif company.giant is None and groups and rng.random() < SUBSIDIARIES:
                company.parent = rng.choice(groups)


def _let_live(rng: Random, register: Register, company: Company) -> None:
    """Closing, leaving, moving and new names; the large ones stay where they are."""
    draw = rng.random()
    if company.giant is not None:
        return
    begin = max(company.founded + dt.timedelta(days=500), dt.date(2019, 3, 1))
    day = random_day(rng, begin, dt.date(2025, 12, 20))
    if draw < CLOSED:
        company.closed = day
    elif draw < CLOSED + LEFT:
        company.left = day
        assert company.district is not None
        company.moves.append(Move(day, company.district, None))
        company.district = None
    elif draw < CLOSED + LEFT + MOVED:
        _move(rng, company, day)
    elif draw < CLOSED + LEFT + MOVED + RENAMED:
        company.former_names.append((register.name(rng.choice(list(company.sector.lines))), day))


def _move(rng: Random, company: Company, day: dt.date) -> None:
    """To where it is now, from another area; some had moved before."""
    assert company.district is not None
    origin = rng.choice([code for code in AREAS if code != company.district])
    company.moves.append(Move(day, origin, company.district))
    before = day - dt.timedelta(days=400)
    if rng.random() < 0.15 and before > company.founded:
        earlier = rng.choice([code for code in AREAS if code != origin])
        company.moves.insert(0, Move(before, earlier, origin))


def _join(rng: Random, company: Company) -> None:
    """One main group of each kind at the most."""
    sector, giant = company.sector, company.giant
    draw, further, future = rng.random(), rng.random(), rng.random()
    strategic = rng.random() < sector.strategic_share if giant is None else giant.strategic
    chain = giant.chain if giant is not None else _drawn(draw, sector.chains)
    if sector.cluster:
        company.members.append(Member(sector.cluster))
    if sector.strategic and strategic:
        company.members.append(Member(sector.strategic))
    if chain:
        company.members.append(Member(chain))
    if sector.cluster and further < FURTHER:
        others = [one.cluster for one in SECTORS if one.cluster and one is not sector]
        company.members.append(Member(rng.choice(others), main=False))
    if giant is None and future < FUTURE:
        company.members.append(Member(rng.choice(FUTURES), since=dt.date(rng.choice(YEARS[2:]), 1, 1)))


def _drawn(draw: float, chances: Mapping[str, float]) -> str:
    for code, chance in chances.items():
        if draw < chance:
            return code
        draw -= chance
    return ""


def _name_leaders(rng: Random, found: Iterable[Company]) -> None:
    largest = sorted(found, key=lambda company: (-company.size, company.number))
    for chain, years in LEADERS.items():
        able = (
            (company, member)
            for company in largest
            for member in company.members
            if member.cluster == chain and company.gone is None
        )
        for (company, member), year in zip(able, years, strict=False):
            member.leader = True
            member.since = random_day(rng, dt.date(year, 3, 1), dt.date(year, 11, 30))
            company.founded = min(company.founded, dt.date(2015, 5, 8))
