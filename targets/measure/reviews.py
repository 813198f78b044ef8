"""How re-reviews of titles ended (复核通过率)."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Count

from registry.choices import ReviewOutcome
from registry.models import Review


def share_passed(schemes: Iterable[int], day: dt.date) -> tuple[Decimal | None, int]:
    """The share of re-reviews of these schemes up to a day that were passed, and their number; None without any."""
    rows = (
        Review.objects.filter(designation__scheme__in=list(schemes), day__lte=day)
        .order_by()
        .values_list("outcome")
        .annotate(Count("pk"))
    )
    counts = dict(rows)
    number = sum(counts.values())
    return (Decimal(counts.get(ReviewOutcome.PASSED, 0)) / number if number else None), number
