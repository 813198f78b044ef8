"""What runs out within a year, and the records behind a number as files."""

import csv
import datetime as dt
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from registry.models import Designation, Enterprise, Review
from targets.models import Plan
from targets.reports.lapses import year_ahead
from tests.targets.reports.conftest import LAST_DAY, Reader

D = dt.date
pytestmark = pytest.mark.django_db


def lapses(reader: Reader, **query: object) -> Any:
    answer = reader.open("/targets/green.all/", as_of=LAST_DAY, **query)
    assert answer.status_code == 200
    return answer.context["lapses"]


def ends(name: str, day: dt.date) -> Designation:
    Designation.objects.filter(enterprise__name=name).update(valid_to=day)
    return Designation.objects.get(enterprise__name=name)


@pytest.mark.parametrize(
    ("day", "second", "last", "number"),
    [
        (D(2025, 12, 31), D(2026, 1, 31), D(2026, 12, 31), 13),
        (D(2025, 12, 30), D(2025, 12, 31), D(2026, 12, 30), 14),
        (D(2024, 2, 29), D(2024, 3, 31), D(2025, 2, 28), 13),
        (D(2025, 3, 1), D(2025, 3, 31), D(2026, 3, 1), 14),
    ],
)
def test_the_months_ahead(day: dt.date, second: dt.date, last: dt.date, number: int) -> None:
    days = year_ahead(day)
    assert (days[0], days[1], days[-1], len(days)) == (day, second, last, number)


def test_none_all_or_the_usual_share_is_renewed(clerk: Reader, plan: Plan) -> None:
    assert lapses(clerk) is None, "nothing of it runs out"
    ends("武进甲厂", D(2026, 3, 31))
    found = lapses(clerk)
    assert (found.now, found.none_renewed, found.lost, found.usual) == (5, 4, 1, None)
    none = next(one for one in found.picture.series if one.kind == "step").values
    # to the last day of March it counts, and no longer at the end of April
    assert none[:5] == [5, 5, 5, 5, 4]

    passed = ends("武进乙厂", D(2030, 12, 31))
    Review.objects.create(designation=passed, day=D(2025, 1, 1), outcome="passed", valid_to=D(2030, 12, 31))
    other = Designation.objects.get(enterprise__name="武进旧厂")
    Review.objects.create(designation=other, day=D(2025, 1, 1), outcome="failed")
    # one that comes after the day says nothing yet
    Review.objects.create(designation=other, day=D(2026, 1, 1), outcome="failed")
    found = lapses(clerk)
    assert (found.share, found.reviews, found.usual) == (Decimal("0.5"), 2, Decimal("4.5"))


def test_where_all_of_it_runs_out_at_once_it_is_told(clerk: Reader, plan: Plan) -> None:
    """A number that fell straight to 0 was taken for one that stayed."""
    running = Designation.objects.exclude(enterprise__name="武进旧厂")
    running.update(valid_to=D(2026, 3, 31))
    found = lapses(clerk)
    assert (found.now, found.none_renewed, found.lost) == (5, 0, 5)


def test_an_area_sees_what_runs_out_of_its_own(clerk: Reader, plan: Plan) -> None:
    ends("武进甲厂", D(2026, 3, 31))
    assert lapses(clerk, district="320412").now == 2
    assert lapses(clerk, district="320412").none_renewed == 1
    assert lapses(clerk, district="320481") is None


def test_what_is_no_stock_does_not_run_out(clerk: Reader, plan: Plan) -> None:
    assert clerk.open("/targets/people.trained/").context["lapses"] is None


def names(answer: Any) -> set[str]:
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return {str(row[0].value) for row in book.worksheets[0].iter_rows(min_row=2)}


def test_the_records_are_taken_away_whole_and_as_seen(clerk: Reader, wujin: Reader, plan: Plan) -> None:
    address = "/targets/green.all/"
    everyone = {"武进甲厂", "武进乙厂", "溧阳丙厂", "经开丁厂", "无区戊厂"}
    assert names(clerk.open(address, as_of=LAST_DAY, format="xlsx")) == everyone
    assert names(wujin.open(address, as_of=LAST_DAY, format="xlsx")) == {"武进甲厂", "武进乙厂"}
    assert names(clerk.open(address, as_of=LAST_DAY, format="xlsx", search="丙厂")) == {"溧阳丙厂"}
    left_out = names(clerk.open(address, as_of=LAST_DAY, format="xlsx", list="excluded"))
    assert left_out == {"武进旧厂", "溧阳新厂"}
    assert clerk.open(address, format="exe").status_code == 400


def test_a_name_is_no_formula(clerk: Reader, plan: Plan) -> None:
    Enterprise.objects.filter(name="武进甲厂").update(name="=1+1")
    content = clerk.open("/targets/green.all/", as_of=LAST_DAY, format="csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(content)))
    assert len(rows) == 5
    assert {row["企业"] for row in rows} >= {"'=1+1", "溧阳丙厂"}
