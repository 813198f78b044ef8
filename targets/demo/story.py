"""The whole made-up registry as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from targets.demo.companies import companies
from targets.demo.course_standing import LISTED
from targets.demo.facts import Area, Company, Title, Year
from targets.demo.figures import years
from targets.demo.ledger import Ledger, Term
from targets.demo.statistics import Published, published
from targets.demo.titles import titles


@dataclass(frozen=True)
class Story:
    companies: list[Company]
    titles: list[Title]
    years: list[Year]
    published: list[Published]


def tell(size: int, seed: int, areas: Mapping[str, Area], terms: Mapping[str, Term]) -> Story:
    """The same for the same size, seed and reference data."""
    rng = Random(seed)
    found = companies(rng, size, areas)
    figures = years(rng, found)
    awards = titles(Ledger(rng, found, terms, areas))
    _give_stock_codes(awards)
    return Story(found, awards, figures, list(published()))


def _give_stock_codes(awards: list[Title]) -> None:
    listed = [title.company for title in awards if title.scheme == LISTED and title.company]
    for number, company in enumerate(listed, start=1):
        company.stock_code = f"DEMO{number:04d}"
