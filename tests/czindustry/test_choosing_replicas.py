"""Which replica may be read from, by what its looks have found."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import OperationalError

from czindustry import replicas
from czindustry.replicas import REPLAYED, WRITTEN, Replica, Router
from registry.models import ApiToken, Designation, Enterprise, User
from registry.reading import PRIMARY, alias, reading_from
from targets.models import Target

DEAD = None


@dataclass
class Clock:
    """Of the looks; nobody waits."""

    seconds: float = 1_000.0

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Told(Replica):
    """A replica whose positions, and those of the primary, the test tells."""

    positions: dict[str, int | None] = field(default_factory=dict)

    def __init__(self) -> None:
        super().__init__("replica1")
        self.positions = {}

    def ask(self, name: str, position: str) -> int:
        found = self.positions[position]
        if found is DEAD:
            raise OperationalError("it does not answer")
        return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Clock:
    clock = Clock()
    monkeypatch.setattr(replicas, "time", clock)
    settings.REPLICA_LAG = 10
    return clock


# Looks one after the other: (seconds since the one before, how far the primary is, how far the replica), and whether
# it may be read from then.
LOOKS: dict[str, list[tuple[int, int, int | None, bool]]] = {
    "it has all": [(0, 100, 100, True), (1, 200, 200, True)],
    "nobody knows since when": [(0, 100, 50, False), (1, 200, 90, False), (1, 300, 100, True)],
    "a little behind": [(0, 100, 100, True), (1, 200, 100, True), (10, 300, 100, True)],
    "too far behind": [(0, 100, 100, True), (1, 200, 100, True), (11, 300, 100, False), (1, 300, 300, True)],
    "it stands still, and so does the primary": [(0, 100, 100, True), (60, 100, 100, True)],
    "far behind, and coming nearer": [
        *[(0, 100, 100, True), (5, 200, 100, True), (5, 300, 100, True), (6, 400, 100, False)],
        *[(1, 500, 250, True), (1, 600, 600, True)],
    ],
    "dead": [(0, 100, 100, True), (1, 100, DEAD, False), (1, 100, 100, True)],
    "ahead: it replays what the primary has not yet told": [(0, 100, 101, True)],
}


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
def test_a_replica_is_read_from_while_it_is_close_behind(
    looks: list[tuple[int, int, int | None, bool]], clock: Clock
) -> None:
    replica = Told()
    for place, (later, written, replayed, usable) in enumerate(looks):
        clock.seconds += later
        replica.positions = {WRITTEN: written, REPLAYED: replayed}
        replica.look()
        assert replica.is_usable == usable, place


def test_while_one_is_dead_nothing_piles_up(clock: Clock) -> None:
    replica = Told()
    for written in range(1_000):
        clock.seconds += 1
        replica.positions = {WRITTEN: written, REPLAYED: DEAD}
        replica.look()
    assert len(replica._samples) <= 12
    replica.positions = {WRITTEN: 1_000, REPLAYED: 995}
    replica.look()
    assert replica.is_usable


@pytest.mark.parametrize(("later", "usable"), [(10, True), (11, False)])
def test_what_was_found_long_ago_does_not_count(later: int, usable: bool, clock: Clock) -> None:
    """A look may wait for a replica that hangs."""
    replica = Told()
    replica.positions = {WRITTEN: 100, REPLAYED: 100}
    replica.look()
    clock.seconds += later
    assert replica.is_usable == usable


def test_facts_are_read_from_the_replica_and_accounts_from_the_primary() -> None:
    router = Router()
    with reading_from(lambda: "replica1"):
        assert {router.db_for_read(model) for model in (Enterprise, Designation, Target)} == {"replica1"}
        assert {router.db_for_read(model) for model in (User, ApiToken)} == {PRIMARY}
        assert router.db_for_write(Enterprise) == PRIMARY
    assert alias() == PRIMARY
    assert router.db_for_read(Enterprise) == PRIMARY
    assert not router.allow_migrate("replica1", "registry")
