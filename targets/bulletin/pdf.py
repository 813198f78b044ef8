"""Papers as PDF, by WeasyPrint; it needs Pango, which the system brings or does not."""

import logging
import os
import threading
from collections.abc import Iterable
from functools import cache
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import NoReturn

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

STYLE = "czindustry/paper.css"
PROBE = "常"
# Where HarfBuzz cannot make the subsets of fonts, fontTools does, and would write into each when that was.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")


class PdfUnavailable(Exception):
    """Pango is missing on this machine, or a font that has Chinese."""

    def __str__(self) -> str:
        return _(
            "This machine cannot write PDF: Pango or a Chinese font is missing. On Debian: apt install "
            "libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk. Until then print the page from the browser."
        )


def pdf(html: str, styles: Iterable[str] = ()) -> bytes:
    """The PDF of a paper, in the style of the standard or in those given; nothing is fetched from anywhere.

    The same paper gives the same bytes.
    """
    try:
        from weasyprint import CSS, HTML  # loads Pango
    except OSError as error:
        raise PdfUnavailable from error
    if not has_chinese():
        raise PdfUnavailable
    given = list(styles) or [Path(str(finders.find(STYLE))).read_text(encoding="utf-8")]
    paper = HTML(string=html, url_fetcher=_refuse)
    sheets = [CSS(string=style) for style in given]
    made: bytes = paper.write_pdf(stylesheets=sheets, pdf_identifier=b"czindustry")
    return made


@cache
def has_chinese() -> bool:
    """Whether any font here has Chinese: without one a paper would be made, of empty boxes."""
    from weasyprint import HTML

    told = BufferingHandler(1000)
    me = threading.get_ident()
    told.addFilter(lambda record: record.thread == me)
    log = logging.getLogger("weasyprint")
    log.addHandler(told)
    try:
        HTML(string=f"<p>{PROBE}").write_pdf()
    finally:
        log.removeHandler(told)
    return not any(PROBE in record.getMessage() for record in told.buffer)


def _refuse(url: str, *_args: object, **_kwargs: object) -> NoReturn:
    raise ValueError(f"a paper fetches nothing: {url[:100]}")
