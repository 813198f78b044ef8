"""The plan's document with every quotation marked, and every number that is no target greyed."""

from dataclasses import dataclass
from itertools import pairwise

from targets import citations
from targets.citations import Place
from targets.models import Plan


@dataclass(frozen=True)
class Piece:
    """A run of characters that is quoted by the same targets or milestones, by none, or is a number of none.

    `anchors` are those whose quotation begins here.
    """

    text: str
    targets: tuple[str, ...] = ()
    milestone: bool = False
    is_number: bool = False
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """The document in pieces; `missing` are the quotations that do not stand in it."""

    pieces: list[Piece]
    missing: list[str]
    quoted: int
    numbers: int
    names: dict[str, str]


def source(plan: Plan) -> Source | None:
    """None where the text is not stored."""
    text = plan.document.text if plan.document else ""
    if not text:
        return None
    sections = citations.find_sections(text, citations.headings_of(plan))
    found = citations.find_quotations(text, sections, citations.quotations_of(plan))
    placed = [(one.quotation.subject, one.place) for one in found if one.place is not None]
    numbers = citations.numbers_outside(text, [place for _, place in placed])
    names = dict(plan.targets.values_list("code", "name"))
    missing = [one.quotation.quote for one in found if one.place is None]
    return Source(pieces(text, placed, numbers, set(names)), missing, len(placed), len(numbers), names)


def pieces(
    text: str, placed: list[tuple[str, Place]], numbers: list[Place], targets: set[str]
) -> list[Piece]:
    """The text cut wherever a quotation or a number begins or ends; joined again they are the text."""
    cuts = {0, len(text)}
    for place in [*(place for _, place in placed), *numbers]:
        cuts |= {place.start, place.end}
    order = sorted(cuts)
    greyed = {place.start for place in numbers}
    found = []
    for start, end in pairwise(order):
        over = [(subject, place) for subject, place in placed if place.start <= start and end <= place.end]
        quoting = tuple(dict.fromkeys(subject for subject, _ in over if subject in targets))
        begun = tuple(subject for subject, place in over if place.start == start)
        found.append(Piece(text[start:end], quoting, bool(over) and not quoting, start in greyed, begun))
    return found
