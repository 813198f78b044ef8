"""The text of a plan's document, against which its quotations are held; the text is not ours to ship."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry import history
from targets import citations
from targets.citations import Finding
from targets.models import Document, Plan

# GB 18030 holds GBK and GB 2312.
ENCODINGS = ("utf-8-sig", "gb18030")
FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n.*?^---[^\S\n]*\n", re.DOTALL | re.MULTILINE)


class Command(BaseCommand):
    help = _(
        "Store the text of a plan's document, and say how many quotations were found in it at their place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help=_("text in UTF-8 or GBK; a front matter between --- lines is left out")
        )
        parser.add_argument("--document", metavar="CODE", help=_("needed where there are several documents"))

    def handle(self, *args: Any, file: Path, document: str | None, **options: Any) -> None:
        stored = document_of(document)
        stored.text = FRONT_MATTER.sub("", read_text(file))
        if not stored.text.strip():
            raise CommandError(_("%(file)s holds no text.") % {"file": file.name})
        with history.change(reason=_("Text of the document loaded from %(file)s") % {"file": file.name}):
            stored.save(update_fields=["text"])
        length = {"document": stored.code, "count": len(stored.text)}
        self.stdout.write(_("%(document)s: %(count)d characters stored.") % length)
        for plan in stored.plans.all():
            self.report(plan, stored.text)

    def report(self, plan: Plan, text: str) -> None:
        sections = citations.find_sections(text, citations.headings_of(plan))
        found = citations.find_quotations(text, sections, citations.quotations_of(plan))
        in_place = sum(quotation.finding == Finding.FOUND for quotation in found)
        numbers = {"plan": plan.code, "found": in_place, "all": len(found)}
        self.stdout.write(_("Plan %(plan)s: %(found)d of %(all)d quotations found at their place.") % numbers)
        if in_place < len(found):
            self.stdout.write(_("manage.py check_targets names the others."))


def document_of(code: str | None) -> Document:
    documents: list[Document] = list(Document.objects.all())
    if code is not None:
        documents = [document for document in documents if document.code == code]
    if len(documents) == 1:
        return documents[0]
    known = ", ".join(Document.objects.values_list("code", flat=True))
    names = {"code": code, "known": known or "—"}
    if code is None:
        raise CommandError(_("Say with --document CODE which one it is: %(known)s") % names)
    raise CommandError(_("There is no document %(code)s; these are known: %(known)s") % names)


def read_text(file: Path) -> str:
    """Line ends of all systems become one, or a heading would end in an invisible character."""
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = {"file": file, "error": error.strerror}
        raise CommandError(_("%(file)s cannot be read: %(error)s") % reason) from error
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise CommandError(_("%(file)s is neither UTF-8 nor GBK.") % {"file": file.name})
