"""The overview: numbers, states, filters, and links that keep the day and the area."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest

from targets.choices import MilestoneState, State
from targets.models import Milestone, Plan, Target
from targets.reports.overview import Overview
from targets.reports.rows import Row
from tests import factories
from tests.targets.reports.conftest import AWARDED, LAST_DAY, Reader


def shown(reader: Reader, **query: object) -> Overview:
    response = reader.open("/", **query)
    assert response.status_code == 200
    found: Overview = response.context["overview"]
    return found


def rows(found: Overview) -> dict[str, Row]:
    return {
        row.target.code: row for chapter in found.chapters for group in chapter.groups for row in group.rows
    }


def counts(found: Overview) -> dict[Any, int]:
    return {count.state: count.number for count in found.counts if count.number}


def test_numbers_and_states(clerk: Reader, plan: Plan) -> None:
    found = shown(clerk, as_of="2025-12-31")
    by_code = rows(found)
    # 5 hold a title, the one that ran out and the one that is announced do not count; wanted are 4
    assert by_code["green.all"].standing.value == 5
    assert by_code["green.all"].state == State.REACHED
    assert by_code["green.national"].standing.value == 1
    assert by_code["green.national"].state == State.FAR_BEHIND
    assert by_code["people.trained"].state == State.NO_DATA
    assert found.total == 3
    assert counts(found) == {State.REACHED: 1, State.FAR_BEHIND: 1, State.NO_DATA: 1}


@pytest.mark.parametrize(
    ("day", "value", "state"),
    [
        # before the first award nothing is there
        ("2022-12-31", 0, State.FAR_BEHIND),
        # on the day of the award all six, with the one that runs out later
        (AWARDED.isoformat(), 6, State.REACHED),
        ("2024-12-31", 6, State.REACHED),
        # its last day counted, the next one does not
        ("2025-01-01", 5, State.REACHED),
    ],
)
def test_another_day(clerk: Reader, plan: Plan, day: str, value: int, state: State) -> None:
    row = rows(shown(clerk, as_of=day))["green.all"]
    assert (row.standing.value, row.state) == (value, state)


def test_after_the_last_day_what_is_not_reached_is_missed(clerk: Reader, plan: Plan) -> None:
    assert rows(shown(clerk, as_of="2026-01-01"))["green.national"].state == State.MISSED


def test_a_filter_by_state_lists_some_and_counts_all(clerk: Reader, plan: Plan) -> None:
    found = shown(clerk, state="far_behind")
    assert list(rows(found)) == ["green.national"]
    assert (found.shown, found.total) == (1, 3)
    # its whole is not in the list, so the row says whose part it is
    assert rows(found)["green.national"].names_whole


def test_parts_stand_under_their_whole(clerk: Reader, plan: Plan) -> None:
    Target.objects.filter(code="green.national").update(position=99)
    found = shown(clerk)
    assert list(rows(found)) == ["green.all", "green.national", "people.trained"]
    assert rows(found)["green.national"].is_part


@pytest.mark.parametrize(
    ("district", "own", "share"),
    [("320412", 2, "0.4"), ("320481", 1, "0.2"), ("320471", 1, "0.2")],
)
def test_an_area_beside_the_city(clerk: Reader, plan: Plan, district: str, own: int, share: str) -> None:
    """The area's own number is shown; the verdict stays the city's, as no share of the target is its own."""
    row = rows(shown(clerk, district=district))["green.all"]
    assert (row.own, row.share) == (own, Decimal(share))
    assert (row.standing.value, row.state) == (5, State.REACHED)


def test_totals_are_open_to_people_of_an_area(wujin: Reader, plan: Plan) -> None:
    assert rows(shown(wujin))["green.all"].standing.value == 5
    assert rows(shown(wujin, district="320481"))["green.all"].own == 1


def test_links_keep_day_and_area(clerk: Reader, plan: Plan) -> None:
    page = clerk.open("/", as_of="2024-06-30", district="320412").content.decode()
    inside = [
        address for address in re.findall(r'href="([^"#]+)', page) if address.startswith(("?", "/targets/"))
    ]
    # the quick days ask for another day, the rest for this one
    others = [address for address in inside if "as_of=2024-06-30" not in address]
    assert [re.sub("&amp;.*", "", address) for address in others] == [
        "?as_of=2026-11-23",
        "?as_of=2025-12-31",
    ]
    assert all("district=320412" in address for address in inside)
    assert any(address.startswith("/targets/green.all/?") for address in inside)


def test_a_published_figure_stands_beside_the_registry(clerk: Reader, plan: Plan) -> None:
    rule = Target.objects.get(code="green.national").rule
    rule.series = factories.statistic("national", LAST_DAY, "3").series
    rule.save()
    other = rows(shown(clerk))["green.national"].other
    assert other is not None
    assert (other.published, other.value, other.day, other.difference) == (True, 3, LAST_DAY, -2)
    # where the published one is the official value, the registry's stands beside it
    rule.official = "published"
    rule.save()
    row = rows(shown(clerk))["green.national"]
    assert (row.standing.value, row.other and row.other.value) == (3, 1)


def test_a_published_series_is_not_set_against_itself(clerk: Reader, plan: Plan) -> None:
    """A multiple of a published series has no number of the registry, though measuring divides it there."""
    series = factories.statistic("entities", dt.date(2020, 12, 31), "100").series
    factories.statistic("entities", LAST_DAY, "150")
    factories.target_with_rule("market.double", feed="multiple", series=series, unit="倍", value=Decimal(2))
    row = rows(shown(clerk))["market.double"]
    assert (row.standing.value, row.other) == (Decimal("1.5"), None)


@pytest.mark.parametrize(
    ("day", "state"),
    [("2024-05-31", MilestoneState.UNDER_WAY), ("2024-06-01", MilestoneState.REACHED)],
)
def test_milestones_as_they_stood(clerk: Reader, plan: Plan, day: str, state: MilestoneState) -> None:
    found = shown(clerk, as_of=day)
    assert [row.state for row in found.milestones] == [state]
    page = clerk.open("/", as_of=day).content.decode()
    assert "加快建设龙城实验室" in page
    # the evidence of what is yet to come is not told
    assert ("挂牌文件" in page) == (state == MilestoneState.REACHED)


def test_every_state_is_a_word_with_a_sign(clerk: Reader, plan: Plan) -> None:
    page = clerk.open("/").content.decode()
    assert re.search(r'class="state is-reached"><i aria-hidden="true">●</i>已完成<', page)
    assert re.search(r'class="state is-far-behind"><i aria-hidden="true">▼</i>严重滞后<', page)


def test_names_are_escaped(clerk: Reader, plan: Plan) -> None:
    Target.objects.filter(code="green.all").update(name='<b onclick="x">')
    Milestone.objects.update(name="<script>")
    page = clerk.open("/").content.decode()
    assert "<b onclick" not in page
    assert "<script>" not in page


def test_what_changed_since_the_end_of_last_month_and_what_is_furthest_behind(
    clerk: Reader, plan: Plan
) -> None:
    """On 1 January 2025 one of Wujin has run out; of the national ones one of two is there."""
    found = clerk.open("/", as_of="2025-01-15").context["overview"]
    assert [(one.row.target.code, one.change, one.opens) for one in found.moved] == [("green.all", -1, True)]
    assert [row.target.code for row in found.gaps] == ["green.national"]
    # the day before it still counted; another area knows of no change
    assert clerk.open("/", as_of="2024-12-31").context["overview"].moved == []
    assert clerk.open("/", as_of="2025-01-15", district="320481").context["overview"].moved == []
    assert clerk.open("/", as_of="2025-02-01").context["overview"].moved == []


def test_small_pictures_come_with_a_request_of_their_own(clerk: Reader, plan: Plan) -> None:
    page = clerk.open("/", as_of=LAST_DAY).content.decode()
    assert f'data-courses="/courses/?as_of={LAST_DAY}"' in page
    assert 'data-course="green.all"' in page
    drawn = clerk.open("/courses/", as_of=LAST_DAY).json()  # type: ignore[attr-defined]
    assert drawn.keys() == {"green.all", "green.national"}, "of what has no data there is none"
    assert "2022 0, 2023 6" in drawn["green.all"] or "2022 0、2023 6" in drawn["green.all"]
