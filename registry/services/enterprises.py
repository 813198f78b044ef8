"""What happens to enterprises: new names, moves, the end, and one becoming two."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from registry import history, names
from registry.models import District, Enterprise, FormerName, Membership, Relocation, Split, User


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
def move(
    *, enterprise: Enterprise, to: District | None, day: dt.date, by: User | None, reason: str = ""
) -> Relocation:
    """Record that from `day` on an enterprise belongs to another area; None is outside the city.

    ValidationError where it is there already, or a later move is known.
    """
    later = enterprise.relocations.filter(day__gt=day).order_by("day").first()
    if later is not None:
        raise ValidationError(
            {
                "day": _("A later move is recorded (%(move)s): correct the moves in the form.")
                % {"move": later}
            }
        )
    relocation = Relocation(
        enterprise=enterprise, day=day, from_district_id=enterprise.district_id, to_district=to
    )
    if (to is not None and to.pk == enterprise.district_id) or (
        to is None and enterprise.district_id is None
    ):
        raise ValidationError({"to": _("It belongs to this area already.")})
    relocation.full_clean()
    with history.change(by=by, reason=reason):
        relocation.save()
        settle(enterprise=enterprise, by=by, reason=reason)
    return relocation


@transaction.atomic
def close(*, enterprise: Enterprise, day: dt.date, by: User | None, reason: str = "") -> None:
    """From `day` on the enterprise no longer exists; its titles stay as they are and no longer count."""
    if enterprise.closed_on is not None:
        raise ValidationError({"day": _("It was closed on %(day)s.") % {"day": enterprise.closed_on}})
    if enterprise.founded_on and day < enterprise.founded_on:
        raise ValidationError({"day": _("It was founded on %(day)s only.") % {"day": enterprise.founded_on}})
    with history.change(by=by, reason=reason):
        enterprise.closed_on = day
        enterprise.save(update_fields=["closed_on"])


@transaction.atomic
def split_off(
    *,
    enterprise: Enterprise,
    new: Enterprise,
    day: dt.date,
    by: User | None,
    reason: str = "",
    document: str = "",
    join_clusters: bool = True,
) -> Split:
    """Record that `new`, not saved yet, was split off on `day`; it joins the clusters of the old one, if wished.

    Titles and figures stay with the old one. ValidationError where the new one is no valid enterprise.
    """
    new.founded_on = new.founded_on or day
    new.full_clean()
    with history.change(by=by, reason=reason):
        new.save()
        split = Split(enterprise=enterprise, successor=new, day=day, document=document)
        split.full_clean()
        split.save()
        for one in enterprise.memberships.on(day) if join_clusters else ():
            Membership.objects.create(enterprise=new, cluster=one.cluster, main=one.main, since=day)
    return split
