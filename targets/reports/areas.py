"""A target by area, both ways: the seven areas, and six districts with the development zone inside Wujin."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.models import District
from targets.measure import Reading
from targets.reports import bars
from targets.reports.question import Question
from targets.reports.rows import Row

WIDTH = 100


@dataclass(frozen=True)
class AreaRow:
    """The number of one area; `district` is None for what lies in none, `includes` those added to it."""

    district: District | None
    value: Decimal | None
    share: Decimal | None
    length: str | None
    includes: tuple[District, ...] = ()
    chosen: bool = False


@dataclass(frozen=True)
class Areas:
    """The seven areas; the other way of counting only where numbers of areas add up."""

    rows: list[AreaRow]
    other_way: list[AreaRow]
    total: Decimal | None
    additive: bool

    @property
    def is_empty(self) -> bool:
        return all(row.value is None for row in self.rows)


Cells = list[tuple[District | None, Decimal | None, tuple[District, ...]]]


def areas(row: Row, question: Question) -> Areas:
    reading = row.standing.reading
    total = reading.registry.value if row.additive else None
    seven: Cells = [(one, reading.by_district.get(one.pk), ()) for one in question.districts]
    six = _six(reading, question.districts) if row.additive else []
    if None in reading.by_district:
        nowhere = (None, reading.by_district[None], ())
        seven.append(nowhere)
        six = [*six, nowhere] if six else []
    chosen = question.district.pk if question.district else None
    return Areas(_rows(seven, total, chosen), _rows(six, total, chosen), total, row.additive)


def _six(reading: Reading, districts: Sequence[District]) -> Cells:
    """Areas assessed alone that lie inside another for the statistics, added to it; empty without any."""
    inner = [district for district in districts if district.inside_id is not None]
    if not inner:
        return []
    cells: Cells = []
    for district in districts:
        if district in inner:
            continue
        added = tuple(one for one in inner if one.inside_id == district.pk)
        values = [reading.by_district.get(one.pk) for one in (district, *added)]
        known = [value for value in values if value is not None]
        cells.append((district, sum(known, Decimal(0)) if known else None, added))
    return cells


def _rows(cells: Cells, total: Decimal | None, chosen: int | None) -> list[AreaRow]:
    lengths = bars.lengths([value for _district, value, _added in cells], WIDTH)
    return [
        AreaRow(
            district=district,
            value=value,
            share=value / total if total and value is not None else None,
            length=length,
            includes=added,
            chosen=district is not None and district.pk == chosen,
        )
        for (district, value, added), length in zip(cells, lengths, strict=True)
    ]
