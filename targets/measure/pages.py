"""What is told of the records behind a number, and which of them are wanted."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry import names
from targets.choices import Cause, Exclusion


@dataclass(frozen=True)
class Record:
    """One record behind a number; what does not apply is None or empty. For `value` see Spec.shown_divisor."""

    enterprise_id: int | None = None
    enterprise: str = ""
    uscc: str | None = None
    district_id: int | None = None
    designation_id: int | None = None
    item: str = ""
    scheme: str = ""
    level: str = ""
    batch: str = ""
    document: str = ""
    announced_on: dt.date | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    ended_on: dt.date | None = None
    cluster: str = ""
    year: int | None = None
    value: Decimal | None = None
    source: str = ""
    reason: Exclusion | None = None
    cause: Cause | None = None
    amount: int | None = None


@dataclass(frozen=True)
class Page:
    """Some of the records, and how many there are in all."""

    records: list[Record]
    total: int


@dataclass(frozen=True)
class Window:
    """Which records are wanted.

    `district` is the area asked about (its id; None for the city). With `within` nothing of other areas is shown, for
    people who may not see them. `cluster` (its id) is asked about by bridges alone. `search` looks into names, items
    and codes. `order` is one of `Order`, with "-" before it the other way round; contributors and exclusions know it.
    """

    district: int | None = None
    within: bool = False
    cluster: int | None = None
    search: str = ""
    reason: str = ""
    order: str = ""
    offset: int = 0
    limit: int | None = None

    @property
    def column(self) -> str:
        """By what records are ordered, whichever way; empty as the list has them by itself."""
        return self.order.removeprefix("-")


def order_by(window: Window, columns: Mapping[str, str], usual: str) -> str:
    """SQL for the order that is asked; what is missing comes last, and what is alike as it usually does."""
    if not window.order:
        return usual
    way = "DESC" if window.order.startswith("-") else "ASC"
    return f"{columns[window.column]} {way} NULLS LAST, {usual}"


# Names by the sound of their first letters, as they are looked up; what is no enterprise by its characters.
BY_NAME = """
    (SELECT spelt.initials FROM registry_nameinitials spelt
      WHERE spelt.enterprise_id = {enterprise} AND spelt.former_name_id IS NULL LIMIT 1)
"""
BY_AREA = "(SELECT area.position FROM registry_district area WHERE area.id = {place})"


def window_parameters(window: Window) -> dict[str, Any]:
    key = names.key(window.search)
    return {
        "district": window.district,
        "within": window.within,
        "cluster": window.cluster,
        "reason": window.reason,
        "search": key,
        "pattern": f"%{key}%",
        "offset": window.offset,
        "limit": window.limit,
    }


def reason_of(code: str | None) -> Exclusion | None:
    return None if code is None else Exclusion(code)


def page_of(rows: list[tuple[Any, ...]], record: Callable[[tuple[Any, ...]], Record]) -> Page:
    return Page([record(row) for row in rows], rows[0][-1] if rows else 0)


def cut(records: list[Record], window: Window) -> Page:
    """The page of records that are all at hand."""
    end = None if window.limit is None else window.offset + window.limit
    return Page(records[window.offset : end], len(records))
