"""Pages of large tables without counting all of them."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

BOUND = 10_000
# How many ids are worth keeping of a list that is remembered: nobody leafs further.
FIRST = 1_000


class AtLeast(int):
    """A count that stopped at a bound: 10000+."""

    def __str__(self) -> str:
        return f"{int(self)}+"


def bounded(number: int) -> int:
    """What is told of a number that was counted up to one more than the bound."""
    return AtLeast(BOUND) if number > BOUND else number


class BoundedPaginator(Paginator):
    """Counts up to a bound: who looks through more than 10,000 rows wants a search, not a page number."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # the ids alone: what else is told of a row costs as much again for ten thousand of them
        return bounded(rows.order_by().values("pk")[: BOUND + 1].count())


class PaginatorById(BoundedPaginator):
    """Finds the ids of a page first, among `rows`, and looks `shown` up by them: only to a page is joined what it shows.

    `first` are the ids of the first rows, where they are known already.
    """

    def __init__(
        self, rows: QuerySet[Any], per_page: int, *, shown: QuerySet[Any], first: Sequence[int] = ()
    ) -> None:
        super().__init__(rows, per_page)
        self._shown = shown
        self._first = first

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        return Page(in_order(self._shown, self._ids(begin, begin + self.per_page)), number, self)

    def _ids(self, begin: int, end: int) -> Sequence[int]:
        if end <= len(self._first) or self.count <= len(self._first):
            return self._first[begin:end]
        rows: Any = self.object_list
        return list(rows.values_list("pk", flat=True)[begin:end])


def in_order(rows: QuerySet[Any], ids: Sequence[int]) -> list[Any]:
    """The rows of some ids, in their order, as far as there are such."""
    found = rows.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
