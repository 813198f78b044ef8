"""Named lists (企业名录): who is on one on a day, by which titles, and who came and went between two days.

A list is a saved filter; whoever meets it on a day is on the list on that day: nobody enters or strikes out names. The
filter is that of the API and of the pages, asked with `as_of`, so that a list and a search cannot disagree.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from registry.choices import ClusterKind, Level, MemberRole, Turnover
from registry.filters import EnterpriseFilter
from registry.filters.facts import titles_asked
from registry.models import Cluster, Designation, District, Enterprise, Industry, NamedList, Scheme, User
from registry.sight import seen_today

Query = Mapping[str, list[str]]
# What a list may ask, by the names of EnterpriseFilter, in the words of the desk.
CONDITIONS = {
    "scheme": "持有称号",
    "level": "称号级别",
    "cluster": "集群或产业链",
    "cluster_kind": "集群类别",
    "role": "在集群中的角色",
    "main": "主要集群",
    "district": "板块",
    "industry": "行业",
    "search": "名称、代码或首字母",
}
CODED: dict[str, Any] = {"scheme": Scheme, "cluster": Cluster, "district": District, "industry": Industry}
WORDS: dict[str, Any] = {"level": Level, "cluster_kind": ClusterKind, "role": MemberRole}
YES_NO = {"true": "是", "false": "否"}

# What changes from day to day, in the order in which a change is told: the first that differs is the reason.
ASPECTS: tuple[tuple[tuple[str, ...], Turnover, Turnover], ...] = (
    ((), Turnover.FOUNDED, Turnover.CLOSED),
    (("district",), Turnover.MOVED_IN, Turnover.MOVED_OUT),
    (("scheme", "level"), Turnover.GRANTED, Turnover.LAPSED),
    (("cluster", "cluster_kind", "role", "main"), Turnover.GROUPED, Turnover.UNGROUPED),
)


def asked(query: Query, day: dt.date | None = None) -> QueryDict:
    """The query of an address that asks the same, of a day."""
    data = QueryDict(mutable=True)
    for name, values in query.items():
        data.setlist(name, values)
    if day is not None:
        data["as_of"] = day.isoformat()
    return data


def problems_of(query: Query) -> dict[str, list[str]]:
    """What of it cannot be asked, by condition, in words."""
    form = EnterpriseFilter(asked(query)).form
    return {name: [str(one) for one in found] for name, found in form.errors.items()}


def is_of_titles(query: Query) -> bool:
    """Whether who is found is a matter of titles and places, of which a state is kept; names and industries are not."""
    return bool(query.keys() & {"scheme", "level"}) and not query.keys() & {"search", "industry"}


def members(one: NamedList, day: dt.date, user: User, *, within: int | None = None) -> Any:
    """Who is on the list on a day, of those that a person may see; `within` an area (its id) in which they then were."""
    seen = seen_today(Enterprise.objects.visible_to(user), user)
    found = _meeting(one.query, day, seen)
    return found if within is None else found.in_districts_on([within], day)


def _meeting(query: Query, day: dt.date, rows: Any) -> Any:
    return EnterpriseFilter(asked(query, day), queryset=rows).qs


def titles_of(one: NamedList, day: dt.date) -> QuerySet[Designation]:
    """The titles by which enterprises are on the list on a day; none where it asks for no title."""
    if not one.query.keys() & {"scheme", "level"}:
        return Designation.objects.none()
    question = EnterpriseFilter(asked(one.query, day))
    question.form.is_valid()
    return titles_asked(dict.fromkeys(EnterpriseFilter.base_filters) | question.form.cleaned_data)


@dataclass(frozen=True)
class Changes:
    """Who came and who went between two days, and why, the newest enterprises first; and how many in all."""

    joined: list[tuple[Enterprise, Turnover]]
    left: list[tuple[Enterprise, Turnover]]
    number_joined: int
    number_left: int


def changes(
    one: NamedList,
    since: dt.date,
    day: dt.date,
    user: User,
    *,
    within: int | None = None,
    most: int | None = None,
) -> Changes:
    """By the conditions of the list as they are now, on both days; at most so many are named on either side."""
    before, now = (
        set(members(one, then, user, within=within).order_by().values_list("pk", flat=True))
        for then in (since, day)
    )
    joined, left = (sorted(ids, reverse=True) for ids in (now - before, before - now))
    return Changes(
        list(_told(one.query, joined[:most], failing_on=since, place=0, shown_on=day, within=within)),
        list(_told(one.query, left[:most], failing_on=day, place=1, shown_on=since, within=within)),
        len(joined),
        len(left),
    )


def _told(
    query: Query, ids: list[int], *, failing_on: dt.date, place: int, shown_on: dt.date, within: int | None
) -> Iterator[tuple[Enterprise, Turnover]]:
    """Enterprises with the first aspect that they did not meet on the other day, and their area when they did."""
    reasons: dict[int, Turnover] = {}
    left = set(ids)
    for names, *causes in ASPECTS:
        part = {name: query[name] for name in names if name in query}
        meeting = _meeting(part, failing_on, Enterprise.objects.filter(pk__in=left))
        if "district" in names and within is not None:
            meeting = meeting.in_districts_on([within], failing_on)
        failing = left - set(meeting.order_by().values_list("pk", flat=True))
        reasons |= dict.fromkeys(failing, causes[place])
        left -= failing
    rows = Enterprise.objects.filter(pk__in=reasons).with_district_on(shown_on).order_by("-pk")
    for row in rows:
        yield row, reasons[row.pk]


def in_words(query: Query) -> list[tuple[str, str]]:
    """What a list asks, condition by condition, as the desk says it."""
    return all_in_words([query])[0]


def all_in_words(queries: Iterable[Query]) -> list[list[tuple[str, str]]]:
    """The same of several, with a statement for each kind of reference rows."""
    queries = list(queries)
    known = {
        name: dict(model.objects.filter(code__in=codes).values_list("code", "name"))
        for name, model in CODED.items()
        if (codes := [code for query in queries for code in query.get(name, [])])
    }
    known |= {name: {str(one): str(one.label) for one in words} for name, words in WORDS.items()}
    known["main"] = YES_NO
    return [
        [
            (label, "、".join(known.get(name, {}).get(value, value) for value in query[name]))
            for name, label in CONDITIONS.items()
            if name in query
        ]
        for query in queries
    ]
