"""Pages as PDF, by WeasyPrint; it needs Pango, which the system brings or does not."""

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

STATIC = "/static/"


class PdfUnavailable(Exception):
    """Pango is missing on this machine."""

    def __str__(self) -> str:
        return _(
            "This machine cannot write PDF: Pango is missing. On Debian: apt install libpango-1.0-0 libpangoft2-1.0-0. "
            "Until then print the page from the browser."
        )


def pdf(html: str) -> bytes:
    """The PDF of a page of ours; nothing is fetched but our own static files."""
    try:
        from weasyprint import HTML  # loads Pango
    except OSError as error:
        raise PdfUnavailable from error
    made: bytes = HTML(string=html, base_url="https://site.invalid/", url_fetcher=_own).write_pdf()
    return made


def _own(url: str, *_args: object, **_kwargs: object) -> dict[str, object]:
    path = url.removeprefix("https://site.invalid")
    found = finders.find(path.removeprefix(STATIC)) if path.startswith(STATIC) else None
    if not isinstance(found, str):
        raise ValueError(f"not one of our own files: {url[:100]}")
    with open(found, "rb") as file:
        return {"string": file.read(), "mime_type": "text/css" if found.endswith(".css") else "image/svg+xml"}
