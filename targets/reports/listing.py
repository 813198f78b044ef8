"""The records behind a number as a person may see them: counted or not, a page at a time."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext as _

from registry.choices import MONEY_FIGURES
from registry.models import District, User
from targets.choices import Exclusion, Feed
from targets.measure import Record, contributors, exclusions, figure_records, title_records
from targets.measure.records import Page as RecordPage
from targets.measure.records import Window, number_excluded
from targets.reports.question import BadQuestion, Question, page_number, search_words
from targets.rules import PER_HUNDRED_MILLION, Spec

PAGE_SIZE = 50
COUNTED, EXCLUDED = "counted", "excluded"

TITLES, FIGURES, CLUSTERS, LEADERS = "titles", "figures", "clusters", "leaders"
SHAPES = {
    Feed.STOCK: TITLES,
    Feed.NEW: TITLES,
    Feed.YEARLY: TITLES,
    Feed.MULTIPLE: TITLES,
    Feed.BAND: FIGURES,
    Feed.SUM: FIGURES,
    Feed.RATIO: FIGURES,
    Feed.CLUSTERS_OVER: CLUSTERS,
    Feed.LEAST: LEADERS,
}
OF_FIGURES = (Exclusion.NOT_A_MEMBER, Exclusion.NO_FIGURE, Exclusion.OUT_OF_BAND, Exclusion.SUBSIDIARY)
OF_GROUPS = (Exclusion.NOT_OVER, Exclusion.OTHER_GROUP)
# Records of other areas are never listed beside an area's own, so that nobody asks for this reason.
REASONS: dict[str, list[Exclusion]] = {
    TITLES: [one for one in Exclusion if one not in (*OF_FIGURES, *OF_GROUPS, Exclusion.OTHER_AREA)],
    FIGURES: list(OF_FIGURES),
}


# By what a list can be ordered.
ORDERS = {TITLES: title_records.ORDERS, FIGURES: figure_records.ORDERS}


@dataclass(frozen=True)
class Wish:
    """What a person wants to see of the records."""

    tab: str = COUNTED
    search: str = ""
    reason: str = ""
    order: str = ""
    page: int = 1


@dataclass(frozen=True)
class Paged:
    """One page of records; `only_own` if a person may see those of one area only."""

    wish: Wish
    records: list[Record]
    found: int
    district: District | None
    only_own: bool
    value_unit: str

    @property
    def before(self) -> int:
        return self.wish.page - 1

    @property
    def after(self) -> int:
        return self.wish.page + 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE_SIZE))

    @property
    def first(self) -> int:
        return (self.wish.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1


@dataclass(frozen=True)
class Listing(Paged):
    """Records counted or not with what stands around them."""

    shape: str
    counted: int
    excluded: int

    @property
    def tab(self) -> str:
        """As links carry it: the first list needs no word."""
        return "" if self.is_counted else self.wish.tab

    @property
    def is_counted(self) -> bool:
        return self.wish.tab == COUNTED

    @property
    def can_search(self) -> bool:
        return self.shape in REASONS

    @property
    def reasons(self) -> list[Exclusion]:
        return [] if self.is_counted else REASONS.get(self.shape, [])

    @property
    def is_filtered(self) -> bool:
        return bool(self.wish.search or self.wish.reason)

    def can_order(self, column: str) -> bool:
        return column in ORDERS.get(self.shape, ())


def wish_of(query: QueryDict) -> Wish:
    """What the address asks of the records."""
    tab, reason = query.get("list") or COUNTED, query.get("reason") or ""
    if tab not in (COUNTED, EXCLUDED):
        raise BadQuestion(_("“%(text)s” is not a list of this page.") % {"text": tab[:20]})
    if reason and reason not in Exclusion.values:
        raise BadQuestion(_("“%(text)s” is not a reason of this page.") % {"text": reason[:20]})
    reason = reason if tab == EXCLUDED else ""
    order = query.get("order") or ""
    return Wish(tab, search_words(query.get("search")), reason, order, page_number(query.get("page")))


def shape_of(spec: Spec) -> str | None:
    """How the records of a rule look; None where there are none but a published figure."""
    if spec.feed == Feed.MULTIPLE and not spec.schemes:
        return None
    return SHAPES.get(spec.feed)


def listing(spec: Spec, question: Question, wish: Wish, user: User, *, whole: bool = False) -> Listing | None:
    """The records of a rule for a person, a page of them or the whole; people of an area see their own and no others."""
    shape = shape_of(spec)
    if shape is None:
        return None
    only_own = user.district_id is not None
    district = user.district if only_own else question.district
    window = Window(district=district.pk if district else None, within=district is not None)
    if shape not in REASONS:
        wish = replace(wish, search="", reason="", order="")
    if wish.order and wish.order.removeprefix("-") not in ORDERS[shape]:
        raise BadQuestion(_("“%(text)s” is no order of this list.") % {"text": wish.order[:20]})
    wish, page, numbers = _asked(spec, question, wish, window, None if whole else PAGE_SIZE)
    unit, factor = told_in(spec)
    return Listing(
        shape=shape,
        wish=wish,
        records=[scaled(record, factor) for record in page.records],
        counted=numbers[COUNTED],
        excluded=numbers[EXCLUDED],
        found=page.total,
        district=district,
        only_own=only_own,
        value_unit=unit,
    )


WAYS = {COUNTED: contributors, EXCLUDED: exclusions}
NUMBERS = {
    COUNTED: lambda spec, day, window: contributors(spec, day, window).total,
    EXCLUDED: number_excluded,
}


def _asked(
    spec: Spec, question: Question, wish: Wish, window: Window, limit: int | None
) -> tuple[Wish, RecordPage, dict[str, int]]:
    """The wished page, and how many records each list has unfiltered."""
    wanted = replace(window, search=wish.search, reason=wish.reason, order=wish.order, limit=limit)
    page = WAYS[wish.tab](spec, question.day, replace(wanted, offset=(wish.page - 1) * PAGE_SIZE))
    if not page.records and wish.page > 1:
        # Past the end: the list has become shorter, or somebody has changed the address.
        wish = replace(wish, page=1)
        page = WAYS[wish.tab](spec, question.day, wanted)
    one = replace(window, limit=1)
    filtered = bool(wish.search or wish.reason)
    numbers = {
        tab: page.total if tab == wish.tab and not filtered else number(spec, question.day, one)
        for tab, number in NUMBERS.items()
    }
    return wish, page, numbers


def told_in(spec: Spec) -> tuple[str, Decimal]:
    """The unit for the figures of single records, and what they are multiplied by to be in it.

    Money is in 亿元 where clusters and groups are measured, in 万元 where the members of a sum are listed.
    """
    if spec.figure not in MONEY_FIGURES:
        return spec.target_unit, Decimal(1)
    if spec.feed in (Feed.SUM, Feed.RATIO):
        return "万元", spec.shown_divisor
    return "亿元", spec.shown_divisor / PER_HUNDRED_MILLION


def scaled(record: Record, factor: Decimal) -> Record:
    return record if record.value is None else replace(record, value=record.value * factor)
