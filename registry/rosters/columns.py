"""Which column is what: the header row under its titles, the usual names of columns, the units in headers."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from registry import names
from registry.rosters import values
from registry.rosters.errors import RosterError
from registry.rosters.vocabulary import COLUMNS, MONEY_FIELDS, NEEDED, Column
from registry.rosters.workbook import Cell, Row, Sheet, is_blank

HEADER_WITHIN = 30
EXCHANGE_BOARDS = frozenset(["主板", "创业板", "科创板", "北交所", "新三板", "中小板"])
COUNTING = frozenset(["序号", "编号", "no", "#"])
TOTALS = frozenset(["合计", "总计", "小计", "共计"])
FOOTER = re.compile(
    r"(合计|总计|小计|共计|注[:：]|备注[:：]|说明[:：]|填表|制表|填报|审核人|负责人|联系人[:：])"
)
_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_UNIT = re.compile(r"(亿元|万元|千元|元)")
_UNIT_OF_ALL = re.compile(r"单位[:：]?\s*(亿元|万元|千元|元)")


# What our own workbook of rejected rows adds to the columns of its list.
ROW_COLUMN, REASON_COLUMN, REMEDY_COLUMN = "原行号", "退回原因", "处理办法"
OF_REJECTED = frozenset([ROW_COLUMN, REASON_COLUMN, REMEDY_COLUMN])


@dataclass(slots=True)
class Table:
    """The rows of a list under its recognised columns."""

    headers: list[str]
    places: dict[str, int]
    units: dict[str, Decimal]
    ignored: list[str]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)

    def raw(self, cells: Sequence[Cell]) -> dict[str, str]:
        """The row as it came, under the names of its columns."""
        return {
            header: values.text(cell)
            for header, cell in zip(self.headers, cells, strict=False)
            if header and not is_blank(cell)
        }

    def recognised(self) -> dict[str, str]:
        """Field by header."""
        return {self.headers[place]: name for name, place in self.places.items()}

    def headers_with_units(self) -> list[tuple[str, str]]:
        """Each header, and the same with its unit: what stood in a corner above the table must not be lost."""
        unit_of = {self.places[name]: words_of_unit(unit) for name, unit in self.units.items()}
        return [
            (header, header if place not in unit_of or _has_unit(header) else f"{header}({unit_of[place]})")
            for place, header in enumerate(self.headers)
            if header and header not in OF_REJECTED
        ]


@dataclass(slots=True)
class Survey:
    """Where the header of a list stands and what its columns mean, before anything is demanded of it."""

    kind: str
    # how many rows stand above the data
    first: int
    headers: list[str]
    places: dict[str, int]

    @property
    def layout(self) -> str:
        """The same for lists with the same headers."""
        return hashlib.sha256("\0".join(self.headers).encode()).hexdigest()

    def is_complete(self) -> bool:
        return all(self.places.keys() & set(group) for group in NEEDED[self.kind])


# The field that each header fills, as a person says; "" for none.
Chosen = Mapping[str, str]


def survey(sheet: Sheet, kind: str, chosen: Chosen | None = None) -> Survey:
    """Find the header of a list; where no name is known, the fullest of the first rows."""
    chosen = chosen or {}
    known = _index(COLUMNS[kind]) | {names.key(header): (4, name) for header, name in chosen.items() if name}
    first, headers = _find_header(sheet.rows[:HEADER_WITHIN], known)
    return Survey(kind, first, _distinct(headers), _places(headers, known, COLUMNS[kind], chosen))


def recognise(sheet: Sheet, kind: str, chosen: Chosen | None = None) -> Table:
    """Find the header of a list and what its columns mean; `chosen` are corrections by a person."""
    found = survey(sheet, kind, chosen)
    if not found.places:
        raise RosterError(
            _("No header row was found. Name the columns in one row above the data, e.g. %(example)s.")
            % {"example": "企业名称、统一社会信用代码、板块"}
        )
    _demand(found.places, kind)
    body = sheet.rows[found.first :]
    rows = [row for row in body if not _is_footer(row[1])]
    units = _units(found.headers, found.places, _unit_above(sheet.rows[: found.first]))
    table = Table(found.headers, found.places, units, [], rows)
    if len(rows) < len(body):
        table.notes.append(
            _("%(count)s lines below the list were left out (totals, notes).")
            % {"count": len(body) - len(rows)}
        )
    if "district" not in (chosen or {}).values():
        _drop_exchange_boards(table)
    table.ignored = _ignored(table)
    if set(table.headers) >= OF_REJECTED:
        table.notes.append(_("These are rejected rows, corrected: reasons and remedies in it are not read."))
    return table


def _ignored(table: Table) -> list[str]:
    used = set(table.places.values())
    return [
        name
        for place, name in enumerate(table.headers)
        if name and place not in used and name.lower() not in COUNTING and name not in OF_REJECTED
    ]


# Names of columns


def _index(columns: Iterable[Column]) -> dict[str, tuple[int, str]]:
    """(weight, field) by the key of each name; a canonical name weighs most."""
    index: dict[str, tuple[int, str]] = {}
    for column in columns:
        for weight, titles in ((3, column.title), (2, column.aliases), (1, column.weak)):
            for title in titles.split():
                key = names.key(title)
                index[key] = max((weight, column.field), index.get(key, (0, "")), key=lambda known: known[0])
    return index


def _meaning(header: str, known: dict[str, tuple[int, str]]) -> tuple[int, str] | None:
    """What a header says: as it stands, without what stands in brackets, or one of the parts of “a/b”."""
    half_width = unicodedata.normalize("NFKC", header)
    bare = _BRACKETS.sub("", half_width)
    for words in (half_width, bare, *re.split(r"[/或,;]", bare)):
        if found := known.get(names.key(words)):
            return found
    return None


def _places(
    headers: list[str], known: dict[str, tuple[int, str]], columns: tuple[Column, ...], chosen: Chosen
) -> dict[str, int]:
    """The column of each field; of two that mean the same the one with the better name, then the first."""
    best: dict[str, tuple[int, int]] = {}
    for place, (header, distinct) in enumerate(zip(headers, _distinct(headers), strict=True)):
        if distinct in chosen:
            meaning = (4, chosen[distinct]) if chosen[distinct] else None
        else:
            meaning = _meaning(header, known) if header and header not in OF_REJECTED else None
        if meaning is None:
            continue
        weight, name = meaning
        if name not in best or weight > best[name][0]:
            best[name] = (weight, place)
    return {column.field: best[column.field][1] for column in columns if column.field in best}


# The header row


def _find_header(rows: list[Row], known: dict[str, tuple[int, str]]) -> tuple[int, list[str]]:
    """The index of the first row of data, and the headers; two rows are read as one where that says more."""
    texts = [[values.text(cell) for cell in cells] for _number, cells in rows]
    scores = [_score(headers, known) for headers in texts]
    best: tuple[int, int, list[str]] = (0, 0, [])
    for at, headers in enumerate(texts):
        if scores[at] > best[0]:
            best = (scores[at], at + 1, headers)
        if at + 1 < len(texts):
            double = _joined(headers, texts[at + 1], known)
            if (score := _score(double, known)) > max(best[0], scores[at + 1]):
                best = (score, at + 2, double)
    if not best[2]:
        return _fullest(texts)
    return best[1], best[2]


def _fullest(texts: list[list[str]]) -> tuple[int, list[str]]:
    """The first row with the most words in it: a person can say what its columns mean."""
    counts = [sum(bool(cell) and not cell.isdecimal() for cell in cells) for cells in texts]
    at = counts.index(max(counts))
    return at + 1, texts[at]


def _score(headers: list[str], known: dict[str, tuple[int, str]]) -> int:
    return len({meaning[1] for header in headers if header and (meaning := _meaning(header, known))})


def _joined(upper: list[str], lower: list[str], known: dict[str, tuple[int, str]]) -> list[str]:
    """Parent above child, the parent reaching over the empty cells that merging leaves to its right."""
    if not any(_meaning(child, known) for child in lower if child):
        return []
    joined, parent = [], ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else ""
        child = lower[place] if place < len(lower) else ""
        parent = above or (parent if child else "")
        joined.append(_one_of(parent, child, known))
    return joined


def _one_of(parent: str, child: str, known: dict[str, tuple[int, str]]) -> str:
    if not child or not parent:
        return child or parent
    choices = (child, parent + child)
    found = next((words for words in choices if _meaning(words, known)), parent + child)
    # the unit may stand beside the parent: 营业收入(万元) above 2024年
    return found if _UNIT.search(found) or not _UNIT.search(parent) else f"{found}({_UNIT.search(parent)[1]})"  # type: ignore[index]


def _distinct(headers: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    distinct = []
    for header in headers:
        seen[header] = seen.get(header, 0) + 1
        distinct.append(f"{header} {seen[header]}" if header and seen[header] > 1 else header)
    return distinct


def _has_unit(header: str) -> bool:
    return bool(_UNIT.search(unicodedata.normalize("NFKC", header)))


def words_of_unit(unit: Decimal) -> str:
    return next(words for words, factor in values.MONEY_UNITS.items() if factor == unit and "元" in words)


def _units(headers: list[str], places: dict[str, int], of_all: Decimal) -> dict[str, Decimal]:
    units = {}
    for name in MONEY_FIELDS & places.keys():
        match = _UNIT.search(unicodedata.normalize("NFKC", headers[places[name]]))
        units[name] = values.MONEY_UNITS[match[1]] if match else of_all
    return units


def _unit_above(rows: list[Row]) -> Decimal:
    """单位：亿元 in a corner above the table speaks for every amount whose header says nothing else."""
    for _number, cells in rows:
        if match := _UNIT_OF_ALL.search("".join(values.text(cell) for cell in cells)):
            return values.MONEY_UNITS[match[1]]
    return values.WAN


# What must be there, and what is no row


def _demand(places: dict[str, int], kind: str) -> None:
    titles = {column.field: column.title for column in COLUMNS[kind]}
    for group in NEEDED[kind]:
        if not places.keys() & set(group):
            wanted = " / ".join(titles[name] for name in group)
            raise RosterError(
                _("The list has no column %(wanted)s. Add it, or name the column so in the header row.")
                % {"wanted": wanted}
            )


def _is_footer(cells: Sequence[Cell]) -> bool:
    first = next(values.text(cell) for cell in cells if not is_blank(cell))
    if not FOOTER.match(first):
        return False
    return first in TOTALS or sum(not is_blank(cell) for cell in cells) <= 3


def _drop_exchange_boards(table: Table) -> None:
    """板块 of a list of quoted companies is the board of the exchange, not an area of the city."""
    place = table.places.get("district")
    if place is None:
        return
    found = {values.text(cells[place]) for _number, cells in table.rows if place < len(cells)} - {""}
    if found and found <= EXCHANGE_BOARDS:
        del table.places["district"]
        table.notes.append(
            _("The column “%(name)s” names boards of the exchange, not areas; it is not used.")
            % {"name": table.headers[place]}
        )
