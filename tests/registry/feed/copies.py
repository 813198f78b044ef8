"""A copy of the registry as another system keeps it: begun by exports, carried on by changes."""

import json
from typing import Any

from registry.feed.changes import Reader
from registry.feed.exports import Export
from registry.feed.positions import Position
from registry.feed.resources import FOLLOWED, Followed

Rows = dict[tuple[str, int], dict[str, Any]]


def exported(table: Followed, area: int | None = None) -> tuple[Rows, Position]:
    export = Export(table, area=area)
    lines = b"".join(export).decode().splitlines()
    export.close()
    rows = [json.loads(line) for line in lines]
    return {(table.name, row["id"]): row for row in rows}, export.position


def registry(area: int | None = None) -> Rows:
    """All rows as they stand now."""
    return {key: row for table in FOLLOWED for key, row in exported(table, area)[0].items()}


class Copy:
    """Follows some tables, a few changes at a time."""

    def __init__(self, position: Position, *, area: int | None = None, tables: Any = FOLLOWED) -> None:
        self.position = position
        self.reader = Reader(tables, area)
        self.rows: Rows = {}
        self.told: list[dict[str, Any]] = []

    def follow(self, limit: int = 3) -> list[dict[str, Any]]:
        """Take over what has changed; what was told."""
        told: list[dict[str, Any]] = []
        while True:
            page = self.reader.page(self.position, limit)
            assert len(page.changes) <= limit
            self.position = page.position
            told += page.changes
            if not page.more:
                break
        for change in told:
            self._apply(change)
        self.told += told
        return told

    def _apply(self, change: dict[str, Any]) -> None:
        key = (change["resource"], change["id"])
        if change["row"] is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = change["row"]


def steps(told: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(change["resource"], change["id"], change["change"]) for change in told]
