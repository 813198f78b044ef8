"""Which enterprise a row means: by code, else by name or former name; never guessed.

All rows of a list are looked up together; `find` then answers from memory.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from registry import codes, names
from registry.rosters import ledger
from registry.rosters.candidates import Candidate
from registry.rosters.ledger import IDS, TEXTS, Record
from registry.rosters.parse import DEMO_NAME, Parsed

FOUND = f"""
    fact.id IN (
        SELECT id FROM registry_enterprise WHERE uscc = ANY({TEXTS})
        UNION SELECT id FROM registry_enterprise
               WHERE registration_no <> '' AND registration_no = ANY({TEXTS})
        UNION SELECT id FROM registry_enterprise WHERE name_key = ANY({TEXTS})
        UNION SELECT enterprise_id FROM registry_formername WHERE name_key = ANY({TEXTS})
        UNION SELECT unnest({IDS})
    )
"""
FORMER = f"SELECT enterprise_id, name_key FROM registry_formername WHERE enterprise_id = ANY({IDS})"
BRIEF = ["name", "uscc", "registration_no", "district_id", "stock_code", "closed_on"]


@dataclass(slots=True)
class Match:
    """The enterprise that a row means; or, with a reason, those that it might mean; or nothing."""

    record: Record | None = None
    by: str = ""
    reason: str = ""
    candidates: list[Candidate] = field(default_factory=list)


class Directory:
    """The enterprises that the rows of a list may mean, stored ones and those that the list would make."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self._by_code: dict[str, Record] = {}
        self._by_number: dict[str, set[int]] = defaultdict(set)
        self._by_key: dict[str, set[int]] = defaultdict(set)
        self._by_former: dict[str, set[int]] = defaultdict(set)
        self.former_keys: dict[int, set[str]] = defaultdict(set)
        # a name is compared several times over, and lists and registry write most names alike
        self._key = cache(names.key)

    def load(self, rows: Iterable[Parsed], chosen: list[int], *, whole: bool) -> None:
        """Look up all rows, and the enterprises that a person chose; `whole` reads every column."""
        uscc, numbers, keys = map(ledger.listed, self._identities(rows))
        found = ledger.load(
            "enterprise",
            FOUND,
            [uscc, numbers, keys, keys, ledger.listed(chosen)],
            only=None if whole else BRIEF,
        )
        for record in found:
            if not _is_demo(record):
                self.add(record)
        with connection.cursor() as cursor:
            cursor.execute(FORMER, [ledger.listed(self.records)])
            for enterprise, key in cursor.fetchall():
                self.add_former(enterprise, key)

    def _identities(self, rows: Iterable[Parsed]) -> tuple[set[str], set[str], set[str]]:
        uscc, numbers, keys = set(), set(), set()
        for row in rows:
            if "uscc" in row.values:
                uscc.add(row.values["uscc"])
            if "registration_no" in row.values:
                numbers.add(row.values["registration_no"])
            for name in (row.values.get("name"), *row.values.get("former_names", ())):
                if name:
                    keys.add(self._key(name))
        return uscc, numbers, keys

    def add(self, record: Record) -> None:
        """Make a record findable under its present code, number and name."""
        self.records[record.id] = record
        if record.values.get("uscc"):
            self._by_code[record.values["uscc"]] = record
        if record.values.get("registration_no"):
            self._by_number[record.values["registration_no"]].add(record.id)
        self._by_key[self._key(record.values["name"])].add(record.id)

    def add_former(self, enterprise: int, key: str) -> None:
        self._by_former[key].add(enterprise)
        self.former_keys[enterprise].add(key)

    def renamed(self, record: Record, old_name: str) -> None:
        key = self._key(old_name)
        self._by_key[key].discard(record.id)
        self.add(record)
        self.add_former(record.id, key)

    # Answers

    def has_code(self, uscc: str) -> bool:
        return uscc in self._by_code

    def knows(self, row: dict[str, Any]) -> bool:
        """Whether anything answers to the row, be it one or several."""
        key = self._key(row.get("name", ""))
        return (
            row.get("uscc") in self._by_code
            or row.get("registration_no") in self._by_number
            or key in self._by_key
            or key in self._by_former
            or any(self._named(name) for name in row.get("former_names", ()))
        )

    def find(self, row: dict[str, Any]) -> Match:
        """By the code; else by the name, present or former; else by a former name that the row states."""
        key = self._key(row.get("name", ""))
        by_code = self._coded(row)
        if by_code is not None:
            return self._with_code(by_code, key)
        by_number = self._by_number.get(row.get("registration_no", ""), set())
        if by_number:
            found = self._one_of(by_number, row, "code")
            return self._with_code(found.record, key) if found.record else found
        named = self._keyed(key) if key else set()
        if named:
            return self._one_of(named, row, "name")
        stated = {enterprise for name in row.get("former_names", ()) for enterprise in self._named(name)}
        return self._one_of(stated, row, "former_name") if stated else Match()

    def _coded(self, row: dict[str, Any]) -> Record | None:
        return self._by_code.get(row["uscc"]) if "uscc" in row else None

    def _named(self, name: str) -> set[int]:
        return self._keyed(self._key(name))

    def _keyed(self, key: str) -> set[int]:
        """Who bears or bore the name of a key."""
        return self._by_key.get(key, set()) | self._by_former.get(key, set())

    def _with_code(self, record: Record, key: str) -> Match:
        bears_name = (
            not key or self._key(record.values["name"]) == key or key in self.former_keys.get(record.id, ())
        )
        others = set() if bears_name else self._keyed(key) - {record.id}
        if not others:
            return Match(record, "code")
        reason = _("The code and the name belong to two different enterprises.")
        candidates = [
            self._candidate(record.id, "code"),
            *(self._candidate(pk, "name") for pk in sorted(others)),
        ]
        return Match(reason=reason, candidates=candidates)

    def _one_of(self, found: set[int], row: dict[str, Any], by: str) -> Match:
        candidates = [self._candidate(pk, by) for pk in sorted(found)]
        if len(found) > 1:
            return Match(reason=_("Several enterprises bear this name."), candidates=candidates)
        record = self.records[next(iter(found))]
        known = record.values.get("uscc")
        if "uscc" in row and known and known != row["uscc"]:
            reason = _("An enterprise of this name is registered under another code, %(code)s.") % {
                "code": known
            }
            return Match(reason=reason, candidates=candidates)
        number = record.values.get("registration_no")
        if by == "name" and "registration_no" in row and number and number != row["registration_no"]:
            reason = _("An enterprise of this name has another old number, %(code)s.") % {"code": number}
            return Match(reason=reason, candidates=candidates)
        return Match(record, by)

    def _candidate(self, pk: int, by: str) -> Candidate:
        values = self.records[pk].values
        return {"id": pk, "name": values["name"], "uscc": values.get("uscc") or "", "score": 100, "by": by}


def _is_demo(record: Record) -> bool:
    """Demo data goes when the first real list comes: no row of a real list may mean it."""
    uscc = record.values.get("uscc") or ""
    return uscc[2:8] == codes.DEMO_AUTHORITY or record.values["name"].startswith(DEMO_NAME)
