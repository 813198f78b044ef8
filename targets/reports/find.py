"""One search for all that has a page: enterprises, targets, areas, clusters and schemes, by name, initials or code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from registry import initials, names, search
from registry.models import Cluster, District, Scheme, User
from registry.sight import still_seen
from targets.models import Target
from targets.reports.question import Question, search_words

MOST = 8


@dataclass(frozen=True)
class Found:
    """What answers to the text; `beside` says what tells it apart."""

    name: str
    link: str
    beside: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    name: str
    found: list[Found] = field(default_factory=list)


def find(question: Question, user: User, text: str | None) -> list[Group]:
    """The groups in which something was found, the best first of each."""
    wanted = search_words(text)
    if not names.key(wanted):
        return []
    groups = [
        Group(_("Enterprises"), list(_enterprises(question, user, wanted))),
        Group(_("Targets"), list(_targets(question, wanted))),
        Group(_("Areas"), list(_areas(question, wanted))),
        Group(_("Clusters and chains"), list(_clusters(question, wanted))),
        Group(_("Titles"), list(_schemes(question, wanted))),
    ]
    return [group for group in groups if group.found]


def _enterprises(question: Question, user: User, text: str) -> Iterator[Found]:
    for hit in still_seen(search.find(user, text, day=question.day, most=MOST), user):
        yield Found(hit.name, _link("enterprise", question, hit.uscc or str(hit.pk)), hit.beside)


def _targets(question: Question, text: str) -> Iterator[Found]:
    targets = Target.objects.filter(plan=question.plan, rule__isnull=False).select_related("section")
    for one in _answering(targets.order_by("section__position", "position"), text):
        yield Found(one.name, _link("target", question, one.code), one.section.name)


def _areas(question: Question, text: str) -> Iterator[Found]:
    for one in _answering(District.objects.in_use_on(question.day).order_by("position"), text):
        yield Found(one.name, _link("overview", question, district=one.code), one.code)


def _clusters(question: Question, text: str) -> Iterator[Found]:
    for one in _answering(Cluster.objects.in_use_on(question.day).order_by("kind", "position"), text):
        yield Found(one.name, _link("cluster", question, one.code), one.get_kind_display())


def _schemes(question: Question, text: str) -> Iterator[Found]:
    for one in _answering(Scheme.objects.in_use_on(question.day).order_by("position"), text):
        yield Found(one.name, _link("enterprises", question, scheme=one.code), _("who holds it"))


def _answering(rows: Iterable[Any], text: str) -> list[Any]:
    """The first rows whose name, code or initials hold the text; the rows are few."""
    key, plain = names.key(text), text.lower()
    found = [
        one
        for one in rows
        if key in names.key(one.name)
        or plain in one.code.lower()
        or (plain.isascii() and plain in initials.of(one.name))
    ]
    return found[:MOST]


def _link(name: str, question: Question, *args: str, **changes: object) -> str:
    query = question.query(**changes)
    address = reverse(f"reports:{name}", args=args)
    return address if query == "?" else address + query
