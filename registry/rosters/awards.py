"""What a row of a list of titles says: the title, what happened to it, when, for how long."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from registry import terms
from registry.choices import DesignationState, EndReason, Level
from registry.rosters import parse
from registry.rosters.errors import RowRefused
from registry.rosters.parse import Parsed
from registry.rosters.reference import SchemeInfo, SchemeWords
from registry.rosters.workbench import Workbench

SAID = (
    "batch",
    "document",
    "certificate",
    "announced_on",
    "valid_to",
    "ended_on",
    "end_reason",
    "source",
    "note",
)
ANNOUNCED_WORDS = ("公示", "拟认定", "拟入选", "拟定", "拟推荐", "announced")
GRANTED_WORDS = (
    "认定",
    "公布",
    "入选",
    "获批",
    "获评",
    "授予",
    "新增",
    "通过",
    "上市",
    "有效",
    "confirmed",
    "确认",
    "入围",
)


class Happening(Enum):
    """What a row reports."""

    GRANTED = "granted"
    REVIEW_PASSED = "review passed"
    REVIEW_FAILED = "review failed"
    ENDED = "ended"


@dataclass(slots=True)
class Award:
    """A row of a list of titles, understood."""

    scheme: SchemeInfo
    level: str
    item: str
    has_enterprise: bool
    happening: Happening
    # told by the word of the row (撤销, 移出), not only by its columns of ends
    happening_is_event: bool
    is_announced: bool
    valid_from: dt.date | None
    why_no_day: str
    said: dict[str, Any]

    @property
    def is_about_held(self) -> bool:
        """Whether it speaks of a title that was granted before: its end or its re-review."""
        return self.happening != Happening.GRANTED and (self.happening_is_event or self.valid_from is None)

    def valid_to_by_term(self) -> dt.date | None:
        """The last day of the scheme's term, where it has one."""
        if self.valid_from is None or self.scheme.term_months is None:
            return None
        return terms.months_after(self.valid_from, self.scheme.term_months) - dt.timedelta(days=1)

    def after(self, last: dt.date | None) -> dt.date | None:
        """The last day of another term behind the present one."""
        return terms.one_more(last, self.scheme.term_months)


def read(row: Parsed, bench: Workbench) -> Award:
    """Understand a row; a cell goes before an option of the whole list."""
    words = _scheme(row, bench)
    scheme, options = words.scheme, bench.options
    happening, is_event, is_announced = _happening(row)
    item = _item(row, scheme, words.item)
    said = _said(row, bench)
    valid_from = row.values.get("valid_from")
    if valid_from is None and "valid_from" not in row.incomplete:
        valid_from = options.valid_from
    if is_event and happening == Happening.ENDED:
        _take_end_from_event(row, said, valid_from)
        valid_from = None if "ended_on" not in row.values else valid_from
    return Award(
        scheme=scheme,
        level=_level(row, bench, words),
        item=item,
        has_enterprise="name" in row.values or "uscc" in row.values or "registration_no" in row.values,
        happening=happening,
        happening_is_event=is_event,
        is_announced=is_announced
        or (options.state == DesignationState.ANNOUNCED and "event" not in row.values),
        valid_from=valid_from,
        why_no_day=row.incomplete.get("valid_from", ""),
        said=said,
    )


def _said(row: Parsed, bench: Workbench) -> dict[str, Any]:
    said = {name: row.values[name] for name in SAID if name in row.values}
    for name in ("batch", "document", "valid_to"):
        if name not in said and getattr(bench.options, name):
            said[name] = getattr(bench.options, name)
    if "end_reason" in said:
        said["end_reason"] = str(said["end_reason"])
    return said


def _scheme(row: Parsed, bench: Workbench) -> SchemeWords:
    text = row.values.get("scheme", "")
    found = bench.reference.scheme(text) if text else None
    if found:
        return found
    if bench.scheme:
        return SchemeWords(bench.scheme)
    if text:
        raise RowRefused(
            _("“%(text)s” is no known kind of title. Add it as an alias of its scheme, or name the scheme.")
            % {"text": text},
            _for_whole_list("认定类别"),
        )
    raise RowRefused(
        _("The kind of title (认定类别) is missing; name it in a column, or for the whole list."),
        _for_whole_list("认定类别"),
    )


def _for_whole_list(option: str) -> str:
    return _("Fill in the column %(name)s, or say it for the whole list.") % {"name": option}


def _level(row: Parsed, bench: Workbench, words: SchemeWords) -> str:
    scheme = words.scheme
    only = scheme.levels[0] if len(scheme.levels) == 1 else ""
    found = row.values.get("level") or words.level or bench.options.level or only
    if not found:
        raise RowRefused(
            _("%(scheme)s is granted at several levels: fill in the level (级别).") % {"scheme": scheme.name},
            _for_whole_list("级别"),
        )
    if found not in scheme.levels:
        raise RowRefused(
            _("%(scheme)s is not granted at the level %(level)s.")
            % {"scheme": scheme.name, "level": Level(found).label}
        )
    return str(found)


def _item(row: Parsed, scheme: SchemeInfo, from_title: str) -> str:
    """The named thing; where a title goes to enterprises and only 名称 is given, that is the enterprise."""
    item: str = row.values.get("item", "")
    coded = "uscc" in row.values or "registration_no" in row.values
    if item and "name" not in row.values and (not scheme.counts_items or coded):
        row.values["name"], item = item, ""
    if not item and "name" not in row.values and not coded:
        raise RowRefused(
            _("Neither an enterprise nor the name of the thing that holds the title is filled in.")
        )
    return item or from_title


def _happening(row: Parsed) -> tuple[Happening, bool, bool]:
    """What happened, whether the row's own word says so, and whether it is only announced."""
    event = row.values.get("event", "")
    announced = any(word in event for word in ANNOUNCED_WORDS)
    if not event:
        ended = "ended_on" in row.values or "end_reason" in row.values
        return (Happening.ENDED if ended else Happening.GRANTED), False, False
    if "复核" in event and ("未通过" in event or "不合格" in event or "不通过" in event):
        return Happening.REVIEW_FAILED, True, announced
    if "复核" in event and "认定" not in event.split("(")[0]:
        return Happening.REVIEW_PASSED, True, announced
    if announced or any(word in event for word in GRANTED_WORDS):
        return Happening.GRANTED, True, announced
    if any(word in event for word in parse.END_WORDS):
        return Happening.ENDED, True, False
    raise RowRefused(
        _("“%(event)s” is not understood. Possible are: %(words)s.")
        % {"event": event, "words": "公示、认定、复核通过、复核未通过、撤销、移出"}
    )


def _take_end_from_event(row: Parsed, said: dict[str, Any], day: dt.date | None) -> None:
    reason: EndReason | None = parse.end_reason(row.values["event"])
    said.setdefault("end_reason", str(reason))
    if day and "ended_on" not in said:
        said["ended_on"] = day
