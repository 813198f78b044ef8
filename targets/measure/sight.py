"""What a person of one area sees of the records behind a number.

An enterprise that has left the area still counts there on the days before, but its name is the other area's to show:
what the area sees is decided by where an enterprise is now (`registry.access`), on whatever day and whatever was known.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from registry import past
from registry.models import Enterprise
from targets.measure.pages import Page, Record, Window, cut


def as_seen(window: Window, ask: Callable[[Window], Page]) -> Page:
    """The page that `ask` answers for a window, without the names that its reader may not see.

    A search finds nothing by a name that is not shown, or names could be guessed.
    """
    if not window.within:
        return ask(window)
    if window.column == "name":
        return _by_name(window, ask)
    if not window.search:
        page = ask(window)
        own = _own(page.records, window)
        return Page([one if _is_shown(one, own) else _nameless(one) for one in page.records], page.total)
    everything = ask(replace(window, offset=0, limit=None)).records
    own = _own(everything, window)
    return cut([one for one in everything if _is_shown(one, own)], window)


def _by_name(window: Window, ask: Callable[[Window], Page]) -> Page:
    """In the order of names: those that are not shown come last, or their place would tell something of them."""
    everything = ask(replace(window, offset=0, limit=None)).records
    own = _own(everything, window)
    shown = [one for one in everything if _is_shown(one, own)]
    hidden = [] if window.search else [_nameless(one) for one in everything if not _is_shown(one, own)]
    return cut([*shown, *hidden], window)


def _own(records: Iterable[Record], window: Window) -> set[int]:
    asked = {one.enterprise_id for one in records if one.enterprise_id is not None}
    with past.of_now():
        return set(
            Enterprise.objects.filter(pk__in=asked, district=window.district).values_list("pk", flat=True)
        )


def _is_shown(record: Record, own: set[int]) -> bool:
    return record.enterprise_id is None or record.enterprise_id in own


def _nameless(record: Record) -> Record:
    return replace(
        record,
        enterprise_id=None,
        enterprise=_("An enterprise that is now in another area"),
        uscc=None,
        designation_id=None,
        item="",
        source="",
    )
