"""The pages about the plan."""

import difflib
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from registry.past import as_known_at
from registry.person import person
from targets import rules
from targets.choices import Interval
from targets.measure import measure_on
from targets.measure.bridge import COUNTED
from targets.measure.overlaps import counts_enterprises
from targets.models import Plan, Target
from targets.reports import bridge, course, data_card, differences, lapses, overlaps, records_file
from targets.reports.areas import areas
from targets.reports.listing import listing, wish_of
from targets.reports.overview import neighbours, overview, state_of
from targets.reports.question import Question, answers, answers_now, with_own
from targets.reports.rows import Row
from targets.reports.source import source
from targets.series import before
from targets.sides import address_of
from targets.standings import in_use, known_targets, one_in_use, standings


@answers
def overview_page(request: HttpRequest, question: Question) -> HttpResponse:
    state = state_of(request.GET.get("state"))
    context = {
        "question": question,
        "state": state,
        "overview": overview(question, state),
        "since": before(question.day, Interval.MONTH),
    }
    return render(request, "reports/overview.html", context)


@answers
def courses_part(request: HttpRequest, question: Question) -> HttpResponse:
    """The small pictures of the overview, which asks for them when it is shown: years cost more than two days."""
    drawn = {
        code: render_to_string("reports/_spark.html", {"one": one})
        for code, one in course.small(question).items()
    }
    return JsonResponse(drawn)


@answers
def target_page(request: HttpRequest, question: Question, code: str) -> HttpResponse | FileResponse:
    known = in_use(known_targets(question.plan), question.day)
    target = next((one for one in known if one.code == code), None)
    if target is None:
        return unknown_target(request, question, code)
    rows = family(target, known, question)
    row = rows.pop(target.pk)
    wanted, wish = request.GET.get("format") or "", wish_of(request.GET)
    records = listing(row.standing.spec, question, wish, person(request), whole=bool(wanted))
    if wanted and records is not None:
        return records_file.file_of(request, question, row, records, wanted)
    previous, following = neighbours(target, known)
    own_day = differences.on_its_own_day(row, question.day)
    context = {
        "question": question,
        "row": row,
        "target": row.target,
        "whole": rows.get(row.target.parent_id or 0),
        "parts": [one for one in rows.values() if one.target.parent_id == target.pk],
        "areas": areas(row, question),
        "on_its_own_day": own_day,
        "address": address_of(row.target) if counts_enterprises(row.standing.spec) else "",
        "listing": records,
        "before": previous,
        "after": following,
        "elsewhere": in_other_plans(code, question, person(request)),
        "has_bridge": row.standing.spec.feed in COUNTED,
        "lapses": lapses.lapses(row, question),
        "course": course.course(row.target, question, course.usual(row.target, question)),
        "card": data_card.card(row, question),
    }
    return render(request, "reports/target.html", context)


@answers
def source_page(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    """The document of any plan that the reader may choose."""
    plan = Plan.objects.select_related("document").filter(code=code.replace("\x00", "")).first()
    if plan is None or (plan.is_draft and not request.user.has_perm("targets.change_plan")):
        raise Http404
    return render(
        request, "reports/source.html", {"question": question, "plan": plan, "source": source(plan)}
    )


@answers
def series_page(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    target = one_in_use(code, question.plan, question.day)
    if target is None:
        return unknown_target(request, question, code)
    question = with_own(question, request.GET, *course.OWN)
    found = course.course(target, question, course.wish_of(request.GET, target, question))
    context = {
        "question": question,
        "target": target,
        "course": found,
        "row": Row(found.last.standing, question.district),
        "has_bridge": found.last.standing.spec.feed in COUNTED,
    }
    return render(request, "reports/series.html", context)


@answers_now
def bridge_page(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    with as_known_at(question.known_at):
        target = one_in_use(code, question.plan, question.day)
        if target is None:
            return unknown_target(request, question, code)
    question = with_own(question, request.GET, *bridge.OWN)
    spec, span, wish = (
        rules.spec_of(target.rule),
        bridge.span_of(request.GET, question),
        bridge.wish_of(request.GET),
    )
    context = {"question": question, "target": target, "span": span, "presets": bridge.presets(question)}
    if spec.feed in COUNTED:
        told = bridge.told(spec, span, question, person(request))
        records = bridge.steps(spec, told, question, wish, person(request), bridge.cluster_of(request.GET))
        context |= {"has_bridge": True, "told": told, "steps": records}
    return render(request, "reports/bridge.html", context)


def family(target: Target, known: list[Target], question: Question) -> dict[int, Row]:
    """A target, its whole and its parts, by id; what is not in use on the day, and so not known, is not among them."""
    found = [one for one in known if target.pk in (one.pk, one.parent_id) or one.pk == target.parent_id]
    look_ahead(target, question)
    return {one.target.pk: Row(one, question.district) for one in standings(found, question.day)}


def look_ahead(target: Target, question: Question) -> None:
    """Measure all days of a target's page as one question to the facts; its parts then find them remembered."""
    days = {question.day, *course.days_of(question, course.usual(target, question))}
    measure_on([rules.spec_of(target.rule)], {*days, *lapses.days_ahead(target, question)})


def in_other_plans(code: str, question: Question, user: Any) -> list[Target]:
    """The targets of the same code in the other plans that a reader may choose."""
    plans = [plan for plan in question.plans_for(user) if plan != question.plan]
    if not plans:
        return []
    found = Target.objects.filter(plan__in=plans, code=code, rule__isnull=False)
    return list(found.select_related("plan").order_by("-plan__deadline"))


def unknown_target(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    """No such target: say which ones are spelt alike."""
    known = dict(Target.objects.filter(plan=question.plan, rule__isnull=False).values_list("code", "name"))
    alike = difflib.get_close_matches(code, known, n=5, cutoff=0.5)
    context = {
        "question": question,
        "code": code,
        "alike": [(one, known[one]) for one in alike],
        "elsewhere": in_other_plans(code, question, person(request)),
    }
    return render(request, "reports/unknown_target.html", context, status=404)


@answers
def differences_page(request: HttpRequest, question: Question) -> HttpResponse:
    context = {"question": question, "comparison": differences.comparison(question)}
    return render(request, "reports/differences.html", context)


@answers
def target_differences_page(request: HttpRequest, question: Question, code: str) -> HttpResponse:
    course = differences.course(question, code)
    if course is None:
        return unknown_target(request, question, code)
    context = {"question": question, "course": course, "target": course.found.target}
    return render(request, "reports/target_differences.html", context)


@answers
def overlaps_page(request: HttpRequest, question: Question) -> HttpResponse:
    choices = overlaps.choices(question)
    wish = overlaps.wish_of(request.GET, question, choices)
    context = {"question": question, "wish": wish, "kept": wish.kept, "choices": choices}
    if wish.second is None:
        context["pairs"] = overlaps.pairs(wish, question, choices)
    else:
        context["compared"] = overlaps.compare(wish, question, person(request))
    return render(request, "reports/overlaps.html", context)
