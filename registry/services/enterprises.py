"""What happens to enterprises: new names, moves."""

import datetime as dt

from django.db import transaction

from registry import history, names
from registry.models import Enterprise, FormerName, User


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
