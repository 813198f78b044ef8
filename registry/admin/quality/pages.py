"""The pages: all checks with their counts, the records of one, its export, and the dismissal of a pair."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry import exports, layouts, quality
from registry.downloads import about_list, answer
from registry.models import Enterprise
from registry.person import person
from registry.quality import Check, Found, Scope
from registry.quality.checks import Findings
from registry.quality.memory import OfTable
from registry.services.duplicates import keep_apart

PER_PAGE = 50
ICONS = {"error": "error", "warning": "warning", "notice": "info"}
MERGE = "admin:registry_enterprise_merge"


@dataclass(frozen=True)
class Link:
    """A way from a finding to where it is mended."""

    label: str
    address: str


@dataclass(frozen=True)
class Row:
    """A finding with its links, as the page shows it."""

    number: int
    found: Found
    links: list[Link]

    @property
    def dismissed_by(self) -> str:
        """The name of the field of its reason; the ids tell which pair it is."""
        return f"reason-{self.number}"


class ReasonForm(forms.Form):
    """Why a pair are two."""

    one = forms.ModelChoiceField(Enterprise.objects.none())
    other = forms.ModelChoiceField(Enterprise.objects.none())
    reason = forms.CharField(max_length=300, strip=True)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.POST)
        seen = Enterprise.objects.visible_to(person(request))
        for name in ("one", "other"):
            self.fields[name].queryset = seen  # type: ignore[attr-defined]


def add_to(site: AdminSite) -> None:
    """Put the pages before the addresses of the site, under its names."""
    own = site.get_urls

    def urls() -> list[Any]:
        return [*_urls(site), *own()]

    site.get_urls = urls  # type: ignore[method-assign]


def _urls(site: AdminSite) -> list[Any]:
    def view(function: Callable[..., Any]) -> Callable[..., Any]:
        def shown(request: HttpRequest, **more: Any) -> Any:
            if not request.user.has_perm("registry.check_quality"):
                raise PermissionDenied
            request.current_app = site.name
            return function(request, site, **more)

        return site.admin_view(shown)

    return [
        path("registry/quality/", view(overview), name="registry_quality"),
        path("registry/quality/dismiss/", view(dismiss), name="registry_quality_dismiss"),
        path("registry/quality/<slug:code>/", view(listing), name="registry_quality_check"),
        path("registry/quality/<slug:code>/export/", view(export), name="registry_quality_export"),
    ]


def _scope(request: HttpRequest) -> Scope:
    return Scope(person(request), timezone.localdate())


def _check(code: str) -> Check:
    check = quality.by_code(code)
    if check is None:
        raise Http404
    return check


def overview(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """All checks, each with how much it finds."""
    scope = _scope(request)
    cards = [
        {"check": check, "count": check.find(scope).count(), "icon": ICONS[check.severity]}
        for check in quality.all_checks()
    ]
    context = {**site.each_context(request), "title": "数据质量", "cards": cards, "day": scope.day}
    return TemplateResponse(request, "registry/admin/quality/overview.html", context)


def listing(request: HttpRequest, site: AdminSite, code: str) -> HttpResponse:
    """The records that one check has found, a page at a time."""
    check = _check(code)
    findings = check.find(_scope(request))
    count = findings.count()
    pages = max((count + PER_PAGE - 1) // PER_PAGE, 1)
    asked = request.GET.get("p", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 9 else 1
    start = (page - 1) * PER_PAGE
    may_merge = request.user.has_perm("registry.merge_enterprise")
    rows = [
        Row(number, found, list(_links(found, may_merge=may_merge)))
        for number, found in enumerate(findings.page(start, start + PER_PAGE), start + 1)
    ]
    context = {
        **site.each_context(request),
        "title": check.title,
        "check": check,
        "icon": ICONS[check.severity],
        "rows": rows,
        "count": count,
        "page": page,
        "pages": pages,
        "has_pairs": any(row.found.pair for row in rows),
    }
    return TemplateResponse(request, "registry/admin/quality/listing.html", context)


def _links(found: Found, *, may_merge: bool) -> Iterator[Link]:
    for model, pk, name in found.links:
        yield Link(name, reverse(f"admin:{model.replace('.', '_')}_change", args=[pk]))
    if found.page:
        yield Link("查看", found.page)
    if found.pair and may_merge:
        first, second = found.pair
        try:
            yield Link("合并", f"{reverse(MERGE, args=[first])}?other={second}")
        except NoReverseMatch:
            return


LAYOUT = exports.Layout(
    (
        exports.Column("序号", "number", exports.Shape.NUMBER, 7),
        exports.Column("对象", "name", width=60),
        exports.Column("板块", "area", width=12),
        exports.Column("原因", "why", width=60),
        exports.Column("企业编号", "enterprises", width=16),
    )
)
WHY = exports.Column("检查结果", "why", width=50)


def export(request: HttpRequest, site: AdminSite, code: str) -> FileResponse | HttpResponse:
    """The findings of a check; records as the lists have them, so that they are mended in the file and imported."""
    check = _check(code)
    findings = check.find(_scope(request))
    model = findings.rows.model if isinstance(findings, OfTable) else None
    filters = [("检查说明", check.explanation), ("处理办法", check.remedy)]
    moment, today = timezone.localtime(), timezone.localdate()
    about = about_list(request, check.title, moment=moment, as_of=today, model=model, filters=filters)
    layout, rows = _records(findings) if isinstance(findings, OfTable) else (LAYOUT, _findings(findings))
    try:
        return answer(request, layout, rows, about)
    except exports.TooManyRows as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:registry_quality_check", args=[code]))


def _records(findings: OfTable) -> tuple[exports.Layout, Iterator[Any]]:
    layout = layouts.layout_of(findings.rows.model)
    layout = replace(
        layout, columns=(*layout.columns, WHY), added={**layout.added, WHY.path: findings.reasons}
    )
    return layout, exports.rows_of(layout, findings.rows.order_by("-pk"))


def _findings(findings: Findings) -> Iterator[Any]:
    for number, found in enumerate(findings.every(), 1):
        yield number, found.name, found.area, found.why, "、".join(_enterprises(found))


def _enterprises(found: Found) -> Iterator[str]:
    return (str(pk) for model, pk, _name in found.links if model == "registry.enterprise")


@require_POST
def dismiss(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """不是重复, with the reason; back to where the person was."""
    form = ReasonForm(request)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("admin:registry_quality_check", args=["duplicates"])
    if not form.is_valid():
        messages.error(request, _("Say why the two are not the same enterprise."))
        return HttpResponseRedirect(back)
    given = form.cleaned_data
    try:
        keep_apart(one=given["one"], other=given["other"], by=person(request), reason=given["reason"])
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        names = {"one": given["one"].name, "other": given["other"].name}
        messages.success(request, _("“%(one)s” and “%(other)s” will not be proposed again.") % names)
    return HttpResponseRedirect(back)
