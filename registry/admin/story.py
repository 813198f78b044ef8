"""企业档案: one page that tells what an enterprise is, holds, reported and went through, on any day."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from registry import contacts
from registry.admin.enterprise_steps import offered
from registry.admin.history import changes_of
from registry.admin.panels import PANELS
from registry.models import Enterprise, Merge, Split
from registry.person import person
from registry.story import FIRST_DAY, LAST_DAY, figures, time_line

CHANGES = 8


def story(page: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    enterprise = (
        Enterprise.objects.visible_to(person(request))
        .select_related("district", "industry", "parent", "roster_row__roster")
        .filter(pk=pk)
        .first()
    )
    if enterprise is None:
        raise Http404
    day = day_of(request)
    splits = Split.objects.visible_to(person(request)).select_related("enterprise", "successor")
    context = {
        **page.admin_site.each_context(request),
        "title": "企业档案",
        "opts": page.opts,
        "one": enterprise,
        "day": day,
        "closed": enterprise.closed_on is not None and enterprise.closed_on <= day,
        "contact": contact_of(page, request, enterprise),
        "parent": parent_of(request, enterprise),
        "former": list(enterprise.former_names.order_by("-ended_on")),
        "moves": list(enterprise.relocations.select_related("from_district", "to_district").order_by("-day")),
        "memberships": list(enterprise.memberships.on(day).select_related("cluster")),
        "line": time_line(enterprise, day),
        "figures": figures(enterprise),
        "panels": [tells(enterprise, day, person(request)) for tells in PANELS],
        "changes": changes_of(
            enterprise,
            getattr(page, "history_of", ()),
            limit=CHANGES,
            masks=masks_of(page, request, enterprise),
        ),
        "merges": merges_of(request, enterprise),
        "splits": list(splits.filter(enterprise=enterprise)),
        "came_of": splits.filter(successor=enterprise).first(),
        "steps": offered(request, enterprise),
        "may_change": page.has_change_permission(request, enterprise),
    }
    return TemplateResponse(request, "registry/admin/story.html", context)


def day_of(request: HttpRequest) -> dt.date:
    """The day that the address asks for; today where it names none, or one beyond every plan."""
    try:
        day = parse_date(request.GET.get("as_of", ""))
    except ValueError:
        day = None
    return day if day is not None and FIRST_DAY <= day <= LAST_DAY else timezone.localdate()


def contact_of(page: Any, request: HttpRequest, enterprise: Enterprise) -> str:
    name, phone = enterprise.contact_name, enterprise.contact_phone
    if not page.may_edit(request, enterprise):
        name, phone = contacts.masked_name(name), contacts.masked_phone(phone)
    return " ".join(part for part in (name, phone) if part)


def masks_of(page: Any, request: HttpRequest, enterprise: Enterprise) -> dict[str, Any]:
    found: dict[str, Any] = page.history_masks(request, enterprise)
    return found


def merges_of(request: HttpRequest, enterprise: Enterprise) -> list[Merge]:
    """What went into it and can come out again, for whoever may do that."""
    if not request.user.has_perm("registry.merge_enterprise"):
        return []
    return list(Merge.objects.filter(kept_id=enterprise.pk, undone_at=None))


def parent_of(request: HttpRequest, enterprise: Enterprise) -> Enterprise | None:
    """The group, where the person may see it."""
    own = person(request).district_id
    parent = enterprise.parent
    return parent if parent is not None and own in (None, parent.district_id) else None
