"""What an address asks, and what it cannot ask."""

import datetime as dt

import pytest

from targets.models import Plan
from targets.reports.question import BadQuestion, Question, day_of, page_number, search_words
from tests.targets.reports.conftest import Reader

BAD_DAYS = [
    "2025-13-01",
    "2025-02-30",
    "20251231",
    "2025-W01-1",
    "31.12.2025",
    "gestern",
    "２０２５-12-31",
    # no year before the first
    "0001-01-01",
    "9999-12-31",
]


@pytest.mark.parametrize("text", BAD_DAYS)
def test_bad_days(text: str) -> None:
    with pytest.raises(BadQuestion):
        day_of(text)


def test_days() -> None:
    assert day_of("2025-12-31") == dt.date(2025, 12, 31)
    assert day_of("2024-02-29") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(("text", "number"), [(None, 1), ("", 1), ("1", 1), ("17", 17)])
def test_page_number(text: str | None, number: int) -> None:
    assert page_number(text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "²", "999999999999999999999"])
def test_bad_page_numbers(text: str) -> None:
    with pytest.raises(BadQuestion):
        page_number(text)


def test_search_words_lose_what_the_database_refuses() -> None:
    assert search_words("光能\x00科技\n") == "光能科技"
    assert search_words("  ") == ""
    assert len(search_words("长" * 500)) == 60


def test_links_carry_what_the_address_said() -> None:
    plan = Plan(code="532", baseline_date=dt.date(2020, 12, 31), deadline=dt.date(2025, 12, 31))
    day = dt.date(2025, 12, 31)
    asked = Question(plan, day, day, (), None, {"as_of": "2025-12-31"})
    assert asked.query() == "?as_of=2025-12-31"
    assert asked.query(state="reached") == "?as_of=2025-12-31&state=reached"
    assert asked.query(as_of=None, page="") == "?"
    assert asked.query(search="光 能") == "?as_of=2025-12-31&search=%E5%85%89+%E8%83%BD"


@pytest.mark.parametrize("address", ["/", "/targets/green.all/"])
@pytest.mark.parametrize(
    "query",
    [*({"as_of": day} for day in BAD_DAYS), {"district": "999999"}, {"district": "320412\x00"}],
)
def test_a_bad_question_is_answered_in_words(
    clerk: Reader, plan: Plan, address: str, query: dict[str, str]
) -> None:
    response = clerk.open(address, **query)
    assert response.status_code == 400
    assert response.context["problem"]
    # a way out that works
    assert f'href="{address}"' in response.content.decode()


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/", {"state": "splendid"}),
        ("/targets/green.all/", {"list": "all"}),
        ("/targets/green.all/", {"list": "excluded", "reason": "no reason"}),
        ("/targets/green.all/", {"page": "zero"}),
    ],
)
def test_bad_filters_are_answered_in_words(
    clerk: Reader, plan: Plan, address: str, query: dict[str, str]
) -> None:
    assert clerk.open(address, **query).status_code == 400


def test_without_a_plan_the_pages_say_so(clerk: Reader) -> None:
    assert clerk.open("/").status_code == 200
    assert clerk.open("/targets/green.all/").status_code == 200


@pytest.mark.parametrize(
    ("today", "default"),
    [
        (dt.date(2024, 5, 6), dt.date(2024, 5, 6)),
        (dt.date(2025, 12, 31), dt.date(2025, 12, 31)),
        # after the plan its last day is what matters
        (dt.date(2026, 11, 23), dt.date(2025, 12, 31)),
    ],
)
def test_the_day_that_is_shown_when_none_is_asked(
    clerk: Reader, plan: Plan, monkeypatch: pytest.MonkeyPatch, today: dt.date, default: dt.date
) -> None:
    monkeypatch.setattr("targets.reports.question.timezone.localdate", lambda: today)
    assert clerk.open("/").context["question"].day == default


def test_quick_days_are_told_once_each(clerk: Reader, plan: Plan) -> None:
    # in 2026 the plan's last day is the end of last year
    days = [day for _name, day in clerk.open("/").context["question"].quick_days]
    assert days == [dt.date(2026, 11, 23), dt.date(2025, 12, 31)]
