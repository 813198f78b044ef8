"""Where a document states what a plan promises: headings, quotations, and the numbers that no target quotes.

Pure functions of a text and of what is looked for; a page highlights with them, `check_targets` proves with
them. Places are offsets of characters, the end excluded.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from targets.models import Plan

# The section of what stands before the first heading; it has no heading of its own.
LEAD = "lead"

# Marks of a list before a heading, and how a heading ends that runs into its paragraph.
BULLETS = "■□●○◆◇▲△★☆·•"
RUN_IN_END = "。：:"

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
RANGE_DASH = r"[-—–－~～至]+"
FACTORS = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
DOUBLING = re.compile(r"倍增|翻一番|翻番")


class Finding(StrEnum):
    """What came of looking for a heading or a quotation."""

    FOUND = "found"
    MISSING = "missing"
    ELSEWHERE = "elsewhere"  # not under its heading, but in another part of the document
    AMBIGUOUS = "ambiguous"  # more than once: the place is that of the first


@dataclass(frozen=True)
class Place:
    """Characters of the text, from `start` up to and without `end`."""

    start: int
    end: int

    def holds(self, other: "Place") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Heading:
    """A heading to look for; `depth` 0 is the highest."""

    code: str
    name: str
    depth: int = 0


@dataclass(frozen=True)
class Quotation:
    """A phrase to look for under a heading, and whose it is."""

    subject: str
    section: str
    quote: str


@dataclass(frozen=True)
class FoundSection:
    """A heading in the text; `span` reaches from it to the next of its depth or higher, parts included."""

    heading: Heading
    finding: Finding
    span: Place | None = None


@dataclass(frozen=True)
class FoundQuotation:
    """A quotation in the text; `offset` counts from the beginning of its section."""

    quotation: Quotation
    finding: Finding
    place: Place | None = None
    offset: int | None = None


@dataclass(frozen=True)
class Amount:
    """A number as a text states it, in plain units (2.8万个 is 28000); `high` where it is a range."""

    low: Decimal
    high: Decimal | None = None


# Headings


def find_sections(text: str, headings: Sequence[Heading]) -> dict[str, FoundSection]:
    """Each heading after the one before it; a heading stands alone on its line, or begins its paragraph."""
    starts = list(_starts(text, headings))
    first = min((start for _heading, _finding, start in starts if start is not None), default=len(text))
    found = {}
    for number, (heading, finding, start) in enumerate(starts):
        if heading.code == LEAD:
            found[LEAD] = FoundSection(heading, Finding.FOUND, Place(0, first))
        elif start is None:
            found[heading.code] = FoundSection(heading, finding)
        else:
            later = (
                at
                for next_, _f, at in starts[number + 1 :]
                if at is not None and next_.depth <= heading.depth
            )
            found[heading.code] = FoundSection(heading, finding, Place(start, next(later, len(text))))
    return found


def _starts(text: str, headings: Iterable[Heading]) -> Iterator[tuple[Heading, Finding, int | None]]:
    cursor = 0
    for heading in headings:
        if heading.code == LEAD:
            yield heading, Finding.FOUND, None
            continue
        places = [match.start("name") for match in _heading_pattern(heading.name).finditer(text, cursor)]
        if not places:
            yield heading, Finding.MISSING, None
            continue
        cursor = places[0] + len(heading.name)
        yield heading, Finding.FOUND if len(places) == 1 else Finding.AMBIGUOUS, places[0]


def _heading_pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"^[^\S\n]*[{BULLETS}]?[^\S\n]*(?P<name>{re.escape(name)})(?=[^\S\n]*$|[{RUN_IN_END}])", re.MULTILINE
    )


# Quotations


def find_quotations(
    text: str, sections: dict[str, FoundSection], quotations: Iterable[Quotation]
) -> list[FoundQuotation]:
    return [_find(text, sections.get(quotation.section), quotation) for quotation in quotations]


def _find(text: str, section: FoundSection | None, quotation: Quotation) -> FoundQuotation:
    span = section.span if section else None
    places = list(occurrences(text, quotation.quote, span)) if span else []
    if not places:
        stands = quotation.quote in text
        return FoundQuotation(quotation, Finding.ELSEWHERE if stands else Finding.MISSING)
    assert span is not None
    finding = Finding.FOUND if len(places) == 1 else Finding.AMBIGUOUS
    return FoundQuotation(quotation, finding, places[0], places[0].start - span.start)


def occurrences(text: str, phrase: str, within: Place) -> Iterator[Place]:
    """A quotation never begins or ends inside a number: 0家 does not stand in 50家."""
    start = text.find(phrase, within.start, within.end) if phrase else -1
    while start >= 0:
        place = Place(start, start + len(phrase))
        if not _cuts_a_number(text, place):
            yield place
        start = text.find(phrase, start + 1, within.end)


def _cuts_a_number(text: str, place: Place) -> bool:
    before, after = text[max(place.start - 1, 0) : place.start + 1], text[place.end - 1 : place.end + 1]
    return any(
        len(pair) == 2 and all(character in "0123456789." for character in pair) for pair in (before, after)
    )


# Numbers


def amounts(quote: str, unit: str) -> list[Amount]:
    """The numbers of a phrase that are followed by the unit, or all of them where none is; 倍增 is 2 倍."""
    found = [_amount(match) for match in _amount_pattern(re.escape(unit)).finditer(quote)]
    found = found or [_amount(match) for match in _amount_pattern("").finditer(quote)]
    if unit == "倍" and DOUBLING.search(quote):
        found.append(Amount(Decimal(2)))
    return found


def _amount_pattern(unit: str) -> re.Pattern[str]:
    number = NUMBER.pattern
    return re.compile(rf"(?P<low>{number})(?:{RANGE_DASH}(?P<high>{number}))?(?P<factor>[万亿]?){unit}")


def _amount(match: re.Match[str]) -> Amount:
    factor = FACTORS[match["factor"]]
    low, high = (
        Decimal(part.replace(",", "")) * factor if part else None for part in (match["low"], match["high"])
    )
    assert low is not None
    return Amount(low, high)


def numbers_outside(text: str, quoted: Iterable[Place]) -> list[Place]:
    """The numbers of a text that stand in no quotation: somebody should look whether one is a target."""
    spans = list(quoted)
    found = (Place(*match.span()) for match in NUMBER.finditer(text))
    return [number for number in found if not any(span.holds(number) for span in spans)]


# From a plan


def headings_of(plan: Plan) -> list[Heading]:
    """In the document's order; needs `sections` with their parents."""
    sections = list(plan.sections.select_related("parent").order_by("position"))
    return [Heading(section.code, section.name, depth=1 if section.parent_id else 0) for section in sections]


def quotations_of(plan: Plan) -> list[Quotation]:
    """Of targets, then of milestones."""
    found = []
    for subjects in (plan.targets, plan.milestones):
        for subject in subjects.prefetch_related("citations__section"):
            found += [
                Quotation(subject.code, citation.section.code, citation.quote)
                for citation in subject.citations.all()
            ]
    return found
