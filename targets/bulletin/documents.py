"""The documents of a bulletin, each made of it alone: of the same bulletin always the same bytes."""

import json
from collections.abc import Callable

from django.template.loader import render_to_string
from django.utils import translation

from targets.bulletin import excel, word
from targets.bulletin.content import Bulletin, to_json
from targets.bulletin.pdf import pdf


def _pdf(found: Bulletin) -> bytes:
    with translation.override("zh-hans"):
        return pdf(render_to_string("reports/bulletin_print.html", {"found": found}))


def _json(found: Bulletin) -> bytes:
    return json.dumps(to_json(found), ensure_ascii=False, indent=1, sort_keys=True).encode()


DOCUMENTS: dict[str, Callable[[Bulletin], bytes]] = {
    "docx": word.document,
    "xlsx": excel.workbook,
    "pdf": _pdf,
    "json": _json,
}
