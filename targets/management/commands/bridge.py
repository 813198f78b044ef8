"""Why a count changed between two days, at the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.output import add_format_argument, print_rows
from targets.api.course_rows import bridge_row, step_rows
from targets.api.courses import BridgeQuery, Course
from targets.api.rows import Row
from targets.choices import Cause
from targets.management.commands._asking import add_course_arguments, course_of, print_records, problems_told


class Command(BaseCommand):
    help = _(
        "Print what a count gained and lost between two days by cause, for the city, each area and each cluster; "
        "with --cause the records behind it. --from-known-at shows what was corrected."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_course_arguments(parser, first=_("the first day (default: the last day of the year before)"))
        parser.add_argument(
            "--from-known-at", metavar="TIME", help=_("the knowledge of the first day, where it differs")
        )
        parser.add_argument("--cause", choices=Cause.values, help=_("the records behind this cause"))
        parser.add_argument("--search", metavar="TEXT", help=_("part of a name, of an item or of a code"))
        parser.add_argument("--limit", type=int, metavar="N", help=_("at most so many (default: all)"))
        add_format_argument(parser)

    def handle(self, *args: Any, form: str, cause: str | None, limit: int | None, **options: Any) -> None:
        if limit is not None and limit < 1:
            raise CommandError(_("--limit must be 1 or more."))
        course = course_of(BridgeQuery, options)
        if cause or options["search"]:
            course.reason, course.search, course.limit = cause or "", options["search"] or "", limit
            self.print_records(course, form)
        else:
            self.print_bridge(course, form)

    def print_bridge(self, course: Course, form: str) -> None:
        with problems_told():
            target, found = course.bridge()
        row = bridge_row(target, course, found)
        if form == "json":
            print_rows(self.stdout, [row], {}, form)
            return
        if form == "table":
            self.stdout.write(f"{target.name} ({target.unit}) {row['from']} – {row['to']}")
        causes = {cause.value: cause.label for cause in found.causes}
        columns = {
            "code": _("code"),
            "name": _("name"),
            "start": row["from"],
            **{code: str(label) for code, label in causes.items()},
            "end": row["to"],
        }
        print_rows(self.stdout, [line(one, list(causes)) for one in places(row, course)], columns, form)

    def print_records(self, course: Course, form: str) -> None:
        with problems_told():
            page = course.bridge_records()
        print_records(self.stdout, step_rows(page.records), page.total, record_columns(), form)


def places(row: Row, course: Course) -> list[Row]:
    """The area asked about, or the city and all its parts."""
    if course.district:
        return [{**row, "code": course.district.code, "name": course.district.name}]
    whole = {**row, "code": "", "name": _("Whole city")}
    areas = [{**one, "name": one["name"] or _("In no area")} for one in row["by_district"]]
    return [whole, *areas, *row["by_cluster"]]


def line(place: Row, causes: list[str]) -> Row:
    amounts = {one["cause"]: one["amount"] for one in place["causes"]}
    return {
        "code": place["code"],
        "name": place["name"],
        "start": place["start"],
        **{cause: amounts.get(cause, "0") for cause in causes},
        "end": place["end"],
    }


def record_columns() -> dict[str, str]:
    return {
        "amount": _("change"),
        "cause_name": _("cause"),
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
        "value": _("value"),
    }
