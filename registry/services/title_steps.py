"""One step for many titles: confirmed or sent back, re-reviewed, ended.

What cannot be done is told by name before anything happens. A person looks at a selection (`look`), and what is then
carried out is that selection or nothing: its mark tells whether a title has changed since.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from registry import history, terms
from registry.choices import DesignationState, EndReason, ReviewOutcome, TitleStep
from registry.models import Designation, Review, User
from registry.refusals import refusal_of
from registry.services.titles import apply_review

MOST = 20_000
RIGHTS = {
    TitleStep.CONFIRM: "registry.confirm_designation",
    TitleStep.SEND_BACK: "registry.confirm_designation",
    TitleStep.PASS: "registry.end_designation",
    TitleStep.FAIL: "registry.end_designation",
    TitleStep.END: "registry.end_designation",
}
# What decides on which days a title counts: a change of it wants its reason.
DECISIVE = frozenset(["scheme", "level", "enterprise", "valid_from", "valid_to", "ended_on"])
CHANGED_BY_REVIEW = ["valid_to", "ended_on", "end_reason", "end_document"]


class StepRefused(Exception):
    """Nothing was done; the message says what to do."""


@dataclass(frozen=True)
class Wish:
    """A step with what it wants. Without `valid_to` a title that passed runs on for one more term of its scheme.

    `reason` goes into the history, and with a title that is sent back to whoever sent it in.
    """

    step: TitleStep
    by: User
    day: dt.date
    valid_to: dt.date | None = None
    end_reason: str = ""
    document: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Look:
    """For which titles a step can be done, and for which not, with the reason."""

    able: list[Designation]
    unable: list[tuple[Designation, str]]
    mark: str


def look(titles: QuerySet[Any], wish: Wish) -> Look:
    """What a step would come to. StepRefused where there are too many titles for one step."""
    return _look(_keys(titles), wish)


@transaction.atomic
def carry_out(*, titles: QuerySet[Any], wish: Wish, mark: str, leave_out: bool = False) -> int:
    """Do the step for all titles, or with `leave_out` for those for which it can be done; how many those were.

    PermissionDenied without the right, StepRefused where the selection is no longer the one of the mark, where some
    titles stand in the way and are not to be left out, and where the database refuses.
    """
    if not wish.by.has_perm(RIGHTS[wish.step]):
        raise PermissionDenied
    keys = _keys(titles)
    # locked by their keys alone: a list may come from joins that cannot be locked
    list(Designation.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
    found = _look(keys, wish)
    if found.mark != mark:
        raise StepRefused(_("Some of these titles were changed meanwhile. Look at them once more."))
    if found.unable and not leave_out:
        raise StepRefused(
            _("%(count)s titles stand in the way. Leave them out, or mend them first.")
            % {"count": len(found.unable)}
        )
    try:
        with transaction.atomic(), history.change(by=wish.by, reason=wish.reason):
            WAYS[wish.step](found.able, wish)
    except IntegrityError as error:
        raise StepRefused(refusal_of(error).message) from error
    return len(found.able)


def state_of_new(by: User) -> DesignationState:
    """Of a title that a person enters: what an area sends in, the city checks; with FOUR_EYES somebody checks all."""
    checked = by.district_id is not None or settings.FOUR_EYES
    return DesignationState.SUBMITTED if checked else DesignationState.CONFIRMED


def state_after(entry: Designation, by: User) -> DesignationState:
    """Of a title that a person has entered or corrected by hand, whose `state` is still that of before.

    One without its first day that was announced is under publicity; with the day it is granted. What an area corrects
    is sent in anew; what the city corrects stays what it was.
    """
    if entry.valid_from is None and entry.announced_on is not None:
        return DesignationState.ANNOUNCED
    if entry.pk is None or entry.state == DesignationState.ANNOUNCED:
        return state_of_new(by)
    return DesignationState.SUBMITTED if by.district_id is not None else DesignationState(entry.state)


def enter(title: Designation, by: User, moment: dt.datetime) -> None:
    """Give a title that a person enters or corrects its state, and note who sends it in. Saves nothing."""
    title.state = state_after(title, by)
    if title.state == DesignationState.SUBMITTED and (by.district_id is not None or title.pk is None):
        title.submitted_by, title.submitted_at, title.return_reason = by, moment, ""


# What a step comes to


def _keys(titles: QuerySet[Any]) -> list[int]:
    keys = list(titles.order_by().values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        raise StepRefused(
            _("More than %(most)s titles at once: narrow the list down.") % {"most": f"{MOST:,}"}
        )
    return keys


def _look(keys: Iterable[int], wish: Wish) -> Look:
    found = (
        Designation.objects.filter(pk__in=keys)
        .select_related("scheme", "enterprise__district", "district", "roster_row__roster")
        .with_next_award()
        .order_by("pk")
    )
    if wish.step in (TitleStep.PASS, TitleStep.FAIL):
        found = found.prefetch_related("reviews")
    digest = hashlib.sha256()
    able, unable = [], []
    for title in found:
        digest.update(f"{title.pk}:{title.version},".encode())
        problem = PROBLEMS[wish.step](title, wish)
        if problem:
            unable.append((title, problem))
        else:
            able.append(title)
    return Look(able, unable, digest.hexdigest())


def _why_not_confirmed(title: Designation, wish: Wish) -> str:
    if title.state not in (DesignationState.SUBMITTED, DesignationState.ANNOUNCED):
        return _not_in_state(title)
    if title.valid_from is None:
        return _("Its first day (认定日期) is missing.")
    if settings.FOUR_EYES and title.entered_by == wish.by.pk:
        return _("You have entered it yourself: somebody else has to confirm it.")
    return ""


def _why_not_sent_back(title: Designation, wish: Wish) -> str:
    return "" if title.state == DesignationState.SUBMITTED else _not_in_state(title)


def _why_not_ended(title: Designation, wish: Wish) -> str:
    if title.state != DesignationState.CONFIRMED:
        return _not_in_state(title)
    if title.ended_on:
        return _("It has ended on %(day)s.") % {"day": title.ended_on}
    if title.valid_from and wish.day < title.valid_from:
        return _("It begins on %(day)s only.") % {"day": title.valid_from}
    return ""


def _why_not_reviewed(title: Designation, wish: Wish) -> str:
    problem = _why_not_ended(title, wish)
    if problem:
        return problem
    if any(review.day == wish.day for review in title.reviews.all()):
        return _("It has a re-review of this day already.")
    return _why_not_prolonged(title, wish) if wish.step == TitleStep.PASS else ""


def _why_not_prolonged(title: Designation, wish: Wish) -> str:
    if title.valid_to is None:
        return _("It has no last day: there is nothing to prolong.")
    last = _new_last_day(title, wish)
    if last is None:
        return _("Its scheme has no term: name the new last day.")
    if last <= title.valid_to:
        return _("It runs until %(day)s already.") % {"day": title.valid_to}
    following = title.next_award  # type: ignore[attr-defined]
    if following is not None and following <= last:
        return _("The same title was granted anew on %(day)s.") % {"day": following}
    return ""


def _new_last_day(title: Designation, wish: Wish) -> dt.date | None:
    return wish.valid_to or terms.one_more(title.valid_to, title.scheme.term_months)


def _not_in_state(title: Designation) -> str:
    return _("Its state is %(state)s.") % {"state": title.get_state_display()}


PROBLEMS: dict[TitleStep, Callable[[Designation, Wish], str]] = {
    TitleStep.CONFIRM: _why_not_confirmed,
    TitleStep.SEND_BACK: _why_not_sent_back,
    TitleStep.PASS: _why_not_reviewed,
    TitleStep.FAIL: _why_not_reviewed,
    TitleStep.END: _why_not_ended,
}


# How a step is done


def _confirm(titles: list[Designation], wish: Wish) -> None:
    _rows(titles).update(
        state=DesignationState.CONFIRMED, return_reason="", decided_by=wish.by, decided_at=Now()
    )


def _send_back(titles: list[Designation], wish: Wish) -> None:
    _rows(titles).update(
        state=DesignationState.RETURNED,
        return_reason=wish.reason[:200],
        decided_by=wish.by,
        decided_at=Now(),
    )


def _end(titles: list[Designation], wish: Wish) -> None:
    _rows(titles).update(ended_on=wish.day, end_reason=EndReason(wish.end_reason), end_document=wish.document)


def _review(titles: list[Designation], wish: Wish) -> None:
    passed = wish.step == TitleStep.PASS
    reviews = [
        Review(
            designation=title,
            day=wish.day,
            outcome=ReviewOutcome.PASSED if passed else ReviewOutcome.FAILED,
            valid_to=_new_last_day(title, wish) if passed else None,
            document=wish.document,
        )
        for title in titles
    ]
    for review in reviews:
        apply_review(review.designation, review)
    Review.objects.bulk_create(reviews, batch_size=1_000)
    Designation.objects.bulk_update(titles, CHANGED_BY_REVIEW, batch_size=1_000)


WAYS: dict[TitleStep, Callable[[list[Designation], Wish], None]] = {
    TitleStep.CONFIRM: _confirm,
    TitleStep.SEND_BACK: _send_back,
    TitleStep.PASS: _review,
    TitleStep.FAIL: _review,
    TitleStep.END: _end,
}


def _rows(titles: list[Designation]) -> QuerySet[Designation]:
    return Designation.objects.filter(pk__in=[title.pk for title in titles])
