"""Finding an enterprise by whatever a person types: a name, a former name, a code, the initials of a name.

Each way of finding asks an index for its first few, the best ways first; so that “常州”, which all names hold, is
answered as quickly as a code. What is found in one way stands with the open before the closed.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from registry import codes, names
from registry.models import Enterprise, FormerName, NameInitials

MOST = 12
# Fewer letters begin too many names, and trigrams want three.
LETTERS_INSIDE = 3
LETTERS = re.compile(r"(?=.*[a-z])[a-z0-9]{2,40}")


@dataclass(frozen=True)
class Hit:
    """An enterprise that was found; `former` is the former name by which it was."""

    pk: int
    name: str
    former: str
    uscc: str
    area: str
    closed: bool

    @property
    def beside(self) -> str:
        """What tells it from others of its name."""
        former = _("formerly %(name)s") % {"name": self.former} if self.former else ""
        return " · ".join(filter(None, [former, self.uscc, self.area, _("closed") if self.closed else ""]))


def find(user: Any, text: str, *, day: dt.date, most: int = MOST) -> list[Hit]:
    """The first enterprises that a person may see and that answer to a text, the best first."""
    own = Enterprise.objects.visible_to(user)
    found: dict[int, tuple[int, str]] = {}
    for rank, way in enumerate(_ways(text.strip()[:100])):
        for pk, former in way(own, most):
            found.setdefault(pk, (rank, former))
        if len(found) >= most:
            break
    rows = own.select_related("district").in_bulk(list(found)[:most])
    hits = [(rank, _hit(rows[pk], former, day)) for pk, (rank, former) in found.items() if pk in rows]
    return [hit for _rank, hit in sorted(hits, key=lambda one: (one[0], one[1].closed))]


def matching(rows: Any, text: str) -> QuerySet[Any]:
    """The enterprises of a queryset that answer to a text, all of them: for lists that are searched."""
    initials = text.lower()
    others: list[Any] = []
    if is_code(text):
        others.append(Enterprise.objects.filter(_by_code(codes.clean_uscc(text))).order_by().values("pk"))
    if LETTERS.fullmatch(initials):
        others.append(_spelt(initials).order_by().values("enterprise_id"))
    if not others:
        return rows.named_like(text)
    # a union, since a condition "this code or that name" uses none of the indexes
    named = Enterprise.objects.named_like(text).order_by().values("pk")
    return rows.filter(pk__in=named.union(*others))


def is_code(text: str) -> bool:
    """Plain letters and digits with a digit among them: the beginning of a code rather than of a name."""
    code = codes.clean_uscc(text)
    return len(code) >= 2 and code.isascii() and code.isalnum() and any(map(str.isdigit, code))


# The ways, the best first: each answers (id, former name) of its first few

Way = Callable[[Any, int], list[tuple[int, str]]]


def _ways(text: str) -> Iterator[Way]:
    key = names.key(text)
    if not key:
        return
    if is_code(text):
        code = codes.clean_uscc(text)
        for field in ("uscc", "registration_no", "stock_code"):
            yield _beginning(field, code)
    yield _named(Q(name_key=key))
    yield _named(Q(name_key__startswith=key))
    if LETTERS.fullmatch(key):
        yield _initials(Q(initials__startswith=key))
        if len(key) >= LETTERS_INSIDE:
            yield _initials(Q(initials__contains=key))
    if len(key) >= 2:
        yield lambda rows, most: [(pk, "") for pk in _keys(rows.holding(key), most)]
    yield _formerly(key)


def _beginning(field: str, code: str) -> Way:
    return lambda rows, most: [(pk, "") for pk in _keys(rows.filter(**{f"{field}__startswith": code}), most)]


def _named(condition: Q) -> Way:
    return lambda rows, most: [(pk, "") for pk in _keys(rows.filter(condition), most)]


def _initials(condition: Q) -> Way:
    def way(rows: Any, most: int) -> list[tuple[int, str]]:
        spelt = NameInitials.objects.filter(condition, enterprise_id__in=rows.order_by().values("pk"))
        kept = list(spelt.order_by().values_list("enterprise_id", "former_name_id")[:most])
        called = dict(
            FormerName.objects.filter(pk__in=[former for _pk, former in kept if former]).values_list(
                "pk", "name"
            )
        )
        return [(pk, called.get(former or 0, "")) for pk, former in kept]

    return way


def _formerly(key: str) -> Way:
    def way(rows: Any, most: int) -> list[tuple[int, str]]:
        former = FormerName.objects.filter(enterprise__in=rows)
        former = former.holding(key) if len(key) >= 2 else former.filter(name_key__startswith=key)
        return list(former.order_by().values_list("enterprise_id", "name")[:most])

    return way


def _by_code(code: str) -> Q:
    return Q(uscc__startswith=code) | Q(registration_no__startswith=code) | Q(stock_code__startswith=code)


def _spelt(initials: str) -> QuerySet[NameInitials]:
    if len(initials) < LETTERS_INSIDE:
        return NameInitials.objects.filter(initials__startswith=initials)
    return NameInitials.objects.filter(initials__contains=initials)


def _keys(rows: QuerySet[Any], most: int) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True)[:most])


def _hit(enterprise: Enterprise, former: str, day: dt.date) -> Hit:
    return Hit(
        pk=enterprise.pk,
        name=enterprise.name,
        former=former,
        uscc=enterprise.uscc or "",
        area=enterprise.district.short_name if enterprise.district else "",
        closed=enterprise.closed_on is not None and enterprise.closed_on <= day,
    )
