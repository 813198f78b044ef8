"""Titles that run out soon, or ran out without a re-review (到期预警)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from registry.models import Designation, District, Scheme, User
from registry.paging import PaginatorById
from registry.sight import seen_today
from targets.measure.groups import Groups, groups_and_first
from targets.measure.memory import remembered
from targets.measure.planning import few_rows
from targets.reports.enterprises import chosen
from targets.reports.question import BadQuestion, Question, page_number
from targets.sides import every_title

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
        else own.expiring(question.day, wish.within, by_index=not question.known_at)
    )
    if wish.scheme:
        found = found.filter(scheme=wish.scheme)
    return found.order_by("valid_to", "pk")


def expiring(query: QueryDict, question: Question, user: User) -> Expiring:
    wish = wish_of(query)
    every, found = _found(wish, question, user)
    by_scheme, by_area = Counter[int](), Counter[str]()
    areas = dict(District.objects.values_list("pk", "short_name"))
    for scheme, area, number in every.numbers:
        by_scheme[scheme] += number
        by_area[areas[area] if area else _("In no area")] += number
    known = Scheme.objects.in_bulk(list(by_scheme))
    shown = Designation.objects.select_related("scheme", "district").prefetch_related("enterprise__district")
    paginator = PaginatorById(rows(wish, question, user), PAGE_SIZE, shown=shown, first=found.first)
    paginator.count = by_scheme[wish.scheme.pk] if wish.scheme else by_scheme.total()
    return Expiring(
        wish,
        paginator.get_page(page_number(query.get("page"))),
        [(known[pk], number) for pk, number in by_scheme.most_common()],
        by_area.most_common(),
        by_scheme.total(),
    )


def _found(wish: Wish, question: Question, user: User) -> tuple[Groups, Groups]:
    """All that run out, and those of the scheme that is wished, for all who may see the same; remembered until a title
    changes.
    """
    every, district = every_title(question.day), question.district.pk if question.district else None

    def asked(one: Wish) -> tuple[Any, ...]:
        scheme = one.scheme.pk if one.scheme else None
        return every, question.day, "expiring", one.within, scheme, user.district_id, district

    wishes = {asked(one): one for one in (Wish(wish.within, None), wish)}

    def find(missing: list[Any]) -> dict[Any, Groups]:
        with few_rows():
            return {key: groups_and_first(rows(wishes[key], question, user)) for key in missing}

    found = remembered(wishes, find)
    return found[asked(Wish(wish.within, None))], found[asked(wish)]
