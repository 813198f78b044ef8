"""The page that explains why a count changed between two days (变动分析)."""

import datetime as dt
from dataclasses import dataclass, replace
from itertools import groupby

from django.http import QueryDict
from django.utils.translation import gettext as _

from registry.models import Cluster, District, User
from targets import bridges
from targets.bridges import Line, Lines, Span
from targets.choices import Cause, Feed
from targets.measure.bridge import MOVES
from targets.measure.pages import Page, Window
from targets.reports import listing
from targets.reports.listing import PAGE_SIZE, Paged
from targets.reports.question import (
    BadQuestion,
    Question,
    day_of,
    moment_asked,
    page_number,
    search_words,
)
from targets.rules import Spec

OWN = ("from", "from_known_at")


@dataclass(frozen=True)
class Cell:
    """What a place gained or lost by a cause; `opens` if a person may see the names behind it."""

    cause: Cause
    amount: int
    opens: bool


@dataclass(frozen=True)
class Place:
    """The city, an area (None: what lies in none) or a cluster: start + cells = end."""

    name: str
    line: Line
    cells: list[Cell]
    district: District | None = None
    cluster: Cluster | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Kind:
    """The clusters of one kind; those of different kinds overlap."""

    name: str
    places: list[Place]


@dataclass(frozen=True)
class Told:
    """A bridge as the page shows it; `causes` are the columns."""

    span: Span
    lines: Lines
    causes: list[Cause]
    city: Place
    areas: list[Place]
    kinds: list[Kind]

    @property
    def has_moves(self) -> bool:
        return any(cause in MOVES for cause in self.causes)


@dataclass(frozen=True)
class Steps(Paged):
    """Records behind the bridge, of all causes or of one."""

    cause: Cause | None
    causes: list[Cause]
    of_titles: bool
    cluster: Cluster | None

    @property
    def is_filtered(self) -> bool:
        return bool(self.wish.search or self.cause or self.cluster)


def span_of(query: QueryDict, question: Question) -> Span:
    """From the last day of the year before if the address names no day; without its own moment, known as the end is."""
    given = query.get("from")
    first = day_of(given) if given else dt.date(question.day.year - 1, 12, 31)
    if first >= question.day:
        raise BadQuestion(_("The first day must lie before the last, %(day)s.") % {"day": question.day})
    known_then = moment_asked(query.get("from_known_at")) or question.known_at
    return Span(first, question.day, known_then, question.known_at)


def wish_of(query: QueryDict) -> listing.Wish:
    """Which records; `reason` is a cause."""
    cause = query.get("cause") or ""
    if cause and cause not in Cause.values:
        raise BadQuestion(_("“%(text)s” is not a cause of this page.") % {"text": cause[:20]})
    search, page = search_words(query.get("search")), page_number(query.get("page"))
    return listing.Wish("", search, reason=cause, page=page)


def presets(question: Question) -> list[tuple[str, dt.date, dt.date]]:
    """The spans that are asked for most, each once."""
    today, plan = question.today, question.plan
    new_year, month = dt.date(today.year - 1, 12, 31), today.replace(day=1) - dt.timedelta(days=1)
    named = [
        (_("This year"), new_year, today),
        (_("Last month"), month.replace(day=1) - dt.timedelta(days=1), month),
        (_("Last year"), dt.date(today.year - 2, 12, 31), new_year),
        (_("Baseline to today"), plan.baseline_date, today),
        (_("Baseline to the plan's last day"), plan.baseline_date, plan.deadline),
    ]
    spans: dict[tuple[dt.date, dt.date], str] = {}
    for name, first, last in named:
        if first < last <= max(today, question.day):
            spans.setdefault((first, last), name)
    return [(name, first, last) for (first, last), name in spans.items()]


def told(spec: Spec, span: Span, question: Question, user: User) -> Told:
    """The whole bridge. NoBridge where the number is no count."""
    found = bridges.lines(spec, span)
    causes = found.causes
    areas = _areas(found, causes, question, user)
    sums = {cause: sum(line.causes.get(cause, 0) for line in found.by_district.values()) for cause in causes}
    city = Place(
        _("Whole city"), found.city, [Cell(cause, sums[cause], cause not in MOVES) for cause in causes]
    )
    return Told(span, found, causes, city, areas, _kinds(found, causes))


def _areas(found: Lines, causes: list[Cause], question: Question, user: User) -> list[Place]:
    """Areas in use on the last day, and whatever else has a part in it; at the end what lies in none."""
    places = []
    for district in [*District.objects.order_by("position", "code"), None]:
        line = found.by_district.get(district.pk if district else None, Line(0, {}, 0))
        if line.is_empty and district not in question.districts:
            continue
        opens = district is not None and user.district_id in (None, district.pk)
        cells = [Cell(cause, line.causes.get(cause, 0), opens) for cause in causes]
        name = district.name if district else _("In no area")
        places.append(
            Place(name, line, cells, district, chosen=district is not None and district == question.district)
        )
    return places


def _kinds(found: Lines, causes: list[Cause]) -> list[Kind]:
    clusters = [
        one for one in Cluster.objects.order_by("kind", "position", "code") if one.pk in found.by_cluster
    ]
    kinds = []
    for _kind, of_kind in groupby(clusters, key=lambda one: one.kind):
        of_one = list(of_kind)
        places = [_of_cluster(one, found.by_cluster[one.pk], causes) for one in of_one]
        shown = [place for place in places if not place.line.is_empty]
        if shown:
            kinds.append(Kind(of_one[0].get_kind_display(), shown))
    return kinds


def _of_cluster(cluster: Cluster, line: Line, causes: list[Cause]) -> Place:
    """Corrections open by area, not by cluster."""
    cells = [Cell(cause, line.causes.get(cause, 0), cause != Cause.CORRECTED) for cause in causes]
    return Place(cluster.name, line, cells, cluster=cluster)


def cluster_of(query: QueryDict) -> Cluster | None:
    """The cluster whose gains and losses are opened; corrections open by area."""
    code = query.get("cluster") if query.get("cause") != Cause.CORRECTED else None
    found = Cluster.objects.filter(code=code.replace("\x00", "")).first() if code else None
    if code and found is None:
        raise BadQuestion(_("There is no cluster with the code “%(code)s”.") % {"code": code[:40]})
    return found


def steps(
    spec: Spec,
    found: Told,
    question: Question,
    wish: listing.Wish,
    user: User,
    cluster: Cluster | None = None,
) -> Steps:
    """The records behind a bridge for a person; people of an area see those of their own and no others."""
    only_own = user.district_id is not None
    district = user.district if only_own else question.district
    window = Window(
        district=district.pk if district else None,
        within=only_own,
        cluster=cluster.pk if cluster else None,
        search=wish.search,
        reason=wish.reason,
        limit=PAGE_SIZE,
    )
    wish, page = _asked(spec, found.span, wish, window)
    unit, factor = listing.told_in(spec)
    return Steps(
        wish=wish,
        records=[listing.scaled(record, factor) for record in page.records],
        found=page.total,
        district=district,
        only_own=only_own,
        value_unit=unit,
        cause=Cause(wish.reason) if wish.reason else None,
        causes=found.causes,
        of_titles=spec.feed != Feed.BAND,
        cluster=cluster,
    )


def _asked(spec: Spec, span: Span, wish: listing.Wish, window: Window) -> tuple[listing.Wish, Page]:
    """The wished page, or past the end the first."""
    page = bridges.records(spec, span, replace(window, offset=(wish.page - 1) * PAGE_SIZE))
    if page.records or wish.page == 1:
        return wish, page
    return replace(wish, page=1), bridges.records(spec, span, window)
