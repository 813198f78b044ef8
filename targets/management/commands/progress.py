"""How far every target is on a day, at the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from registry.output import add_format_argument, print_rows
from targets.api.questions import ProgressQuery
from targets.api.rows import Row, reading_rows
from targets.choices import State
from targets.management.commands._asking import add_question_arguments, percent, points, question_of


class Command(BaseCommand):
    help = _(
        "Print how far every target is on a day: value, target, completion, expected (序时进度), lead and "
        "state. With --district the area's own values are judged against the targets of the whole city."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_question_arguments(parser)
        parser.add_argument("--target", metavar="CODE", help=_("this target only"))
        parser.add_argument(
            "--section", metavar="CODE", help=_("targets under this heading of the plan only")
        )
        parser.add_argument("--state", choices=State.values, help=_("targets in this state only"))
        add_format_argument(parser)

    def handle(self, *args: Any, form: str, **options: Any) -> None:
        question = question_of(ProgressQuery, options)
        rows = reading_rows(question.standings(), question.as_of)
        if form == "table":
            self.stdout.write(_("%(plan)s on %(day)s") % {"plan": question.plan, "day": question.as_of})
            rows = [for_people(row) for row in rows]
        print_rows(self.stdout, rows, columns(), form)


def columns() -> dict[str, str]:
    return {
        "code": _("code"),
        "name": _("name"),
        "value": _("value"),
        "target": _("target"),
        "unit": _("unit"),
        "completion": _("completion"),
        "expected": _("expected"),
        "lead": _("lead"),
        "state": _("state"),
        "data_date": _("data of"),
        "official.value": _("published"),
        "difference": _("difference"),
    }


def for_people(row: Row) -> Row:
    shares = {name: percent(row[name]) for name in ("completion", "expected")}
    shares["lead"] = points(row["lead"])
    return {**row, **shares, "state": State(row["state"]).label}
