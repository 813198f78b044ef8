"""The records behind a number, at the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.output import add_format_argument
from targets.api.questions import AsOfQuery
from targets.api.rows import record_rows
from targets.choices import Exclusion
from targets.management.commands._asking import (
    add_question_arguments,
    print_records,
    problems_told,
    question_of,
)


class Command(BaseCommand):
    help = _(
        "Print the records that make up the number of a target on a day, or with --excluded those of the "
        "same titles, figures or groups that it leaves out, each with the reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="TARGET", help=_("code of the target"))
        add_question_arguments(parser)
        parser.add_argument("--excluded", action="store_true", help=_("what is left out, and why"))
        parser.add_argument("--reason", choices=Exclusion.values, help=_("left out for this reason only"))
        parser.add_argument("--search", metavar="TEXT", help=_("part of a name, of an item or of a code"))
        parser.add_argument("--limit", type=int, metavar="N", help=_("at most so many (default: all)"))
        add_format_argument(parser)

    def handle(
        self, *args: Any, target: str, excluded: bool, limit: int | None, form: str, **options: Any
    ) -> None:
        if limit is not None and limit < 1:
            raise CommandError(_("--limit must be 1 or more."))
        question = question_of(AsOfQuery, options)
        question.target, question.limit = target, limit
        question.search, question.reason = options["search"] or "", options["reason"] or ""
        with problems_told():
            page = question.records(counted=not (excluded or question.reason))
        print_records(self.stdout, record_rows(page.records), page.total, columns(), form)


def columns() -> dict[str, str]:
    return {
        "uscc": _("code"),
        "enterprise": _("enterprise"),
        "item": _("item"),
        "district_name": _("area"),
        "scheme_name": _("title"),
        "level": _("level"),
        "document": _("document"),
        "valid_from": _("from"),
        "valid_to": _("to"),
        "ended_on": _("ended"),
        "cluster_name": _("cluster or chain"),
        "year": _("year"),
        "value": _("value"),
        "reason_text": _("reason"),
    }
