"""The page of a title: holder, days, re-reviews, and the reason of what counts."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from registry.choices import EndReason
from registry.models import Designation, Enterprise, Review
from tests import factories as make
from tests.people import clerk_of_the_city
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send, sign_in

NEW = page_for_new(Designation)


@pytest.fixture
def wang(db: None) -> Client:
    return sign_in(clerk_of_the_city())


@pytest.fixture
def holder(db: None) -> Enterprise:
    return make.enterprise()


@pytest.fixture
def title(holder: Enterprise) -> Designation:
    return make.designation(holder, dt.date(2020, 1, 1), valid_to=dt.date(2022, 12, 31))


def fields(holder: Enterprise, **others: Any) -> dict[str, Any]:
    plain = {"enterprise": holder.pk, "level": "provincial", "valid_from": "2022-01-01"}
    return {"scheme": make.scheme().pk, **plain, **others}


def test_a_clerk_enters_a_title(wang: Client, holder: Enterprise) -> None:
    assert send(wang, NEW, **fields(holder)).status_code == 302
    assert Designation.objects.get().enterprise == holder


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        # reversed days: the database's range would fail
        ({"valid_to": "2021-12-31"}, "valid_to"),
        ({"ended_on": "2021-12-31", "end_reason": "revoked"}, "ended_on"),
        ({"ended_on": "2023-01-01"}, "end_reason"),
        ({"end_reason": "revoked"}, "end_reason"),
        # neither an enterprise nor a thing
        ({"enterprise": ""}, "enterprise"),
        # an enterprise and an area of its own
        ({"district": "here"}, "enterprise"),
        # confirmed from when?
        ({"valid_from": ""}, "valid_from"),
        # the scheme has no such level
        ({"level": "municipal"}, "level"),
        ({"scheme": ""}, "scheme"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    wang: Client, holder: Enterprise, changes: dict[str, str], field: str
) -> None:
    if "district" in changes:
        changes = {"district": str(make.district().pk)}
    errors = errors_on(send(wang, NEW, **fields(holder, **changes)))
    assert set(errors) == {field}


def test_an_overlap_is_said_at_the_first_day(wang: Client, title: Designation) -> None:
    assert set(errors_on(send(wang, NEW, **fields(title.enterprise)))) == {"valid_from"}


@pytest.mark.parametrize(
    ("changes", "demanded"),
    [
        ({"valid_to": "2023-12-31"}, True),
        # what does not decide on which days it counts
        ({"note": "证书已领"}, False),
    ],
)
def test_a_reason_is_asked_where_it_matters(
    wang: Client, title: Designation, changes: dict[str, str], demanded: bool
) -> None:
    answer = send(wang, page_of(title), **changes)
    if demanded:
        assert set(errors_on(answer)) == {"change_reason"}
        answer = send(wang, page_of(title), **changes, change_reason="文件更正")
    assert answer.status_code == 302


# Re-reviews


def test_passed_it_runs_on(wang: Client, title: Designation) -> None:
    review = {
        "day": "2022-11-01",
        "outcome": "passed",
        "valid_to": "2025-12-31",
        "document": "苏工信〔2022〕1号",
    }
    assert send(wang, page_of(title), rows={"reviews": [review]}).status_code == 302
    title.refresh_from_db()
    assert title.valid_to == dt.date(2025, 12, 31)
    # the page saved again does not do it twice
    assert send(wang, page_of(title)).status_code == 302
    assert title.reviews.count() == 1


def test_failed_it_ends(wang: Client, title: Designation) -> None:
    review = {
        "designation": title.pk,
        "day": "2022-11-01",
        "outcome": "failed",
        "document": "苏工信〔2022〕1号",
    }
    assert send(wang, page_for_new(Review), **review).status_code == 302
    title.refresh_from_db()
    assert (title.ended_on, title.end_reason) == (dt.date(2022, 11, 1), EndReason.FAILED_REVIEW)
    assert title.end_document == "苏工信〔2022〕1号"


@pytest.mark.parametrize(
    ("review", "field"),
    [
        # a new term that another award already has
        ({"outcome": "passed", "valid_to": "2024-12-31"}, "outcome"),
        # over before it began
        ({"outcome": "passed", "valid_to": "2019-12-31"}, "outcome"),
        ({"outcome": "failed", "day": "2019-01-01"}, "outcome"),
        # a failed one has no new term
        ({"outcome": "failed", "valid_to": "2024-12-31"}, "valid_to"),
    ],
)
def test_what_would_come_of_it_must_be_possible(
    wang: Client, title: Designation, review: dict[str, str], field: str
) -> None:
    make.designation(title.enterprise, dt.date(2023, 6, 1))
    row = {"day": "2022-11-01", **review}
    assert f"reviews-0-{field}" in errors_on(send(wang, page_of(title), rows={"reviews": [row]}))
    alone = errors_on(send(wang, page_for_new(Review), designation=title.pk, **row))
    assert alone
    assert not Review.objects.exists()


def test_one_review_a_day(wang: Client, title: Designation) -> None:
    row = {"day": "2022-11-01", "outcome": "passed"}
    assert errors_on(send(wang, page_of(title), rows={"reviews": [row, row]}))


# Finding


@pytest.mark.parametrize(
    ("day", "found"),
    # the last day counts, the day after does not
    [("2022-12-31", 1), ("2023-01-01", 0), ("2019-12-31", 0), ("昨天", 1), ("2022-13-45", 1)],
)
def test_titles_valid_on_a_day(wang: Client, title: Designation, day: str, found: int) -> None:
    page = wang.get("/admin/registry/designation/", {"valid_on": day})
    assert page.context["cl"].result_count == found


@pytest.mark.parametrize("term", ["光能", "苏工信", "一号车间", "旧"])
def test_titles_are_found(wang: Client, title: Designation, term: str) -> None:
    Designation.objects.filter(pk=title.pk).update(document="苏工信〔2020〕5号", item="一号车间")
    page = wang.get("/admin/registry/designation/", {"q": term})
    assert page.context["cl"].result_count == (0 if term == "旧" else 1)
