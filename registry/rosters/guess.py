"""What a list probably is, from its columns, its heading and the name of its file; a person corrects it."""

import re

from registry import names
from registry.choices import Level, RosterKind
from registry.rosters import columns, values
from registry.rosters.columns import Survey
from registry.rosters.reference import Reference, SchemeInfo
from registry.rosters.vocabulary import FIGURES, IDENTITY, STATISTICS, TITLES
from registry.rosters.workbook import Sheet

DOCUMENT = re.compile(r"[\u4e00-\u9fff]{2,16}[〔\[（(【]\s*(?:19|20)\d{2}\s*[〕\]）)】]\s*\d{1,4}\s*号")
BATCH = re.compile(r"第[一二三四五六七八九十百\d]{1,4}批")
WORDS_OF_TITLES = ("认定", "公布", "公示", "名单", "称号", "复核", "入选")
_NAMES = frozenset(["name", "code"])
OWN = {
    RosterKind.STATISTICS: {column.field for column in STATISTICS},
    RosterKind.ANNUAL_FIGURES: {column.field for column in FIGURES} - {"source"},
    RosterKind.DESIGNATIONS: {column.field for column in TITLES} - {"source", "note"},
    RosterKind.ENTERPRISES: {column.field for column in IDENTITY} - _NAMES - {"district"},
}


def heading(sheet: Sheet, first: int, file_name: str) -> str:
    """The words above the table, and the name of the file."""
    above = [values.text(cell) for _number, cells in sheet.rows[: max(first - 1, 0)] for cell in cells]
    return " ".join([*filter(None, above), file_name])


def kind_of(surveys: dict[str, Survey], words: str) -> str:
    """The kind whose own columns the list has; a list of mere names grants titles if its heading says so."""
    if surveys[RosterKind.STATISTICS].is_complete():
        return RosterKind.STATISTICS
    figures = surveys[RosterKind.ANNUAL_FIGURES]
    if figures.is_complete() and len(figures.places.keys() & OWN[RosterKind.ANNUAL_FIGURES]) > 1:
        return RosterKind.ANNUAL_FIGURES
    titles = len(surveys[RosterKind.DESIGNATIONS].places.keys() & OWN[RosterKind.DESIGNATIONS])
    plain = len(surveys[RosterKind.ENTERPRISES].places.keys() & OWN[RosterKind.ENTERPRISES])
    if titles and titles >= plain:
        return RosterKind.DESIGNATIONS
    if plain:
        return RosterKind.ENTERPRISES
    said = any(word in words for word in WORDS_OF_TITLES)
    return RosterKind.DESIGNATIONS if said else RosterKind.ENTERPRISES


def surveys_of(sheet: Sheet) -> dict[str, Survey]:
    return {kind: columns.survey(sheet, kind) for kind in RosterKind.values}


def options_of(words: str, known: Reference) -> dict[str, str]:
    """Scheme, level, batch and document that a heading names, where it names one and no more."""
    found: dict[str, str] = {}
    scheme = _scheme_in(words, known)
    if scheme is not None:
        found["scheme"] = scheme.code
        levels = [one.value for one in Level if one.chinese in words and one.value in scheme.levels]
        if len(levels) == 1:
            found["level"] = levels[0]
    if document := DOCUMENT.search(words):
        found["document"] = document[0]
    if batch := BATCH.search(words):
        found["batch"] = batch[0]
    return found


def _scheme_in(words: str, known: Reference) -> SchemeInfo | None:
    """The scheme with the longest name in the words; none where two are as long."""
    key = names.key(words)
    named = [(len(name), scheme) for name, scheme in known.schemes.items() if len(name) >= 3 and name in key]
    if not named:
        return None
    longest = max(length for length, _scheme in named)
    best = {scheme.code: scheme for length, scheme in named if length == longest}
    return next(iter(best.values())) if len(best) == 1 else None
