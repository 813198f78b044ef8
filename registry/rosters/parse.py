"""Each row by itself: what its cells say, and all that is wrong with them at once."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from registry import codes
from registry.choices import ClusterKind, EndReason, Finality, MemberRole, SourceKind
from registry.rosters import reference as words_of
from registry.rosters import values
from registry.rosters.columns import Table
from registry.rosters.errors import RowRefused
from registry.rosters.reference import Reference
from registry.rosters.vocabulary import COLUMNS, COUNT_FIELDS, MONEY_FIELDS
from registry.rosters.workbook import Cell, is_blank

DEMO_NAME = "示例"
KIND_OF_COLUMN = {
    "cluster": ClusterKind.ADVANCED,
    "strategic": ClusterKind.STRATEGIC,
    "chain": ClusterKind.CHAIN,
}
LENGTHS = {
    "name": 200,
    "address": 300,
    "stock_code": 12,
    "legal_form": 100,
    "item": 200,
    "batch": 60,
    "document": 200,
    "certificate": 60,
    "source": 300,
    "quotation": 300,
    "note": 300,
}
DAYS = frozenset(
    ["founded_on", "closed_on", "announced_on", "valid_from", "valid_to", "ended_on", "day", "published_on"]
)
# An announced title may lack its day, and a yearly figure may be given by its year; what follows decides.
MAY_BE_INCOMPLETE = frozenset(["announced_on", "valid_from", "day"])
END_WORDS = {
    "复核未通过": EndReason.FAILED_REVIEW,
    "未通过复核": EndReason.FAILED_REVIEW,
    "复核不合格": EndReason.FAILED_REVIEW,
    "撤销": EndReason.REVOKED,
    "取消": EndReason.REVOKED,
    "移出": EndReason.REMOVED,
    "退市": EndReason.REMOVED,
    "摘牌": EndReason.REMOVED,
    "晋级": EndReason.GRADUATED,
    "升级": EndReason.GRADUATED,
    "注销": EndReason.DEREGISTERED,
    "迁出": EndReason.LEFT,
    "外迁": EndReason.LEFT,
}
FINALITY_WORDS = {
    "初步": Finality.PRELIMINARY,
    "快报": Finality.PRELIMINARY,
    "preliminary": Finality.PRELIMINARY,
    "最终": Finality.FINAL,
    "年报": Finality.FINAL,
    "final": Finality.FINAL,
}
SOURCE_WORDS = {
    "official": SourceKind.OFFICIAL,
    "官方": SourceKind.OFFICIAL,
    "reprint": SourceKind.REPRINT,
    "转载": SourceKind.REPRINT,
    "media": SourceKind.MEDIA,
    "媒体": SourceKind.MEDIA,
}


@dataclass(slots=True)
class Parsed:
    """What a row says: only what it says, blank cells are absent."""

    number: int
    cells: Sequence[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    refused: str = ""
    remedy: str = ""
    incomplete: dict[str, str] = field(default_factory=dict)


Parser = Callable[[Cell], Any]


class RowParser:
    """Reads the rows of one table."""

    def __init__(self, table: Table, kind: str, reference: Reference) -> None:
        self.table = table
        self.reference = reference
        titles = {column.field: column.title for column in COLUMNS[kind]}
        self.columns: list[tuple[str, int, str, Parser]] = [
            (name, place, titles[name], self._parser(name)) for name, place in table.places.items()
        ]

    def rows(self) -> Iterator[Parsed]:
        for number, cells in self.table.rows:
            yield self._row(Parsed(number, cells))

    def _row(self, row: Parsed) -> Parsed:
        problems: list[str] = []
        wrong: list[str] = []
        width = len(row.cells)
        for name, place, title, parse in self.columns:
            cell = row.cells[place] if place < width else None
            if cell is None or cell == "":
                continue
            try:
                found = parse(cell)
            except values.Incomplete as error:
                if name not in MAY_BE_INCOMPLETE:
                    problems.append(_("%(field)s: %(reason)s") % {"field": title, "reason": error})
                    wrong.append(self.table.headers[place])
                row.incomplete[name] = str(error)
                continue
            except RowRefused as error:
                problems.append(_("%(field)s: %(reason)s") % {"field": title, "reason": error})
                wrong.append(self.table.headers[place])
                continue
            if found not in (None, "", ("", ""), []):
                row.values[name] = found
        self._look_at_identity(row, problems)
        row.refused = " ".join(problems)
        if wrong:
            row.remedy = _("Correct the cells of %(columns)s in row %(row)s.") % {
                "columns": "、".join(f"“{header}”" for header in wrong),
                "row": row.number,
            }
        return row

    def _look_at_identity(self, row: Parsed, problems: list[str]) -> None:
        uscc, number = row.values.pop("code", ("", ""))
        if other := row.values.pop("registration_no", None):
            number = number or other[1]
        if uscc:
            row.values["uscc"] = uscc
        if number:
            row.values["registration_no"] = number
        if uscc[2:8] == codes.DEMO_AUTHORITY or row.values.get("name", "").startswith(DEMO_NAME):
            problems.append(_("This is a made-up enterprise of the demo registry, not a real one."))

    def _parser(self, name: str) -> Parser:
        if name in LENGTHS:
            most = LENGTHS[name]
            return lambda cell: values.text(cell, most=most)
        if name in DAYS:
            return values.day
        if name in MONEY_FIELDS:
            factor = self.table.units[name]
            return lambda cell: values.money(cell, factor)
        if name in COUNT_FIELDS:
            return values.count
        if name in KIND_OF_COLUMN:
            kind = KIND_OF_COLUMN[name]
            return lambda cell: self._clusters(cell, kind)
        return self._others()[name]

    def _others(self) -> dict[str, Parser]:
        return {
            "code": values.code,
            "registration_no": values.code,
            "district": self._district,
            "industry": self._industry,
            "former_names": _names,
            "role": _role,
            "scheme": values.text,
            "level": lambda cell: words_of.level(words) if (words := values.text(cell)) else "",
            "event": values.plain,
            "end_reason": end_reason,
            "year": values.year,
            "above_scale": values.yes_or_no,
            "series": values.text,
            "value": values.number,
            "unit": values.plain,
            "finality": lambda cell: _by_words(cell, FINALITY_WORDS),
            "source_kind": lambda cell: _by_words(cell, SOURCE_WORDS),
        }

    def _district(self, cell: Cell) -> int | None:
        words = values.text(cell)
        return self.reference.district(words) if words else None

    def _industry(self, cell: Cell) -> int | None:
        division = values.industry(cell)
        return self.reference.industry(division) if division else None

    def _clusters(self, cell: Cell, kind: ClusterKind) -> list[int]:
        return [
            self.reference.cluster(words, kind)
            for words in re.split(r"[、;；,，\n]", values.text(cell))
            if words
        ]


def end_reason(cell: Cell) -> EndReason | None:
    """The reason that the words tell; official lists embed them in sentences."""
    found: EndReason | None = _by_words(cell, {**END_WORDS, **{reason.value: reason for reason in EndReason}})
    return found


def _by_words(cell: Cell, known: dict[str, Any]) -> Any:
    found = values.plain(cell)
    if is_blank(found):
        return None
    for word, meaning in known.items():
        if word in found:
            return meaning
    raise RowRefused(
        _("“%(text)s” is not understood. Possible are: %(words)s.")
        % {"text": found, "words": "、".join(word for word in known if not word.isascii())}
    )


def _names(cell: Cell) -> list[str]:
    parts = [part.strip() for part in re.split(r"[、;；,，\n]", values.text(cell))]
    for part in parts:
        values.text(part, most=LENGTHS["name"])
    return [part for part in parts if part]


def _role(cell: Cell) -> MemberRole | None:
    words = values.plain(cell)
    if not words:
        return None
    if words in ("链主", "链主企业", "龙头", "leader") or words in values.YES:
        return MemberRole.LEADER
    if words in ("成员", "成员企业", "配套", "配套企业", "member") or words in values.NO:
        return MemberRole.MEMBER
    raise RowRefused(_("“%(text)s” is no role: 链主 or 成员.") % {"text": words})
