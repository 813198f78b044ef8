"""Options of the commands that ask what is measured; they become the same question that the API puts."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError

from registry.choices import Level
from registry.output import print_rows
from targets.api.courses import Course, CourseQuery
from targets.api.questions import AsOfQuery, PlanQuery, Question
from targets.api.rows import Row

Asked = TypeVar("Asked", bound=PlanQuery)

# What is no option: a problem of several, and words that stand alone.
NAMES = {"non_field_errors": "", "target": "", "first": "FIRST: ", "second": "SECOND: ", "beside": "FIRST: "}


def add_question_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--as-of",
        metavar="DAY",
        help=_("the day asked about, as 2025-12-31 (default: today, but not after the plan's last day)"),
    )
    add_plan_arguments(parser)


def add_plan_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--known-at",
        metavar="TIME",
        help=_("the moment whose knowledge is used, as 2025-06-30 (its end) or 2025-06-30T12:00:00"),
    )
    parser.add_argument("--district", metavar="CODE", help=_("the values of this area, as 320412"))
    parser.add_argument(
        "--plan", metavar="CODE", help=_("code of the plan (default: the one that runs on the day)")
    )


def add_course_arguments(parser: CommandParser, *, first: str) -> None:
    """A target and two days; `first` says which day is meant if none is asked."""
    parser.add_argument("target", metavar="TARGET", help=_("code of the target"))
    parser.add_argument("--from", metavar="DAY", help=first)
    parser.add_argument(
        "--to",
        metavar="DAY",
        help=_("the last day, as 2025-12-31 (default: today, but not after the plan's last day)"),
    )
    add_plan_arguments(parser)


def question_of(query: type[AsOfQuery], options: dict[str, Any]) -> Question:
    """The question that the options put; what cannot be asked is told with the name of its option."""
    with problems_told():
        return _asked(query, options).question()


def course_of(query: type[CourseQuery], options: dict[str, Any]) -> Course:
    with problems_told():
        return _asked(query, options).question(target=options["target"])


def _asked(query: type[Asked], options: dict[str, Any]) -> Asked:
    given = {name: options[name] for name in query._declared_fields if options.get(name)}
    return query(data=given, context={"today": timezone.localdate()})


@contextmanager
def problems_told() -> Iterator[None]:
    """What the API answers with a problem ends a command with the same words."""
    try:
        yield
    except ValidationError as error:
        raise CommandError("\n".join(_lines(error.detail))) from error
    except NotFound as error:
        raise CommandError(_("%(problem)s progress lists them all.") % {"problem": error.detail}) from error


def _lines(problems: Any) -> Iterator[str]:
    for name, messages in problems.items():
        option = NAMES.get(name, f"--{name.replace('_', '-')}: ")
        yield option + " ".join(map(str, messages if isinstance(messages, list) else [messages]))


def print_records(stream: Any, rows: list[Row], total: int, columns: dict[str, str], form: str) -> None:
    """The records behind a number; for people with the words for levels, and how many there are in all."""
    if form != "table":
        print_rows(stream, rows, columns, form)
        return
    print_rows(stream, [_with_level_in_words(row) for row in rows], columns, form)
    stream.write(_("%(shown)d of %(all)d") % {"shown": len(rows), "all": total})


def _with_level_in_words(row: Row) -> Row:
    return {**row, "level": Level(row["level"]).label if row["level"] else ""}


def percent(fraction: str | None) -> str:
    """A fraction of 1 for people: 0.9034 is 90.3%."""
    return "" if fraction is None else f"{Decimal(fraction) * 100:.1f}%"


def points(fraction: str | None) -> str:
    """A difference of fractions for people, in percentage points with its sign: -0.08 is -8.0."""
    return "" if fraction is None else f"{Decimal(fraction) * 100:+.1f}"
