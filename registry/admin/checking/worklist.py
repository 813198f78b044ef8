"""The page 审核与报送: what waits for the city, and what has become of what an area sent in."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from registry.choices import DesignationState, Level
from registry.models import Designation
from registry.person import of_area, person

LATEST = 30
MOST = 200


def worklist(page: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    titles = Designation.objects.visible_to(person(request))
    own = sent_in(titles, request) if of_area(request) else {"groups": groups(titles), "own": False}
    context = {
        **page.admin_site.each_context(request),
        **own,
        "title": "我的报送" if of_area(request) else "待审核的称号",
        "opts": page.opts,
        "may_confirm": request.user.has_perm("registry.confirm_designation"),
    }
    return TemplateResponse(request, "registry/admin/checking/worklist.html", context)


def groups(titles: Any) -> list[dict[str, Any]]:
    """What waits, by area, scheme and level: how many, since when, and where to begin."""
    found = (
        titles.to_check()
        .order_by()
        .values("scheme", "scheme__name", "level")
        .annotate(
            area=Coalesce("enterprise__district", "district"),
            area_name=Coalesce("enterprise__district__short_name", "district__short_name"),
            number=Count("pk"),
            since=Min(Coalesce("submitted_at", "roster_row__roster__imported_at")),
            first=Min("pk"),
        )
        .order_by(F("since").asc(nulls_last=True), "area", "scheme__name", "level")
    )
    return [{**group, "level_name": Level(group["level"]).label, **links(group)} for group in found]


def links(group: dict[str, Any]) -> dict[str, str]:
    """To the titles of a group one after the other, and all at once in the list."""
    wanted = {"scheme": group["scheme"], "level": group["level"], "area": group["area"] or ""}
    listed = {
        "state__exact": DesignationState.SUBMITTED.value,
        "scheme__id__exact": group["scheme"],
        "level__exact": group["level"],
    }
    if group["area"]:
        listed["enterprise__district__id__exact"] = group["area"]
    one = reverse("admin:registry_designation_check", args=[group["first"]])
    every = reverse("admin:registry_designation_changelist")
    return {"one": f"{one}?{urlencode(wanted)}", "all": f"{every}?{urlencode(listed)}"}


def sent_in(titles: Any, request: HttpRequest) -> dict[str, Any]:
    """Of an area's people: what came back first, what waits, and what was confirmed lately."""
    related = ("scheme", "enterprise", "submitted_by", "decided_by")
    confirmed = titles.filter(state=DesignationState.CONFIRMED, decided_at__isnull=False)
    return {
        "own": True,
        "returned": _first(titles.sent_back().select_related(*related)),
        "waiting": _first(titles.to_check().select_related(*related)),
        "confirmed": list(confirmed.select_related(*related).order_by("-decided_at", "-pk")[:LATEST]),
        "most": MOST,
    }


def _first(titles: QuerySet[Designation]) -> list[Designation]:
    return list(titles[:MOST])
