"""The two ways of counting areas: each as it is assessed, and with those inside another added to it (经开区 in 武进)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from registry.models import District
from targets.rules import ADDITIVE
from targets.standings import Standing

Key = TypeVar("Key")
# The area that a statistic adds another's numbers to, by the id of that other.
Inside = Mapping[int, int]


def inside_of(districts: Iterable[District]) -> dict[int, int]:
    """Which areas lie inside which, by their ids."""
    return {one.pk: one.inside_id for one in districts if one.inside_id is not None}


def outer(districts: Sequence[District]) -> list[District]:
    """The areas that lie in no other."""
    return [one for one in districts if one.inside_id is None]


def added_up(values: Mapping[int | None, Decimal | None], inside: Inside) -> dict[int | None, Decimal | None]:
    """Numbers by area with those of inner areas in the outer ones; missing is None, and adds nothing."""
    found: dict[int | None, Decimal | None] = {}
    for area, value in values.items():
        place = inside.get(area, area) if area is not None else None
        before = found.get(place)
        found[place] = value if before is None else before if value is None else before + value
    return found


def with_inner(standings: Iterable[Standing], inside: Inside) -> list[Standing]:
    """Standings whose outer areas hold their inner ones; as they are where areas do not add up."""
    return [
        replace(one, reading=replace(one.reading, by_district=added_up(one.reading.by_district, inside)))
        if one.spec.feed in ADDITIVE
        else one
        for one in standings
    ]
