"""Changes of what a target wants: the old value is kept, with the reason and the author."""

import datetime as dt

from django.db import transaction

from registry import history
from registry.models import User
from targets.models import Revision, Target


@transaction.atomic
def revise(*, target: Target, day: dt.date, by: User | None, reason: str, document: str = "") -> Revision:
    """Save a target whose value, comparator or tolerance was changed, and keep what it was before `day`.

    A second revision on one day is a part of the first: what was before that day stays what it was.
    """
    before = Target.objects.get(pk=target.pk)
    with history.change(by=by, reason=reason):
        target.save()
        revision, is_new = Revision.objects.get_or_create(
            target=target,
            day=day,
            defaults={
                "value_before": before.value,
                "value_max_before": before.value_max,
                "comparator_before": before.comparator,
                "reason": reason,
                "document": document,
                "revised_by": by,
            },
        )
        if not is_new:
            revision.reason = f"{revision.reason}；{reason}"[:300]
            revision.document = document or revision.document
            revision.revised_by = by
            revision.save()
    return revision
