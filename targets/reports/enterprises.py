"""Enterprises as officials read them: a list that is searched and sifted, and the profile of one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from registry import codes, past
from registry.choices import Figure, Level
from registry.filters import EnterpriseFilter
from registry.models import Cluster, District, Enterprise, Scheme, Split, User
from registry.paging import BOUND, FIRST, PaginatorById, bounded
from registry.sight import seen_today, still_seen
from registry.story import Rung, TimeLine, figures, ladder, time_line
from targets.measure.memory import remembered
from targets.measure.overlaps import counted_in
from targets.measure.planning import few_rows
from targets.models import Plan, Target
from targets.reports.pictures import Picture, Series
from targets.reports.question import BadQuestion, Question, page_number, search_words
from targets.sides import counting_targets, titles_of

PAGE_SIZE = 50
OWN = ("search", "scheme", "level", "cluster", "page")


@dataclass(frozen=True)
class Wish:
    """Which enterprises: by a text, a title and a group held on the day."""

    search: str
    scheme: Scheme | None
    level: str
    cluster: Cluster | None

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.scheme or self.level or self.cluster)

    @property
    def is_of_titles(self) -> bool:
        """Whether titles are asked for and no text: who is found then is a matter of facts that a state is kept of."""
        return bool(self.scheme or self.level) and not self.search

    def as_list(self, district: District | None) -> str:
        """The query of the form that keeps a named list, filled in; empty where there is nothing that a list asks."""
        asked = {
            "search": self.search,
            "scheme": self.scheme.code if self.scheme else "",
            "level": self.level,
            "cluster": self.cluster.code if self.cluster else "",
            "district": district.code if district else "",
        }
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class Listed:
    """A page of enterprises with what can be chosen."""

    wish: Wish
    page: Page
    schemes: list[Scheme]
    clusters: list[Cluster]
    as_list: str

    @property
    def levels(self) -> list[Level]:
        return list(Level)


def wish_of(query: QueryDict) -> Wish:
    level = query.get("level") or ""
    if level and level not in Level.values:
        raise BadQuestion(_("“%(text)s” is no level.") % {"text": level[:20]})
    return Wish(
        search_words(query.get("search")),
        chosen(Scheme, query.get("scheme")),
        level,
        chosen(Cluster, query.get("cluster")),
    )


def chosen(model: Any, code: str | None) -> Any:
    """The row of a code that an address names; None where it names none."""
    if not code:
        return None
    found = model.objects.filter(code=code.replace("\x00", "")).first()
    if found is None:
        message = _("There is no %(kind)s with the code “%(code)s”.")
        raise BadQuestion(message % {"kind": model._meta.verbose_name, "code": code[:40]})
    return found


def listed(query: QueryDict, question: Question, user: User) -> Listed:
    wish = wish_of(query)
    page = _paginator(wish, question, user).get_page(page_number(query.get("page")))
    areas = dict(District.objects.values_list("pk", "short_name"))
    for one in page.object_list:
        one.area = areas.get(one.district_then, "")
    return Listed(
        wish,
        page,
        list(Scheme.objects.in_use_on(question.day).order_by("position")),
        list(Cluster.objects.in_use_on(question.day).order_by("kind", "position")),
        wish.as_list(question.district),
    )


def _paginator(wish: Wish, question: Question, user: User) -> PaginatorById:
    found: Any = rows(wish, question, user)
    shown = Enterprise.objects.with_district_on(question.day).select_related("industry")
    if not wish.is_of_titles:
        return PaginatorById(found, PAGE_SIZE, shown=shown)
    number, first = _holding(found, wish, question, user)
    paginator = PaginatorById(found, PAGE_SIZE, shown=shown, first=first)
    paginator.count = number
    return paginator


def _holding(
    found: QuerySet[Enterprise], wish: Wish, question: Question, user: User
) -> tuple[int, list[int]]:
    """How many hold such titles, and the ids of the first, for all who may see the same; remembered until a title
    changes.
    """
    schemes = Scheme.objects.order_by("pk").prefetch_related("levels")
    spec = titles_of(schemes.filter(pk=wish.scheme.pk) if wish.scheme else schemes, question.day)
    district, cluster = (one.pk if one else None for one in (question.district, wish.cluster))
    asked = (spec, question.day, "listed", wish.level, cluster, user.district_id, district)

    def find(_asked: list[Any]) -> dict[Any, tuple[int, list[int]]]:
        with few_rows():
            ids = list(found.values_list("pk", flat=True)[: BOUND + 1])
        return {asked: (bounded(len(ids)), ids[:FIRST])}

    return remembered([asked], find)[asked]


def rows(wish: Wish, question: Question, user: User) -> QuerySet[Enterprise]:
    """The enterprises that exist on the day, by the filters that the API has too."""
    asked = {
        "as_of": question.day.isoformat(),
        "level": wish.level,
        "scheme": wish.scheme.code if wish.scheme else "",
        "cluster": wish.cluster.code if wish.cluster else "",
        "district": question.district.code if question.district else "",
        "search": wish.search,
    }
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in asked.items() if value})
    seen = seen_today(Enterprise.objects.visible_to(user), user).select_related("district", "industry")
    return EnterpriseFilter(data, queryset=seen).qs.order_by("-id")


# One enterprise


@dataclass(frozen=True)
class Profile:
    """All that the page of an enterprise tells on a day."""

    one: Enterprise
    line: TimeLine
    ladder: list[Rung]
    figures: dict[str, Any]
    picture: Picture | None
    memberships: list[Any]
    former: list[Any]
    moves: list[Any]
    splits: list[Split]
    targets: list[Target]
    parent: Enterprise | None
    closed: bool


def one_of(key: str, user: User) -> Enterprise:
    """An enterprise by its code or its id, as far as the person may see it today; 404 otherwise, without a hint."""
    code = codes.clean_uscc(key)
    by = (
        Q(uscc=code) if codes.is_uscc(code) else Q(pk=int(key)) if key.isdecimal() and len(key) < 19 else None
    )
    with past.of_now():
        pk = by and Enterprise.objects.visible_to(user).filter(by).values_list("pk", flat=True).first()
    found = (
        Enterprise.objects.select_related("district", "industry", "parent").filter(pk=pk).first()
        if pk
        else None
    )
    if found is None:
        raise Http404
    return found


def profile(one: Enterprise, question: Question, user: User) -> Profile:
    day = question.day
    line = time_line(one, day)
    told = figures(one)
    parents = [one.parent] if one.parent else []
    return Profile(
        one=one,
        line=line,
        ladder=ladder(line),
        figures=told,
        picture=picture_of(told),
        memberships=list(one.memberships.on(day).select_related("cluster")),
        former=list(one.former_names.order_by("-ended_on")),
        moves=list(one.relocations.select_related("from_district", "to_district").order_by("-day")),
        splits=splits_of(one, user),
        targets=counting(question.plan, one, question),
        parent=next(iter(still_seen(parents, user)), None),
        closed=one.closed_on is not None and one.closed_on <= day,
    )


def splits_of(one: Enterprise, user: User) -> list[Split]:
    found = Split.objects.visible_to(user).filter(Q(enterprise=one) | Q(successor=one))
    return list(found.select_related("enterprise", "successor"))


def counting(plan: Plan, one: Enterprise, question: Question) -> list[Target]:
    """The targets of a plan that count an enterprise on the day."""
    sides = counting_targets(plan, question.day)
    places = counted_in([side.spec for side in sides], question.day, one.pk)
    return [side.target for place, side in enumerate(sides) if place in places and side.target]


def picture_of(told: dict[str, Any]) -> Picture | None:
    """Revenue and output by year, as far as reported."""
    names = {f"{figure.label}（万元）": str(figure.label) for figure in (Figure.REVENUE, Figure.OUTPUT)}
    series = [
        Series(names[row["name"]], [cell["value"] for cell in row["cells"]], kind="bar")
        for row in told["rows"]
        if row["name"] in names
    ]
    if not series or len(told["years"]) < 2:
        return None
    return Picture(_("Scale by year"), "万元", [str(year) for year in told["years"]], series)
