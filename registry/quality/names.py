"""The mark of names and codes, and the pairs of enterprises that look alike."""

import re
from collections import defaultdict
from dataclasses import dataclass

from registry.quality.checks import Scope
from registry.quality.memory import remembered
from registry.reading import connection
from registry.rosters.candidates import NEAR, core, score

# In one pass over the table: the state of the facts does not tell of names and codes, as no number depends on them.
FINGERPRINT = """
    SELECT (SELECT (count(*), bit_xor(hashtextextended(concat_ws('|', id, name, coalesce(uscc, '-'),
                    uscc_confirmed, registration_no, district_id, founded_on, closed_on), 0)))::text
              FROM registry_enterprise),
           (SELECT (count(*), bit_xor(hashtextextended(concat_ws('|', id, enterprise_id, name), 0)))::text
              FROM registry_formername)
"""
# Enterprises that exist, as only they are merged; what has closed stands rightly beside what came after it.
SAME = """
    WITH open AS MATERIALIZED (
        SELECT id, name_key, registration_no FROM registry_enterprise WHERE closed_on IS NULL
    )
    SELECT 'number', one.id, other.id
      FROM open AS one JOIN open AS other USING (registration_no)
     WHERE one.id < other.id AND registration_no <> ''
    UNION ALL
    SELECT 'name', one.id, other.id FROM open AS one JOIN open AS other USING (name_key) WHERE one.id < other.id
    UNION ALL
    SELECT 'former_name', least(one.id, former.enterprise_id), greatest(one.id, former.enterprise_id)
      FROM registry_formername AS former
      JOIN open AS one ON one.name_key = former.name_key AND one.id <> former.enterprise_id
      JOIN open AS other ON other.id = former.enterprise_id
"""
OPEN = """
    SELECT id, district_id, name, uscc IS NULL FROM registry_enterprise
     WHERE closed_on IS NULL AND district_id IS NOT NULL
"""
# A name of which so many begin alike is no name of its own.
LARGEST_BLOCK = 2_000
# 第一分厂 and 第二分厂 are two.
_NUMERALS = re.compile(r"[0-9一二三四五六七八九十]")
REASONS = ("number", "name", "former_name", "near")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two enterprises that look alike, the smaller id first."""

    first: int
    second: int
    by: str
    points: int = 100


def fingerprint() -> tuple[str, str]:
    """Different whenever a name, code, number, area or closing of any enterprise is."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        found: tuple[str, str] = cursor.fetchone()
        return found


def mark(scope: Scope) -> tuple[str, str]:
    """The fingerprint, taken once a page."""
    if "names" not in scope.marks:
        scope.marks["names"] = fingerprint()
    found: tuple[str, str] = scope.marks["names"]
    return found


def pairs(scope: Scope) -> list[Pair]:
    """All pairs of the whole city, the surest first; found once for each state of names and codes."""
    found: list[Pair] = remembered("pairs", mark(scope), _pairs)
    return found


def _pairs() -> list[Pair]:
    with connection.cursor() as cursor:
        cursor.execute(SAME)
        same = [Pair(first, second, by) for by, first, second in cursor.fetchall()]
        cursor.execute(OPEN)
        rows = cursor.fetchall()
    best: dict[tuple[int, int], Pair] = {}
    for pair in sorted([*same, *_near(rows)], key=lambda pair: (REASONS.index(pair.by), -pair.points)):
        best.setdefault((pair.first, pair.second), pair)
    return list(best.values())


def _near(rows: list[tuple[int, int, str, bool]]) -> list[Pair]:
    """Near names in one area; two that both have a code are two legal persons, whatever their names.

    Only names whose own part begins alike can be near (see `candidates.score`): that makes the blocks.
    """
    blocks: dict[tuple[int, str], list[tuple[int, str, bool]]] = defaultdict(list)
    for pk, district, name, has_none in rows:
        blocks[district, core(name)[:2]].append((pk, name, has_none))
    found = []
    for block in blocks.values():
        uncoded = [row for row in block if row[2]]
        if not uncoded or not 1 < len(block) <= LARGEST_BLOCK:
            continue
        for pk, name, _has_none in uncoded:
            for other, theirs, is_uncoded in block:
                # two without a code are met twice: once is enough
                if other == pk or (is_uncoded and other < pk):
                    continue
                points = score(name, theirs)
                if points >= NEAR and _NUMERALS.findall(name) == _NUMERALS.findall(theirs):
                    found.append(Pair(min(pk, other), max(pk, other), "near", points))
    return found
