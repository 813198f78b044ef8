"""What targets and titles have in common, at the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from registry.output import add_format_argument, print_rows
from targets.api.overlap_serializers import HolderSerializer, OverlapSerializer, RankedPairSerializer
from targets.api.overlaps import (
    LargestQuery,
    LargestQuestion,
    PairQuery,
    PairQuestion,
    enterprise_rows,
    overlap_row,
    ranked_rows,
)
from targets.api.rows import Row
from targets.choices import Among, Part
from targets.management.commands._asking import add_question_arguments, percent, question_of


class Command(BaseCommand):
    help = _(
        "Print how many enterprises two targets or titles count both on a day, in the city and in every area; "
        "with --names the enterprises. With one of them, or none, the pairs that have most in common. "
        "They are written target:CODE, scheme:CODE (whatever its level) or scheme:CODE:LEVEL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", nargs="?", metavar="FIRST", help=_("as target:CODE"))
        parser.add_argument("second", nargs="?", metavar="SECOND", help=_("as scheme:CODE:LEVEL"))
        add_question_arguments(parser)
        parser.add_argument(
            "--names", choices=Part.values, help=_("the enterprises in both, or in one alone")
        )
        parser.add_argument(
            "--among", choices=Among.values, default=Among.TARGETS, help=_("of what the pairs are made")
        )
        parser.add_argument("--limit", type=int, metavar="N", help=_("at most so many (default: all)"))
        add_format_argument(parser)

    def handle(self, *args: Any, form: str, limit: int | None, **options: Any) -> None:
        if limit is not None and limit < 1:
            raise CommandError(_("--limit must be 1 or more."))
        if options["names"] and not options["second"]:
            raise CommandError(_("--names wants two: FIRST and SECOND."))
        if options["second"]:
            pair = question_of(PairQuery, options)
            assert isinstance(pair, PairQuestion)
            self.pair(pair, options["names"], limit, form)
        else:
            pairs = question_of(LargestQuery, {**options, "limit": None, "beside": options["first"]})
            assert isinstance(pairs, LargestQuestion)
            self.largest(pairs, limit, form)

    def pair(self, question: PairQuestion, part: str | None, limit: int | None, form: str) -> None:
        if part:
            question.part, question.limit = Part(part), limit
            found = enterprise_rows(question.enterprises().records)
            rows = list(HolderSerializer(found, many=True).data)
            print_rows(self.stdout, rows, of_enterprises(), form)
            return
        row = OverlapSerializer(overlap_row(question)).data
        if form != "table":
            print_rows(self.stdout, [row], {}, form)
            return
        print_rows(self.stdout, areas(row), of_areas(row), form)
        if row["reason"]:
            self.stdout.write(row["reason"])

    def largest(self, question: LargestQuestion, limit: int | None, form: str) -> None:
        rows = list(RankedPairSerializer(ranked_rows(question.pairs()[:limit]), many=True).data)
        if form == "table":
            rows = [for_people(row) for row in rows]
        print_rows(self.stdout, rows, of_pairs(), form)


def areas(row: Row) -> list[Row]:
    """The city and its areas, or the one asked about."""
    lines = [{**area, "name": area["name"] or _("in no area")} for area in row["by_district"]]
    if row["district"]:
        return [line for line in lines if line["code"] == row["district"]]
    numbers = {"first": row["first"]["number"], "second": row["second"]["number"], "both": row["both"]}
    return [{"name": _("whole city"), **numbers}, *lines]


def of_areas(row: Row) -> dict[str, str]:
    names = {"first": row["first"]["name"], "second": row["second"]["name"]}
    return {"name": _("area"), **names, "both": _("both")}


def of_enterprises() -> dict[str, str]:
    return {"uscc": _("code"), "enterprise": _("enterprise"), "district_name": _("area")}


def of_pairs() -> dict[str, str]:
    return {
        "first.name": _("first"),
        "first.number": _("number"),
        "second.name": _("second"),
        "second.number": _("number"),
        "both": _("both"),
        "share_of_first": _("share of the first"),
        "share_of_second": _("share of the second"),
    }


def for_people(row: Row) -> Row:
    return {**row, **{name: percent(row[name]) for name in ("share_of_first", "share_of_second")}}
