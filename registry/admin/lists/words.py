"""The numbers of a list and the steps of its work, in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import RowOutcome, UploadState
from registry.models import RosterUpload
from registry.rosters.progress import Step


@dataclass(frozen=True)
class Outcomes:
    """rows = matched + new + queued + rejected, always."""

    updated: int
    unchanged: int
    created: int
    queued: int
    rejected: int

    @property
    def matched(self) -> int:
        return self.updated + self.unchanged

    @property
    def rows(self) -> int:
        return self.matched + self.created + self.queued + self.rejected


def outcomes(counts: dict[str, int]) -> Outcomes:
    return Outcomes(**{outcome.value: counts.get(outcome, 0) for outcome in RowOutcome})


# What a person looks for in a preview, first what has to be decided.
TABS = (
    RowOutcome.REJECTED,
    RowOutcome.QUEUED,
    RowOutcome.CREATED,
    RowOutcome.UPDATED,
)


def tabs(upload: RosterUpload, chosen: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"value": "", "label": "全部改动", "count": None, "active": not chosen}]
    found += [
        {"value": one.value, "label": one.label, "count": upload.counts.get(one, 0), "active": chosen == one}
        for one in TABS
    ]
    found.append({"value": "warned", "label": "有提醒的行", "count": None, "active": chosen == "warned"})
    return found


def progress_words(upload: RosterUpload) -> str:
    """What is being done, as `12,000 of 50,000` where that can be said."""
    if not upload.step:
        return _("Waiting for its turn …")
    is_applying = upload.state == UploadState.APPLYING
    words = {
        Step.READING: _("Reading the file …"),
        Step.MATCHING: _("Looking for the enterprises …"),
        Step.DECIDING: _("Checking row by row: %(done)s of %(total)s"),
        Step.KEEPING: _("Preparing the preview: %(done)s of %(total)s"),
        Step.WRITING: _("Writing rows: %(done)s of %(total)s"),
        Step.FINISHING: _("Writing records …") if is_applying else "",
    }[Step(upload.step)]
    return words % {"done": f"{upload.done:,}", "total": f"{upload.total:,}"}
