"""Options of the commands that ask what is measured; they become the same question that the API puts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from targets.api.questions import AsOfQuery, Question

# What is no option: a problem of several, and words that stand alone.
NAMES = {"non_field_errors": "", "first": "FIRST: ", "second": "SECOND: ", "beside": "FIRST: "}


def add_question_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--as-of",
        metavar="DAY",
        help=_("the day asked about, as 2025-12-31 (default: today, but not after the plan's last day)"),
    )
    parser.add_argument(
        "--known-at",
        metavar="TIME",
        help=_("the moment whose knowledge is used, as 2025-06-30 (its end) or 2025-06-30T12:00:00"),
    )
    parser.add_argument("--district", metavar="CODE", help=_("the values of this area, as 320412"))
    parser.add_argument(
        "--plan", metavar="CODE", help=_("code of the plan (default: the one that runs on the day)")
    )


def question_of(query: type[AsOfQuery], options: dict[str, Any]) -> Question:
    """The question that the options put; what cannot be asked is told with the name of its option."""
    given = {name: options[name] for name in query._declared_fields if options.get(name)}
    try:
        return query(data=given, context={"today": timezone.localdate()}).question()
    except ValidationError as error:
        raise CommandError("\n".join(_lines(error.detail))) from error


def _lines(problems: Any) -> Iterator[str]:
    for name, messages in problems.items():
        option = NAMES.get(name, f"--{name.replace('_', '-')}: ")
        yield option + " ".join(map(str, messages if isinstance(messages, list) else [messages]))


def percent(fraction: str | None) -> str:
    """A fraction of 1 for people: 0.9034 is 90.3%."""
    return "" if fraction is None else f"{Decimal(fraction) * 100:.1f}%"


def points(fraction: str | None) -> str:
    """A difference of fractions for people, in percentage points with its sign: -0.08 is -8.0."""
    return "" if fraction is None else f"{Decimal(fraction) * 100:+.1f}"
