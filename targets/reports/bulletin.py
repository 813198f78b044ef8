"""The bulletin of any day: its text to read, and its documents to take away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from registry.downloads import attached
from targets.bulletin.content import Bulletin, bulletin
from targets.bulletin.documents import DOCUMENTS
from targets.bulletin.pdf import PdfUnavailable
from targets.choices import BulletinKind
from targets.reports.question import BadQuestion, Question, answers_now, with_own


@answers_now
def bulletin_page(request: HttpRequest, question: Question) -> HttpResponse:
    question = with_own(question, request.GET, "kind")
    kind = request.GET.get("kind") or BulletinKind.MONTH.value
    if kind not in BulletinKind.values:
        raise BadQuestion(
            _("“%(text)s” is no kind of bulletin: month, quarter or year.") % {"text": kind[:20]}
        )
    found = bulletin(question.plan, question.day, kind, known_at=question.known_at)
    wanted = request.GET.get("format") or ""
    if wanted:
        return file_of(found, wanted)
    context = {"question": question, "found": found, "kind": kind, "kinds": BulletinKind.choices}
    return render(request, "reports/bulletin.html", context)


def file_of(found: Bulletin, wanted: str) -> HttpResponse:
    """A document of a bulletin as a download."""
    if wanted not in DOCUMENTS:
        raise BadQuestion(_("“%(text)s” is no kind of document.") % {"text": wanted[:20]})
    try:
        content = DOCUMENTS[wanted](found)
    except PdfUnavailable as problem:
        raise BadQuestion(str(problem)) from None
    return attached(content, f"{found.title}.{wanted}", wanted)
