"""What two targets or titles have in common, as a page shows it, down to the enterprises that a person may see."""

from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from registry.models import District, User
from targets.choices import Among, Part
from targets.measure import Record
from targets.measure.overlaps import Overlap, Overlaps, Together, enterprises, overlap
from targets.measure.records import Window
from targets.pairs import Pair, largest
from targets.reports import bars
from targets.reports.listing import PAGE_SIZE
from targets.reports.question import BadQuestion, Question, page_number, search_words
from targets.sides import NoSuchSide, Side, counting_targets, set_of, titles_by_level
from targets.sums import reason_against

MOST_PAIRS = 50
WIDTH = 1000


@dataclass(frozen=True)
class Wish:
    """What an address asks of the page; without a second set its pairs are listed, without any those of all."""

    first: Side | None = None
    second: Side | None = None
    among: Among = Among.TARGETS
    part: Part = Part.BOTH
    search: str = ""
    page: int = 1

    @property
    def kept(self) -> dict[str, str]:
        """What the links of the page keep."""
        return {
            "first": self.first.address if self.first else "",
            "second": self.second.address if self.second else "",
            "among": "" if self.among == Among.TARGETS else self.among.value,
            "part": "" if self.part == Part.BOTH else self.part.value,
            "search": self.search,
        }


@dataclass(frozen=True)
class AreaLine:
    """One area of the table; without a district what is in none."""

    district: District | None
    overlap: Overlap


@dataclass(frozen=True)
class Piece:
    """A part of the two sets, with its place in the bar."""

    part: Part
    label: str
    number: int
    start: str
    length: str


@dataclass(frozen=True)
class Names:
    """A page of the enterprises of one part that a person may see."""

    records: list[Record]
    found: int
    page: int
    only_own: bool
    district: District | None

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE_SIZE))

    @property
    def before(self) -> int:
        return self.page - 1

    @property
    def after(self) -> int:
        return self.page + 1

    @property
    def first(self) -> int:
        return self.before * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.before * PAGE_SIZE + len(self.records)


@dataclass(frozen=True)
class Compared:
    """Two sets laid upon each other; the numbers are the city's, or those of the area asked about."""

    first: Side
    second: Side
    overlap: Overlap
    pieces: list[Piece]
    areas: list[AreaLine]
    reason: str
    visible: Overlap
    names: Names

    @property
    def tabs(self) -> list[tuple[Piece, int]]:
        """Each part with how many of its enterprises the person may see, what they have in common first."""
        first, both, second = self.pieces
        return [(piece, self.visible.number(piece.part)) for piece in (both, first, second)]


@dataclass(frozen=True)
class Choices:
    """What can be chosen: the counting targets of the plan, and the titles, whatever the level and at each."""

    targets: list[Side]
    titles: list[Side]

    def among(self, among: Among) -> list[Side]:
        """Of what pairs are made: a title is there once, whatever its level."""
        return self.targets if among == Among.TARGETS else [one for one in self.titles if not one.spec.level]


def choices(question: Question) -> Choices:
    return Choices(counting_targets(question.plan, question.day), titles_by_level(question.day))


def wish_of(query: QueryDict, question: Question, choices: Choices) -> Wish:
    """What the address asks for."""
    part, among = query.get("part") or Part.BOTH, query.get("among") or Among.TARGETS
    if part not in Part.values:
        raise BadQuestion(_("“%(text)s” is not a list of this page.") % {"text": part[:20]})
    if among not in Among.values:
        raise BadQuestion(_("“%(text)s” is not a list of this page.") % {"text": among[:20]})
    first, second = (_side(query.get(name), question, choices) for name in ("first", "second"))
    if first is None:
        first, second = second, None
    return Wish(
        first=first,
        second=second,
        among=Among(among),
        part=Part(part),
        search=search_words(query.get("search")),
        page=page_number(query.get("page")),
    )


def _side(address: str | None, question: Question, choices: Choices) -> Side | None:
    """One of the choices, or what else an address leads to: a title that is no longer granted still counts."""
    if not address:
        return None
    known = next((one for one in (*choices.targets, *choices.titles) if one.address == address), None)
    try:
        return known or set_of(address, question.plan, question.day)
    except NoSuchSide as problem:
        raise BadQuestion(str(problem)) from None


def pairs(wish: Wish, question: Question, choices: Choices) -> list[Pair]:
    """The pairs with most in common, of the one set that was chosen or of all."""
    found = largest(choices.among(wish.among), question.day, district=question.district, beside=wish.first)
    return found[:MOST_PAIRS]


def compare(wish: Wish, question: Question, user: User) -> Compared:
    """Two sets of enterprises on the day."""
    assert wish.first is not None
    assert wish.second is not None
    found = overlap(wish.first.spec, wish.second.spec, question.day)
    shown = _of(found, question.district)
    visible = _of(found, user.district or question.district)
    return Compared(
        first=wish.first,
        second=wish.second,
        overlap=shown,
        pieces=_pieces(shown, wish.first, wish.second),
        areas=_areas(found, question),
        reason=reason_against([wish.first, wish.second], Together(shown.first + shown.second, shown.either)),
        visible=visible,
        names=_names(wish, question, user),
    )


def _of(found: Overlaps, district: District | None) -> Overlap:
    return found.by_district.get(district.pk, Overlap()) if district else found.city


def _pieces(found: Overlap, first: Side, second: Side) -> list[Piece]:
    """In the order of the bar: the one alone, both, the other alone."""
    labels = {
        Part.FIRST: _("Only %(name)s") % {"name": first.name},
        Part.BOTH: _("Both"),
        Part.SECOND: _("Only %(name)s") % {"name": second.name},
    }
    numbers = [found.number(part) for part in labels]
    places = bars.pieces(numbers, WIDTH)
    return [
        Piece(part, label, number, *place)
        for (part, label), number, place in zip(labels.items(), numbers, places, strict=True)
    ]


def _areas(found: Overlaps, question: Question) -> list[AreaLine]:
    lines = [AreaLine(one, found.by_district.get(one.pk, Overlap())) for one in question.districts]
    return [*lines, AreaLine(None, found.by_district[None])] if None in found.by_district else lines


def _names(wish: Wish, question: Question, user: User) -> Names:
    """People of an area see the names of their own and no others, whatever they ask for."""
    district = user.district or question.district
    window = Window(
        district=district.pk if district else None,
        within=user.district is not None,
        search=wish.search,
        limit=PAGE_SIZE,
    )
    assert wish.first is not None
    assert wish.second is not None
    asked = (wish.first.spec, wish.second.spec, question.day, wish.part)
    number = wish.page
    page = enterprises(*asked, replace(window, offset=(number - 1) * PAGE_SIZE))
    if not page.records and number > 1:
        # past the end: the list has become shorter, or somebody has changed the address
        number, page = 1, enterprises(*asked, window)
    return Names(page.records, page.total, number, user.district is not None, district)
