"""What has changed between two positions, page by page."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from registry.feed import positions
from registry.feed.positions import BadPosition, Position
from registry.feed.resources import Followed

WITHIN = """
    {events}.pgh_transaction >= pg_snapshot_xmin(%(after)s::pg_snapshot)::text::bigint
    AND {events}.pgh_transaction < pg_snapshot_xmax(%(upto)s::pg_snapshot)::text::bigint
    AND NOT pg_visible_in_snapshot({events}.pgh_transaction::text::xid8, %(after)s::pg_snapshot)
    AND pg_visible_in_snapshot({events}.pgh_transaction::text::xid8, %(upto)s::pg_snapshot)
"""
# Of what is not in a reader's area nothing is told: so many looks at most before a page goes out as it is.
MOST_LOOKS = 20
KINDS = {"insert": "created", "update": "changed", "delete": "removed"}
READ = """
    SELECT event.pgh_id, event.pgh_label, event.pgh_obj_id, event.version, event.pgh_created_at,
           context.metadata ->> 'request', context.metadata ->> 'token',
           {shape}, {area}, {area_before}, {besides}
      FROM "{table}" AS event LEFT JOIN pghistory_context AS context ON context.id = event.pgh_context_id
     WHERE event.pgh_id > %(last)s AND {within}
     ORDER BY event.pgh_id LIMIT %(limit)s
"""
BEFORE = """(
    SELECT {area} FROM "{table}" AS before WHERE before.pgh_obj_id = event.pgh_obj_id AND before.pgh_id < event.pgh_id
     ORDER BY before.pgh_id DESC LIMIT 1
)"""


@dataclass(frozen=True)
class Page:
    """Changes, the position behind them, and whether there may be more already."""

    changes: list[dict[str, Any]]
    position: Position
    more: bool


@dataclass(frozen=True)
class Reader:
    """Who follows: which tables, in which area (its id), with whole contacts or masked ones."""

    tables: Sequence[Followed]
    area: int | None = None
    contacts: bool = False

    @property
    def mark(self) -> str:
        """A position within a stretch belongs to these tables."""
        return f"{zlib.crc32(','.join(one.name for one in self.tables).encode()):x}"

    def page(self, after: Position, limit: int) -> Page:
        """What follows a position; BadPosition where it is one within a stretch of other tables."""
        if after.upto and after.of != self.mark:
            raise BadPosition
        begun = after if after.upto else replace(after, upto=positions.snapshot(), of=self.mark)
        changes: list[dict[str, Any]] = []
        looks = 0
        for table, last in self._places(begun):
            while True:
                wanted = limit - len(changes)
                if not wanted or looks == MOST_LOOKS:
                    return Page(changes, begun.at(table.name, last), True)
                rows = self._read(table, begun, last, wanted)
                looks += 1
                changes += [told for row in rows if (told := self._told(table, row)) is not None]
                last = rows[-1][0] if rows else last
                if len(rows) < wanted:
                    break
        # behind a stretch that was begun earlier something may have come since
        return Page(changes, begun.done, bool(after.upto))

    def _places(self, begun: Position) -> list[tuple[Followed, int]]:
        """The tables in which something has changed, each with the event after which to go on."""
        names = [one.name for one in self.tables]
        rest = self.tables[names.index(begun.table) + 1 :] if begun.table in names else self.tables
        found = [(one, begun.event) for one in self.tables if one.name == begun.table]
        floors = positions.epoch().floors
        if rest:
            firsts = self._firsts(rest, begun, floors)
            found += [(one, firsts[one.name] - 1) for one in rest if firsts[one.name] is not None]
        return found

    def _firsts(self, tables: Sequence[Followed], begun: Position, floors: dict[str, int]) -> dict[str, Any]:
        parts: list[str] = []
        parameters: dict[str, Any] = {"after": begun.after, "upto": begun.upto}
        for place, one in enumerate(tables):
            parameters |= {f"name{place}": one.name, f"floor{place}": floors.get(one.name, 0)}
            parts.append(
                f'SELECT %(name{place})s, min(event.pgh_id) FROM "{one.events}" AS event '
                f"WHERE {WITHIN.format(events='event')} AND event.pgh_id > %(floor{place})s"
            )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), parameters)
            return dict(cursor.fetchall())

    def _read(self, table: Followed, begun: Position, last: int, limit: int) -> list[Any]:
        area = table.area.format(row="event") if table.area and self.area is not None else "NULL"
        before = table.area.format(row="before") if table.area and self.area is not None else "NULL"
        besides = [f"'{name}', {sql.format(row='event')}" for name, sql in table.besides.items()]
        sql = READ.format(
            table=table.events,
            shape=table.shape("event", contacts=self.contacts),
            area=area,
            area_before=BEFORE.format(area=before, table=table.events) if area != "NULL" else "NULL",
            besides=f"json_build_object({', '.join(besides)})",
            within=WITHIN.format(events="event"),
        )
        parameters: dict[str, Any] = {"after": begun.after, "upto": begun.upto, "last": last, "limit": limit}
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def _told(self, table: Followed, row: Any) -> dict[str, Any] | None:
        """A change as it is told to this reader; None where it is none of theirs."""
        _event, label, pk, version, at, request, token, shape, area, before, besides = row
        kind = KINDS[label]
        if table.area and self.area is not None:
            here, was_here = area == self.area, before == self.area
            if not here and not (was_here and kind == "changed"):
                return None
            if not here:
                kind = "left"
            elif kind == "changed" and not was_here:
                kind = "entered"
        return {
            "resource": table.name,
            "id": pk,
            "change": kind,
            "version": version,
            "at": at,
            "request": request,
            "token": token,
            "merged_into": besides.get("merged_into") if kind == "removed" else None,
            "row": None if kind in ("removed", "left") else shape,
        }
