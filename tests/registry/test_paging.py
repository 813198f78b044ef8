"""Pages of lists whose ids are found first."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Enterprise
from registry.paging import PaginatorById, in_order
from tests.factories import enterprise

pytestmark = pytest.mark.django_db

NAMES = [f"厂{number}" for number in range(7)]


@pytest.fixture
def ids() -> list[int]:
    """The newest first, as the list has them."""
    return [enterprise(name).pk for name in NAMES][::-1]


@pytest.mark.parametrize("known", [0, 3, 4, 7])
@pytest.mark.parametrize(("number", "found"), [(1, NAMES[:3:-1]), (2, NAMES[3:0:-1]), (3, NAMES[:1])])
def test_a_page_whichever_ids_are_known_already(
    ids: list[int], known: int, number: int, found: list[str]
) -> None:
    rows = Enterprise.objects.order_by("-pk")
    paginator = PaginatorById(rows, 3, shown=Enterprise.objects.all(), first=ids[:known])
    page = paginator.page(number)
    assert [one.name for one in page] == found
    assert (page.paginator.count, page.paginator.num_pages) == (7, 3)


def test_what_is_known_is_not_looked_for_again(ids: list[int]) -> None:
    paginator = PaginatorById(
        Enterprise.objects.order_by("-pk"), 3, shown=Enterprise.objects.all(), first=ids[:3]
    )
    paginator.count = 7
    with CaptureQueriesContext(connection) as queries:
        assert [one.pk for one in paginator.page(1)] == ids[:3]
    assert len(queries) == 1, "the rows of the page"


def test_an_empty_list_has_an_empty_page() -> None:
    page = PaginatorById(Enterprise.objects.order_by("pk"), 3, shown=Enterprise.objects.all()).get_page(None)
    assert (list(page), page.paginator.num_pages) == ([], 1)


def test_what_is_gone_meanwhile_is_left_out(ids: list[int]) -> None:
    Enterprise.objects.filter(pk=ids[1]).delete()
    assert [one.pk for one in in_order(Enterprise.objects.all(), ids[:3])] == [ids[0], ids[2]]
