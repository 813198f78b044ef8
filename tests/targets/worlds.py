"""Random worlds for the property tests: few enterprises on days that touch, so that borders are met often."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from registry.choices import Unit
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    Membership,
    Relocation,
    Scheme,
    SchemeLevel,
    Series,
    Statistic,
)
from targets.choices import Feed, Official
from targets.rules import ClusterTerm, SchemeTerm, Spec
from tests.targets.recount import Company, Member, Title, World

DISTRICTS = ["320412", "320481"]
GRACE = {"plain": 0, "graced": 6, "things": 1, "other things": 0}
THINGS = ("things", "other things")
CLUSTERS = {
    "steel": "advanced",
    "textile": "advanced",
    "robots": "chain",
    "chips": "chain",
    "smart": "strategic",
}
BASELINE = dt.date(2020, 12, 31)

DAYS = [
    dt.date(2020, 6, 30),
    dt.date(2020, 12, 30),
    dt.date(2020, 12, 31),
    dt.date(2021, 1, 1),
    dt.date(2021, 2, 28),
    dt.date(2021, 8, 31),
    dt.date(2021, 12, 30),
    dt.date(2021, 12, 31),
    dt.date(2022, 1, 1),
    dt.date(2022, 2, 28),
    dt.date(2022, 7, 31),
    dt.date(2022, 8, 1),
    dt.date(2022, 8, 31),
    dt.date(2023, 3, 1),
]
day = st.sampled_from(DAYS)
maybe_day = st.none() | day
area = st.sampled_from([*DISTRICTS, None])
things = st.sampled_from(["一号车间", "A产品", "a产品"])
maybe_named = st.just("") | things
NAMES = [f"企业{number}" for number in range(1, 6)]
amount = st.sampled_from(
    [None, "0", "9999999.9999", "10000000", "10000000.0001", "19999999", "20000000", "5"]
)


@st.composite
def companies(draw: st.DrawFn) -> dict[str, Company]:
    made = {}
    for place, name in enumerate(NAMES):
        days = sorted(draw(st.lists(day, unique=True, max_size=2)))
        moves = [
            (
                one,
                *draw(
                    st.sampled_from(
                        [
                            (a, b)
                            for a in (*DISTRICTS, None)
                            for b in (*DISTRICTS, None)
                            if a != b or a is None
                        ]
                    )
                ),
            )
            for one in days
        ]
        parent = draw(st.sampled_from([None, None, *NAMES[:place]]))
        made[name] = Company(name, draw(area), draw(st.none() | st.none() | day), parent, moves)
    return made


@st.composite
def titles(draw: st.DrawFn) -> list[Title]:
    made: list[Title] = []
    for _ in range(draw(st.integers(0, 9))):
        scheme = draw(st.sampled_from(list(GRACE)))
        company = draw(st.sampled_from([*NAMES, None] if scheme in THINGS else NAMES))
        item = (
            draw(st.sampled_from(["一号车间", "A产品", "a产品"]))
            if company is None or scheme == "things"
            else ""
        )
        start = draw(day)
        title = Title(
            scheme,
            draw(st.sampled_from(["national", "provincial", "municipal"])),
            company,
            item,
            None if company else draw(area),
            start,
            draw(st.none() | st.sampled_from([one for one in DAYS if one >= start])),
            draw(st.none() | st.none() | st.sampled_from([one for one in DAYS if one >= start])),
            draw(
                st.sampled_from(["confirmed", "confirmed", "confirmed", "announced", "submitted", "returned"])
            ),
        )
        if not any(overlap(title, other) for other in made):
            made.append(title)
    return made


def overlap(one: Title, other: Title) -> bool:
    """What the database refuses: the same holder, scheme and level twice at one time."""

    def holds(title: Title) -> object:
        return (title.scheme, title.level, title.company, title.district, title.item.lower())

    def last(title: Title) -> dt.date:
        ends = [title.valid_to, title.ended_on and title.ended_on - dt.timedelta(1)]
        return min([end for end in ends if end] or [dt.date.max])

    if holds(one) != holds(other) or {one.state, other.state} - {"confirmed", "submitted"}:
        return False
    assert one.valid_from
    assert other.valid_from
    return one.valid_from <= last(other) and other.valid_from <= last(one)


@st.composite
def members(draw: st.DrawFn) -> list[Member]:
    made = []
    for company in NAMES:
        for kind in sorted(set(CLUSTERS.values())):
            of_kind = [name for name, its in CLUSTERS.items() if its == kind]
            for place, cluster in enumerate(draw(st.permutations(of_kind))):
                if draw(st.booleans()):
                    since = draw(maybe_day)
                    until = draw(
                        st.none() | st.sampled_from([one for one in DAYS if since is None or one >= since])
                    )
                    role = draw(st.sampled_from(["leader", "member"]))
                    made.append(Member(company, cluster, kind, place == 0, role, since, until))
    return made


@st.composite
def worlds(draw: st.DrawFn) -> World:
    statistics = draw(
        st.lists(
            st.tuples(
                area, day, st.sampled_from(["preliminary", "final"]), st.sampled_from(["0", "12.5", "700000"])
            ),
            unique_by=lambda row: row[:3],
            max_size=5,
        )
    )
    revenue = {
        (company, year): Decimal(value) if value is not None else None
        for company in NAMES
        for year in (2020, 2021, 2022)
        if (value := draw(amount)) is not None or draw(st.booleans())
    }
    return World(
        districts=DISTRICTS,
        grace=GRACE,
        clusters=CLUSTERS,
        companies=draw(companies()),
        titles=draw(titles()),
        members=draw(members()),
        revenue=revenue,
        statistics=[(where, when, finality, Decimal(value)) for where, when, finality, value in statistics],
    )


@dataclass
class Stored:
    """A world in the database: ids by name, and the rules that are asked of it."""

    districts: dict[str, int]
    specs: list[Spec]


def store(world: World) -> Stored:
    districts = {
        code: District.objects.create(code=code, name=code, short_name=code) for code in world.districts
    }
    clusters = {
        name: Cluster.objects.create(code=name, name=name, kind=kind) for name, kind in world.clusters.items()
    }
    schemes = {}
    for name, grace in world.grace.items():
        things = {"counts": "item", "item_word": "车间"} if name in THINGS else {}
        schemes[name] = Scheme.objects.create(code=name, name=name, grace_months=grace, **things)
        for level in ("national", "provincial", "municipal"):
            SchemeLevel.objects.create(scheme=schemes[name], level=level)
    _store_facts(world, districts, clusters, schemes)
    series = Series.objects.create(code="series", name="series", unit="家")
    Statistic.objects.bulk_create(
        Statistic(
            series=series,
            district=districts.get(where),
            day=when,
            finality=finality,
            value=value,
            source="报",
        )
        for where, when, finality, value in world.statistics
    )
    return Stored({code: one.pk for code, one in districts.items()}, specs_of(schemes, clusters, series.pk))


def _store_facts(
    world: World, districts: dict[str, District], clusters: dict[str, Cluster], schemes: dict[str, Scheme]
) -> None:
    made: dict[str, Enterprise] = {}
    for name, company in world.companies.items():
        made[name] = Enterprise.objects.create(
            name=name,
            district=districts.get(company.district),
            closed_on=company.closed_on,
            parent=made.get(company.parent),
        )
    Relocation.objects.bulk_create(
        Relocation(
            enterprise=made[name],
            day=when,
            from_district=districts.get(from_),
            to_district=districts.get(to) if to != from_ else None,
        )
        for name, company in world.companies.items()
        for when, from_, to in company.moves
    )
    Designation.objects.bulk_create(
        Designation(
            scheme=schemes[title.scheme],
            level=title.level,
            enterprise=made.get(title.company),
            item=title.item,
            district=districts.get(title.district),
            valid_from=title.valid_from,
            valid_to=title.valid_to,
            ended_on=title.ended_on,
            end_reason="removed" if title.ended_on else "",
            state=title.state,
        )
        for title in world.titles
    )
    Membership.objects.bulk_create(
        Membership(
            enterprise=made[member.company],
            cluster=clusters[member.cluster],
            kind=member.kind,
            main=member.main,
            role=member.role,
            since=member.since,
            until=member.until,
        )
        for member in world.members
    )
    AnnualFigures.objects.bulk_create(
        AnnualFigures(enterprise=made[name], year=year, revenue=value)
        for (name, year), value in world.revenue.items()
    )


def specs_of(schemes: dict[str, Scheme], clusters: dict[str, Cluster], series: int) -> list[Spec]:
    """Every feed with every kind of level, unit and scope that the catalogue of targets knows."""
    specs: list[Spec] = []

    def add(feed: Feed, unit_of_target: str = "家", **fields: object) -> None:
        specs.append(Spec(f"{len(specs)}.{feed}", feed, unit_of_target, BASELINE, **fields))

    def terms(*names: str, **days: dt.date) -> tuple[SchemeTerm, ...]:
        levels = ("national", "provincial", "municipal")
        return tuple(
            SchemeTerm(schemes[name].pk, name, levels, Unit(schemes[name].counts), **days) for name in names
        )

    renamed = (
        *terms("plain", applies_to=dt.date(2021, 12, 30)),
        *terms("graced", applies_from=dt.date(2021, 12, 31)),
    )
    for feed in (Feed.STOCK, Feed.NEW, Feed.YEARLY, Feed.MULTIPLE):
        for level in ({}, {"level": "provincial"}, {"level": "provincial", "at_least": True}):
            add(feed, schemes=terms("plain"), **level)
            add(feed, schemes=terms("graced", "things"), **level)
            add(feed, schemes=renamed, **level)
            add(feed, schemes=terms("things"), unit=Unit.ITEM, **level)
            add(feed, schemes=terms("things", "other things"), unit=Unit.ITEM, **level)
    add(Feed.MULTIPLE, "倍", schemes=terms("plain"), baseline_value=Decimal(3), baseline_source="公报")
    for lower, upper in ((None, 1000), (1000, 2000), (2000, None)):
        limits = {"lower": lower and Decimal(lower), "upper": upper and Decimal(upper)}
        add(Feed.BAND, figure="revenue", **limits)
    add(Feed.SUM, "亿元", figure="revenue")
    add(Feed.SUM, "亿元", figure="revenue", cluster_kind="advanced")
    add(
        Feed.SUM, "亿元", figure="revenue", clusters=(ClusterTerm(clusters["steel"].pk, "steel", "advanced"),)
    )
    add(Feed.RATIO, "%", figure="revenue", cluster_kind="chain", denominator_kind="strategic")
    add(Feed.CLUSTERS_OVER, figure="revenue", cluster_kind="advanced", lower=Decimal(1000))
    add(Feed.LEAST, cluster_kind="chain", role="leader")
    add(Feed.STATISTIC, series=series, official=Official.PUBLISHED)
    return specs
