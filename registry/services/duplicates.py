"""Likely duplicates that are none."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from registry import history
from registry.models import Enterprise, NotDuplicate, User


@transaction.atomic
def keep_apart(*, one: Enterprise, other: Enterprise, by: User | None, reason: str) -> NotDuplicate:
    """Remember that two enterprises are two, with the reason; the pair is not proposed again."""
    if one.pk == other.pk:
        raise ValidationError(_("Two different enterprises are needed."))
    if not reason.strip():
        raise ValidationError(_("Say why the two are not the same enterprise."))
    first, second = sorted((one, other), key=lambda enterprise: enterprise.pk)
    with history.change(by=by, reason=reason):
        kept, _new = NotDuplicate.objects.update_or_create(
            first=first, second=second, defaults={"reason": reason.strip()[:300], "decided_by": by}
        )
    return kept
