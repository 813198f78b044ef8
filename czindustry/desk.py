"""The first page of the admin: what waits, what came in last, what runs out, and the search for an enterprise."""

import datetime as dt
from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import search
from registry.access import sees_facts
from registry.admin.lists.rosters import own_lists
from registry.choices import RowOutcome
from registry.models import Designation, Roster, RosterRow
from registry.person import person
from registry.worklists import SOON, waiting_for

LATEST = 5
# The titles that run out first; whoever has more looks at the list.
RUNNING_OUT = 200
NAMED = 6

# What is done most, by the right that it needs and the name of its page.
SHORTCUTS = (
    ("上传名单", "registry.import_roster", "registry_roster_upload", "upload_file"),
    ("新增企业", "registry.add_enterprise", "registry_enterprise_add", "add_business"),
    ("新增称号", "registry.add_designation", "registry_designation_add", "workspace_premium"),
    ("录入统计数", "registry.add_statistic", "registry_statistic_add", "query_stats"),
    ("按批次复核", "registry.end_designation", "registry_designation_batch_review", "event_repeat"),
    ("数据质量", "registry.check_quality", "registry_quality", "rule"),
    ("新增用户", "registry.add_user", "registry_user_add", "person_add"),
    ("用户与角色", "registry.view_user", "registry_user_changelist", "group"),
)


def desk(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows besides what every page does."""
    who, today = person(request), timezone.localdate()
    found = {"shortcuts": shortcuts(request), "facts": sees_facts(who)}
    if sees_facts(who):
        found |= {
            "waiting": waiting_for(who, today),
            "lists": latest_lists(request) if who.has_perm("registry.view_roster") else [],
            "running_out": running_out(request, today),
            "soon": SOON,
        }
    return {**context, **found}


def shortcuts(request: HttpRequest) -> list[dict[str, str]]:
    found = []
    for title, right, name, icon in SHORTCUTS:
        if person(request).has_perm(right):
            try:
                found.append({"title": title, "link": reverse(f"admin:{name}"), "icon": icon})
            except NoReverseMatch:  # a part of the desk that this site leaves out
                continue
    return found


def latest_lists(request: HttpRequest) -> list[dict[str, Any]]:
    """The last lists that a person may see, with how many rows came to what."""
    rows = own_lists(request, Roster.objects.defer("content"), "imported_by")
    lists = list(rows.select_related("imported_by").order_by("-id")[:LATEST])
    counts: dict[int, Counter[str]] = {one.pk: Counter() for one in lists}
    outcomes = RosterRow.objects.filter(roster__in=list(counts)).order_by()
    for roster, outcome, number in outcomes.values_list("roster", "outcome").annotate(number=Count("pk")):
        counts[roster][outcome] = number
    return [
        {
            "roster": one,
            "counts": [
                (outcome.label, counts[one.pk][outcome]) for outcome in RowOutcome if counts[one.pk][outcome]
            ],
        }
        for one in lists
    ]


def running_out(request: HttpRequest, day: dt.date) -> list[dict[str, Any]]:
    """The titles that run out first, by month and kind, with the first names of each.

    Of the last month there may be more than were looked at: `unbounded`.
    """
    titles = Designation.objects.visible_to(person(request)).expiring(day, SOON)
    found = list(titles.select_related("scheme", "enterprise").order_by("valid_to", "pk")[:RUNNING_OUT])
    groups: dict[tuple[str, str], list[Designation]] = {}
    for title in found:
        assert title.valid_to is not None  # it runs out
        groups.setdefault((f"{title.valid_to:%Y-%m}", title.called), []).append(title)
    last = f"{found[-1].valid_to:%Y-%m}" if len(found) == RUNNING_OUT else ""
    return [
        {
            "month": month,
            "called": called,
            "number": len(rows),
            "unbounded": month == last,
            "first": rows[:NAMED],
            "more": len(rows) - NAMED,
        }
        for (month, called), rows in groups.items()
    ]


def find(request: HttpRequest) -> JsonResponse:
    """The answers while somebody types: `{"results": [{name, link, beside}], "told": "…"}`."""
    text = request.GET.get("q", "").replace("\x00", "")
    hits = search.find(request.user, text, day=timezone.localdate())
    results = [
        {
            "name": hit.name,
            "link": reverse("admin:registry_enterprise_story", args=[hit.pk]),
            "beside": hit.beside,
        }
        for hit in hits
    ]
    told = (
        _("%(count)s enterprises") % {"count": len(results)}
        if results
        else _("No enterprise answers to this.")
    )
    return JsonResponse({"results": results, "told": told})


find_view = admin.site.admin_view(find)
