"""What happens to titles: re-reviews."""

from django.db import transaction

from registry import history
from registry.choices import EndReason, ReviewOutcome
from registry.models import Designation, Review, User


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
