"""Enterprises: a changed name is a rename, and people of an area write their own."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import names
from registry.models import District, Enterprise, Industry
from registry.rosters import ledger
from registry.rosters.ledger import IDS, TEXTS, Record
from registry.writing.drafts import Draft, Kind, Outcome, Wanted
from registry.writing.hanging import missing
from registry.writing.writer import Writer


class EnterpriseWriter(Writer):
    table = "enterprise"
    references = {"district_id": District, "industry_id": Industry}
    key = ("uscc",)
    told_at = {
        "parent_id": "parent_id",
        "parent": "parent_id",
        "enterprise_has_a_name": "name",
        "enterprise_uscc_alphabet": "uscc",
        "enterprise_closed_after_founded": "closed_on",
        "enterprise_not_its_own_parent": "parent_id",
    }

    def resolve(self, rows: list[Wanted]) -> None:
        super().resolve(rows)
        self._find_parents(rows)
        for row in rows:
            if self.by.district_id is not None and row.pk is None:
                row.values.setdefault("district_id", self.by.district_id)

    def _find_parents(self, rows: list[Wanted]) -> None:
        asked = {pk for row in rows if (pk := row.values.get("parent_id")) is not None}
        if not asked:
            return
        seen = Enterprise.objects.visible_to(self.by).filter(pk__in=asked)
        known = set(seen.values_list("pk", flat=True))
        for row in rows:
            pk = row.values.get("parent_id")
            if pk is not None and pk not in known:
                row.problems.append(missing("parent_id"))

    def load_keys(self, keys: list[Any]) -> list[Record]:
        codes = ledger.listed(code for (code,) in keys)
        return ledger.load(self.table, f"fact.uscc = ANY({TEXTS})", [codes], lock=True)

    def taken(self) -> str:
        return str(Enterprise._meta.get_field("uscc").error_messages["unique"])

    def drafts(self, rows: list[Wanted]) -> list[Draft]:
        before = super().drafts(rows)
        self._keep_names([draft for draft in before if draft.outcome == Outcome.CHANGED])
        return before

    def _keep_names(self, drafts: list[Draft]) -> None:
        """Former names of those that are renamed, unless it is only a slip that is mended."""
        renamed = [
            draft
            for draft in drafts
            if "name" in draft.changed and not draft.wanted.besides.get("only_a_slip")
        ]
        if not renamed:
            return
        kept = {
            (record.values["enterprise_id"], names.key(record.values["name"]))
            for record in ledger.load(
                "former_name",
                f"fact.enterprise_id = ANY({IDS})",
                [ledger.listed(draft.record.id for draft in renamed)],
            )
        }
        for draft in renamed:
            old, new = draft.before["name"], draft.record.values["name"]
            if names.key(old) == names.key(new) or (draft.record.id, names.key(old)) in kept:
                continue
            day = draft.wanted.besides.get("renamed_on") or timezone.localtime(self.moment).date()
            values = {"enterprise_id": draft.record.id, "name": old, "ended_on": day}
            draft.also.append(Record("former_name", -1, values))

    def judge(self, draft: Draft) -> None:
        super().judge(draft)
        for column in ("contact_name", "contact_phone"):
            if column in draft.changed and "*" in draft.record.values[column]:
                message = _("This is what stands in place of a contact that you may not see: leave it out.")
                draft.refuse(column, "masked", message)
        area = self.by.district_id
        if area is not None and "district_id" in draft.changed and draft.record.values["district_id"] != area:
            message = _(
                "You enter enterprises of your own area; a move to another one is the city's to record."
            )
            draft.refuse("district", "permission_denied", message, Kind.FORBIDDEN)
