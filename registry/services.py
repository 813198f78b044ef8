"""Work over several rows: each function does all of it or nothing, and says who and why."""

import datetime as dt

from django.db import transaction

from registry import history, names
from registry.choices import EndReason, ReviewOutcome
from registry.models import Designation, Enterprise, FormerName, Review, User


@transaction.atomic
def rename(*, enterprise: Enterprise, name: str, day: dt.date, by: User | None, reason: str = "") -> None:
    """Give an enterprise its new name and keep the old one, which it bore until `day`.

    A name that differs in brackets and spaces only is the same name: nothing is kept.
    """
    before = Enterprise.objects.values_list("name", flat=True).get(pk=enterprise.pk)
    with history.change(by=by, reason=reason):
        enterprise.name = name
        enterprise.save()
        kept = FormerName.objects.filter(enterprise=enterprise, name_key=names.key(before))
        if names.key(before) != names.key(name) and not kept.exists():
            FormerName.objects.create(enterprise=enterprise, name=before, ended_on=day)


@transaction.atomic
def settle(*, enterprise: Enterprise, by: User | None, reason: str = "") -> None:
    """Put an enterprise into the area to which its last move led."""
    last = enterprise.relocations.order_by("day").last()
    if last is None or last.to_district_id == enterprise.district_id:
        return
    with history.change(by=by, reason=reason):
        enterprise.district_id = last.to_district_id
        enterprise.save(update_fields=["district"])


@transaction.atomic
def record_review(*, review: Review, by: User | None, reason: str = "") -> None:
    """Save a re-review and what it does to its title."""
    title = review.designation
    apply_review(title, review)
    with history.change(by=by, reason=reason):
        review.save()
        title.save(update_fields=["valid_to", "ended_on", "end_reason", "end_document"])


def apply_review(title: Designation, review: Review) -> None:
    """Passed, a title runs on to its new last day; failed, it ends on that day. Saves nothing."""
    if review.outcome == ReviewOutcome.PASSED:
        title.valid_to = review.valid_to or title.valid_to
    else:
        title.ended_on = review.day
        title.end_reason = EndReason.FAILED_REVIEW
        title.end_document = review.document
