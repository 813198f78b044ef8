"""Titles that run out soon, or ran out without a re-review (到期预警)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _

from registry.models import Designation, Scheme, User
from registry.sight import seen_today
from targets.measure.memory import remembered
from targets.measure.planning import few_rows, listing
from targets.reports.enterprises import chosen
from targets.reports.question import BadQuestion, Question, page_number
from targets.sides import titles_of

OWN = ("within", "scheme", "page")
WITHIN = (30, 90, 180, 365)
USUAL = 90
# Past their last day, in place of a number of days.
OVERDUE = "overdue"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Wish:
    """Within how many days; None for those that ran out without a re-review."""

    within: int | None
    scheme: Scheme | None


@dataclass(frozen=True)
class Expiring:
    wish: Wish
    page: Page
    schemes: list[tuple[Scheme, int]]
    areas: list[tuple[str, int]]
    total: int

    @property
    def choices(self) -> list[tuple[str, str]]:
        days = [(str(number), _("Within %(days)d days") % {"days": number}) for number in WITHIN]
        return [*days, (OVERDUE, _("Run out without a re-review"))]

    @property
    def within(self) -> str:
        return OVERDUE if self.wish.within is None else str(self.wish.within)


def wish_of(query: QueryDict) -> Wish:
    within = query.get("within") or str(USUAL)
    if within != OVERDUE and within not in map(str, WITHIN):
        raise BadQuestion(_("“%(text)s” is no span of this page.") % {"text": within[:20]})
    return Wish(None if within == OVERDUE else int(within), chosen(Scheme, query.get("scheme")))


def rows(wish: Wish, question: Question, user: User) -> QuerySet[Designation]:
    """The titles, the first to run out first."""
    own = seen_today(Designation.objects.visible_to(user), user, "enterprise_id")
    if question.district:
        here = Q(enterprise__isnull=True, district=question.district)
        own = own.filter(Q(enterprise__district=question.district) | here)
    found = (
        own.expired_without_review(question.day)
        if wish.within is None
        else own.expiring(question.day, wish.within)
    )
    if wish.scheme:
        found = found.filter(scheme=wish.scheme)
    return found.order_by("valid_to", "pk")


def expiring(query: QueryDict, question: Question, user: User) -> Expiring:
    wish = wish_of(query)
    groups = _groups(wish.within, question, user)
    by_scheme, by_area = Counter[int](), Counter[str]()
    for scheme, area, number in groups:
        by_scheme[scheme] += number
        by_area[area or _("In no area")] += number
    known = Scheme.objects.in_bulk(list(by_scheme))
    found = rows(wish, question, user).select_related("scheme", "enterprise__district", "district")
    paginator = Paginator(found, PAGE_SIZE)
    paginator.count = by_scheme[wish.scheme.pk] if wish.scheme else by_scheme.total()
    page = paginator.get_page(page_number(query.get("page")))
    with listing():
        page.object_list = list(page.object_list)
    return Expiring(
        wish,
        page,
        [(known[pk], number) for pk, number in by_scheme.most_common()],
        by_area.most_common(),
        by_scheme.total(),
    )


Group = tuple[int, str | None, int]


def _groups(within: int | None, question: Question, user: User) -> list[Group]:
    """How many there are by scheme and area, for all who may see the same; remembered until a title changes."""
    spec = titles_of(Scheme.objects.order_by("pk").prefetch_related("levels"), question.day)
    chosen = question.district.pk if question.district else None
    asked = (spec, question.day, "expiring", within, user.district_id, chosen)

    def count(_asked: list[Any]) -> dict[Any, list[Group]]:
        every = rows(Wish(within, None), question, user).order_by()
        place = Coalesce("enterprise__district__short_name", "district__short_name")
        groups = every.annotate(place=place).values_list("scheme", "place").annotate(Count("pk"))
        with few_rows():
            return {asked: list(groups)}

    return remembered([asked], count)[asked]
