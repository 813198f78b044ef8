"""Pages of two plans: the day chooses, a code chooses otherwise, and a draft is shown to nobody by accident."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import User
from targets.models import Plan, Target
from targets.services import publish_plan
from tests.targets.next_plan import IN_THE_NEXT, LAST_DAY, D, old_plan, opened
from tests.targets.reports.conftest import Reader

PAGES = ["/", "/targets/green.all/"]


@pytest.fixture
def old(db: None) -> Plan:
    return old_plan()


@pytest.fixture
def draft(old: Plan) -> Plan:
    return opened(old).plan


@pytest.fixture
def published(draft: Plan) -> Plan:
    return publish_plan(plan=draft, by=None, reason="印发")


def shown(reader: Reader, address: str = "/", **query: object) -> Plan:
    response = reader.open(address, **query)
    assert response.status_code == 200
    plan: Plan = response.context["question"].plan
    return plan


def choices(reader: Reader, address: str = "/", **query: object) -> list[str]:
    """The plans of the chooser, by their addresses."""
    page = reader.open(address, **query).content.decode()
    chooser = re.search(r'<ul class="quick plans".*?</ul>', page, re.DOTALL)
    return re.findall(r'href="([^"]+)"', chooser[0]) if chooser else []


# Which plan


@pytest.mark.parametrize("address", PAGES)
def test_the_day_chooses_the_plan(clerk: Reader, old: Plan, published: Plan, address: str) -> None:
    assert shown(clerk, address, as_of=LAST_DAY) == old
    assert shown(clerk, address, as_of="2026-01-01") == published
    assert shown(clerk, address, as_of=IN_THE_NEXT) == published
    # today, in November 2026
    assert shown(clerk, address) == published


@pytest.mark.parametrize("address", PAGES)
def test_no_day_leads_to_a_draft(clerk: Reader, old: Plan, draft: Plan, address: str) -> None:
    for day in (LAST_DAY, IN_THE_NEXT, D(2030, 12, 31)):
        assert shown(clerk, address, as_of=day) == old
    assert shown(clerk, address, plan="155") == draft


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(
    ("query", "plan", "day"),
    [
        # a code chooses, and its default day is that of the plan
        ({"plan": "532"}, "532", D(2025, 12, 31)),
        ({"plan": "155"}, "155", D(2026, 11, 23)),
        # with a day besides it stays chosen
        ({"plan": "532", "as_of": "2026-06-30"}, "532", D(2026, 6, 30)),
        ({"plan": "155", "as_of": "2025-12-31"}, "155", D(2025, 12, 31)),
        # an empty one is none
        ({"plan": ""}, "155", D(2026, 11, 23)),
    ],
)
def test_a_code_chooses_the_plan(
    clerk: Reader, published: Plan, address: str, query: dict[str, str], plan: str, day: D
) -> None:
    question = clerk.open(address, **query).context["question"]
    assert (question.plan.code, question.day) == (plan, day)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("code", ["nothing", "532\x00", "x" * 500])
def test_an_unknown_plan_is_answered_with_those_there_are(
    clerk: Reader, old: Plan, draft: Plan, address: str, code: str
) -> None:
    response = clerk.open(address, plan=code)
    assert response.status_code == 400
    assert "现有规划：532 “532”规划。" in response.context["problem"]
    assert "155" not in response.context["problem"]
    assert f'href="{address}"' in response.content.decode()


def test_links_keep_the_plan(clerk: Reader, published: Plan) -> None:
    page = clerk.open("/", plan="532").content.decode()
    inside = [one for one in re.findall(r'href="([^"#]+)', page) if one.startswith(("?", "/targets/"))]
    others = [one for one in inside if "plan=532" not in one]
    assert others == ["?plan=155"]
    assert '<input type="hidden" name="plan" value="532">' in page
    # where the address said nothing, the day goes on choosing
    page = clerk.open("/", as_of="2025-12-31").content.decode()
    assert 'name="plan"' not in page


# The chooser


@pytest.mark.parametrize("address", PAGES)
def test_with_one_plan_there_is_nothing_to_choose(clerk: Reader, old: Plan, address: str) -> None:
    assert choices(clerk, address) == []
    assert clerk.open(address).context["question"].plans == (old,)


@pytest.mark.parametrize("address", PAGES)
def test_with_two_plans_there_is_a_choice(wujin: Reader, published: Plan, address: str) -> None:
    # the day goes with the plan, the area stays
    found = choices(wujin, address, as_of="2026-06-30", district="320412")
    assert found == ["?district=320412&amp;plan=155", "?district=320412&amp;plan=532"]


@pytest.mark.parametrize("address", PAGES)
def test_drafts_are_offered_to_those_who_work_on_them(
    clerk: Reader, wujin: Reader, draft: Plan, address: str
) -> None:
    assert len(choices(clerk, address)) == 2
    assert choices(wujin, address) == []
    # who was given the address of a draft finds back
    assert len(choices(wujin, address, plan="155")) == 2


@pytest.mark.parametrize("address", PAGES)
def test_a_draft_is_marked(clerk: Reader, old: Plan, draft: Plan, address: str) -> None:
    page = clerk.open(address, plan="155").content.decode()
    assert page.count(">草案</i>") == 2  # at its name, and in the chooser
    assert "发布之前不按日期显示" in page
    publish_plan(plan=draft, by=None, reason="印发")
    page = clerk.open(address, plan="155").content.decode()
    assert ">草案</i>" not in page
    assert "发布之前不按日期显示" not in page


def test_a_plan_without_milestones_shows_none(clerk: Reader, published: Plan) -> None:
    assert 'id="milestones"' in clerk.open("/", plan="532").content.decode()
    page = clerk.open("/", plan="155").content.decode()
    assert "milestones" not in page


@pytest.mark.parametrize(
    ("plan", "days"),
    [
        # the last day of the old plan is the end of last year
        ("532", [D(2026, 11, 23), D(2025, 12, 31)]),
        # that of the next is years ahead
        ("155", [D(2026, 11, 23), D(2025, 12, 31)]),
    ],
)
def test_quick_days_have_been(clerk: Reader, published: Plan, plan: str, days: list[D]) -> None:
    assert [day for _name, day in clerk.open("/", plan=plan).context["question"].quick_days] == days


# A target of both


def test_a_target_shows_where_it_began(clerk: Reader, published: Plan) -> None:
    page = clerk.open("/targets/green.all/", as_of=IN_THE_NEXT)
    row = page.context["row"]
    assert (row.standing.value, row.standing.terms.baseline) == (4, 3)
    text = page.content.decode()
    assert "基期数" in text
    assert "“532”规划 2025-12-31 的读数（登记册）" in text
    # the old plan began at 0 and has none
    assert "的读数" not in clerk.open("/targets/green.all/", as_of=LAST_DAY).content.decode()


def elsewhere(reader: Reader, address: str = "/targets/green.all/", **query: object) -> list[str]:
    return [target.plan.code for target in reader.open(address, **query).context["elsewhere"]]


def test_a_target_leads_to_itself_in_the_other_plan(clerk: Reader, published: Plan) -> None:
    assert elsewhere(clerk, as_of=IN_THE_NEXT) == ["532"]
    assert elsewhere(clerk, as_of=LAST_DAY) == ["155"]
    page = clerk.open("/targets/green.all/", as_of=IN_THE_NEXT).content.decode()
    assert 'href="/targets/green.all/?plan=532"' in page
    Target.objects.filter(plan__code="532", code="green.new").update(code="green.old")
    assert elsewhere(clerk, "/targets/green.new/", as_of=IN_THE_NEXT) == []


def test_a_target_leads_to_a_draft_for_those_who_work_on_it(
    clerk: Reader, wujin: Reader, draft: Plan
) -> None:
    assert elsewhere(clerk) == ["155"]
    assert elsewhere(wujin) == []


def test_a_target_of_the_old_plan_only_is_found_there(clerk: Reader, published: Plan) -> None:
    Target.objects.filter(plan=published, code="green.new").delete()
    response = clerk.open("/targets/green.new/", as_of=IN_THE_NEXT)
    assert response.status_code == 404
    assert 'href="/targets/green.new/?plan=532"' in response.content.decode()


# whether the reader works on drafts; the page of a target looks for its namesake besides
@pytest.mark.parametrize(("address", "more"), [("/", 1), ("/targets/green.all/", 2)])
def test_other_plans_cost_few_queries(clerk: Reader, old: Plan, address: str, more: int) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert clerk.open(address, as_of=LAST_DAY).status_code == 200
        return len(seen)

    # what a process asks once is not counted: which rights there are, it asks first where there is another plan
    User.objects.get(pk=clerk.user.pk).get_all_permissions()
    queries()
    one = queries()
    opened(old)
    assert queries() == one + more
    opened(old, code="156")
    assert queries() == one + more
