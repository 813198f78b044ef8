"""The pages of named lists: who is on one on the day, by which titles, who came and went; as Excel."""

import datetime as dt
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from registry.models import Enterprise, NamedList
from targets.models import Plan
from tests import factories as make
from tests.targets.reports.conftest import Reader

D = dt.date
pytestmark = pytest.mark.django_db


@pytest.fixture
def green(plan: Plan, clerk: Reader) -> NamedList:
    """Of Liyang one that came in March 2024 and went in July, of Wujin one that stays."""
    came = make.enterprise("溧阳电池", district=make.district("320481"), uscc="91320481MA1LY0000X")
    make.designation(came, D(2024, 3, 1), scheme=make.scheme("battery"), valid_to=D(2024, 6, 30))
    stays = make.enterprise("武进电机", district=make.district("320412"))
    make.designation(stays, D(2022, 1, 1), scheme=make.scheme("battery"))
    return make.named_list(clerk.user, scheme=["battery"])


def names_on(answer: Any) -> list[str]:
    return [row.enterprise.name for row in answer.context["told"].members]


def test_the_lists_with_what_they_ask(clerk: Reader, green: NamedList) -> None:
    page = clerk.open("/lists/").content.decode()
    assert "创新贷白名单" in page
    assert "供合作银行核验" in page
    assert "/admin/registry/namedlist/add/" in page


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2024-02-29", ["武进电机"]),
        ("2024-03-01", ["武进电机", "溧阳电池"]),
        ("2024-06-30", ["武进电机", "溧阳电池"]),
        ("2024-07-01", ["武进电机"]),
    ],
)
def test_a_list_on_a_day(clerk: Reader, green: NamedList, day: str, names: list[str]) -> None:
    assert names_on(clerk.open("/lists/innovation_loan/", as_of=day)) == names


def numbers_on(reader: Reader, **asked: str) -> dict[str, int]:
    return {line.one.code: line.number for line in reader.open("/lists/", **asked).context["lists"]}


@pytest.mark.parametrize(
    ("day", "more", "titled", "named"),
    [
        ("2024-02-29", {}, 1, 1),
        ("2024-03-01", {}, 2, 1),
        ("2024-06-30", {}, 2, 1),
        ("2024-07-01", {}, 1, 1),
        ("2024-06-30", {"district": "320481"}, 1, 1),
        ("2024-06-30", {"district": "320412"}, 1, 0),
    ],
)
def test_the_overview_tells_how_many_are_on_each(
    clerk: Reader, wujin: Reader, green: NamedList, day: str, more: dict[str, str], titled: int, named: int
) -> None:
    make.named_list(clerk.user, "by_name", search=["溧阳电池"])
    make.named_list(clerk.user, "of_any_level", level=["provincial"])
    found = numbers_on(clerk, as_of=day, **more)
    assert (found["innovation_loan"], found["by_name"]) == (titled, named)
    for reader, numbers in ((clerk, found), (wujin, numbers_on(wujin, as_of=day, **more))):
        for code, number in numbers.items():
            told = reader.open(f"/lists/{code}/", as_of=day, **more).context["told"]
            assert told.page.paginator.count == number, code


@pytest.mark.django_db(transaction=True)
def test_their_numbers_follow_the_facts(clerk: Reader, green: NamedList) -> None:
    make.named_list(clerk.user, "by_name", search=["溧阳电池"])
    asked = {"as_of": "2024-06-30"}
    for _again in range(2):
        assert numbers_on(clerk, **asked) == {"innovation_loan": 2, "by_name": 1}
    there = Enterprise.objects.get(name="溧阳电池")
    Enterprise.objects.filter(pk=there.pk).update(name="常州电池")
    assert numbers_on(clerk, **asked) == {"innovation_loan": 2, "by_name": 0}
    Enterprise.objects.filter(pk=there.pk).update(closed_on=D(2024, 6, 30))
    assert numbers_on(clerk, **asked)["innovation_loan"] == 1
    NamedList.objects.filter(code="innovation_loan").update(
        query={"scheme": ["battery"], "district": ["320481"]}
    )
    assert numbers_on(clerk, **asked)["innovation_loan"] == 0


def test_what_changed_since_the_end_of_the_month_before_or_another_day(
    clerk: Reader, green: NamedList
) -> None:
    told = clerk.open("/lists/innovation_loan/", as_of="2024-03-05").context["told"]
    assert told.since == D(2024, 2, 29)
    assert [(row.name, cause.label) for row, cause in told.changes.joined] == [("溧阳电池", "称号生效")]
    told = clerk.open("/lists/innovation_loan/", as_of="2024-07-01", since="2024-06-30").context["told"]
    assert [(row.name, cause.label) for row, cause in told.changes.left] == [("溧阳电池", "称号失效")]


def test_an_area_alone(clerk: Reader, wujin: Reader, green: NamedList) -> None:
    asked = {"as_of": "2024-06-30"}
    answer = clerk.open("/lists/innovation_loan/", district="320481", **asked)
    assert names_on(answer) == ["溧阳电池"]
    answer = wujin.open("/lists/innovation_loan/", **asked)
    assert names_on(answer) == ["武进电机"]
    assert "溧阳电池" not in answer.content.decode()
    assert "/admin/registry/namedlist/" not in answer.content.decode()


def test_as_it_was_known(clerk: Reader, green: NamedList) -> None:
    moment = timezone.localtime().isoformat()
    make.scheme("workshop")
    NamedList.objects.update(query={"scheme": ["workshop"]})
    assert names_on(clerk.open("/lists/innovation_loan/", as_of="2024-06-30")) == []
    answer = clerk.open("/lists/innovation_loan/", as_of="2024-06-30", known_at=moment)
    assert names_on(answer) == ["武进电机", "溧阳电池"]


def test_as_excel(clerk: Reader, green: NamedList) -> None:
    answer: Any = clerk.open("/lists/innovation_loan/", as_of="2024-06-30", format="xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    head, *rows = book["数据"].values
    assert head[-1] == "在册依据"
    assert [(row[1], row[3], row[-1]) for row in rows] == [
        ("武进电机", "武进", f"省级{make.scheme('battery')} 2022-01-01 起"),
        ("溧阳电池", "溧阳", f"省级{make.scheme('battery')} 2024-03-01 至 2024-06-30"),
    ]
    assert ("持有称号", make.scheme("battery").name) in [row[:2] for row in book["说明"].values]


@pytest.mark.parametrize(
    ("address", "query", "status"),
    [
        ("/lists/none/", {}, 404),
        ("/lists/innovation_loan/", {"since": "2024-02-30"}, 400),
        ("/lists/innovation_loan/", {"known_at": "2000-01-01"}, 404),
    ],
)
def test_what_is_none(
    clerk: Reader, green: NamedList, address: str, query: dict[str, str], status: int
) -> None:
    assert clerk.open(address, **query).status_code == status


def test_a_list_that_is_no_longer_kept_is_found_on_days_before(clerk: Reader, green: NamedList) -> None:
    NamedList.objects.update(retired_on=D(2024, 6, 30))
    assert clerk.open("/lists/innovation_loan/", as_of="2024-06-29").status_code == 200
    assert clerk.open("/lists/innovation_loan/", as_of="2024-06-30").status_code == 404


def test_a_search_is_kept_as_a_list(clerk: Reader, wujin: Reader, green: NamedList) -> None:
    asked = {"scheme": "green_factory", "district": "320412", "search": "电"}
    page = clerk.open("/enterprises/", **asked).content.decode()
    assert (
        "/admin/registry/namedlist/add/?search=%E7%94%B5&amp;scheme=green_factory&amp;district=320412" in page
    )
    assert "/namedlist/add/" not in clerk.open("/enterprises/").content.decode()
    assert "/namedlist/add/" not in wujin.open("/enterprises/", **asked).content.decode()
