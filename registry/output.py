"""Rows for people and for programs: what every command prints, as an aligned table, as JSON or as CSV.

JSON holds whole rows; CSV holds them flat (`official.value`, `by_district.320412`), in UTF-8 without a byte
order mark; a table holds the columns that the command names. Numbers are plain decimals everywhere, absent is
empty (JSON: null).
"""

import csv
import datetime as dt
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

FORMATS = ("table", "json", "csv")

Row = Mapping[str, Any]


class Out(Protocol):
    """Where a command prints: its `self.stdout`, or any text file."""

    def write(self, text: str, /) -> Any: ...


def plain(number: Decimal) -> str:
    """The number in full, without an exponent or zeros that say nothing: 0.45, 20000."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def add_format_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="table",
        dest="form",
        help=_("table for people (default), json or csv for programs (UTF-8)"),
    )


def print_rows(out: Out, rows: Sequence[Row], columns: Mapping[str, str], form: str = "table") -> None:
    """Print rows in one of FORMATS; `columns` are the keys (flat, as in CSV) and headings of a table."""
    ways = {"table": _table, "json": _json, "csv": _csv}
    out.write(ways[form](rows, columns))


def _json(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, indent=2, default=as_text) + "\n"


def _csv(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    found = [flat(row) for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, _names(found) or list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def _names(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The columns of all rows; what is absent in one row and nested in another is no column of its own."""
    found = list(dict.fromkeys(name for row in rows for name in row))
    nested = {name.split(".")[0] for name in found if "." in name}
    return [name for name in found if name not in nested]


def _table(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    cells = [[flat(row).get(name, "") for name in columns] for row in rows]
    lines = [[str(heading) for heading in columns.values()], *cells]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    right = [_is_of_numbers(column) for column in zip(*cells, strict=True)] or [False] * len(widths)
    text = "\n".join(_line(line, widths, right) for line in lines)
    return text + "\n" if rows else text + "\n" + _("(nothing)") + "\n"


def _is_of_numbers(column: Iterable[str]) -> bool:
    filled = [cell for cell in column if cell]
    return bool(filled) and all(
        cell.rstrip("%").lstrip("+-").replace(".", "", 1).isdecimal() for cell in filled
    )


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, wanted, on_the_right in zip(cells, widths, right, strict=True):
        spaces = " " * (wanted - width(cell))
        padded.append(spaces + cell if on_the_right else cell + spaces)
    return "  ".join(padded).rstrip()


def width(text: str) -> int:
    """How many columns of a terminal the text takes: a Chinese character takes two, a combining mark none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def flat(row: Row, prefix: str = "") -> dict[str, str]:
    """The row with nested values under dotted names; of a list of values by code each has its own."""
    found: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and _is_by_code(value):
            found |= {f"{prefix}{name}.{one['code'] or '-'}": as_text(one["value"]) for one in value}
        else:
            found[prefix + name] = as_text(value)
    return found


def _is_by_code(values: list[Any]) -> bool:
    return all(isinstance(one, Mapping) and {"code", "value"} <= one.keys() for one in values)


def as_text(value: Any) -> str:
    """A value of a row as text: ISO dates, plain numbers, empty for absent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=as_text)
    return " ".join(str(value).split())
