"""A target by area, both ways: the seven areas, and six districts with the development zone inside Wujin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.models import District
from targets.areas import Inside, added_up, inside_of, outer, with_inner
from targets.measure import Reading
from targets.quotas import Assigned, assigned
from targets.reports import bars
from targets.reports.question import Question
from targets.reports.rows import Row
from targets.standings import Standing

WIDTH = 100


@dataclass(frozen=True)
class AreaRow:
    """The number of one area; `district` is None for what lies in none, `includes` those added to it.

    `quota` is what it is to have, None where the target is not divided; it lies at `quota_at` beside the bar of `length`.
    """

    district: District | None
    value: Decimal | None
    share: Decimal | None
    length: str | None
    includes: tuple[District, ...] = ()
    chosen: bool = False
    quota: Assigned | None = None
    quota_at: str | None = None


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

    @property
    def is_divided(self) -> bool:
        return any(row.quota for row in self.rows)

    @property
    def quotas(self) -> Decimal | None:
        """What the areas are to have together by the last day; None where that says nothing."""
        given = [row.quota.value for row in self.rows if row.quota]
        return sum(given, Decimal(0)) if given and self.additive else None


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
    inside = inside_of(question.districts)
    quotas = _quotas(row.standing, {})
    return Areas(
        _rows(seven, total, chosen, quotas),
        _rows(six, total, chosen, _quotas(row.standing, inside) if six and quotas else {}),
        total,
        row.additive,
    )


def _quotas(standing: Standing, inside: Inside) -> dict[int, Assigned]:
    """The quotas of the areas by their ids, judged by the numbers of the same way of counting."""
    [counted] = with_inner([standing], inside)
    return {area: found for (_target, area), found in assigned([counted], inside).items()}


def _six(reading: Reading, districts: Sequence[District]) -> Cells:
    """The areas that lie in no other, each with those inside it; empty where none does."""
    inside = inside_of(districts)
    if not inside:
        return []
    values = added_up(reading.by_district, inside)
    return [
        (one, values.get(one.pk), tuple(inner for inner in districts if inner.inside_id == one.pk))
        for one in outer(districts)
    ]


def _rows(
    cells: Cells, total: Decimal | None, chosen: int | None, quotas: Mapping[int, Assigned]
) -> list[AreaRow]:
    given = [quotas.get(one.pk) if one else None for one, _value, _added in cells]
    wanted = [quota.value if quota else None for quota in given]
    lengths = bars.lengths([*(value for _district, value, _added in cells), *wanted], WIDTH)
    return [
        AreaRow(
            district=district,
            value=value,
            share=value / total if total and value is not None else None,
            length=length,
            includes=added,
            chosen=district is not None and district.pk == chosen,
            quota=quota,
            quota_at=quota_at,
        )
        for (district, value, added), quota, length, quota_at in zip(
            cells, given, lengths[: len(cells)], lengths[len(cells) :], strict=True
        )
    ]
