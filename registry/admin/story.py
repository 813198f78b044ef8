"""企业档案: one page that tells what an enterprise is, holds, reported and went through, on any day."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
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
from registry.admin.person import person
from registry.choices import COUNT_FIGURES, DesignationState, Figure
from registry.models import AnnualFigures, Designation, Enterprise, Merge, Split

CHANGES = 8
FIRST_DAY, LAST_DAY = dt.date(1950, 1, 1), dt.date(2100, 12, 31)
SOON = 90
# The figures that stand on the page; all of them are on the page of the enterprise.
SHOWN = (Figure.REVENUE, Figure.OUTPUT, Figure.RND, Figure.TAX, Figure.EMPLOYEES, Figure.INVENTION_PATENTS)


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


# Titles on a line of time


@dataclass(frozen=True)
class Bar:
    """A title from its first day to its last, in per cent of the line; without a last day it runs to the end."""

    title: Designation
    left: float
    width: float
    state: str
    word: str
    marks: list[float]


@dataclass(frozen=True)
class TimeLine:
    bars: list[Bar]
    years: list[tuple[int, float]]
    today: float


def time_line(enterprise: Enterprise, day: dt.date) -> TimeLine:
    titles = list(
        enterprise.designations.select_related("scheme")
        .prefetch_related("reviews")
        .order_by("scheme__position", "level", "valid_from", "pk")
    )
    valid = set(enterprise.designations.valid_on(day).values_list("pk", flat=True))
    begun = [title.valid_from or title.announced_on or day for title in titles]
    first = dt.date(max(min([day, *begun]), FIRST_DAY).year, 1, 1)
    ends = [day, *(title.valid_to or day for title in titles)]
    last = dt.date(min(max(ends), LAST_DAY).year + 1, 1, 1)

    def place(one: dt.date) -> float:
        return round(100 * (min(max(one, first), last) - first).days / (last - first).days, 2)

    bars = []
    for title, start in zip(titles, begun, strict=True):
        end = min(filter(None, (title.valid_to, title.ended_on)), default=last)
        state, word = standing(title, day, title.pk in valid)
        marks = [place(review.day) for review in title.reviews.all()]
        bars.append(Bar(title, place(start), max(place(end) - place(start), 0.8), state, word, marks))
    step = max((last.year - first.year) // 8, 1)
    years = [(year, place(dt.date(year, 1, 1))) for year in range(first.year, last.year, step)]
    return TimeLine(bars, years, place(day))


def standing(title: Designation, day: dt.date, valid: bool) -> tuple[str, str]:
    """How a title stands on a day, as a class and in words; whether it counts says `registry.validity` alone."""
    if title.state != DesignationState.CONFIRMED:
        return "waiting", title.get_state_display()
    if valid:
        if title.valid_to is None:
            return "valid", "有效，没有固定期限"
        left = (title.valid_to - day).days
        if left < 0:
            return "soon", "已到期，宽限期内仍计数"
        return ("soon", f"有效，还有 {left} 天") if left <= SOON else ("valid", f"有效，至 {title.valid_to}")
    if title.valid_from and title.valid_from > day:
        return "waiting", f"自 {title.valid_from} 起有效"
    if title.ended_on and title.ended_on <= day:
        return "over", f"{title.ended_on} 终止，{title.get_end_reason_display()}"
    if title.valid_to and title.valid_to < day:
        return "over", f"{title.valid_to} 到期"
    return "over", "企业已注销，不再计数"


# Figures by year


def figures(enterprise: Enterprise) -> dict[str, Any]:
    """The years as columns, the figures as rows, each with its change on the year before."""
    years = list(AnnualFigures.objects.filter(enterprise=enterprise).order_by("year"))
    rows = []
    for figure in SHOWN:
        values = [getattr(one, figure.value) for one in years]
        if any(value is not None for value in values):
            unit = "" if figure in COUNT_FIGURES else "（万元）"
            rows.append({"name": f"{figure.label}{unit}", "cells": cells(years, values)})
    return {"years": [one.year for one in years], "rows": rows}


def cells(years: list[AnnualFigures], values: list[Any]) -> list[dict[str, Any]]:
    found = [{"value": values[0], "change": None}] if values else []
    for (before, here), (earlier, value) in zip(pairwise(years), pairwise(values), strict=True):
        follows = here.year == before.year + 1
        found.append({"value": value, "change": change(earlier, value) if follows else None})
    return found


def change(before: Decimal | int | None, after: Decimal | int | None) -> Decimal | None:
    """In per cent; None where there is nothing to compare with."""
    if not before or after is None:
        return None
    return (Decimal(after) / Decimal(before) - 1) * 100
