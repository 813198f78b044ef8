"""The made-up facts into the database, in few large statements; triggers keep their history as ever."""

from collections.abc import Iterable
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from registry.choices import MemberRole, ReviewOutcome, SourceKind
from registry.models import (
    AnnualFigures,
    Cluster,
    Designation,
    District,
    Enterprise,
    FormerName,
    Industry,
    Membership,
    NamedList,
    Relocation,
    Review,
    Scheme,
    Series,
    Statistic,
)
from targets.demo import lists, quotas
from targets.demo.companies import FUTURES, LEADERS
from targets.demo.facts import Area, Company, Title, Year
from targets.demo.ledger import COURSES, Term
from targets.demo.names import SOURCE
from targets.demo.sectors import AREAS, SECTORS
from targets.demo.statistics import Published
from targets.demo.story import tell
from targets.models import Quota

AT_ONCE = 4_000

M = TypeVar("M", bound=models.Model)
Ids = dict[str, int]


class ReferenceMissing(Exception):
    """Areas, groups, industries or titles that the demo speaks of are not in the registry."""


def write(size: int, seed: int) -> dict[str, int]:
    """Make up a registry and write it; how many rows of each model. Wants a transaction around it."""
    require_reference()
    areas = {area.code: Area(area.name, area.towns) for area in District.objects.filter(code__in=AREAS)}
    terms = {one.code: Term(one.term_months, one.grace_months) for one in Scheme.objects.all()}
    story = tell(size, seed, {code: areas[code] for code in AREAS}, terms)
    writer = Writer()
    writer.companies(story.companies)
    writer.titles(story.titles)
    writer.years(story.years)
    writer.published(story.published)
    return {
        **writer.counts,
        str(Quota._meta.verbose_name): quotas.divide_all(),
        str(NamedList._meta.verbose_name): lists.make(),
    }


def require_reference() -> None:
    """The demo is for a registry whose reference data are as shipped."""
    wanted: list[tuple[type[models.Model], Iterable[str]]] = [
        (District, AREAS),
        (
            Cluster,
            [*(one.cluster for one in SECTORS), *(one.strategic for one in SECTORS), *LEADERS, *FUTURES],
        ),
        (Industry, [code for sector in SECTORS for code in sector.lines.values()]),
        (Scheme, [course.scheme for course in COURSES]),
    ]
    for model, codes in wanted:
        missing = {code for code in codes if code} - _ids(model).keys()
        if missing:
            what = {"model": model._meta.verbose_name, "codes": ", ".join(sorted(missing))}
            raise ReferenceMissing(_("%(model)s: %(codes)s") % what)


def _ids(model: type[models.Model]) -> Ids:
    return dict(model._default_manager.values_list("code", "pk"))


class Writer:
    """Writes plain facts as rows and counts them."""

    def __init__(self) -> None:
        self.districts, self.clusters = _ids(District), _ids(Cluster)
        self.industries, self.schemes, self.series = _ids(Industry), _ids(Scheme), _ids(Series)
        self.enterprises: dict[int, Enterprise] = {}
        self.counts: dict[str, int] = {}

    def _insert(self, model: type[M], rows: Iterable[M]) -> list[M]:
        made = model._default_manager.bulk_create(rows, batch_size=AT_ONCE)
        name = str(model._meta.verbose_name)
        self.counts[name] = self.counts.get(name, 0) + len(made)
        return made

    def _district(self, code: str | None) -> int | None:
        return self.districts[code] if code else None

    # Enterprises

    def companies(self, companies: list[Company]) -> None:
        """Groups before their subsidiaries; those of no group in between, as they come."""
        for subsidiaries in (False, True):
            ours = [company for company in companies if (company.parent is not None) == subsidiaries]
            rows = self._insert(Enterprise, [self._enterprise(company) for company in ours])
            self.enterprises |= {company.number: row for company, row in zip(ours, rows, strict=True)}
        self._insert(FormerName, [row for company in companies for row in self._former_names(company)])
        self._insert(Relocation, [row for company in companies for row in self._moves(company)])
        self._insert(Membership, [row for company in companies for row in self._members(company)])

    def _enterprise(self, company: Company) -> Enterprise:
        return Enterprise(
            name=company.name,
            uscc=company.uscc,
            district_id=self._district(company.district),
            address=company.address,
            industry_id=self.industries[company.industry],
            legal_form="股份有限公司(上市)" if company.stock_code else "有限责任公司",
            parent=self.enterprises[company.parent.number] if company.parent else None,
            founded_on=company.founded,
            closed_on=company.closed,
            stock_code=company.stock_code,
        )

    def _former_names(self, company: Company) -> list[FormerName]:
        owner = self.enterprises[company.number]
        return [FormerName(enterprise=owner, name=name, ended_on=day) for name, day in company.former_names]

    def _moves(self, company: Company) -> list[Relocation]:
        return [
            Relocation(
                enterprise=self.enterprises[company.number],
                day=move.day,
                from_district_id=self.districts[move.origin],
                to_district_id=self._district(move.destination),
            )
            for move in company.moves
        ]

    def _members(self, company: Company) -> list[Membership]:
        return [
            Membership(
                enterprise=self.enterprises[company.number],
                cluster_id=self.clusters[member.cluster],
                main=member.main,
                role=MemberRole.LEADER if member.leader else MemberRole.MEMBER,
                since=member.since,
            )
            for member in company.members
        ]

    # What hangs on them

    def titles(self, titles: list[Title]) -> None:
        rows = self._insert(Designation, [self._designation(title) for title in titles])
        reviews = [row for title, made in zip(titles, rows, strict=True) for row in _reviews(title, made)]
        self._insert(Review, reviews)

    def _designation(self, title: Title) -> Designation:
        return Designation(
            scheme_id=self.schemes[title.scheme],
            level=title.level,
            enterprise=self.enterprises[title.company.number] if title.company else None,
            item=title.item,
            district_id=self._district(title.district),
            batch=title.batch,
            document=title.document,
            certificate=title.certificate,
            announced_on=title.announced_on,
            valid_from=title.valid_from,
            valid_to=title.valid_to,
            ended_on=title.ended_on,
            end_reason=title.end_reason,
            end_document=title.end_document,
            state=title.state,
            return_reason=title.return_reason,
            source=SOURCE,
        )

    def years(self, years: list[Year]) -> None:
        self._insert(AnnualFigures, [self._figures(year) for year in years])

    def _figures(self, year: Year) -> AnnualFigures:
        return AnnualFigures(
            enterprise=self.enterprises[year.company.number],
            year=year.year,
            employees=year.employees,
            invention_patents=year.invention_patents,
            above_scale=year.above_scale,
            source=SOURCE,
            **year.figures,
        )

    def published(self, values: list[Published]) -> None:
        """Only for series of which nobody has published anything yet."""
        filled = set(Statistic.objects.values_list("series__code", flat=True))
        wanted = [one for one in values if one.series in self.series and one.series not in filled]
        self._insert(Statistic, [self._statistic(one) for one in wanted])

    def _statistic(self, one: Published) -> Statistic:
        return Statistic(
            series_id=self.series[one.series],
            district_id=self._district(one.district),
            day=one.day,
            value=one.value,
            source=SOURCE,
            source_kind=SourceKind.REPRINT,
        )


def _reviews(title: Title, designation: Designation) -> list[Review]:
    return [
        Review(
            designation=designation,
            day=check.day,
            outcome=ReviewOutcome.PASSED if check.valid_to else ReviewOutcome.FAILED,
            valid_to=check.valid_to,
            document=check.document,
        )
        for check in title.reviews
    ]
