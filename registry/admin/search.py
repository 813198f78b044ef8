"""How enterprises, and what hangs on them, are found: by two characters of a name, by a code."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from registry import codes
from registry.models import Enterprise


def is_code(term: str) -> bool:
    """Plain letters and digits with a digit among them: the beginning of a code rather than of a name."""
    code = codes.clean_uscc(term)
    return len(code) >= 2 and code.isascii() and code.isalnum() and any(map(str.isdigit, code))


def enterprises(rows: Any, term: str) -> QuerySet[Any]:
    """Enterprises found by a name or former name, or by the beginning of a code."""
    if not is_code(term):
        return rows.named_like(term)
    code = codes.clean_uscc(term)
    by_code = Q(uscc__startswith=code) | Q(registration_no__startswith=code) | Q(stock_code__startswith=code)
    # a union, since a condition "this code or that name" uses none of the indexes
    found = Enterprise.objects.filter(by_code).order_by().values("pk")
    return rows.filter(pk__in=found.union(Enterprise.objects.named_like(term).order_by().values("pk")))


class EnterpriseSearch:
    """For admins: `search_path` leads to the enterprise ("" for itself), `search_also` to further texts."""

    search_path = ""
    search_also: tuple[str, ...] = ()
    # Django shows the search field only where this is filled.
    search_fields = ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for term in search_term.split():
            queryset = self._found(queryset, term)
        return queryset, False

    def _found(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        if not self.search_path:
            return enterprises(rows, term)
        holders = enterprises(Enterprise.objects.all(), term).values("pk")
        condition = Q(**{f"{self.search_path}__in": holders})
        for name in self.search_also:
            condition |= Q(**{f"{name}__icontains": term})
        return rows.filter(condition)
