"""Pages of large tables without counting all of them."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

BOUND = 10_000


class AtLeast(int):
    """A count that stopped at a bound: 10000+."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class BoundedPaginator(Paginator):
    """Counts up to a bound: who looks through more than 10,000 rows wants a search, not a page number."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # the ids alone: what else is told of a row costs as much again for ten thousand of them
        found: int = rows.order_by().values("pk")[: BOUND + 1].count()
        return AtLeast(BOUND) if found > BOUND else found
