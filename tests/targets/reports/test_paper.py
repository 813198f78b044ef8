"""Every page as PDF: what it says stands on the paper, what only a screen can do does not."""

import os
import re
import time
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import get_resolver

from targets.bulletin import pdf as writer
from targets.bulletin.pdf import PdfUnavailable, pdf
from targets.models import Plan
from targets.reports import paper
from tests.targets.reports.conftest import LAST_DAY, Reader

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/targets/green.all/",
    "/targets/green.all/?list=excluded&search=%E5%8E%82",
    "/targets/green.all/series/",
    "/targets/green.all/bridge/?from=2022-12-31",
    "/targets/green.all/differences/",
    "/plans/532/document/",
    "/districts/",
    "/districts/320412/",
    "/clusters/",
    "/enterprises/",
    "/expiring/",
    "/lists/",
    "/publications/",
    "/find/?q=green",
    "/differences/",
    "/overlaps/",
)


def had(reader: Reader, address: str) -> HttpResponse:
    return reader.client.get(f"{address}{'&' if '?' in address else '?'}as_of={LAST_DAY}&format=pdf")


@pytest.fixture
def pango() -> None:
    """CI installs it; on one's own machine its tests are skipped where it is missing."""
    try:
        pdf("<p>")
    except PdfUnavailable as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.mark.usefixtures("pango")
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_had_as_pdf(clerk: Reader, plan: Plan, address: str) -> None:
    answer = had(clerk, address)
    assert answer.status_code == 200, address
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content.startswith(b"%PDF-")
    assert len(words(answer.content)) > 20, "there is text on it"


def words(content: bytes) -> bytes:
    """The operators of text in the streams of a PDF."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)
    found = b""
    for stream in streams:
        try:
            found += b"".join(re.findall(rb"<[0-9a-f]+>", zlib.decompress(stream)))
        except zlib.error:
            continue
    return found


@pytest.mark.usefixtures("pango")
def test_the_same_page_gives_the_same_bytes(
    clerk: Reader, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = had(clerk, "/districts/").content
    a_day_later = time.time() + 86_400
    monkeypatch.setattr("fontTools.misc.timeTools.time", SimpleNamespace(time=lambda: a_day_later))
    assert had(clerk, "/districts/").content == first


@pytest.mark.usefixtures("pango")
def test_without_a_chinese_font_there_is_no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """No font has a character of the private use area: as it is for Chinese where no Chinese font is."""
    monkeypatch.setattr(writer, "PROBE", chr(0xE5F7))
    monkeypatch.setattr(writer, "has_chinese", writer.has_chinese.__wrapped__)
    with pytest.raises(PdfUnavailable, match="fonts-noto-cjk"):
        pdf("<p>")


def test_each_page_leads_to_itself_on_paper(clerk: Reader, plan: Plan) -> None:
    page = clerk.open("/targets/green.all/", **{"as_of": "2024-12-31", "list": "excluded"}).content.decode()
    assert 'href="/targets/green.all/?as_of=2024-12-31&amp;list=excluded&amp;format=pdf"' in page
    # the bulletin is a paper of its own
    assert "format=pdf" in clerk.open("/bulletin/", kind="month").content.decode()


def test_every_page_can_be_printed() -> None:
    """A page that is added without `page(…)` in its addresses cannot."""
    own = {
        "bulletin",
        "courses",
        "district_part",
        "publication_document",
        "publication_start",
        "publication_step",
    }
    reports = next(one for one in get_resolver().url_patterns if getattr(one, "app_name", "") == "reports")
    unprintable = {
        one.name for one in reports.url_patterns if not getattr(one.callback, "is_printable", False)
    }
    assert unprintable == own


def test_what_is_refused_is_refused_in_words(clerk: Reader, wujin: Reader, plan: Plan) -> None:
    answer = clerk.client.get("/?as_of=yesterday&format=pdf")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")
    assert clerk.client.get("/districts/999999/?format=pdf").status_code == 404


def test_without_pango_it_is_said(clerk: Reader, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_args: Any) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(paper, "pdf", missing)
    answer = had(clerk, "/districts/")
    assert answer.status_code == 503
    assert "Pango" in answer.content.decode()


def test_the_page_goes_without_its_programs_and_with_its_colours(clerk: Reader, plan: Plan) -> None:
    page = clerk.open("/", as_of=LAST_DAY).content.decode()
    drawn = paper.drawable(page)
    assert "<script" not in drawn
    assert "<link" not in drawn
    assert drawn.count("<svg") == drawn.count("<style>")
    # each bar has the colour of its state, as the style sheet says it
    assert f".v{{fill:{paper._tokens()['reached']}}}" in drawn
