"""The documents of a bulletin, each made of it alone: of the same bulletin always the same bytes."""

from collections.abc import Callable

from django.template.loader import render_to_string
from django.utils import translation

from targets.bulletin import excel, word
from targets.bulletin.content import Bulletin
from targets.bulletin.pdf import pdf


def _pdf(found: Bulletin) -> bytes:
    with translation.override("zh-hans"):
        return pdf(render_to_string("reports/bulletin_print.html", {"found": found}))


DOCUMENTS: dict[str, Callable[[Bulletin], bytes]] = {
    "docx": word.document,
    "xlsx": excel.workbook,
    "pdf": _pdf,
}
