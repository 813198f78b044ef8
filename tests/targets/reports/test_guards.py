"""The whole plan on the pages: every target opens, and neither queries nor bytes grow with the facts."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Designation, District, Enterprise, Scheme
from targets.measure.title_records import LOOKS
from targets.models import Target
from tests.targets.reports.conftest import Reader

LARGEST = 150_000
# Fixed, whatever is counted: sign-in, plan, targets with their rules, a statement for each family of feeds; and the
# measurement of the end of the month before.
OVERVIEW_QUERIES = 39
# The target's own number is counted for three lists of it: a transaction that has written remembers nothing.
# What runs out is measured on the thirteen days of a year ahead at once, and the re-reviews are counted; the number of
# records left out reads the state of the facts, to be remembered. The course and what runs out are measured with the
# number itself, and then found remembered: but not here, where each of the three counts anew, nor keeps the columns that
# it counts: enterprises in three statements, titles in two.
TARGET_QUERIES = 112
# All days on which something was published are measured at once.
DIFFERENCES_QUERIES = 29
# The state of the facts tells whether the targets are kept; all of them are read where they are not.
COURSE_QUERIES = 27
OVERLAPS_QUERIES = 37
# The bridge measures each of its days, and names what changed.
SERIES_QUERIES = 27
# For the causes, and for the names behind them, it reads the columns once more.
BRIDGE_QUERIES = 57
# A first page of contributors looks at the newest titles, then at more of them, then at all: two statements a look.
LOOKS_AGAIN = 2 * len(LOOKS)

GIANTS = "target:brand.little_giants_national"


@pytest.fixture
def whole_plan(db: None) -> None:
    call_command("load_reference", verbosity=0)


def fill(number: int) -> None:
    """Enterprises with a national and a provincial title each of the schemes of some targets."""
    areas = list(District.objects.all())
    holders = Enterprise.objects.bulk_create(
        Enterprise(name=f"江苏某某精密机械制造股份有限公司第{place}厂", district=areas[place % len(areas)])
        for place in range(number)
    )
    schemes = Scheme.objects.filter(rules__rule__target__section__code="brand.little_giants").distinct()
    Designation.objects.bulk_create(
        Designation(
            enterprise=holder,
            scheme=scheme,
            level=level,
            valid_from=dt.date(2023, 1, 1),
            batch="2023年度第一批",
            document="苏工信中小〔2023〕532号",
        )
        for scheme in schemes
        for level in scheme.levels.values_list("level", flat=True)
        for holder in holders
    )


def opened(reader: Reader, address: str, **query: object) -> tuple[int, int]:
    """How many queries a page took, and how many bytes it has."""
    with CaptureQueriesContext(connection) as queries:
        response = reader.open(address, **query)
    assert response.status_code == 200, address
    return len(queries), len(response.content)


@pytest.mark.parametrize(
    ("address", "query", "most"),
    [
        ("/", {}, OVERVIEW_QUERIES),
        ("/", {"district": "320412"}, OVERVIEW_QUERIES),
        ("/targets/brand.little_giants_provincial_plus/", {}, TARGET_QUERIES),
        ("/targets/brand.little_giants_national/series/", {"step": "month", "areas": "1"}, SERIES_QUERIES),
        ("/targets/brand.little_giants_national/bridge/", {"from": "2022-12-31"}, BRIDGE_QUERIES),
        ("/targets/brand.little_giants_national/", {"list": "excluded", "search": "精密"}, TARGET_QUERIES),
        ("/differences/", {}, DIFFERENCES_QUERIES),
        ("/targets/brand.little_giants_national/differences/", {}, COURSE_QUERIES),
        ("/overlaps/", {}, OVERLAPS_QUERIES),
        ("/overlaps/", {"among": "schemes", "first": GIANTS}, OVERLAPS_QUERIES),
        ("/overlaps/", {"first": GIANTS, "second": "scheme:little_giant:national"}, OVERLAPS_QUERIES),
    ],
)
def test_pages_ask_a_fixed_number_of_queries_and_stay_small(
    clerk: Reader, whole_plan: None, address: str, query: dict[str, str], most: int
) -> None:
    fill(1)
    opened(clerk, address, **query)
    before, _size = opened(clerk, address, **query)
    fill(150)
    after, size = opened(clerk, address, **query)
    assert before <= after <= before + LOOKS_AGAIN, (
        "A page asks once for each record or area: fetch together."
    )
    assert after <= most, "More queries than before: fetch together, or raise the number with a reason."
    assert size < LARGEST, "Pages go to phones and old computers: leave something out."


@pytest.mark.django_db(transaction=True)
def test_every_target_opens(clerk: Reader, wujin: Reader, whole_plan: None) -> None:
    fill(3)
    cache.clear()
    codes = list(Target.objects.values_list("code", flat=True))
    assert len(codes) == 96
    for code in codes:
        for reader in (clerk, wujin):
            queries, _size = opened(reader, f"/targets/{code}/", list="excluded", district="320411")
            assert queries <= TARGET_QUERIES, code
        queries, _size = opened(clerk, f"/targets/{code}/series/", areas="1")
        assert queries <= SERIES_QUERIES, code
        queries, _size = opened(clerk, f"/targets/{code}/bridge/")
        assert queries <= BRIDGE_QUERIES, code
    page = clerk.open("/").content.decode()
    assert all(f'href="/targets/{code}/"' in page for code in codes)
