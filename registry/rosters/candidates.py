"""Enterprises whose names are near a name that matches none, for a person to choose from."""

import re
from collections.abc import Iterable
from typing import TypedDict

from django.db import connection
from rapidfuzz import fuzz

from registry import codes, names
from registry.rosters.parse import DEMO_NAME

# From here on a new enterprise of this name is not made without asking.
NEAR = 80
LOWEST = 50
MOST = 5
CHUNK = 400
# A pair of characters that more names than this hold finds too much to be of use.
COMMON = 2_000
GRAMS = 6
_EVERYWHERE = re.compile("江苏省?|常州市?|中国")
_FORM = re.compile(
    r"(?:集团)?(?:股份有限公司|有限责任公司|股份公司|有限公司|集团公司|总公司|公司|集团|合作社|厂)(?:.{2,8}分公司)?$"
)

FOUND = """
    SELECT asked.place, found.id, found.name, found.uscc, found.bears
      FROM unnest(%s::int[], %s::text[]) AS asked(place, grams)
     CROSS JOIN LATERAL (
        (SELECT id, name, uscc, name AS bears
           FROM registry_enterprise WHERE name_bigrams && string_to_array(asked.grams, ' ') LIMIT 400)
        UNION ALL
        (SELECT enterprise.id, enterprise.name, enterprise.uscc, former.name
           FROM registry_formername AS former JOIN registry_enterprise AS enterprise
             ON enterprise.id = former.enterprise_id
          WHERE former.name_bigrams && string_to_array(asked.grams, ' ') LIMIT 100)
     ) AS found
"""
# The statistics that the planner keeps: how many names hold a pair, for the pairs that many names hold.
FREQUENCIES = """
    SELECT most_common_elems::text::text[], most_common_elem_freqs, greatest(reltuples, 0)
      FROM pg_stats JOIN pg_class ON pg_class.oid = 'registry_enterprise'::regclass
     WHERE tablename = 'registry_enterprise' AND attname = 'name_bigrams' AND schemaname = current_schema()
"""


class Candidate(TypedDict):
    """An enterprise that a row may mean, as it is kept with the row."""

    id: int
    name: str
    uscc: str
    score: int
    by: str


def core(name: str) -> str:
    """What is a name's own in it: without place and legal form, in which most names agree."""
    key = names.key(name)
    own = _FORM.sub("", _EVERYWHERE.sub("", key))
    return own if len(own) >= 2 else key


def score(name: str, other: str) -> int:
    """0 to 100, mostly by the core; a short name that stands whole in the other is near.

    The first two characters are the name that people gave it (字号), what follows is its trade: where the
    two differ, the names are those of two enterprises of one trade, and never near.
    """
    mine, theirs = core(name), core(other)
    whole = fuzz.ratio(names.key(name), names.key(other))
    found = 0.7 * fuzz.ratio(mine, theirs) + 0.3 * whole
    if min(len(mine), len(theirs)) >= 3 and (mine in theirs or theirs in mine):
        return min(round(max(found, NEAR + 5)), 99)
    highest = 99 if mine[:2] == theirs[:2] else NEAR - 1
    return min(round(found), highest)


def near(asked: Iterable[str]) -> dict[str, list[Candidate]]:
    """The best candidates for each name, in a few statements for all of them."""
    wanted = sorted(set(asked))
    if not wanted:
        return {}
    counts = _frequencies()
    found: dict[str, list[Candidate]] = {name: [] for name in wanted}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        grams = [" ".join(_telling_grams(name, counts)) for name in chunk]
        with connection.cursor() as cursor:
            cursor.execute(FOUND, [list(range(len(chunk))), grams])
            for place, pk, name, uscc, bears in cursor.fetchall():
                _keep(found[chunk[place]], chunk[place], pk, name, uscc or "", bears)
    return {name: _best(rows) for name, rows in found.items()}


def _keep(kept: list[Candidate], asked: str, pk: int, name: str, uscc: str, bears: str) -> None:
    if name.startswith(DEMO_NAME) or uscc[2:8] == codes.DEMO_AUTHORITY:
        return
    points = score(asked, bears)
    if points >= LOWEST:
        by = "name" if bears == name else "former_name"
        kept.append({"id": pk, "name": name, "uscc": uscc, "score": points, "by": by})


def _best(rows: list[Candidate]) -> list[Candidate]:
    by_enterprise: dict[int, Candidate] = {}
    for row in sorted(rows, key=lambda row: (-row["score"], row["id"])):
        by_enterprise.setdefault(row["id"], row)
    return list(by_enterprise.values())[:MOST]


def _frequencies() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(FREQUENCIES)
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return {}
    grams, shares, total = row
    return {gram: share * total for gram, share in zip(grams, shares, strict=False)}


def _telling_grams(name: str, counts: dict[str, float]) -> list[str]:
    """The pairs of characters that few names hold; at least the two rarest."""
    own = core(name)
    grams = list(dict.fromkeys(own[place : place + 2] for place in range(max(len(own) - 1, 1))))
    grams.sort(key=lambda gram: counts.get(gram, 0))
    rare = [gram for gram in grams if counts.get(gram, 0) <= COMMON]
    return rare[:GRAMS] or grams[:2]
