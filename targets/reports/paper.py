"""Any page as PDF: the page itself, with the styles of print, at the address of the page with `format=pdf`."""

import re
from collections.abc import Callable
from functools import cache, wraps
from html import unescape
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registry.downloads import attached
from targets.bulletin.pdf import PdfUnavailable, pdf
from targets.choices import State
from targets.reports.words import css_name

STYLES = ("tokens", "site", "reports", "print", "sheet")
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
DRAWING = re.compile(r'<svg\b[^>]*?\bclass="([^"]*)"[^>]*>')
# What a style sheet says of the first :root, which is that of paper.
TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
# What needs the browser: programs, and the data that they draw; the tables beneath tell the same.
OF_BROWSERS = re.compile(r"<script\b.*?</script>|<link\b[^>]*>", re.S)

View = Callable[..., Any]


def printable(view: View) -> View:
    """A page that can also be had as PDF; what is no page (files, refusals) is answered as ever."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get("format") != "pdf":
            return view(request, *args, **kwargs)
        query = request.GET.copy()
        del query["format"]
        request.GET = query  # type: ignore[assignment]
        request.is_for_paper = True  # type: ignore[attr-defined]
        page = view(request, *args, **kwargs)
        is_page = page.status_code == 200 and page["Content-Type"].startswith("text/html")
        return _on_paper(request, page.content.decode()) if is_page else page

    answer.is_printable = True  # type: ignore[attr-defined]
    return answer


def is_for_paper(request: HttpRequest) -> bool:
    """Whether the page is wanted whole, as nobody asks for a part of it later."""
    return getattr(request, "is_for_paper", False)


def _on_paper(request: HttpRequest, page: str) -> HttpResponse:
    try:
        made = pdf(drawable(page), _styles())
    except PdfUnavailable as problem:
        context = {"problem": str(problem), "path": request.path}
        return render(request, "reports/bad_question.html", context, status=503)
    found = TITLE.search(page)
    name = re.sub(r"[\s/\\]+", " ", unescape(found.group(1))).strip() if found else "page"
    return attached(made, f"{name}.pdf", "pdf")


def drawable(page: str) -> str:
    """The page with the colours of each drawing within it: those of the page's style sheets stop at its edge."""
    return DRAWING.sub(lambda found: found.group() + _colours(found.group(1)), OF_BROWSERS.sub("", page))


def _colours(classes: str) -> str:
    tokens = _tokens()
    named = [name.removeprefix("is-") for name in classes.split() if name.startswith("is-")]
    state = next((tokens[name] for name in named if name in tokens), tokens["accent"])
    plain = {name.replace("-", "_"): value for name, value in tokens.items()}
    pieces = "".join(f".{css_name(one)}{{fill:{tokens[css_name(one).removeprefix('is-')]}}}" for one in State)
    return f"<style>{DRAWN.format(state=state, **plain)}{pieces if 'split' in classes else ''}</style>"


# As in reports.css, in plain colours.
DRAWN = """
.t{{fill:{sunken}}} .v{{fill:{state}}} .o{{fill:{ink}}}
.g{{stroke:{ink};stroke-width:1px}} .e{{stroke:{ink};stroke-width:4px}}
.a{{fill:none;stroke:{surface};stroke-width:2px}} .l,.line{{fill:none;stroke:{accent};stroke-width:1.5px}}
.d,.dot{{fill:{accent}}} .due{{fill:none;stroke:{muted};stroke-width:1.5px;stroke-dasharray:5 4}}
.goal{{fill:none;stroke:{ink};stroke-width:1px;stroke-dasharray:2 3}} .grid{{stroke:{line};stroke-width:1px}}
.mark{{fill:{surface};stroke:{ink};stroke-width:1.5px}} text{{fill:{muted};font-size:12px}}
"""


@cache
def _tokens() -> dict[str, str]:
    first = _sheet("tokens").split("@media", 1)[0]
    return {name: value.strip() for name, value in TOKEN.findall(first)}


@cache
def _styles() -> tuple[str, ...]:
    return tuple(_sheet(name) for name in STYLES)


def _sheet(name: str) -> str:
    return Path(str(finders.find(f"czindustry/{name}.css"))).read_text(encoding="utf-8")
