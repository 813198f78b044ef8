"""Enterprises as columns: where each is on a day, whether it exists, in which main clusters it is.

The same as the statements of `targets.measure.places`, for numbers that are counted in this process.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from registry import state, validity
from registry.models import District, Enterprise, Membership, Relocation
from targets.measure import since
from targets.measure.columns import (
    DAY,
    NEVER,
    SINCE,
    UNTIL,
    Chosen,
    Columns,
    Numbers,
    Positions,
    Source,
    apart,
    ask,
    both,
    column,
)

Found = TypeVar("Found")
Indices = npt.NDArray[np.int16]  # of areas or clusters, see Index

ENTERPRISES: Source = ("enterprises",)
MEMBERS: Source = ("members",)

# Where ids lie closer than that on the average, a table of them is ten times as quick as searching.
GAPS = 20
PARTS: dict[Source, tuple[str, ...]] = {
    ENTERPRISES: (state.EVERYTHING, state.ENTERPRISES),
    MEMBERS: (state.EVERYTHING, state.MEMBERS),
}

# What few of them have is told of those alone: each number that is read costs as much as reading its row.
ROWS = f"""
    SELECT {column("id")}, {column("coalesce(district_id, 0)")},
           {column("id", "closed_on IS NOT NULL")}, {column(DAY.format(day="closed_on"), "closed_on IS NOT NULL")},
           {column("id", "parent_id IS NOT NULL")},
           (SELECT {column("id")} FROM registry_district)
      FROM registry_enterprise WHERE {{only}}
"""
SPAN = column(both(SINCE.format(day="since"), UNTIL.format(day="until")))
# Where those that have moved were; where all are now stands with them.
STAYS = f"""
    SELECT {column("enterprise_id")}, {column("coalesce(district_id, 0)")}, {SPAN}
      FROM ({validity.STAYS}) stay WHERE NOT present AND {{only}}
"""
MEMBERSHIPS = f"""
    SELECT kind, main, role, cluster_id, {column("enterprise_id")}, {SPAN}
      FROM registry_membership WHERE {{only}} GROUP BY kind, main, role, cluster_id
"""


class Unknown(LookupError):
    """Enterprises that were entered after these were read: a new one alone changes no answer, so nothing told of it."""

    def __init__(self, ids: Numbers) -> None:
        super().__init__(len(ids))
        self.ids = ids


class Placed:
    """The places of some enterprises, looked up once as long as no other is entered."""

    def __init__(self, ids: Numbers) -> None:
        self.ids = ids
        self._found: tuple[Numbers, Positions] | None = None

    def among(self, enterprises: "Enterprises") -> Positions:
        """`Unknown` where some of them are not there."""
        found = self._found
        if found is None or found[0] is not enterprises.ids:
            found = (enterprises.ids, enterprises.places_of(self.ids))
            self._found = found
        return found[1]


@dataclass(frozen=True)
class Stays:
    """Of some enterprises the index of an area or cluster from `since` to the day before `until`."""

    of: Placed
    index: Indices
    since: Positions
    until: Positions

    def during(self, day: int) -> Chosen:
        return (self.since <= day) & (day < self.until)

    def on(self, day: int, among: "Enterprises", otherwise: Indices) -> Indices:
        """For every enterprise the one of the day, or what it is `otherwise`."""
        then = self.during(day)
        found = otherwise.copy()
        found[self.of.among(among)[then]] = self.index[then]
        return found

    @property
    def nbytes(self) -> int:
        return self.index.nbytes + 5 * self.since.nbytes  # with ids and places


class Index:
    """Few ids (of areas, of clusters) by small numbers; 0 is none of them."""

    def __init__(self, ids: Numbers) -> None:
        self.ids = np.sort(ids)

    def __len__(self) -> int:
        return len(self.ids) + 1

    def id_of(self, place: int) -> int | None:
        return int(self.ids[place - 1]) if place else None

    def place_of(self, one: int) -> int:
        """The number of an id; -1 of one that is not there."""
        return int(self.of(np.array([one]))[0]) if one in self.ids else -1

    def of(self, ids: Numbers) -> Indices:
        """0 in place of an id is none."""
        found = np.searchsorted(self.ids, ids).astype(np.int16) + np.int16(1)
        found[ids == 0] = 0
        return found

    def counted(self, places: Indices) -> dict[int | None, int]:
        """How often each stands there, by its id; None is none."""
        numbers = np.bincount(places, minlength=1)
        return {self.id_of(place): int(numbers[place]) for place in np.flatnonzero(numbers).tolist()}


@dataclass(frozen=True)
class Enterprises:
    """All enterprises in the order of their ids; elsewhere one of them is told by its place in it."""

    ids: Numbers
    closed: Numbers
    heads_a_group: Chosen
    present: Indices
    earlier: Stays
    districts: Index

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        own = self.ids.nbytes + self.closed.nbytes + self.heads_a_group.nbytes + self.present.nbytes
        return own + self.earlier.nbytes

    def places_of(self, ids: Numbers) -> Positions:
        """The places of some ids; `Unknown` with those that are not there."""
        places = np.full(len(ids), -1, np.int32)
        inside = (ids >= self.ids[0]) & (ids <= self.ids[-1]) if len(self) else np.zeros(len(ids), np.bool_)
        if len(self._by_id):
            places[inside] = self._by_id[ids[inside] - self.ids[0]]
        else:
            places[inside] = np.searchsorted(self.ids, ids[inside])
            inside[inside] = self.ids[places[inside]] == ids[inside]
            places[~inside] = -1
        if (places < 0).any():
            raise Unknown(np.unique(ids[places < 0]))
        return places

    @cached_property
    def _by_id(self) -> Positions:
        """The place of each id from the first on, -1 of none; empty where ids lie too far from each other."""
        span = int(self.ids[-1] - self.ids[0]) + 1 if len(self) else 0
        if not span or span > GAPS * len(self):
            return np.empty(0, np.int32)
        table = np.full(span, -1, np.int32)
        table[self.ids - self.ids[0]] = np.arange(len(self), dtype=np.int32)
        return table


class Group(NamedTuple):
    """Memberships of one kind of cluster and one role, as the main cluster of that kind or besides."""

    kind: str
    main: bool
    role: str


@dataclass(frozen=True)
class Members:
    """The clusters of enterprises."""

    groups: dict[Group, Stays]
    clusters: Index

    @property
    def nbytes(self) -> int:
        return sum(stays.nbytes for stays in self.groups.values())


@dataclass(frozen=True)
class Situation:
    """For each enterprise the index of its area, and of its main cluster of each kind, on a day."""

    day: int
    enterprises: Enterprises
    members: Members
    districts: Indices
    clusters: dict[str, Indices]
    exists: Chosen

    def areas_of(self, ids: Numbers) -> list[int | None]:
        """The ids of the areas of some enterprises."""
        areas = self.enterprises.districts
        return [areas.id_of(int(place)) for place in self.districts[self.enterprises.places_of(ids)]]

    def differs(self, other: "Situation") -> Chosen:
        """Of every enterprise whether it is in another area or main cluster in another situation."""
        found: Chosen = self.districts != other.districts
        for kind, clusters in self.clusters.items():
            found |= clusters != other.clusters[kind]
        return found

    def is_in(self, cluster: int) -> Chosen:
        """Of every enterprise whether a cluster is one of its main ones."""
        place = self.members.clusters.place_of(cluster)
        found = np.zeros(len(self.enterprises), np.bool_)
        for clusters in self.clusters.values():
            found |= clusters == place
        return found

    def in_clusters(self, places: Numbers) -> dict[int, int]:
        """How many of some enterprises are in each main cluster, by its id."""
        counted = [self.members.clusters.counted(clusters[places]) for clusters in self.clusters.values()]
        return {
            cluster: number
            for of_kind in counted
            for cluster, number in of_kind.items()
            if cluster is not None
        }

    def belonging(self, group: Group) -> dict[tuple[int, int | None], int]:
        """How many enterprises that exist belong to each cluster, by its id and that of the area."""
        stays, areas = self.members.groups[group], self.enterprises.districts
        of = stays.of.among(self.enterprises)
        there = stays.during(self.day) & self.exists[of]
        numbers = np.bincount(stays.index[there].astype(np.int32) * len(areas) + self.districts[of[there]])
        found = {}
        for place in np.flatnonzero(numbers).tolist():
            cluster, area = divmod(place, len(areas))
            found[int(self.members.clusters.ids[cluster - 1]), areas.id_of(area)] = int(numbers[place])
        return found


class Situations:
    """What depends on the day alone, made once for all rules of an answer."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._made: dict[tuple[int, dt.date], Situation] = {}

    def of(self, among: Enterprises, day: dt.date) -> Situation:
        key = (id(among), day)  # which stay alive in their situation
        if key not in self._made:
            self._made[key] = self._on(among, day.toordinal())
        return self._made[key]

    def _on(self, among: Enterprises, day: int) -> Situation:
        members: Members = self._columns[MEMBERS]
        nowhere = np.zeros(len(among), np.int16)
        clusters: dict[str, Indices] = {}
        for group, stays in members.groups.items():
            if group.main:
                clusters[group.kind] = stays.on(day, among, clusters.get(group.kind, nowhere))
        return Situation(
            day,
            among,
            members,
            districts=among.earlier.on(day, among, among.present),
            clusters=clusters,
            exists=among.closed > day,
        )


# Reading them


def read(columns: Columns) -> list[Callable[[], None]]:
    """Pieces of work after which the enterprises and their clusters are among the columns, where they are not."""
    works = {ENTERPRISES: _read, MEMBERS: _read_members}
    _take_from_now(columns)
    return [partial(works[one], columns) for one in columns.missing(PARTS)]


def _take_from_now(columns: Columns) -> None:
    """As known at a moment, what is made of the columns of now without reading more than has changed since."""
    kept = columns.of_now(PARTS)
    then: dict[Source, Any] = {}
    if MEMBERS in kept and since.unchanged(Membership):
        then[MEMBERS] = kept[MEMBERS]
    if ENTERPRISES in kept and since.unchanged(District):
        found = _then(kept[ENTERPRISES])
        if found is not None:
            then[ENTERPRISES] = found
    columns.take(then, PARTS.__getitem__)


def _then(of: Enterprises) -> Enterprises | None:
    """All as they were known; those entered since stay among them, as nothing is told of them."""

    def told(changed: Q) -> Any:
        return Enterprise.objects.filter(changed).values_list("pk", "district", "closed_on", "parent")

    def moved(changed: Q) -> Any:
        return Relocation.objects.filter(changed).order_by().values_list("enterprise", flat=True)

    versions, movers = since.versions(Enterprise, told), since.versions(Relocation, moved)
    if versions is None or movers is None:
        return None
    now, then = ({pk: told for pk, *told in rows} for rows in versions)
    if not then.keys() <= now.keys():  # one was deleted since
        return None
    differing = [pk for pk, known in then.items() if known != now[pk]]
    try:
        places = of.places_of(np.array(differing, np.int64))
    except Unknown:
        return None
    closed, heads_a_group, present = of.closed.copy(), of.heads_a_group.copy(), of.present.copy()
    for place, pk in zip(places.tolist(), differing, strict=True):
        area, closed_on, parent = then[pk]
        closed[place] = closed_on.toordinal() if closed_on else NEVER
        heads_a_group[place] = parent is None
        present[place] = of.districts.place_of(area) if area else 0
    earlier = _earlier(of, sorted({pk for rows in movers for pk in rows}))
    return replace(of, closed=closed, heads_a_group=heads_a_group, present=present, earlier=earlier)


def _earlier(of: Enterprises, movers: list[int]) -> Stays:
    """Where enterprises were before, of some of them as it was known."""
    if not movers:
        return of.earlier
    ((ids, were, spans),) = ask(STAYS.format(only="enterprise_id = ANY(%(movers)s)"), {"movers": movers})
    others = ~np.isin(of.earlier.of.ids, movers)
    since_, until = apart(spans)
    return Stays(
        Placed(np.concatenate([of.earlier.of.ids[others], ids])),
        np.concatenate([of.earlier.index[others], of.districts.of(were)]),
        np.concatenate([of.earlier.since[others], since_]),
        np.concatenate([of.earlier.until[others], until]),
    )


def placed(columns: Columns, look: Callable[[Enterprises], Found]) -> Found:
    """What is found among the enterprises; once more where some were entered since these were read."""
    for work in read(columns):
        work()
    try:
        return look(columns[ENTERPRISES])
    except Unknown as unknown:
        _read(columns, unknown.ids)
        return look(columns[ENTERPRISES])


def _read(columns: Columns, also: Numbers | None = None) -> None:
    """With those that were entered since; `also` with some that nobody has entered, which are nowhere.

    A writer may enter a title before its enterprise: foreign keys are checked at the end of its transaction.
    """
    ((ids, areas, gone, closed_on, with_parent, districts),) = ask(ROWS.format(only=columns.only_of("id")))
    if also is not None:
        lacking = np.setdiff1d(also, ids)
        ids, areas = np.concatenate([ids, lacking]), np.concatenate([areas, np.zeros_like(lacking)])
    # which is quick where they lie in their order, as they were entered
    order = np.argsort(ids, kind="stable")
    ids = _same(ids[order])
    closed, heads_a_group = np.full(len(ids), NEVER, np.int64), np.ones(len(ids), np.bool_)
    closed[np.searchsorted(ids, gone)] = closed_on
    heads_a_group[np.searchsorted(ids, with_parent)] = False
    index = Index(districts)
    ((movers, were, spans),) = ask(STAYS.format(only=columns.only_of("enterprise_id")))
    earlier = Stays(Placed(movers), index.of(were), *apart(spans))
    found = Enterprises(ids, closed, heads_a_group, index.of(areas[order]), earlier, index)
    columns.take({ENTERPRISES: found}, PARTS.__getitem__)


def _read_members(columns: Columns) -> None:
    rows = ask(MEMBERSHIPS.format(only=columns.only_of("enterprise_id")))
    index = Index(np.unique(np.array([cluster for _kind, _main, _role, cluster, *_of in rows], np.int64)))
    by_group: dict[Group, list[tuple[int, Numbers, Numbers]]] = defaultdict(list)
    for kind, main, role, cluster, of, spans in rows:
        by_group[Group(kind, main, role)].append((cluster, of, spans))
    found = {}
    for group, own in by_group.items():
        clusters, enterprises, spans = zip(*own, strict=True)
        ids = np.repeat(clusters, [len(each) for each in enterprises])
        found[group] = Stays(
            Placed(np.concatenate(enterprises)), index.of(ids), *apart(np.concatenate(spans))
        )
    columns.take({MEMBERS: Members(found, index)}, PARTS.__getitem__)


# The ids that were read last: where they are the same, so are all places.
_last: list[Numbers] = [np.empty(0, np.int64)]


def _same(ids: Numbers) -> Numbers:
    if not np.array_equal(_last[0], ids):
        _last[0] = ids
    return _last[0]
