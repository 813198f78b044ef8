"""The pages of enterprises, areas, clusters and titles, and the search for all of them."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import exports, layouts
from registry.downloads import about_list, answer
from registry.models import Cluster, Designation, District, Enterprise
from registry.named_lists import in_words
from registry.person import person
from targets.reports import clusters, district, enterprises, expiring, named_lists
from targets.reports.find import find
from targets.reports.paper import is_for_paper
from targets.reports.question import Question, answers, search_words, with_own


@answers
def enterprises_page(request: HttpRequest, question: Question) -> HttpResponse | FileResponse:
    question = with_own(question, request.GET, *enterprises.OWN)
    user = person(request)
    if request.GET.get("format") == "xlsx":
        rows = enterprises.rows(enterprises.wish_of(request.GET), question, user)
        return workbook(request, question, Enterprise, rows)
    listed = enterprises.listed(request.GET, question, user)
    return render(request, "reports/enterprises.html", {"question": question, "listed": listed})


@answers
def enterprise_page(request: HttpRequest, question: Question, key: str) -> HttpResponse:
    user = person(request)
    one = enterprises.one_of(key, user)
    profile = enterprises.profile(one, question, user)
    return render(request, "reports/enterprise.html", {"question": question, "profile": profile, "one": one})


@answers
def expiring_page(request: HttpRequest, question: Question) -> HttpResponse | FileResponse:
    question = with_own(question, request.GET, *expiring.OWN)
    user = person(request)
    if request.GET.get("format") == "xlsx":
        rows = expiring.rows(expiring.wish_of(request.GET), question, user)
        return workbook(request, question, Designation, rows)
    found = expiring.expiring(request.GET, question, user)
    return render(request, "reports/expiring.html", {"question": question, "expiring": found})


@answers
def named_lists_page(request: HttpRequest, question: Question) -> HttpResponse:
    lists = named_lists.overview(question, person(request))
    return render(request, "reports/named_lists.html", {"question": question, "lists": lists})


@answers
def named_list_page(request: HttpRequest, question: Question, code: str) -> HttpResponse | FileResponse:
    question = with_own(question, request.GET, *named_lists.OWN)
    user, one = person(request), named_lists.list_of(code, question)
    if request.GET.get("format") == "xlsx":
        rows = named_lists.file_rows(one, question, user)
        filters = [("用途", one.purpose), *in_words(one.query)]
        filters += [("查询板块", question.district.name)] if question.district else []
        about = about_list(
            request, one.name, moment=timezone.localtime(), as_of=question.day, filters=filters
        )
        return answer(request, named_lists.LAYOUT, rows, about)
    told = named_lists.told(one, request.GET, question, user)
    return render(request, "reports/named_list.html", {"question": question, "told": told, "one": one})


def workbook(request: HttpRequest, question: Question, model: Any, rows: Any) -> FileResponse:
    """The whole list that the page shows, without contacts."""
    layout = layouts.layout_of(model, contacts=False)
    filters = [(name, str(value)) for name, value in request.GET.items() if value and name != "format"]
    name, moment = str(model._meta.verbose_name_plural), timezone.localtime()
    about = about_list(request, name, moment=moment, as_of=question.day, filters=filters)
    return answer(request, layout, exports.rows_of(layout, rows), about)


@answers
def districts_page(request: HttpRequest, question: Question) -> HttpResponse:
    ranked = district.ranking_on(question)
    context = {"question": question, "ranked": ranked, "picture": district.picture(ranked)}
    return render(request, "reports/districts.html", context)


@answers
def district_page(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    one, question = _area(request, question, code)
    context = {"question": question, "told": district.told(one, question), "area": one}
    if request.GET.get("whole") or is_for_paper(request):
        context["holdings"] = district.holdings(one, question, person(request))
    return render(request, "reports/district.html", context)


@answers
def district_part(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    """The lower half of the page of an area, which asks for it when it is shown: it costs as much as the upper one."""
    one, question = _area(request, question, code)
    found = district.holdings(one, question, person(request))
    context = {"question": question, "area": one, "holdings": found}
    return render(request, "reports/_holdings.html", context)


def _area(request: HttpRequest, question: Question, code: str) -> tuple[District, Question]:
    one = next((area for area in question.districts if area.code == code), None)
    if one is None:
        raise Http404
    return one, with_own(question, request.GET, *district.OWN)


@answers
def clusters_page(request: HttpRequest, question: Question) -> HttpResponse:
    return render(request, "reports/clusters.html", {"question": question, "kinds": clusters.kinds(question)})


@answers
def cluster_page(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    one = Cluster.objects.in_use_on(question.day).filter(code=code.replace("\x00", "")).first()
    if one is None:
        raise Http404
    told = clusters.told(one, question, person(request))
    return render(request, "reports/cluster.html", {"question": question, "told": told, "cluster": one})


@answers
def find_page(request: HttpRequest, question: Question) -> HttpResponse:
    text = search_words(request.GET.get("q"))
    groups = find(question, person(request), text)
    if request.GET.get("format") == "json":
        results = [
            {"name": one.name, "link": one.link, "beside": " · ".join(filter(None, [group.name, one.beside]))}
            for group in groups
            for one in group.found
        ]
        told = _("%(number)d found") % {"number": len(results)} if results else _("Nothing was found.")
        return JsonResponse({"results": results, "told": told})
    return render(request, "reports/find.html", {"question": question, "text": text, "groups": groups})
