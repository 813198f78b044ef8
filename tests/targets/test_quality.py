"""登记与公布数差异: targets put their check on the page of data quality."""

import datetime as dt

import pytest

from registry import quality
from registry.quality import Scope
from tests import factories as make
from tests.people import clerk_of_the_city

DAY = dt.date(2024, 12, 31)


@pytest.mark.django_db
@pytest.mark.parametrize(("published", "found"), [("5", ["工厂"]), ("1", [])])
def test_the_registry_against_the_published(published: str, found: list[str]) -> None:
    statistic = make.statistic("factories", DAY, published)
    scheme = make.scheme()
    make.designation(make.enterprise("光能"), dt.date(2022, 1, 1), scheme=scheme)
    make.target_with_rule(
        "plant", name="工厂", schemes=(scheme,), level="provincial", series=statistic.series
    )
    check = quality.by_code("published")
    assert check is not None
    rows = check.find(Scope(clerk_of_the_city(), dt.date(2025, 6, 1))).page(0, 50)
    assert [one.name for one in rows] == found
    if found:
        assert rows[0].why == "2024-12-31 公布 5家，登记册 1家，相差 -80.0%"
        assert rows[0].page == "/targets/plant/differences/"
