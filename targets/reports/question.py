"""What a page is asked: which day and which area, read from the address and written back into every link."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.models import District
from registry.past import as_known_at, moment_of
from targets.models import Plan
from targets.standings import default_day, plan_on

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Wide enough for every plan; days at the ends of the calendar have no year before or after them.
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
MAX_PAGE = 100_000
# What links carry on.
CARRIED = ("plan", "as_of", "district", "known_at")
SEARCH_LENGTH = 60


class BadQuestion(Exception):
    """An address that asks for something that cannot be; the message tells a person what to change."""


@dataclass(frozen=True)
class Question:
    """The plan, the day, the area (None: the whole city) and the moment of knowledge (None: now) of a page.

    `given` is what the address said of them: links carry it on, so that a page is passed on as it was seen. `plans` are
    all there are, the newest first, drafts included. `own` is what the address said to this page alone: links to the same
    page carry it on.
    """

    plan: Plan
    day: dt.date
    today: dt.date
    districts: tuple[District, ...]
    district: District | None
    given: dict[str, str]
    known_at: dt.datetime | None = None
    plans: tuple[Plan, ...] = ()
    own: dict[str, str] = field(default_factory=dict)

    def here(self, **changes: object) -> str:
        """The query string of a link to this page."""
        return self.query(**{**self.own, **changes})

    def query(self, **changes: object) -> str:
        """The query string of a link, with "?"; a change to None or "" leaves the parameter out."""
        return self._query(changes) if changes else self._unchanged

    @cached_property
    def _unchanged(self) -> str:
        """That of most links of a page."""
        return self._query({})

    def _query(self, changes: dict[str, object]) -> str:
        wanted = {**self.given, **changes}
        kept = {name: str(value) for name, value in wanted.items() if value not in (None, "")}
        return f"?{urlencode(kept)}" if kept else "?"

    @property
    def quick_days(self) -> list[tuple[str, dt.date]]:
        """The days that are asked for most, each once, and none that is still to come."""
        named = [
            (_("Today"), self.today),
            (_("Plan's last day"), self.plan.deadline),
            (_("End of last year"), dt.date(self.today.year - 1, 12, 31)),
        ]
        days: dict[dt.date, str] = {}
        for name, day in named:
            days.setdefault(day, name)
        return [(name, day) for day, name in days.items() if day <= self.today]

    def plans_for(self, user: Any) -> list[Plan]:
        """The plans to choose from: drafts only for those who work on them, or where one is shown already."""
        drafts = any(plan.is_draft for plan in self.plans) and user.has_perm("targets.change_plan")
        shown = [plan for plan in self.plans if not plan.is_draft or drafts or plan == self.plan]
        return shown if len(shown) > 1 else []


def question_of(query: QueryDict, today: dt.date) -> Question | None:
    """The question that an address asks; None as long as there is no plan."""
    given = {name: value for name in CARRIED if (value := query.get(name))}
    day = day_of(given["as_of"]) if "as_of" in given else None
    plans = tuple(Plan.objects.select_related("document").defer("document__text"))
    plan = _plan_of(given["plan"], plans) if "plan" in given else plan_on(day or today, plans)
    if plan is None:
        return None
    day = day or default_day(plan, today)
    districts = tuple(District.objects.in_use_on(day).order_by("position", "code"))
    district = _district_of(given.get("district"), districts)
    return Question(plan, day, today, districts, district, given, moment_asked(given.get("known_at")), plans)


def _plan_of(code: str, plans: Sequence[Plan]) -> Plan:
    """A plan by its code, drafts included."""
    found = next((plan for plan in plans if plan.code == code), None)
    if found is None:
        known = _(", ").join(f"{plan.code} {plan.name}" for plan in plans if not plan.is_draft)
        message = _("There is no plan with the code “%(code)s”. The plans are: %(known)s.")
        raise BadQuestion(message % {"code": code[:20], "known": known or "—"})
    return found


def with_own(question: Question, query: QueryDict, *names: str) -> Question:
    """The question with what the address says to this page alone."""
    return replace(question, own={name: value for name in names if (value := query.get(name))})


def day_of(text: str) -> dt.date:
    """A day written 2025-12-31."""
    try:
        if not DAY.fullmatch(text):
            raise ValueError
        day = dt.date.fromisoformat(text)
    except ValueError:
        message = _("“%(text)s” is not a day. Write the day like this: 2025-12-31.")
        raise BadQuestion(message % {"text": text[:40]}) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        message = _("Choose a day between %(first)s and %(last)s.")
        raise BadQuestion(message % {"first": FIRST_DAY, "last": LAST_DAY})
    return day


def _district_of(code: str | None, districts: tuple[District, ...]) -> District | None:
    if code is None:
        return None
    found = next((district for district in districts if district.code == code), None)
    if found is None:
        known = _(", ").join(f"{district.code} {district.name}" for district in districts)
        message = _("There is no area with the code “%(code)s”. The areas are: %(known)s.")
        raise BadQuestion(message % {"code": code[:20], "known": known})
    return found


def moment_asked(text: str | None) -> dt.datetime | None:
    """A moment of knowledge; None (now) where none is asked."""
    try:
        return moment_of(text) if text else None
    except ValueError as problem:
        raise BadQuestion(str(problem)) from None


def page_number(text: str | None) -> int:
    """The number of a page from an address; the first where there is none."""
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_PAGE):
        raise BadQuestion(_("“%(text)s” is not the number of a page.") % {"text": text[:20]})
    return int(text[:9])


def search_words(text: str | None) -> str:
    """What is searched for, without characters that no name has (the database refuses some of them)."""
    return "".join(letter for letter in (text or "") if letter.isprintable())[:SEARCH_LENGTH].strip()


def answers(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view of a question, its second argument, that sees what was known at the moment asked."""

    @wraps(view)
    def then(request: HttpRequest, question: Question, *args: Any, **kwargs: Any) -> HttpResponse:
        with as_known_at(question.known_at):
            return view(request, question, *args, **kwargs)

    return answers_now(then)


def answers_now(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view of a question that goes to moments of knowledge by itself; what makes no sense is answered with 400."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            question = question_of(request.GET, timezone.localdate())
            if question is None:
                return render(request, "reports/no_plan.html")
            return view(request, question, *args, **kwargs)
        except BadQuestion as problem:
            context = {"problem": str(problem), "path": request.path}
            return render(request, "reports/bad_question.html", context, status=400)

    return answer
