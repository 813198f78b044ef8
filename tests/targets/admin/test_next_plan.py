"""The next plan in the admin: Wang opens it, looks it over, publishes it or throws it away."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from registry.models import User
from targets.models import Citation, Plan, Revision, Section, Target
from targets.standings import plan_on
from tests import factories as make
from tests.people import clerk_of_the_city, official_of_wujin
from tests.registry.admin.desk import errors_on, page_for_new, page_of, send, sign_in
from tests.targets.next_plan import IN_THE_NEXT, LAST_DAY, NEXT_DEADLINE, D, old_plan, opened

PLANS = reverse("admin:targets_plan_changelist")


@pytest.fixture
def wang(db: None) -> Client:
    return sign_in(clerk_of_the_city())


@pytest.fixture
def old(db: None) -> Plan:
    return old_plan()


def address(plan: Plan, action: str) -> str:
    return reverse(f"admin:targets_plan_{action}", args=[plan.pk])


def rows(page: HttpResponse) -> dict[str, Any]:
    return {row.target.code: row for chapter in page.context["chapters"] for row in chapter.rows}


def filled(client: Client, plan: Plan, **changes: Any) -> dict[str, Any]:
    """The page as it is sent with its plan filled in; `changes` by the target's code, as green.all__value."""
    page = client.get(address(plan, "open_next"))
    by_code = rows(page)
    data = {"code": "155", "name": "“十五五”规划", "deadline": "2030-12-31", "change_reason": "编制"}
    for row in by_code.values():
        data |= {row.add_prefix(name): row[name].value() for name in row.fields}
        data[row.add_prefix("reading")] = row.reading
    for name, value in changes.items():
        code, _, field = name.rpartition("__")
        data[by_code[code].add_prefix(field) if code else field] = value
    return {name: value for name, value in data.items() if value not in (None, False)}


def sent(client: Client, plan: Plan, **changes: Any) -> HttpResponse:
    return client.post(address(plan, "open_next"), filled(client, plan, **changes))


def problems(page: HttpResponse) -> dict[str, Any]:
    assert page.status_code == 200, "nothing was refused"
    return page.context["errors"]


# Opening


@pytest.mark.parametrize("path", ["list", "detail"])
def test_a_button_leads_to_the_next_plan(wang: Client, old: Plan, path: str) -> None:
    page = wang.get(PLANS if path == "list" else page_of(old)).content.decode()
    assert "开启下一规划" in page
    answer = wang.get(f"{PLANS}open-next/") if path == "list" else wang.get(address(old, "open_next"))
    if path == "list":
        assert answer.headers["Location"] == address(old, "open_next")
    else:
        assert answer.status_code == 200


def test_the_list_leads_to_the_newest_published_plan(wang: Client, old: Plan) -> None:
    make.plan("155", baseline_date=LAST_DAY, deadline=NEXT_DEADLINE)
    make.plan("165", baseline_date=NEXT_DEADLINE, deadline=D(2035, 12, 31), is_draft=True)
    assert wang.get(f"{PLANS}open-next/").headers["Location"] == address(
        Plan.objects.get(code="155"), "open_next"
    )


def test_without_a_plan_there_is_nothing_to_open(wang: Client) -> None:
    assert "还没有已发布的规划" in wang.get(f"{PLANS}open-next/", follow=True).content.decode()


def test_the_baselines_are_seen_before_anything_is_saved(wang: Client, old: Plan) -> None:
    page = wang.get(address(old, "open_next"))
    shown = rows(page)
    assert {code: (row.wanted, row.reading) for code, row in shown.items()} == {
        "green.all": ("4家以上", "3"),
        "green.national": ("2家以上", "1"),
        "green.new": ("10家以上", ""),
        "green.yearly": ("每年2家以上", ""),
        "green.double": ("2倍以上", "3"),
        "steel.size": ("10亿元以上", "9"),
        "output": ("25,000亿元以上", "20000.1235"),
        "firms.double": ("2倍以上", "150"),
        "silent": ("100家以上", ""),
    }
    text = page.content.decode()
    for words in ("从零起算", "暂无数据，不取基期数", "作为倍增的基数", "公布数：统计公报，2025-06-30"):
        assert words in text
    # as long as the old one
    assert page.context["form"]["deadline"].value() == NEXT_DEADLINE
    assert Plan.objects.count() == 1


def test_wang_opens_the_next_plan(wang: Client, old: Plan) -> None:
    changes = {"green.all__value": "9", "output__with_baseline": False, "green.new__chosen": False}
    answer = wang.post(address(old, "open_next"), filled(wang, old, **changes), follow=True)
    plan = Plan.objects.get(code="155")
    assert answer.redirect_chain == [(page_of(plan), 302)]
    page = answer.content.decode()
    assert "共 8 个目标" in page
    assert "以下目标没有基期数（当日没有数，或未取用）：output、silent" in page
    targets = {target.code: target for target in plan.targets.all()}
    assert "green.new" not in targets
    assert (targets["green.all"].value, targets["green.all"].baseline_value) == (9, 3)
    assert targets["green.all"].baseline_source == "“532”规划 2025-12-31 的读数（登记册）"
    assert targets["output"].baseline_value is None
    event = Plan.pgh_event_model.objects.get(pgh_obj_id=plan.pk)
    wang_herself = User.objects.get(username="wang")
    assert event.pgh_context.metadata["user"] == wang_herself.pk
    assert event.pgh_context.metadata["reason"] == "编制"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "532"}, "code"),
        ({"code": "十五五"}, "code"),  # stands in addresses
        ({"code": None}, "code"),
        ({"name": None}, "name"),
        ({"change_reason": None}, "change_reason"),
        ({"deadline": "2025-12-31"}, "deadline"),
        ({"deadline": "soon"}, "deadline"),
        ({"green.all__value": "0"}, "green.all"),
        ({"green.all__value": ""}, "green.all"),
        ({"green.all__value": "many"}, "green.all"),
        ({"green.new__value_max": "9"}, "green.new"),  # a range from 10 to 9
        # what the page showed is no more what is there
        ({"green.all__reading": "2"}, "__all__"),
        ({"green.all__reading": None}, "__all__"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_saved(
    wang: Client, old: Plan, changes: dict[str, Any], field: str
) -> None:
    Target.objects.filter(code="green.new").update(comparator="range", value_max=20)
    found = problems(sent(wang, old, **changes))
    target = Target.objects.filter(code=field).first()
    assert list(found) == [f"target-{target.pk}" if target else field]
    assert Plan.objects.count() == 1


def test_nothing_chosen_is_nothing_opened(wang: Client, old: Plan) -> None:
    codes = Target.objects.values_list("code", flat=True)
    page = sent(wang, old, **{f"{code}__chosen": False for code in codes})
    assert "请至少选择一个目标" in str(problems(page))


def test_what_is_left_out_need_not_be_right(wang: Client, old: Plan) -> None:
    changes = {"green.all__chosen": False, "green.all__value": "many", "green.all__reading": "99"}
    assert sent(wang, old, **changes).status_code == 302
    assert not Target.objects.filter(plan__code="155", code="green.all").exists()


def test_what_was_typed_comes_back_with_the_message(wang: Client, old: Plan) -> None:
    page = sent(wang, old, code="532", **{"green.all__value": "9"})
    assert rows(page)["green.all"]["value"].value() == "9"
    # and the readings as they are now, to be looked at once more
    page = sent(wang, old, **{"green.all__reading": "2"})
    assert f'name="{rows(page)["green.all"].add_prefix("reading")}" value="3"' in page.content.decode()


@pytest.mark.parametrize(("last_day", "warned"), [(D(2200, 12, 31), True), (LAST_DAY, False)])
def test_before_its_last_day_the_readings_are_told_to_be_preliminary(
    wang: Client, old: Plan, last_day: Any, warned: bool
) -> None:
    Plan.objects.update(deadline=last_day)
    page = wang.get(address(old, "open_next")).content.decode()
    assert ("本规划尚未到期" in page) == warned


@pytest.mark.parametrize(
    ("rights", "opens"),
    [
        ({"add_plan", "view_plan"}, True),
        ({"change_plan", "view_plan", "add_target"}, False),
        ({"view_plan"}, False),
        (set(), False),
    ],
)
def test_who_may_add_a_plan_may_open_the_next(old: Plan, rights: set[str], opens: bool) -> None:
    zhou = official_of_wujin()
    zhou.is_staff = True
    zhou.save()
    zhou.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = sign_in(zhou, every_right=False)
    assert client.get(address(old, "open_next")).status_code == (200 if opens else 403)
    if not opens:
        assert client.post(address(old, "open_next"), {"code": "155"}).status_code == 403
    if "view_plan" in rights:
        assert ("开启下一规划" in client.get(page_of(old)).content.decode()) == opens


# Looking over, publishing, throwing away


@pytest.fixture
def draft(old: Plan) -> Plan:
    plan = opened(old).plan
    Target.objects.filter(plan=plan, code="green.all").update(value=9)
    Section.objects.filter(plan=plan).update(name="新章节")
    return plan


def test_a_draft_says_what_may_be_unfinished(wang: Client, old: Plan, draft: Plan) -> None:
    section = Section.objects.get(plan=draft)
    quoted = Target.objects.get(plan=draft, code="green.all")
    Citation.objects.create(target=quoted, section=section, quote="绿色工厂9家")
    Target.objects.create(plan=draft, section=section, code="bare", name="无口径", value=1, unit="家")
    Target.objects.filter(plan=draft, code="green.new").update(baseline_value=1, baseline_source="手工")
    page = wang.get(address(draft, "publish"))
    context = page.context
    assert context["number"] == 10
    same = {target.code for target in context["same"]}
    assert "green.national" in same
    assert not {"green.all", "bare"} & same
    assert [target.code for target in context["without_rule"]] == ["bare"]
    assert [target.code for target in context["not_evaluated"]] == ["green.new"]
    assert len(context["without_quotation"]) == 9
    assert Plan.objects.get(pk=draft.pk).is_draft


def test_wang_publishes_it(wang: Client, old: Plan, draft: Plan) -> None:
    # without a reason it is not done
    assert wang.post(address(draft, "publish"), {}).status_code == 200
    assert plan_on(IN_THE_NEXT) == old
    answer = wang.post(address(draft, "publish"), {"change_reason": "市政府印发"}, follow=True)
    assert answer.redirect_chain == [(page_of(draft), 302)]
    assert "“十五五”规划 已发布" in answer.content.decode()
    assert plan_on(IN_THE_NEXT) == draft
    event = Plan.pgh_event_model.objects.filter(pgh_obj_id=draft.pk).latest("pgh_id")
    assert event.pgh_context.metadata["reason"] == "市政府印发"
    # once published it is neither published again nor thrown away
    for action in ("publish", "discard"):
        assert wang.post(address(draft, action), {"change_reason": "再来"}).status_code == 403


def test_a_draft_beside_a_published_plan_is_not_published(wang: Client, old: Plan, draft: Plan) -> None:
    make.plan("other", name="另一规划", baseline_date=D(2029, 12, 31), deadline=D(2034, 12, 31))
    page = wang.post(address(draft, "publish"), {"change_reason": "印发"})
    assert "另一规划" in page.content.decode()
    assert Plan.objects.get(pk=draft.pk).is_draft


def test_wang_throws_a_draft_away(wang: Client, old: Plan, draft: Plan) -> None:
    assert wang.get(address(draft, "discard")).status_code == 200
    assert wang.post(address(draft, "discard"), {}).status_code == 200
    assert Plan.objects.filter(pk=draft.pk).exists()
    answer = wang.post(address(draft, "discard"), {"change_reason": "重新编制"}, follow=True)
    assert "已删除" in answer.content.decode()
    assert list(Plan.objects.all()) == [old]


@pytest.mark.parametrize("action", ["publish", "discard"])
def test_readers_decide_nothing(old: Plan, draft: Plan, action: str) -> None:
    zhou = official_of_wujin()
    zhou.is_staff = True
    zhou.save()
    zhou.user_permissions.set(Permission.objects.filter(codename="view_plan"))
    client = sign_in(zhou, every_right=False)
    assert client.post(address(draft, action), {"change_reason": "不行"}).status_code == 403
    assert Plan.objects.get(pk=draft.pk).is_draft


def test_a_plan_of_ones_own_begins_as_a_draft(wang: Client, old: Plan) -> None:
    posted = {"name": "专项规划", "code": "own", "baseline_date": "2025-12-31", "deadline": "2027-12-31"}
    assert send(wang, page_for_new(Plan), **posted).status_code == 302
    assert Plan.objects.get(code="own").is_draft
    assert "草案" in wang.get(PLANS).content.decode()


def test_the_dates_of_a_published_plan_keep_clear_of_the_others(wang: Client, old: Plan) -> None:
    make.plan("155", baseline_date=LAST_DAY, deadline=NEXT_DEADLINE)
    assert set(errors_on(send(wang, page_of(old), deadline="2026-01-01"))) == {"deadline"}
    assert set(errors_on(send(wang, page_of(old), deadline="2020-12-31"))) == {"deadline"}


# The targets of a draft


@pytest.mark.parametrize(("published", "kept"), [(False, 0), (True, 1)])
def test_a_draft_is_written_without_revisions(
    wang: Client, old: Plan, draft: Plan, published: bool, kept: int
) -> None:
    """What a draft proposed on the way was never wanted on any day."""
    Plan.objects.filter(pk=draft.pk).update(is_draft=not published)
    target = Target.objects.get(plan=draft, code="green.all")
    assert send(wang, page_of(target), value="12", change_reason="改写").status_code == 302
    target.refresh_from_db()
    assert target.value == 12
    assert Revision.objects.filter(target=target).count() == kept
    shown = wang.get(page_of(target)).content.decode()
    assert ("只是更正录入错误" in shown) == published


@pytest.mark.parametrize(
    ("code", "changes", "fields"),
    [
        ("green.all", {"baseline_value": "5", "baseline_source": "复核"}, set()),
        ("green.all", {"baseline_value": "5", "baseline_source": ""}, {"baseline_source"}),
        ("green.all", {"baseline_value": "", "baseline_source": "复核"}, {"baseline_source"}),
        ("green.new", {"baseline_value": "5", "baseline_source": "复核"}, {"rule-0-feed"}),
        ("green.yearly", {"baseline_value": "5", "baseline_source": "复核"}, {"rule-0-feed"}),
        ("green.double", {"baseline_value": "5", "baseline_source": "复核"}, {"rule-0-feed"}),
        # a level that becomes a count of what is new leaves its baseline behind
        ("green.all", {"rule-0-feed": "new", "change_reason": "改口径"}, {"rule-0-feed"}),
        (
            "green.all",
            {
                "rule-0-feed": "new",
                "change_reason": "改口径",
                "baseline_value": "",
                "baseline_source": "",
            },
            set(),
        ),
    ],
)
def test_the_baseline_of_a_target_is_edited_with_its_source(
    wang: Client, draft: Plan, code: str, changes: dict[str, str], fields: set[str]
) -> None:
    target = Target.objects.get(plan=draft, code=code)
    answer = send(wang, page_of(target), **changes)
    if fields:
        assert set(errors_on(answer)) == fields
        return
    assert answer.status_code == 302
    target.refresh_from_db()
    expected = Decimal(changes["baseline_value"]) if changes["baseline_value"] else None
    assert target.baseline_value == expected


@pytest.mark.parametrize("model", ["section", "target"])
def test_a_form_offers_what_stands_in_its_plan(wang: Client, old: Plan, draft: Plan, model: str) -> None:
    field = {"section": ("target", "section"), "target": ("target", "parent")}[model]
    asked = {"app_label": "targets", "model_name": field[0], "field_name": field[1], "term": ""}

    def offered(**more: object) -> int:
        return len(wang.get("/admin/autocomplete/", {**asked, **more}).json()["results"])

    everything, of_draft = offered(), offered(of_plan=draft.pk)
    assert everything == 2 * of_draft
    assert offered(of_plan="9" * 30) == 0
    assert offered(of_plan="x") == everything
