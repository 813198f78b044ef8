"""What other parts of the site tell about an enterprise on its page; `registry` knows none of them by name."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from registry.models import Enterprise, User


@dataclass(frozen=True)
class Line:
    """One thing that is told, with where it leads and what stands small beside it."""

    text: str
    link: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Panel:
    title: str
    lines: list[Line] = field(default_factory=list)
    empty: str = ""


Tells = Callable[[Enterprise, dt.date, User], Panel]
PANELS: list[Tells] = []


def register(tells: Tells) -> Tells:
    PANELS.append(tells)
    return tells
