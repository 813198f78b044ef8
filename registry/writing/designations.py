"""Titles: their state follows from who enters them, and two of one kind and holder do not overlap."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import DesignationState
from registry.models import District, Scheme
from registry.rosters import ledger, titles
from registry.rosters.ledger import IDS, Record
from registry.services import title_steps
from registry.writing.drafts import Draft, Kind, Outcome, unchanged_first
from registry.writing.hanging import HangingWriter

# what follows from who enters a title
ENTERED = ("state", "submitted_by_id", "submitted_at", "return_reason")
SAME = f"""
    fact.scheme_id = ANY({IDS})
    AND (fact.enterprise_id = ANY({IDS}) OR (fact.enterprise_id IS NULL AND lower(fact.item) = ANY(%s)))
"""


class DesignationWriter(HangingWriter):
    table = "designation"
    references = {"scheme_id": Scheme, "district_id": District}
    told_at = {
        "enterprise_id": "uscc",
        "designation_has_one_holder": "uscc",
        "designation_confirmed_has_a_day": "valid_from",
        "designation_ends_after_start": "valid_to",
        "designation_ended_after_start": "ended_on",
        "designation_end_has_a_reason": "end_reason",
    }

    @cached_property
    def schemes(self) -> dict[int, Scheme]:
        return {one.pk: one for one in Scheme.objects.prefetch_related("levels")}

    def instance(self, draft: Draft) -> Any:
        title = super().instance(draft)
        # with its levels, which are asked of every title
        title.scheme = self.schemes[title.scheme_id]
        return title

    def judge(self, draft: Draft) -> None:
        if draft.outcome != Outcome.UNCHANGED:
            self._enter(draft)
        super().judge(draft)

    def _enter(self, draft: Draft) -> None:
        """Give it its state, as the form does; say where the person may not."""
        area, before = self.by.district_id, draft.before
        is_new = draft.record.is_new
        decisive = {column for column in draft.changed if column.removesuffix("_id") in title_steps.DECISIVE}
        if area is not None:
            self._keep_to_area(draft, area)
        if not is_new and decisive and not self.reason:
            message = _("Say why: this changes on which days the title counts.")
            draft.refuse("X-Change-Reason", "required", message)
        entry = super().instance(draft)
        title_steps.enter(entry, self.by, self.moment)
        for column in ENTERED:
            value = getattr(entry, column)
            if value != draft.record.values[column]:
                before.setdefault(column, draft.record.values[column])
                draft.record.values[column] = value
                draft.changed.add(column)

    def _keep_to_area(self, draft: Draft, area: int) -> None:
        values = draft.record.values
        if not draft.record.is_new and values["state"] == DesignationState.CONFIRMED:
            message = _("The city has confirmed this title: tell its clerk what is to be changed.")
            draft.refuse("", "permission_denied", message, Kind.FORBIDDEN)
        if values["enterprise_id"] is None and values["district_id"] != area:
            message = _("You enter the titles of your own area.")
            draft.refuse("district", "permission_denied", message, Kind.FORBIDDEN)

    def gives_way(self, draft: Draft) -> bool:
        return any(draft.record.values[name] for name in draft.changed & {"valid_to", "ended_on"})

    def compare(self, drafts: list[Draft]) -> None:
        held = [draft for draft in drafts if titles.is_held(draft.record.values)]
        if not held:
            return
        beside = self._beside(held, {draft.record.id for draft in drafts})
        for draft in unchanged_first(held):
            values = draft.record.values
            same = beside[titles.key_of(values)]
            if draft.outcome != Outcome.UNCHANGED:
                other = titles.overlapped(values, same)
                if other is not None:
                    message = titles.words_of_overlap(other)
                    draft.refuse("valid_from", "designation_no_overlap", message, Kind.CONFLICT)
                    continue
            same.append(values)

    def _beside(self, drafts: list[Draft], own: set[int]) -> dict[titles.Key, list[dict[str, Any]]]:
        """The titles of the same kinds and holders that no row changes."""
        rows = [draft.record.values for draft in drafts]
        found: dict[titles.Key, list[dict[str, Any]]] = defaultdict(list)
        for record in self._load_same(rows):
            if record.id not in own and titles.is_held(record.values):
                found[titles.key_of(record.values)].append(record.values)
        return found

    def _load_same(self, rows: list[dict[str, Any]]) -> list[Record]:
        holders = {row["enterprise_id"] for row in rows} - {None}
        things = {row["item"].lower() for row in rows if row["enterprise_id"] is None}
        schemes = {row["scheme_id"] for row in rows}
        return ledger.load(self.table, SAME, [ledger.listed(schemes), ledger.listed(holders), sorted(things)])
