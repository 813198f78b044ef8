"""Papers as PDF, by WeasyPrint; it needs Pango, which the system brings or does not."""

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

STYLE = "czindustry/paper.css"


class PdfUnavailable(Exception):
    """Pango is missing on this machine."""

    def __str__(self) -> str:
        return _(
            "This machine cannot write PDF: Pango is missing. On Debian: apt install libpango-1.0-0 libpangoft2-1.0-0. "
            "Until then print the page from the browser."
        )


def pdf(html: str, styles: Iterable[str] = ()) -> bytes:
    """The PDF of a paper, in the style of the standard or in those given; nothing is fetched from anywhere.

    The same paper gives the same bytes.
    """
    try:
        from weasyprint import CSS, HTML  # loads Pango
    except OSError as error:
        raise PdfUnavailable from error
    given = list(styles) or [Path(str(finders.find(STYLE))).read_text(encoding="utf-8")]
    paper = HTML(string=html, url_fetcher=_refuse)
    sheets = [CSS(string=style) for style in given]
    made: bytes = paper.write_pdf(stylesheets=sheets, pdf_identifier=b"czindustry")
    return made


def _refuse(url: str, *_args: object, **_kwargs: object) -> NoReturn:
    raise ValueError(f"a paper fetches nothing: {url[:100]}")
