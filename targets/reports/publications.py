"""Publications (通报): what was issued, for good; and for those who work on them the way there."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from registry.downloads import attached
from registry.models import Enterprise, User
from registry.paging import BoundedPaginator
from registry.person import person
from targets.bulletin.content import Line
from targets.choices import PublicationState
from targets.models import Plan, Publication, PublicationDocument, PublishedRecord
from targets.reports.question import BadQuestion, Question, answers_now, day_of, page_number
from targets.services import publishing

PAGE_SIZE = 50
OTHERS = 20
PEOPLE = ("plan", "drafted_by", "edited_by", "returned_by", "signed_by", "issued_by", "corrects")
DRAFTING = "targets.change_publication"


def one_of(user: User, pk: int) -> Publication:
    found = Publication.objects.visible_to(user).select_related(*PEOPLE).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@answers_now
def publications_page(request: HttpRequest, question: Question) -> HttpResponse:
    rows = Publication.objects.visible_to(person(request)).without_content()
    page = BoundedPaginator(rows, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    return render(request, "reports/publications.html", {"question": question, "page": page})


@answers_now
def publication_page(request: HttpRequest, question: Question, pk: int) -> HttpResponse:
    user = person(request)
    publication = one_of(user, pk)
    seen = Publication.objects.visible_to(user).without_content()
    issues = seen.filter(state=PublicationState.ISSUED, plan=publication.plan_id).exclude(pk=pk)
    documents = list(publication.documents.defer("content"))
    corrected_by = seen.filter(corrects=publication).first()
    context = {
        "question": question,
        "publication": publication,
        "found": publishing.as_written(publication) if publication.content else None,
        "documents": documents,
        "without_pdf": publication.is_issued and not any(one.kind == "pdf" for one in documents),
        "corrected_by": corrected_by,
        "others": issues[:OTHERS] if publication.is_issued else [],
        "steps": steps_for(user, publication, corrected=corrected_by is not None),
    }
    return render(request, "reports/publication.html", context)


@answers_now
def records_page(request: HttpRequest, question: Question, pk: int, code: str) -> HttpResponse:
    """The records behind one number of an issue; people of an area see those of enterprises of theirs."""
    user = person(request)
    publication = one_of(user, pk)
    if not publication.is_issued:
        raise Http404
    line = next((one for one in publishing.as_written(publication).lines if one.code == code), None)
    if line is None:
        raise Http404
    rows = records_of(publication, line, user)
    page = BoundedPaginator(rows, PAGE_SIZE).get_page(page_number(request.GET.get("page")))
    context = {"question": question, "publication": publication, "line": line, "page": page}
    return render(request, "reports/publication_records.html", context)


def records_of(publication: Publication, line: Line, user: User) -> QuerySet[PublishedRecord]:
    return publication.records.filter(readable_by(user), target=line.code).order_by("id")


def readable_by(user: User) -> Q:
    """The records that a person sees: those of enterprises that are in the own area now, and what has no holder there."""
    if user.district is None:
        return Q()
    own = Enterprise.objects.visible_to(user).values("pk")
    return (
        Q(enterprise_id__in=own)
        | Q(enterprise_id__isnull=True, item="")
        | Q(enterprise_id__isnull=True, district=user.district.name)
    )


@answers_now
def compare_page(request: HttpRequest, question: Question) -> HttpResponse:
    user = person(request)
    first, second = (
        one_of(user, int(key) if key.isdecimal() and len(key) < 10 else 0)
        for key in (request.GET.get("first", ""), request.GET.get("second", ""))
    )
    if not (first.is_issued and second.is_issued):
        raise BadQuestion(_("Only what was issued is compared."))
    context = {
        "question": question,
        "first": first,
        "second": second,
        "lines": compared(first, second, user),
        "texts": publishing.compare_texts(first, second),
    }
    return render(request, "reports/publication_compare.html", context)


@dataclass(frozen=True)
class Compared:
    """A target that two issues tell differently: its areas with both numbers, and the records that came and went."""

    of: publishing.Differing
    areas: list[tuple[str, Decimal | None, Decimal | None]]
    gained: list[PublishedRecord]
    lost: list[PublishedRecord]


def compared(first: Publication, second: Publication, user: User) -> list[Compared]:
    differing = publishing.compare(first, second)
    codes = [one.line.code for one in differing]
    lost = by_target(publishing.records_lost(first, second, codes, readable_by(user)))
    gained = by_target(publishing.records_lost(second, first, codes, readable_by(user)))
    names = {**publishing.as_written(first).areas, **publishing.as_written(second).areas}
    return [
        Compared(
            one,
            [
                (
                    names.get(area, area),
                    one.first.areas.get(area) if one.first else None,
                    one.second.areas.get(area) if one.second else None,
                )
                for area in one.areas
            ],
            gained[one.line.code],
            lost[one.line.code],
        )
        for one in differing
    ]


def by_target(records: Iterable[PublishedRecord]) -> dict[str, list[PublishedRecord]]:
    found: dict[str, list[PublishedRecord]] = defaultdict(list)
    for one in records:
        found[one.target].append(one)
    return found


def document(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A file as it was handed on, to the byte."""
    seen = Publication.objects.visible_to(person(request))
    found = (
        PublicationDocument.objects.filter(publication__in=seen.values("pk"), publication=pk, kind=kind)
        .select_related("publication")
        .defer("publication__content", "publication__paragraphs")
        .first()
    )
    if found is None:
        raise Http404
    return attached(bytes(found.content), f"{found.publication.title}.{kind}", kind)


# The steps


@dataclass(frozen=True)
class Step:
    """What may be done to a bulletin in a state, by whoever has one of the rights."""

    name: str
    title: Any
    state: PublicationState
    rights: tuple[str, ...]
    apply: Callable[[Publication, User, HttpRequest], Publication | None]


def _edit(publication: Publication, by: User, request: HttpRequest) -> None:
    title, texts = request.POST.get("title", ""), request.POST.getlist("text")
    publishing.edit(publication=publication, title=title, texts=texts, by=by)


def _sign(publication: Publication, by: User, request: HttpRequest) -> None:
    publishing.sign_off(publication=publication, by=by, at=timezone.now())


def _send_back(publication: Publication, by: User, request: HttpRequest) -> None:
    publishing.send_back(publication=publication, by=by, reason=request.POST.get("reason", ""))


def _renew(publication: Publication, by: User, request: HttpRequest) -> None:
    publishing.renew(publication=publication, by=by, at=timezone.now())


def _discard(publication: Publication, by: User, request: HttpRequest) -> None:
    publishing.discard(publication=publication, by=by)


def _issue(publication: Publication, by: User, request: HttpRequest) -> None:
    publishing.issue(publication=publication, by=by, at=timezone.now())


def _correct(publication: Publication, by: User, request: HttpRequest) -> Publication:
    return publishing.correct(publication=publication, by=by, at=timezone.now())


SIGN, ISSUE = "targets.sign_publication", "targets.issue_publication"
STEPS = {
    one.name: one
    for one in (
        Step("edit", gettext_lazy("Save the text"), PublicationState.DRAFT, (DRAFTING,), _edit),
        Step("renew", gettext_lazy("Take the numbers anew"), PublicationState.DRAFT, (DRAFTING,), _renew),
        Step("sign", gettext_lazy("Sign off"), PublicationState.DRAFT, (SIGN,), _sign),
        Step("discard", gettext_lazy("Discard the draft"), PublicationState.DRAFT, (DRAFTING,), _discard),
        Step(
            "back", gettext_lazy("Back to the draft"), PublicationState.SIGNED, (SIGN, DRAFTING), _send_back
        ),
        Step("issue", gettext_lazy("Issue"), PublicationState.SIGNED, (ISSUE,), _issue),
        Step(
            "correct", gettext_lazy("Correct by a new issue"), PublicationState.ISSUED, (DRAFTING,), _correct
        ),
    )
}


def steps_for(user: User, publication: Publication, *, corrected: bool) -> list[Step]:
    """What the person may do now; who wrote does not sign, and an issue is corrected once."""
    wrote = user.pk in (publication.drafted_by_id, publication.edited_by_id)
    return [
        step
        for step in STEPS.values()
        if step.state == publication.state
        and any(user.has_perm(right) for right in step.rights)
        and not (step.name == "sign" and wrote)
        and not (step.name == "correct" and corrected)
    ]


@require_POST
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, wanted = person(request), STEPS.get(name)
    publication = one_of(user, pk)
    if wanted is None:
        raise Http404
    try:
        made = wanted.apply(publication, user, request)
    except ValidationError as problem:
        context = {"problem": " ".join(problem.messages), "path": request.path}
        return render(request, "reports/bad_question.html", context, status=400)
    if name == "discard":
        return redirect("reports:publications")
    return redirect("reports:publication", pk=(made or publication).pk)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """A draft from the page of the bulletin of a day."""
    plan = Plan.objects.filter(code=request.POST.get("plan", "")).first()
    if plan is None:
        raise Http404
    try:
        day = day_of(request.POST.get("as_of", ""))
        kind = request.POST.get("kind", "")
        made = publishing.draft(plan=plan, kind=kind, day=day, by=person(request), at=timezone.now())
    except (BadQuestion, ValidationError) as problem:
        words = " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
        return render(
            request, "reports/bad_question.html", {"problem": words, "path": "/bulletin/"}, status=400
        )
    return redirect("reports:publication", pk=made.pk)
