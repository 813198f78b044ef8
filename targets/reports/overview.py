"""The plan at a glance: how many targets are in which state, and each target under its heading."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from targets.choices import Interval, MilestoneState, State
from targets.measure.bridge import COUNTED
from targets.models import Citation, Milestone, Section, Target
from targets.ranking import Ranked, ranked
from targets.reports import bars, words
from targets.reports.question import BadQuestion, Question
from targets.reports.rows import Row
from targets.series import before
from targets.standings import Standing, known_targets, place_of, standings_on

SUMMARY_WIDTH = 1000
# How many of those that moved most, and of those furthest behind.
MOST = 8


@dataclass(frozen=True)
class StateCount:
    """How many targets or milestones are in a state; with the piece of the summary bar that they take."""

    state: State | MilestoneState
    sign: str
    number: int
    start: str = "0"
    length: str = "0"


@dataclass
class Group:
    """The targets under one heading of the second order."""

    section: Section
    rows: list[Row] = field(default_factory=list)


@dataclass
class Chapter:
    """A heading of the first order with the groups under it; `counts` is of all its targets."""

    section: Section
    groups: list[Group]
    counts: list[StateCount]

    @property
    def has_headings(self) -> bool:
        """Headings of groups that all hold one target would only repeat its name."""
        return any(len(group.rows) > 1 for group in self.groups)

    @property
    def anchor(self) -> str:
        return f"s-{self.section.code.replace('.', '-')}"

    @property
    def number(self) -> int:
        return sum(count.number for count in self.counts)

    @property
    def reached(self) -> int:
        return number_in(State.REACHED, self.counts)


@dataclass(frozen=True)
class Overview:
    """All that the page shows."""

    chapters: list[Chapter]
    counts: list[StateCount]
    total: int
    shown: int
    milestones: list["MilestoneRow"]
    milestone_counts: list[StateCount]
    moved: list["Moved"]
    gaps: list[Row]
    ranked: list[Ranked]

    @property
    def reached(self) -> int:
        return number_in(State.REACHED, self.counts)

    @property
    def other_counts(self) -> list[StateCount]:
        """The states that hold targets, without the reached ones."""
        return [count for count in self.counts if count.number and count.state != State.REACHED]

    @property
    def milestones_reached(self) -> int:
        return number_in(MilestoneState.REACHED, self.milestone_counts)


@dataclass(frozen=True)
class Moved:
    """A target whose number changed since the end of the month before."""

    row: Row
    change: Decimal

    @property
    def opens(self) -> bool:
        return self.row.standing.spec.feed in COUNTED


@dataclass(frozen=True)
class MilestoneRow:
    """A commitment with its state on the day asked about."""

    milestone: Milestone
    state: MilestoneState

    @property
    def sign(self) -> str:
        return words.MILESTONE_SIGNS[self.state]

    @property
    def is_reached(self) -> bool:
        return self.state == MilestoneState.REACHED


def overview(question: Question, state: State | None = None) -> Overview:
    """Where the plan stands on the day; with a state only the targets in it are listed, all are counted."""
    earlier = before(question.day, Interval.MONTH)
    both = standings_on(known_targets(question.plan), [earlier, question.day])
    found = both[question.day]
    then = {one.target.pk: one for one in both[earlier]}
    shown = [one for one in found if state is None or one.verdict.state == state]
    counts = count_states(one.verdict.state for one in found)
    milestones = milestones_on(question)
    return Overview(
        chapters=_chapters(found, shown, question),
        counts=counts,
        total=len(found),
        shown=len(shown),
        milestones=milestones,
        milestone_counts=_count_milestones(milestones),
        moved=_moved(found, then, question),
        gaps=_gaps(found, question),
        ranked=ranked(found, both[earlier], question.districts),
    )


def _moved(found: list[Standing], then: Mapping[int, Standing], question: Question) -> list[Moved]:
    """The targets that changed most for their size, of the area where one is asked about."""
    moved = []
    for one in found:
        earlier = then.get(one.target.pk)
        row = Row(one, question.district)
        now, was = _told(row), _told(Row(earlier, question.district)) if earlier else None
        if now is not None and was is not None and now != was:
            moved.append(Moved(row, now - was))
    moved.sort(key=lambda one: abs(one.change) / one.row.standing.terms.value, reverse=True)
    return moved[:MOST]


def _told(row: Row) -> Decimal | None:
    return row.own if row.district else row.standing.value


def _gaps(found: list[Standing], question: Question) -> list[Row]:
    """The targets furthest behind what was due, in percentage points."""
    behind = [one for one in found if one.verdict.lead is not None and one.verdict.lead < 0]
    behind = [one for one in behind if one.verdict.state != State.REACHED]
    behind.sort(key=lambda one: one.verdict.lead or 0)
    return [Row(one, question.district) for one in behind[:MOST]]


def state_of(text: str | None) -> State | None:
    """The state that an address filters by."""
    if not text:
        return None
    if text not in State.values:
        raise BadQuestion(_("“%(text)s” is not a state of targets.") % {"text": text[:20]})
    return State(text)


def count_states(states: Iterable[State]) -> list[StateCount]:
    """Every state with its number, in the order from reached to no data."""
    numbers = Counter(states)
    pieces = bars.pieces([numbers[state] for state in State], SUMMARY_WIDTH)
    return [
        StateCount(state, words.STATE_SIGNS[state], numbers[state], *piece)
        for state, piece in zip(State, pieces, strict=True)
    ]


def number_in(state: State | MilestoneState, counts: Iterable[StateCount]) -> int:
    return next(count.number for count in counts if count.state == state)


def _count_milestones(rows: list[MilestoneRow]) -> list[StateCount]:
    numbers = Counter(row.state for row in rows)
    order = (MilestoneState.REACHED, MilestoneState.UNDER_WAY, MilestoneState.NOT_STARTED)
    return [StateCount(state, words.MILESTONE_SIGNS[state], numbers[state]) for state in order]


def _chapters(found: list[Standing], shown: list[Standing], question: Question) -> list[Chapter]:
    chapters: dict[int, Chapter] = {}
    groups: dict[int, Group] = {}
    for standing in sorted(shown, key=lambda one: place_of(one.target)):
        section, top = standing.target.section, top_of(standing.target.section)
        if top.pk not in chapters:
            inside = [one.verdict.state for one in found if top_of(one.target.section).pk == top.pk]
            chapters[top.pk] = Chapter(top, [], count_states(inside))
        if section.pk not in groups:
            groups[section.pk] = Group(section)
            chapters[top.pk].groups.append(groups[section.pk])
        groups[section.pk].rows.append(Row(standing, question.district))
    for group in groups.values():
        group.rows = parts_under_wholes(group.rows)
    return list(chapters.values())


def top_of(section: Section) -> Section:
    """The heading of the first order over a section, or the section itself."""
    return section.parent or section


def parts_under_wholes(rows: list[Row]) -> list[Row]:
    """Parts (其中) right under their whole; a part whose whole is not in the list says whose part it is."""
    present = {row.target.pk for row in rows}
    parts: dict[int | None, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row.target.parent_id].append(row)
    ordered: list[Row] = []
    for row in rows:
        parent = row.target.parent_id
        if parent in present:
            continue
        ordered.append(replace(row, names_whole=parent is not None))
        ordered += [replace(part, is_part=True) for part in parts[row.target.pk]]
    return ordered


def milestones_on(question: Question) -> list[MilestoneRow]:
    """The plan's commitments in its order, as they stood on the day."""
    milestones = (
        Milestone.objects.filter(plan=question.plan)
        .select_related("section__parent")
        .prefetch_related(Prefetch("citations", Citation.objects.order_by("position", "pk")))
        .order_by("section__position", "position", "code")
    )
    return [MilestoneRow(one, milestone_state(one, question.day)) for one in milestones]


def milestone_state(milestone: Milestone, day: dt.date) -> MilestoneState:
    """The state on a day: what was reached later was still under way."""
    if milestone.reached_on and milestone.reached_on > day:
        return MilestoneState.UNDER_WAY
    return MilestoneState(milestone.state)


def neighbours(target: Target, known: Iterable[Target]) -> tuple[Target | None, Target | None]:
    """Of some targets those before and after one of them, in the plan's order."""
    line = sorted(known, key=lambda one: (place_of(one), one.code))
    place = line.index(target)
    before = line[place - 1] if place > 0 else None
    return before, line[place + 1] if place + 1 < len(line) else None
