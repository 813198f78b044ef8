"""Memberships: none of one enterprise and cluster twice at a time, and one main cluster of each kind."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from registry.models import Cluster, Membership
from registry.refusals import words_of
from registry.rosters import ledger
from registry.rosters.ledger import IDS
from registry.writing.drafts import Draft, Kind, Outcome, unchanged_first
from registry.writing.hanging import HangingWriter

Row = dict[str, Any]


class MembershipWriter(HangingWriter):
    table = "membership"
    references = {"cluster_id": Cluster}
    told_at = {"enterprise_id": "uscc", "membership_ends_after_start": "until"}

    @cached_property
    def clusters(self) -> dict[int, Cluster]:
        return {one.pk: one for one in Cluster.objects.all()}

    @cached_property
    def needed(self) -> list[str]:
        # the kind is that of the cluster
        return [column for column in super().needed if column != "kind"]

    def instance(self, draft: Draft) -> Any:
        one = super().instance(draft)
        # with its cluster, which is asked of every membership
        if one.cluster_id is not None:
            one.cluster = self.clusters[one.cluster_id]
        return one

    def judge(self, draft: Draft) -> None:
        before = draft.record.values["kind"]
        super().judge(draft)
        if draft.record.values["kind"] != before:
            draft.before.setdefault("kind", before)
            draft.changed.add("kind")

    def gives_way(self, draft: Draft) -> bool:
        values = draft.record.values
        return ("main" in draft.changed and not values["main"]) or (
            "until" in draft.changed and values["until"] is not None
        )

    def compare(self, drafts: list[Draft]) -> None:
        beside = self._beside(drafts)
        for draft in unchanged_first(drafts):
            values = draft.record.values
            same = beside[values["enterprise_id"]]
            if draft.outcome != Outcome.UNCHANGED:
                self._compare(draft, [other for other in same if _overlap(values, other)])
            if not draft.problems:
                same.append(values)

    @staticmethod
    def _compare(draft: Draft, others: list[Row]) -> None:
        values = draft.record.values
        once = any(other["cluster_id"] == values["cluster_id"] for other in others)
        mains = values["main"] and any(other["main"] and other["kind"] == values["kind"] for other in others)
        for name, field, broken in (
            ("membership_once", "cluster", once),
            ("membership_one_main_of_a_kind", "main", mains and not once),
        ):
            if broken:
                constraint = next(one for one in Membership._meta.constraints if one.name == name)
                draft.refuse(field, name, words_of(constraint), Kind.CONFLICT)

    def _beside(self, drafts: list[Draft]) -> dict[int, list[Row]]:
        """By enterprise the memberships that no row changes."""
        own = {draft.record.id for draft in drafts}
        holders = {draft.record.values["enterprise_id"] for draft in drafts}
        found: dict[int, list[Row]] = defaultdict(list)
        condition = f"fact.enterprise_id = ANY({IDS})"
        for record in ledger.load(self.table, condition, [ledger.listed(holders)]):
            if record.id not in own:
                found[record.values["enterprise_id"]].append(record.values)
        return found


def _overlap(one: Row, other: Row) -> bool:
    """Whether two stays share a day, as `daterange` has it: the end is no longer one, and empty is open."""
    return not any(
        earlier["until"] is not None
        and (
            (later["since"] is not None and earlier["until"] <= later["since"])
            or earlier["until"] == earlier["since"]
        )
        for earlier, later in ((one, other), (other, one))
    )
