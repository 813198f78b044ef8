"""The numbers of a list and the steps of its work, in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry.choices import DesignationState, Level, RowOutcome, UploadState
from registry.models import RosterUpload, Scheme
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


# Of an option that is plainly so, nothing is said.
SAID = {
    "scheme": "认定类别",
    "level": "级别",
    "valid_from": "认定日期",
    "valid_to": "有效期至",
    "batch": "批次",
    "document": "文号",
    "year": "年份",
    "create_missing": "登记册中没有的企业一并新增",
    "partial": "退回的行不导入",
}


def options_in_words(options: dict[str, Any]) -> list[str]:
    """The options of a list, as a clerk reads them."""
    scheme = options.get("scheme", "")
    names = Scheme.objects.filter(code=scheme).values_list("name", flat=True) if scheme else ()
    known = {
        "scheme": next(iter(names), scheme),
        "level": dict(Level.choices).get(options.get("level", ""), ""),
    }
    values = {**options, **known}
    if options.get("state") == DesignationState.ANNOUNCED:
        return ["公示名单", *_in_words(values)]
    return _in_words(values)


def _in_words(values: dict[str, Any]) -> list[str]:
    return [
        label if values[name] is True else f"{label} {values[name]}"
        for name, label in SAID.items()
        if values.get(name)
    ]
