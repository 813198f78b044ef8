"""How enterprises, and what hangs on them, are found: by two characters of a name, by initials, by a code."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from registry.models import Enterprise
from registry.search import matching


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
            return matching(rows, term)
        holders = matching(Enterprise.objects.all(), term).values("pk")
        condition = Q(**{f"{self.search_path}__in": holders})
        for name in self.search_also:
            condition |= Q(**{f"{name}__icontains": term})
        return rows.filter(condition)
