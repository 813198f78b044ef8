"""The registry against what is published, at the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.output import add_format_argument, print_rows
from targets.api import differences
from targets.api.questions import ProgressQuery, no_such_target
from targets.api.rows import Row
from targets.management.commands._asking import add_question_arguments, percent, question_of


class Command(BaseCommand):
    help = _(
        "Print by how much the registry and the newest published figure of every target differ on the "
        "figure's own day, the largest share first, and since when the difference has grown. With --target "
        "all published figures of one target; with --left-out the targets that have no difference, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_question_arguments(parser)
        parser.add_argument("--target", metavar="CODE", help=_("all published figures of this target"))
        parser.add_argument(
            "--left-out", action="store_true", help=_("targets without a difference, and why")
        )
        add_format_argument(parser)

    def handle(self, *args: Any, left_out: bool, form: str, **options: Any) -> None:
        question = question_of(ProgressQuery, options)
        if question.target:
            history = differences.history(question)
            if history is None:
                raise CommandError(no_such_target(question))
            rows, columns = history["results"], of_history()
        elif left_out:
            rows, columns = differences.rows(question)["left_out"], of_left_out()
        else:
            rows, columns = differences.rows(question)["results"], of_all()
        if form == "table":
            rows = [for_people(row) for row in rows]
        print_rows(self.stdout, rows, columns, form)


def of_history() -> dict[str, str]:
    return {
        "as_of": _("day"),
        "registry_value": _("registry"),
        "published.value": _("published"),
        "difference": _("difference"),
        "share": _("share"),
        "reason_text": _("reason"),
        "published.source": _("source"),
    }


def of_all() -> dict[str, str]:
    return {
        "code": _("code"),
        "name": _("name"),
        "as_of": _("day"),
        "registry_value": _("registry"),
        "published.value": _("published"),
        "unit": _("unit"),
        "difference": _("difference"),
        "share": _("share"),
        "since": _("growing since"),
    }


def of_left_out() -> dict[str, str]:
    return {"code": _("code"), "name": _("name"), "reason_text": _("reason")}


def for_people(row: Row) -> Row:
    return {**row, "share": percent(row["share"])} if "share" in row else row
