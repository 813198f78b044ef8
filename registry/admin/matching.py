"""匹配: one queued row after the other, its own words beside each enterprise that it may mean; decided by a key."""

from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from registry import search
from registry.admin.base import RegisterAdmin
from registry.admin.lists.rosters import own_lists
from registry.choices import RowOutcome
from registry.models import Enterprise, MatchDecision, RosterRow
from registry.person import person
from registry.rosters.errors import RosterError
from registry.rosters.resolve import refuse, resolve, stated_by
from registry.rosters.workbench import NEW

CANDIDATES = 9  # as many as there are keys
FOUND = 9
BY = {
    "code": "代码相同",
    "name": "名称相同",
    "former_name": "曾用名相同",
    "decision": "此前选定",
    "search": "查找所得",
}


def matching(page: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("registry.match_rosterrow"):
        raise PermissionDenied
    if request.method == "POST":
        return decide(request)
    rows = queue(request)
    row = next_row(rows, request)
    context = {
        **page.admin_site.each_context(request),
        "title": "匹配名单行",
        "opts": page.opts,
        "row": row,
        "left": rows.count(),
        "roster": request.GET.get("roster", ""),
    }
    if row is not None:
        stated, text = stated_by(row), request.GET.get("q", "").strip()[:100]
        offered = candidates(request, row, text)
        context |= {
            "stated": stated,
            "raw": row.raw,
            "text": text,
            "candidates": [beside(stated, one, how) for one, how in offered],
            "skip": address(request, after=row),
        }
    return TemplateResponse(request, "registry/admin/matching.html", context)


def queue(request: HttpRequest) -> Any:
    """The rows that wait for this person: of one list where the address names it, in the order of the lists."""
    rows = RosterRow.objects.filter(outcome=RowOutcome.QUEUED, roster__undone_at=None)
    rows = own_lists(request, rows, "roster__imported_by").select_related("roster__imported_by")
    roster = request.GET.get("roster", "")
    if roster.isdecimal() and len(roster) < 19:
        rows = rows.filter(roster=int(roster))
    return rows.defer("roster__content").order_by("pk")


def next_row(rows: Any, request: HttpRequest) -> RosterRow | None:
    """The row that is asked for, or the first behind the last one skipped; from the start when those are through."""
    asked, after = request.GET.get("row", ""), request.GET.get("after", "")
    if asked.isdecimal() and len(asked) < 19:
        found: RosterRow | None = rows.filter(pk=int(asked)).first()
        if found is not None:
            return found
    if after.isdecimal() and len(after) < 19:
        return rows.filter(pk__gt=int(after)).first() or rows.first()
    return rows.first()


def address(request: HttpRequest, after: RosterRow) -> str:
    kept: dict[str, Any] = {"after": after.pk}
    if request.GET.get("roster"):
        kept["roster"] = request.GET["roster"]
    return f"{reverse('admin:registry_rosterrow_matching')}?{urlencode(kept)}"


# What a row may mean


def candidates(request: HttpRequest, row: RosterRow, text: str) -> list[tuple[Enterprise, str]]:
    """The enterprises of the import's own candidates, or those that a search finds; never of another area."""
    own = Enterprise.objects.visible_to(person(request)).select_related("district")
    if text:
        hits = search.find(request.user, text, day=timezone.localdate(), most=FOUND)
        wanted = [(hit.pk, BY["search"]) for hit in hits]
    else:
        wanted = [(one["id"], how_found(one)) for one in row.candidates[:CANDIDATES]]
    rows = own.prefetch_related("former_names", "designations__scheme").in_bulk([pk for pk, _how in wanted])
    return [(rows[pk], how) for pk, how in wanted if pk in rows]


def how_found(candidate: dict[str, Any]) -> str:
    score = candidate.get("score", 0)
    return BY[candidate["by"]] if score == 100 and candidate.get("by") in BY else f"名称相近 {score:.0f}%"


def beside(stated: dict[str, str], enterprise: Enterprise, how: str) -> dict[str, Any]:
    """An enterprise beside what the row says: name in pieces, those that differ marked; what else differs told."""
    return {
        "enterprise": enterprise,
        "how": how,
        "name": pieces(stated["name"], enterprise.name),
        "former": [one.name for one in enterprise.former_names.all()],
        "code_differs": bool(
            stated["uscc"] and enterprise.uscc and stated["uscc"].upper() != enterprise.uscc
        ),
        "address": pieces(stated["address"], enterprise.address)
        if stated["address"]
        else [(enterprise.address, False)],
        "titles": sorted({one.called for one in enterprise.designations.all()}),
        "closed": enterprise.closed_on is not None and enterprise.closed_on <= timezone.localdate(),
    }


def pieces(stated: str, known: str) -> list[tuple[str, bool]]:
    """The known text in pieces, each with whether the row says otherwise."""
    if not stated:
        return [(known, False)]
    parts = SequenceMatcher(None, stated, known, autojunk=False).get_opcodes()
    return [(known[start:end], tag != "equal") for tag, _i, _j, start, end in parts if end > start]


# What is decided


def decide(request: HttpRequest) -> HttpResponse:
    rows, chosen = queue(request), request.POST.get("decision", "")
    row = rows.filter(
        pk=request.POST.get("row", "") if request.POST.get("row", "").isdecimal() else 0
    ).first()
    if row is None:
        messages.warning(request, _("This row has been decided meanwhile."))
        return redirect(request.get_full_path())
    who, following = person(request), address(request, after=row)
    try:
        if chosen == "not_ours":
            refuse(row=row, by=who)
            told = _("Row %(row)s: none of ours.")
        elif chosen == NEW:
            resolve(row=row, decision=NEW, by=who)
            told = _("Row %(row)s: a new enterprise.")
        elif chosen.isdecimal() and len(chosen) < 19:
            resolve(row=row, decision=int(chosen), by=who)
            told = _("Row %(row)s: matched.")
        else:
            return redirect(following)
    except RosterError as refused:
        messages.error(request, str(refused))
        return redirect(f"{following}&row={row.pk}")
    messages.success(request, told % {"row": f"{row.roster.file_name} · {row.number}"})
    return redirect(following)


@admin.register(MatchDecision)
class MatchDecisionAdmin(RegisterAdmin):
    """What was decided; revoked, it says nothing to later lists."""

    areas = ("enterprise__district",)
    list_display = ("name", "uscc", "meant", "decided_by", "decided_at", "revoked")
    list_select_related = ("enterprise", "decided_by")
    list_filter = (("revoked", BooleanRadioFilter),)
    search_fields = ("name", "uscc")
    search_help_text = "名单所写名称、代码"
    ordering = ("-id",)
    fields = ("name", "uscc", "enterprise", "revoked")
    readonly_fields = ("name", "uscc", "enterprise")
    autocomplete_fields = ("enterprise",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description="对应企业")
    def meant(self, decision: MatchDecision) -> str:
        return decision.enterprise.name if decision.enterprise else "不属本市"
