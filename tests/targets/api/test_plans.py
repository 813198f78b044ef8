"""Two plans in the API: the day or today chooses, a code chooses otherwise, a draft says that it is one."""

import pytest

from targets.models import Milestone, Plan, Section
from targets.services import publish_plan
from tests.registry.api.conftest import Get, errors_of
from tests.targets.next_plan import old_plan, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Plan:
    return opened(old_plan()).plan


def publish(draft: Plan) -> None:
    publish_plan(plan=draft, by=None, reason="印发")


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        ({"as_of": "2025-12-31"}, "532", "532"),
        ({"as_of": "2026-01-01"}, "532", "155"),
        ({"as_of": "2026-01-01", "plan": "532"}, "532", "532"),
        ({"as_of": "2025-12-31", "plan": "155"}, "155", "155"),
        ({"plan": "155"}, "155", "155"),
    ],
)
def test_the_plan_of_progress(
    brain: Get, draft: Plan, asked: dict[str, str], before: str, after: str
) -> None:
    """`before` and `after` the next plan was published."""

    def told() -> tuple[str, bool]:
        answer = brain.client.get("/api/v1/progress/", asked).json()  # type: ignore[attr-defined]
        return answer["plan"], answer["plan_is_draft"]

    assert told() == (before, before == "155")
    publish(draft)
    assert told() == (after, False)


def test_a_reading_is_judged_from_the_baseline(brain: Get, draft: Plan) -> None:
    # 3 of 4 at the beginning; on its first day a 1826th of the missing one is due besides
    asked = {"plan": "155", "as_of": "2026-01-01"}
    reading = brain("targets/green.all/progress/", **asked)
    assert (reading["completion"], reading["expected"][:6]) == ("0.75", "0.7501")
    assert brain("targets/green.all/progress/", plan="155", as_of="2025-12-31")["expected"] == "0.75"


def test_a_target_tells_its_baseline(brain: Get, draft: Plan) -> None:
    old, new = brain("targets/green.all/", plan="532"), brain("targets/green.all/", plan="155")
    assert (old["baseline_value"], old["baseline_source"], old["plan_is_draft"]) == (None, "", False)
    assert (new["baseline_value"], new["plan_is_draft"]) == ("3", True)
    assert new["baseline_source"] == "“532”规划 2025-12-31 的读数（登记册）"
    assert new["baseline_date"] == "2025-12-31"


def codes(rows: list[dict[str, str]]) -> list[str]:
    return sorted(row["code"] for row in rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"baseline_value__isnull": "false"}, ["green.all", "green.national", "output", "steel.size"]),
        ({"baseline_value__gte": "9"}, ["output", "steel.size"]),
        ({"baseline_value__lte": "1"}, ["green.national"]),
        ({"baseline_source__icontains": "公布数"}, ["output"]),
    ],
)
def test_targets_are_found_by_their_baseline(
    brain: Get, draft: Plan, asked: dict[str, str], found: list[str]
) -> None:
    assert codes(brain("targets/", plan="155", **asked)) == found


def test_lists_are_of_one_plan(brain: Get, draft: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the one that runs today, drafts left aside, unless a code is given."""
    section = Section.objects.get(plan=draft)
    Milestone.objects.create(plan=draft, section=section, code="dock", name="码头")
    assert {row["plan"] for row in brain("targets/")} == {"532"}
    assert codes(brain("milestones/")) == ["lab"]
    assert {row["plan"] for row in brain("targets/", plan="155")} == {"155"}
    (row,) = brain("milestones/", plan="155")
    assert (row["code"], row["plan_is_draft"]) == ("dock", True)
    publish(draft)
    monkeypatch.setattr("targets.api.views.timezone.localdate", lambda: Plan.objects.get(code="155").deadline)
    assert {row["plan"] for row in brain("targets/")} == {"155"}


@pytest.mark.parametrize(
    "path", ["progress/", "targets/", "milestones/", "targets/green.all/", "targets/green.all/contributors/"]
)
def test_an_unknown_plan_is_refused(brain: Get, draft: Plan, path: str) -> None:
    assert errors_of(brain(path, plan="nothing", status=400))["plan"]


@pytest.mark.parametrize(("plan", "number"), [("532", 3), ("155", 1)])
def test_records_are_those_of_the_plan(brain: Get, draft: Plan, plan: str, number: int) -> None:
    """New since the baseline of the plan."""
    found = brain("targets/green.new/contributors/", plan=plan, as_of="2026-06-30")
    assert len(found) == number
