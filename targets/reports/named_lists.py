"""Named lists (企业名录) as officials read them: who is on one on the day, by which titles, who came and who went."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import Http404, QueryDict

from registry import named_lists
from registry.exports import Column, Layout, Shape
from registry.models import Designation, District, Enterprise, NamedList, Scheme, User
from registry.named_lists import Changes
from registry.paging import PaginatorById
from targets.measure.memory import remembered
from targets.measure.planning import few_rows
from targets.reports.question import Question, day_of, page_number
from targets.sides import titles_of

OWN = ("since", "page")
PAGE_SIZE = 50
MOST_CHANGES = 200
LAYOUT = Layout(
    (
        Column("编号", "pk", Shape.NUMBER, 9),
        Column("企业名称", "name", width=34),
        Column("统一社会信用代码", "uscc", width=22),
        Column("板块", "district_then"),
        Column("行业", "industry", width=24),
        Column("成立日期", "founded_on", Shape.DAY),
        Column("股票代码", "stock_code"),
        Column("在册依据", "titles", width=60),
    )
)


@dataclass(frozen=True)
class Member:
    """One that is on the list: its area on the day, and the titles by which it is."""

    enterprise: Enterprise
    area: str
    titles: list[Designation]


@dataclass(frozen=True)
class Told:
    """A list on a day, a page of it, and what has changed since a day before."""

    one: NamedList
    conditions: list[tuple[str, str]]
    page: Page
    members: list[Member]
    since: dt.date
    changes: Changes


def lists_on(question: Question) -> QuerySet[NamedList]:
    return NamedList.objects.in_use_on(question.day).select_related("owner")


@dataclass(frozen=True)
class Line:
    """A list in their overview: its conditions in words, and how many are on it."""

    one: NamedList
    conditions: list[tuple[str, str]]
    number: int


def overview(question: Question, user: User) -> list[Line]:
    found = list(lists_on(question))
    words = named_lists.all_in_words(one.query for one in found)
    numbers = _numbers(found, question, user)
    return [Line(*line) for line in zip(found, words, numbers, strict=True)]


def _numbers(found: list[NamedList], question: Question, user: User) -> list[int]:
    """How many are on each of some lists; of those that ask for titles and no text remembered until one changes."""
    by_code = {one.code: one for one in Scheme.objects.order_by("pk").prefetch_related("levels")}
    district = question.district.pk if question.district else None

    def asked(one: NamedList) -> tuple[Any, ...]:
        schemes = [by_code[code] for code in one.query.get("scheme", by_code) if code in by_code]
        said = tuple((name, *values) for name, values in sorted(one.query.items()))
        return titles_of(schemes, question.day), question.day, "on a list", said, user.district_id, district

    def number(one: NamedList) -> int:
        rows = named_lists.members(one, question.day, user, within=district)
        count: int = rows.order_by().values("pk").count()
        return count

    kept = {asked(one): one for one in found if named_lists.is_of_titles(one.query)}

    def count(missing: list[Any]) -> dict[Any, int]:
        with few_rows():
            return {key: number(kept[key]) for key in missing}

    known = remembered(kept, count)
    return [known[asked(one)] if asked(one) in known else number(one) for one in found]


def list_of(code: str, question: Question) -> NamedList:
    found = lists_on(question).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise Http404
    return found


def told(one: NamedList, query: QueryDict, question: Question, user: User) -> Told:
    since = day_of(question.own["since"]) if "since" in question.own else _end_of_month_before(question.day)
    shown = _shown(Enterprise.objects.all(), question)
    paginator = PaginatorById(_rows(one, question, user), PAGE_SIZE, shown=shown)
    page = paginator.get_page(page_number(query.get("page")))
    within = question.district.pk if question.district else None
    return Told(
        one,
        named_lists.in_words(one.query),
        page,
        _members(one, question, list(page.object_list)),
        since,
        named_lists.changes(one, since, question.day, user, within=within, most=MOST_CHANGES),
    )


def _rows(one: NamedList, question: Question, user: User) -> Any:
    within = question.district.pk if question.district else None
    return named_lists.members(one, question.day, user, within=within).order_by("-pk")


def _shown(rows: Any, question: Question) -> Any:
    """Rows with what is told of each."""
    return rows.with_district_on(question.day).select_related("industry")


def _members(one: NamedList, question: Question, rows: list[Any]) -> list[Member]:
    areas = dict(District.objects.values_list("pk", "short_name"))
    titles: dict[int, list[Designation]] = defaultdict(list)
    held = named_lists.titles_of(one, question.day).filter(enterprise__in=[row.pk for row in rows])
    for title in held.select_related("scheme").order_by("valid_from", "pk"):
        titles[title.enterprise_id or 0].append(title)
    return [Member(row, areas.get(row.district_then, ""), titles[row.pk]) for row in rows]


def file_rows(one: NamedList, question: Question, user: User) -> list[list[Any]]:
    """All who are on the list, in the columns of LAYOUT."""
    return [
        [
            row.enterprise.pk,
            row.enterprise.name,
            row.enterprise.uscc or "",
            row.area,
            row.enterprise.industry.name if row.enterprise.industry else "",
            row.enterprise.founded_on,
            row.enterprise.stock_code,
            "；".join(_title(title) for title in row.titles),
        ]
        for row in _members(one, question, list(_shown(_rows(one, question, user), question)))
    ]


def _title(title: Designation) -> str:
    until = f"至 {title.valid_to}" if title.valid_to else "起"
    return f"{title.get_level_display()}{title.scheme} {title.valid_from} {until}"


def _end_of_month_before(day: dt.date) -> dt.date:
    return day.replace(day=1) - dt.timedelta(days=1)
