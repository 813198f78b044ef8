"""Lists of titles: granted, announced, re-reviewed, ended; to enterprises and to named things."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import DesignationState, EndReason, ReviewOutcome
from registry.rosters import awards, ledger, titles
from registry.rosters.awards import Award, Happening
from registry.rosters.errors import RowRefused
from registry.rosters.holders import Holder, find_holder
from registry.rosters.ledger import IDS, Record
from registry.rosters.parse import DEMO_NAME, Parsed
from registry.rosters.workbench import Decider, Workbench

LOAD = f"""
    fact.scheme_id = ANY({IDS})
    AND (fact.enterprise_id = ANY({IDS}) OR (fact.enterprise_id IS NULL AND fact.item NOT LIKE %s))
"""


class DesignationDecider(Decider):
    """Decides about the rows of a list of titles."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.known: dict[titles.Key, list[Record]] = defaultdict(list)
        self.reviews: dict[int, list[Record]] = defaultdict(list)
        self.awards: dict[int, Award] = {}
        self.refused: dict[int, RowRefused] = {}

    def load(self, rows: list[Parsed]) -> None:
        for row in rows:
            try:
                self.awards[row.number] = awards.read(row, self.bench)
            except RowRefused as error:
                self.refused[row.number] = error
        self.bench.load_directory(rows, whole=False, codes_suffice=False)
        schemes = ledger.listed({award.scheme.id for award in self.awards.values()})
        holders = ledger.listed(self.bench.directory.records)
        for record in ledger.load("designation", LOAD, [schemes, holders, f"{DEMO_NAME}%"]):
            self.known[titles.key_of(record.values)].append(record)
        ids = ledger.listed(record.id for records in self.known.values() for record in records)
        for review in ledger.load("review", f"fact.designation_id = ANY({IDS})", [ids]):
            self.reviews[review.values["designation_id"]].append(review)

    def in_turn(self, rows: list[Parsed]) -> list[Parsed]:
        """What is granted first, then by the day what happened to it: an office may list the latest on top."""
        return sorted(rows, key=lambda row: _turn(self.awards.get(row.number)))

    def decide(self, row: Parsed) -> None:
        if row.number in self.refused:
            raise self.refused[row.number]
        award = self.awards[row.number]
        holder = find_holder(self.bench, row) if award.has_enterprise else None
        place = {
            "scheme_id": award.scheme.id,
            "level": award.level,
            "enterprise_id": holder.id if holder else None,
            "district_id": None if holder else row.values.get("district"),
            "item": award.item,
        }
        same = self.known[titles.key_of(place)] if holder is None or holder.id is not None else []
        self._act(row, award, holder, place, same)

    def _act(
        self, row: Parsed, award: Award, holder: Holder | None, place: dict[str, Any], same: list[Record]
    ) -> None:
        if award.happening == Happening.ENDED:
            self._end(row, award, holder, place, same)
        elif award.happening == Happening.REVIEW_PASSED and _runs_before(same, award.valid_from):
            self._pass_review(row, award, same)
        elif award.happening == Happening.REVIEW_FAILED:
            self._fail_review(row, award, same)
        elif award.is_announced:
            self._announce(row, award, holder, place, same)
        else:
            self._grant(row, award, holder, place, same)

    # Granted

    def _grant(
        self, row: Parsed, award: Award, holder: Holder | None, place: dict[str, Any], same: list[Record]
    ) -> None:
        if award.valid_from is None:
            raise RowRefused(award.why_no_day or _("The day of the award (认定日期) is missing."))
        said = {**award.said, "valid_from": award.valid_from, "state": DesignationState.CONFIRMED.value}
        granted = next((r for r in _held(same) if r.values["valid_from"] == award.valid_from), None)
        announced = None if granted else _announced(same, award.said.get("batch"))
        record = granted or announced
        if record is None:
            said.setdefault("valid_to", award.valid_to_by_term())
            self._put(row, said, holder, place, same)
            return
        if announced:
            said.setdefault("valid_to", award.valid_to_by_term())
        elif self.reviews[record.id]:
            # a passed re-review has carried the title on; the first list must not take that back
            said.pop("valid_to", None)
        self._change(row, record, said, same)

    def _announce(
        self, row: Parsed, award: Award, holder: Holder | None, place: dict[str, Any], same: list[Record]
    ) -> None:
        batch, day = award.said.get("batch"), award.said.get("announced_on") or award.valid_from
        for held in _held(same):
            if (batch and held.values.get("batch") == batch) or (
                day and held.values.get("announced_on") == day
            ):
                row.warnings.append(_("The title is held already; what is only announced changes nothing."))
                return
        said = {**award.said, "state": DesignationState.ANNOUNCED.value}
        for name in ("valid_to", "ended_on", "end_reason"):
            said.pop(name, None)
        if day:
            said["announced_on"] = day
        else:
            row.warnings.append(_("The day of the announcement is not known."))
        record = _announced(same, batch)
        if record is None:
            self._put(row, said, holder, place, same)
        else:
            self._change(row, record, said, same)

    # Re-reviews and ends

    def _pass_review(self, row: Parsed, award: Award, same: list[Record]) -> None:
        if award.is_announced:
            row.warnings.append(_("The re-review is only announced; the title is changed by the final list."))
            return
        if award.valid_from is None:
            raise RowRefused(award.why_no_day or _("The day of the re-review is missing."))
        record = _running(same, award.valid_from)
        given = _of(award.said, "document", "valid_to")
        if self._is_reviewed(record, award.valid_from, ReviewOutcome.PASSED, given):
            return
        present: dt.date | None = record.values.get("valid_to")
        last: dt.date | None = award.said.get("valid_to") or award.after(present)
        if last is not None and (present is None or last > present):
            self._refuse_overlap({**record.values, "valid_to": last}, same, record)
            self.bench.ledger.change(record, {"valid_to": last})
        self._review(record, award.valid_from, ReviewOutcome.PASSED, {**given, "valid_to": last})

    def _fail_review(self, row: Parsed, award: Award, same: list[Record]) -> None:
        day = award.said.get("ended_on") or award.valid_from
        if award.is_announced:
            row.warnings.append(_("The re-review is only announced; the title is changed by the final list."))
            return
        if day is None:
            raise RowRefused(award.why_no_day or _("The day of the re-review is missing."))
        if not _held(same):
            raise RowRefused(_("There is no such title that could end."))
        record = _running(same, day)
        end = {"ended_on": day, "end_reason": EndReason.FAILED_REVIEW.value}
        given = _of(award.said, "document")
        _refuse_other_end(record, end)
        if not self._is_reviewed(record, day, ReviewOutcome.FAILED, given):
            self._review(record, day, ReviewOutcome.FAILED, given)
        self.bench.ledger.change(record, end)

    def _is_reviewed(
        self, record: Record, day: dt.date, outcome: ReviewOutcome, given: dict[str, Any]
    ) -> bool:
        """Whether the re-review of that day is known; what the row adds to it is taken over."""
        known = next((review for review in self.reviews[record.id] if review.values["day"] == day), None)
        if known is None:
            return False
        if known.values["outcome"] != outcome:
            raise RowRefused(_("A re-review of that day is recorded with another outcome."))
        self.bench.ledger.change(known, given)
        return True

    def _review(self, record: Record, day: dt.date, outcome: ReviewOutcome, given: dict[str, Any]) -> None:
        values = {"designation_id": record.id, "day": day, "outcome": outcome.value, **given}
        self.reviews[record.id].append(self.bench.ledger.create("review", values))

    def _end(
        self, row: Parsed, award: Award, holder: Holder | None, place: dict[str, Any], same: list[Record]
    ) -> None:
        end = _of(award.said, "ended_on", "end_reason")
        if len(end) < 2:
            raise RowRefused(_("An end needs both its day (终止日期) and its reason (终止原因)."))
        held = _held(same)
        if award.valid_from and not award.happening_is_event:
            held = [record for record in held if record.values["valid_from"] == award.valid_from]
            if not held:
                self._grant(row, award, holder, place, same)
                return
        if not held:
            raise RowRefused(_("There is no such title that could end."))
        record = _running(held, end["ended_on"])
        _refuse_other_end(record, end)
        said = end if award.happening_is_event else {**award.said, **end}
        self._change(row, record, said, same)

    # Into the ledger

    def _put(
        self,
        row: Parsed,
        said: dict[str, Any],
        holder: Holder | None,
        place: dict[str, Any],
        same: list[Record],
    ) -> None:
        values = {**place, **said}
        _refuse_disorder(said)
        self._refuse_overlap(values, same, None)
        if holder is not None:
            values["enterprise_id"] = holder.put()
        record = self.bench.ledger.create("designation", values)
        self.known[titles.key_of(record.values)].append(record)
        self.bench.state(record, row.number, said)

    def _change(self, row: Parsed, record: Record, said: dict[str, Any], same: list[Record]) -> None:
        self.bench.refuse_contradiction(record, row.number, said)
        after = {**record.values, **said}
        _refuse_disorder(after)
        self._refuse_overlap(after, same, record)
        self.bench.ledger.change(record, said)
        self.bench.state(record, row.number, said)

    def _refuse_overlap(self, values: dict[str, Any], same: list[Record], itself: Record | None) -> None:
        if not same or values["state"] not in titles.HOLDING:
            return
        others = (other.values for other in _held(same) if other is not itself)
        other = titles.overlapped(values, others)
        if other is not None:
            raise RowRefused(titles.words_of_overlap(other))


def _turn(award: Award | None) -> tuple[bool, dt.date, bool]:
    if award is None or not award.is_about_held:
        return (False, dt.date.min, False)
    day = award.said.get("ended_on") or award.valid_from or dt.date.max
    # a re-review that was passed grants the title where none is known
    return (True, day, award.happening != Happening.REVIEW_PASSED)


def _of(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names if name in said}


def _held(same: list[Record]) -> list[Record]:
    if not same:
        return same
    return [record for record in same if titles.is_held(record.values)]


def _runs_before(same: list[Record], day: dt.date | None) -> bool:
    """Whether a re-review of the day can be of some title: one that begins on that day is its outcome."""
    held = _held(same)
    return bool(held) and not any(record.values["valid_from"] == day for record in held)


def _announced(same: list[Record], batch: str | None) -> Record | None:
    """The announced title that a row speaks of: of the same batch, or where one of the two names none."""
    if not same:
        return None
    announced = [r for r in same if r.values["state"] == DesignationState.ANNOUNCED]
    exact = [r for r in announced if batch and r.values.get("batch") == batch]
    open_ = [r for r in announced if not batch or not r.values.get("batch")]
    return next(iter(exact or open_), None)


def _running(held: list[Record], day: dt.date) -> Record:
    """The title that runs on a day, else the last one that had begun, else the first."""
    held = sorted(_held(held), key=lambda record: record.values["valid_from"])
    begun = [record for record in held if record.values["valid_from"] <= day]
    return begun[-1] if begun else held[0]


def _refuse_other_end(record: Record, end: dict[str, Any]) -> None:
    ended = record.values.get("ended_on")
    if ended and (ended, record.values.get("end_reason")) != (end["ended_on"], end["end_reason"]):
        raise RowRefused(_("The title has ended already, on %(day)s.") % {"day": ended})
    if end["ended_on"] < record.values["valid_from"]:
        raise RowRefused(_("The end must not lie before the start."))


def _refuse_disorder(values: dict[str, Any]) -> None:
    start = values.get("valid_from")
    if start and values.get("valid_to") and values["valid_to"] < start:
        raise RowRefused(_("The last day must not lie before the first."))
    if start and values.get("ended_on") and values["ended_on"] < start:
        raise RowRefused(_("The end must not lie before the start."))
