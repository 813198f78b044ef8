"""Rows that hang on an enterprise: it is named by its code or by its id, and must be one that the person sees."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from registry.models import Enterprise
from registry.writing.drafts import Problem, Wanted
from registry.writing.writer import Writer


@dataclass(frozen=True, slots=True)
class Holders:
    """The enterprises of a request."""

    by_uscc: dict[str | None, int]
    ids: set[int]


class HangingWriter(Writer):
    """Base of the writers of what hangs on an enterprise."""

    def resolve(self, rows: list[Wanted]) -> None:
        super().resolve(rows)
        codes = {row.uscc for row in rows if row.uscc}
        ids = {pk for row in rows if (pk := row.values.get("enterprise_id")) is not None}
        if codes or ids:
            found = self._holders(codes, ids)
            for row in rows:
                self._take_holder(row, found)

    def _holders(self, codes: set[str], ids: set[int]) -> Holders:
        seen = Enterprise.objects.visible_to(self.by).order_by()
        by_uscc = dict(seen.filter(uscc__in=codes).values_list("uscc", "pk")) if codes else {}
        known = set(seen.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        return Holders(by_uscc, known)

    def _take_holder(self, row: Wanted, found: Holders) -> None:
        given = row.values.get("enterprise_id")
        if given is not None and given not in found.ids:
            row.problems.append(missing("enterprise_id"))
        if not row.uscc:
            return
        pk = found.by_uscc.get(row.uscc)
        if pk is None:
            row.problems.append(missing("uscc"))
        elif given not in (None, pk):
            message = _("The code and the id are those of two enterprises.")
            row.problems.append(Problem("uscc", "invalid", message))
        else:
            row.values["enterprise_id"] = pk


def missing(field: str) -> Problem:
    return Problem(field, "does_not_exist", _("There is no such enterprise."))
