"""The columns of an exported list: which may be edited, which only tell what the row is."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from registry.choices import ClusterKind, DesignationState, Figure, RosterKind
from registry.rosters import reference as words_of
from registry.rosters import values
from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.ledger import MODELS
from registry.rosters.parse import Parser
from registry.rosters.reference import Reference
from registry.rosters.workbook import Cell

ID, VERSION = "编号", "版本"
TABLES = {
    RosterKind.ENTERPRISES: "enterprise",
    RosterKind.DESIGNATIONS: "designation",
    RosterKind.ANNUAL_FIGURES: "figures",
    RosterKind.STATISTICS: "statistic",
}
# The column of a list → the column of its table, for what may be edited
EDITABLE: dict[str, dict[str, str]] = {
    "enterprise": {
        "name": "name",
        "code": "uscc",
        "registration_no": "registration_no",
        "district": "district_id",
        "address": "address",
        "industry": "industry_id",
        "legal_form": "legal_form",
        "founded_on": "founded_on",
        "closed_on": "closed_on",
        "stock_code": "stock_code",
    },
    "designation": {
        name: name
        for name in [
            "item",
            "batch",
            "document",
            "certificate",
            "announced_on",
            "valid_from",
            "valid_to",
            "ended_on",
            "end_reason",
            "source",
            "note",
        ]
    },
    "figures": {name: name for name in (*Figure.values, "above_scale", "source")},
    "statistic": {
        name: name
        for name in ["day", "value", "finality", "source", "source_kind", "published_on", "quotation", "note"]
    },
}
# What only an export has, by the title of the column
EXTRA: dict[str, dict[str, tuple[str, int]]] = {
    "enterprise": {"联系人": ("contact_name", 50), "联系电话": ("contact_phone", 30)},
    "designation": {"终止文号": ("end_document", 200)},
    "figures": {},
    "statistic": {},
}
GROUPS = {
    "cluster": ClusterKind.ADVANCED,
    "strategic": ClusterKind.STRATEGIC,
    "chain": ClusterKind.CHAIN,
}
MONEY_PLACES = Decimal("0.000001")
STATES = {state.chinese: state.value for state in DesignationState}
# What tells which record it is: the column of the list → the column of the table
FIXED: dict[str, dict[str, str]] = {
    "enterprise": {},
    "designation": {"scheme": "scheme_id", "level": "level", "审核状态": "state"},
    "figures": {"year": "year"},
    "statistic": {"series": "series_id", "district": "district_id", "unit": ""},
}


@dataclass(frozen=True)
class Field:
    """A column of the file that may be edited."""

    title: str
    place: int
    column: str
    parse: Parser
    # amounts in another unit than that of the export are compared as amounts only
    as_written: bool = True


def editable(table: Table, main: str, parsers: dict[str, Parser], titles: dict[str, str]) -> list[Field]:
    """The columns of the file whose cells may be changed."""
    found = []
    for name, column in EDITABLE[main].items():
        if name in table.places:
            as_written = table.units.get(name, values.WAN) == values.WAN
            found.append(Field(titles[name], table.places[name], column, parsers[name], as_written))
    for title, (column, most) in EXTRA[main].items():
        if title in table.headers:
            found.append(Field(title, table.headers.index(title), column, _text(most)))
    return found


def _text(most: int) -> Parser:
    return lambda cell: values.text(cell, most=most)


def fixed(table: Table, main: str) -> dict[str, tuple[int, str]]:
    """The columns that tell which record it is: their places, and the column of the table."""
    places = {**{header: place for place, header in enumerate(table.headers)}, **table.places}
    return {name: (places[name], column) for name, column in FIXED[main].items() if name in places}


def fixed_value(name: str, cell: Cell, known: Reference) -> Any:
    """What such a cell says, as the value of its column."""
    words = values.text(cell)
    if name == "scheme":
        found = known.scheme(words)
        return found.scheme.id if found else None
    readers: dict[str, Callable[[], Any]] = {
        "level": lambda: words_of.level(words),
        "year": lambda: values.year(cell),
        "series": lambda: known.find_series(words)[0],
        "district": lambda: known.district(words),
        "审核状态": lambda: STATES.get(words, words),
    }
    return readers[name]() if name in readers else words


def settled(column: str, found: Any, number_of: str = "") -> Any:
    """A parsed value as the column keeps it."""
    if column == "uscc":
        return found[0] or None
    if column == "registration_no":
        if found[0]:
            raise RowRefused(_("This is a unified code; it belongs into the column 统一社会信用代码."))
        return found[1]
    if column == "value":
        return _statistic(found, number_of)
    if column in ("finality", "source_kind", "end_reason"):
        return str(found)
    return found


def _statistic(found: tuple[Decimal, str], unit: str) -> Decimal:
    number, suffix = found
    if suffix and suffix != unit:
        if suffix not in values.MONEY_UNITS or unit not in values.MONEY_UNITS:
            raise RowRefused(
                _("The unit is “%(given)s”, the series is kept in “%(unit)s”.")
                % {"given": suffix, "unit": unit}
            )
        number = number * values.MONEY_UNITS[suffix] / values.MONEY_UNITS[unit]
    if abs(number) >= Decimal(10) ** 18:
        raise RowRefused(_("The value is too large."))
    return number.quantize(MONEY_PLACES)


def cleared(main: str, column: str) -> Any:
    """What a column holds when its cell has been emptied; refused where it must hold something."""
    field = model_field(main, column)
    if field.null:
        return None
    if field.blank and isinstance(field, models.CharField):
        return ""
    raise RowRefused(_("%(field)s must not be emptied.") % {"field": field.verbose_name})


def model_field(main: str, column: str) -> Any:
    return next(field for field in MODELS[main]._meta.concrete_fields if field.attname == column)
