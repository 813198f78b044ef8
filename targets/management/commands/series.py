"""A target through time, at the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from registry.output import add_format_argument, print_rows
from targets.api.course_rows import point_rows
from targets.api.courses import SeriesQuery
from targets.api.rows import Row
from targets.choices import Interval, State
from targets.management.commands._asking import (
    add_course_arguments,
    course_of,
    percent,
    points,
    problems_told,
)


class Command(BaseCommand):
    help = _(
        "Print how a target went, on the last day of each month, quarter or year: value, change on the year (同比) "
        "and on the period before (环比), completion, expected, lead and state."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_course_arguments(parser, first=_("the first day (default: the target's baseline date)"))
        parser.add_argument(
            "--step", choices=Interval.values, help=_("how far the points lie apart (default: month)")
        )
        add_format_argument(parser)

    def handle(self, *args: Any, form: str, **options: Any) -> None:
        course = course_of(SeriesQuery, options)
        with problems_told():
            target, found = course.series()
        rows = point_rows(found, course)
        if form == "table":
            self.stdout.write(f"{target.name} ({target.unit})")
            rows = [for_people(row) for row in rows]
        print_rows(self.stdout, rows, columns(), form)


def columns() -> dict[str, str]:
    return {
        "day": _("day"),
        "value": _("value"),
        "year_on_year.difference": _("on the year"),
        "year_on_year.share": "%",
        "on_last.difference": _("on the period before"),
        "on_last.share": "%",
        "target": _("target"),
        "completion": _("completion"),
        "expected": _("expected"),
        "lead": _("lead"),
        "state": _("state"),
        "data_date": _("data of"),
        "official.value": _("published"),
    }


def for_people(row: Row) -> Row:
    shares = {name: percent(row[name]) for name in ("completion", "expected")}
    changes = {
        name: {**row[name], "share": percent(row[name]["share"])}
        for name in ("year_on_year", "on_last")
        if row[name]
    }
    return {**row, **shares, **changes, "lead": points(row["lead"]), "state": State(row["state"]).label}
