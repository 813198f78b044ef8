"""check_targets finds what is wrong with a plan; load_document stores what it compares with."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Series, Statistic
from targets.choices import Comparator, Feed
from targets.management.commands.check_targets import Remark, Severity, check_plan
from targets.management.commands.load_reference import load
from targets.models import Citation, Document, Milestone, Plan, Revision, Rule, RuleScheme, Section, Target
from tests import factories
from tests.targets.next_plan import opened

pytestmark = pytest.mark.django_db

DAY = dt.date(2023, 6, 30)

# A plan of three targets and a milestone, in the manner of the real one.
TEXT = """ 全市走在前列。
 绿色
 省级以上绿色工厂100家以上，其中国家级35家。建成实验室。
 金融
 新增融资规模超3000亿元。
"""


@pytest.fixture
def plan(db: None) -> Plan:
    document = Document.objects.create(code="paper", title="文件", text=TEXT)
    plan = Plan.objects.create(
        code="small", name="小规划", document=document, baseline_date="2020-12-31", deadline="2025-12-31"
    )
    green = Section.objects.create(plan=plan, code="green", name="绿色", position=1)
    finance = Section.objects.create(plan=plan, code="finance", name="金融", position=2)
    whole = a_target(plan, green, "green.all", "100", "家", "省级以上绿色工厂100家以上")
    a_target(plan, green, "green.national", "35", "家", "其中国家级35家", parent=whole)
    a_target(plan, finance, "finance.new", "3000", "亿元", "新增融资规模超3000亿元")
    milestone = Milestone.objects.create(plan=plan, section=green, code="milestone.lab", name="实验室")
    Citation.objects.create(milestone=milestone, section=green, quote="建成实验室")
    return plan


def a_target(
    plan: Plan, section: Section, code: str, value: str, unit: str, quote: str, **more: Any
) -> Target:
    target = Target.objects.create(
        plan=plan, section=section, code=code, name=code, value=Decimal(value), unit=unit, **more
    )
    Citation.objects.create(target=target, section=section, quote=quote)
    return target


def problems(plan: Plan, code: str) -> list[str]:
    """What is wrong with one subject; that nothing feeds these small targets has a test of its own."""
    return [
        remark.message for remark in remarks(plan) if remark.code == code and "rule" not in remark.message
    ]


def remarks(plan: Plan) -> list[Remark]:
    plan = Plan.objects.get(pk=plan.pk)
    return [remark for remark in check_plan(plan, DAY) if remark.severity == Severity.PROBLEM]


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    """The messages are compared in the language of the code."""
    settings.LANGUAGE_CODE = "en"
    settings.USE_I18N = False


def test_a_sound_plan_has_no_problems(plan: Plan) -> None:
    for code in ["green.all", "green.national", "finance.new", "milestone.lab", "green", ""]:
        assert problems(plan, code) == []


def test_a_target_without_a_rule(plan: Plan) -> None:
    found = {remark.code for remark in remarks(plan) if "no rule" in remark.message}
    assert found == {"green.all", "green.national", "finance.new"}


def test_a_retired_target_needs_nothing(plan: Plan) -> None:
    Target.objects.filter(code="finance.new").update(retired_on="2024-01-01", value=1)
    assert [remark for remark in remarks(plan) if remark.code == "finance.new"] == []


def test_a_rule_that_cannot_be_evaluated(plan: Plan) -> None:
    """Stock of no title: saved past the form, by the shell or an import."""
    Rule.objects.create(target=Target.objects.get(code="green.all"), feed=Feed.STOCK, level="provincial")
    (message,) = [remark.message for remark in remarks(plan) if remark.code == "green.all"]
    assert message.startswith("Its rule cannot be evaluated: 口径所含类别: ")


@pytest.mark.parametrize(
    ("feed", "refused"), [(Feed.STATISTIC, False), (Feed.NEW, True), (Feed.MULTIPLE, True)]
)
def test_a_baseline_of_what_begins_anew(plan: Plan, feed: Feed, refused: bool) -> None:
    target = Target.objects.get(code="finance.new")
    Target.objects.filter(pk=target.pk).update(baseline_value=5, baseline_source="读数")
    series = Series.objects.create(code="s", name="s", unit="亿元")
    Rule.objects.create(target=target, feed=feed, series=series)
    found = [remark.message for remark in remarks(plan) if remark.code == "finance.new"]
    assert any("leave" in message and "baseline" in message for message in found) == refused


# Numbers and parts


def test_a_quotation_that_states_another_number(plan: Plan) -> None:
    Target.objects.filter(code="finance.new").update(value=4000)
    assert problems(plan, "finance.new") == [
        "The quotation “新增融资规模超3000亿元” does not state 4000 亿元."
    ]


def test_a_quotation_in_another_unit(plan: Plan) -> None:
    """3000 is there, but 3000亿元 are not 3000 万元."""
    Target.objects.filter(code="finance.new").update(unit="元")
    assert problems(plan, "finance.new") == ["The quotation “新增融资规模超3000亿元” does not state 3000 元."]


def test_a_range_that_the_quotation_does_not_state(plan: Plan) -> None:
    Target.objects.filter(code="green.national").update(comparator=Comparator.RANGE, value_max=40)
    assert problems(plan, "green.national") == ["The quotation “其中国家级35家” does not state 35–40 家."]


def test_after_a_revision_the_quotation_states_the_first_value(plan: Plan) -> None:
    target = Target.objects.get(code="finance.new")
    for day, before in [("2024-01-01", 3500), ("2023-01-01", 3000)]:
        Revision.objects.create(
            target=target, day=day, value_before=before, comparator_before="gt", reason="调整"
        )
    Target.objects.filter(pk=target.pk).update(value=4000)
    assert problems(plan, "finance.new") == []


def test_a_part_that_exceeds_its_whole(plan: Plan) -> None:
    Target.objects.filter(code="green.all").update(value=30)
    assert problems(plan, "green.national") == ["The part (35) exceeds its whole green.all (30)."]


def test_a_part_in_another_unit_is_not_compared(plan: Plan) -> None:
    Target.objects.filter(code="green.all").update(value=30, unit="%")
    assert problems(plan, "green.national") == []


def test_parts_in_a_circle(plan: Plan) -> None:
    part = Target.objects.get(code="green.national")
    Target.objects.filter(code="green.all").update(parent=part)
    for code in ["green.all", "green.national"]:
        assert problems(plan, code) == ["It is a part of itself."]


def a_rule(code: str, **fields: Any) -> Rule:
    """Provincial green factories and above, unless the fields say otherwise."""
    fields = {"feed": Feed.STOCK, "level": "provincial", "at_least": True, **fields}
    made = Rule.objects.create(target=Target.objects.get(code=code), **fields)
    if made.feed in ("stock", "new"):
        RuleScheme.objects.create(rule=made, scheme=factories.scheme())
    return made


def said(plan: Plan, severity: Severity = Severity.PROBLEM, on: dt.date = DAY) -> list[tuple[str, str]]:
    """What is said of the two green targets with rules, without that the third has none."""
    found = check_plan(Plan.objects.get(pk=plan.pk), on)
    return [
        (one.code, one.message) for one in found if one.severity == severity and one.code.startswith("green.")
    ]


TWICE = [("green.all", "It is the same target as green.national: the same rule, the same period.")]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, TWICE),
        # 国家级 and 省级, both with what lies above, are two rules
        ({"level": "national"}, []),
        ({"at_least": False}, []),
        ({"feed": "new"}, []),
        # every level of a scheme that has two, said in another way
        ({"level": "", "at_least": False}, TWICE),
        ({"level": "municipal"}, TWICE),
        # which number is the official one changes nothing of what is counted
        ({"official": "published"}, TWICE),
        ({"unit": "item"}, []),
    ],
)
def test_the_same_target_stated_twice(
    plan: Plan, fields: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    factories.scheme(counts="item", item_word="车间")
    a_rule("green.all"), a_rule("green.national", **fields)
    assert said(plan) == found


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({"deadline": dt.date(2025, 12, 31)}, TWICE),  # the plan's own, said again
        ({"deadline": dt.date(2024, 12, 31)}, []),
        ({"baseline_date": dt.date(2021, 12, 31)}, []),
        ({"retired_on": dt.date(2024, 1, 1)}, []),
    ],
)
def test_of_another_period_it_is_another_target(
    plan: Plan, days: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    a_rule("green.all"), a_rule("green.national")
    Target.objects.filter(code="green.national").update(**days)
    assert said(plan) == found


def test_awards_of_other_days_are_another_target(plan: Plan) -> None:
    a_rule("green.all"), a_rule("green.national")
    RuleScheme.objects.filter(rule__target__code="green.all").update(applies_to=dt.date(2024, 3, 31))
    assert said(plan) == []


@pytest.mark.parametrize(("other", "found"), [("people", TWICE), ("shops", [])])
def test_one_published_series_for_two_targets(plan: Plan, other: str, found: list[tuple[str, str]]) -> None:
    for code, series in (("green.all", "people"), ("green.national", other)):
        made = factories.statistic(series, dt.date(2023, 1, 1 if code == "green.all" else 2), "5").series
        a_rule(code, feed="statistic", level="", at_least=False, series=made)
    assert said(plan) == found


def holder(name: str, level: str, since: dt.date = dt.date(2022, 1, 1)) -> None:
    factories.designation(factories.enterprise(name), since, level=level)


@pytest.mark.parametrize(
    ("on", "found"),
    [
        # what should be a part counts a title that the whole does not: 2 of 1 from the day of the award
        (dt.date(2022, 12, 31), []),
        (
            dt.date(2023, 1, 1),
            [("green.national", "On 2023-01-01 the part (2) exceeds its whole green.all (1).")],
        ),
    ],
)
def test_a_part_that_is_more_than_its_whole_on_a_day(
    plan: Plan, on: dt.date, found: list[tuple[str, str]]
) -> None:
    a_rule("green.all", at_least=False)
    a_rule("green.national", level="national", at_least=False)
    holder("甲厂", "provincial")
    holder("乙厂", "national")
    holder("丙厂", "national", dt.date(2023, 1, 1))
    assert said(plan, on=on) == found


def test_a_part_as_large_as_its_whole_is_right(plan: Plan) -> None:
    a_rule("green.all")
    a_rule("green.national", level="national", at_least=False)
    holder("甲厂", "national")
    assert said(plan) == []


def test_what_the_registry_does_not_keep_is_compared_by_what_is_published(plan: Plan) -> None:
    """The whole is published only: the registry's 0 is no number, and 2 of 1 published are too many."""
    whole = factories.statistic("factories", dt.date(2023, 1, 1), "2")
    a_rule("green.all", at_least=False, official="published", series=whole.series)
    a_rule("green.national", level="national", at_least=False)
    for name in ("甲厂", "乙厂"):
        holder(name, "national")
    assert said(plan) == []
    Statistic.objects.update(value=1)
    assert [code for code, _message in said(plan)] == ["green.national"]
    Statistic.objects.all().delete()
    assert said(plan) == []


def test_shares_are_not_compared(plan: Plan) -> None:
    for code in ("green.all", "green.national"):
        a_rule(
            code, feed="multiple", level="", at_least=False, series=factories.statistic(code, DAY, "5").series
        )
        factories.statistic(code, dt.date(2020, 12, 31), "5" if code == "green.all" else "1")
    assert said(plan) == []


def test_parts_that_together_exceed_their_whole_are_a_note(plan: Plan) -> None:
    green = Section.objects.get(code="green")
    whole = Target.objects.get(code="green.all")
    for code, value, found in (
        ("green.provincial", "65", []),
        ("green.more", "1", [("green.all", TOGETHER)]),
    ):
        a_target(plan, green, code, value, "家", f"{value}家", parent=whole)
        assert said(plan, Severity.NOTE) == found


TOGETHER = "Together its parts (101) exceed it (100): right only where they overlap."


# Quotations


def test_a_subject_without_a_quotation(plan: Plan) -> None:
    Citation.objects.filter(quote="建成实验室").delete()
    assert problems(plan, "milestone.lab") == ["It has no quotation: who promised it?"]


def test_a_draft_is_written_before_its_document(plan: Plan) -> None:
    Citation.objects.all().delete()
    Plan.objects.update(is_draft=True)
    assert problems(plan, "milestone.lab") == problems(plan, "green.all") == []
    notes = [remark.code for remark in check_plan(Plan.objects.get()) if remark.severity == Severity.NOTE]
    assert {"milestone.lab", "green.all"} <= set(notes)


def test_a_quotation_of_two_targets(plan: Plan) -> None:
    target = Target.objects.get(code="green.national")
    Citation.objects.filter(target=target).update(quote="省级以上绿色工厂100家以上")
    assert "The quotation “省级以上绿色工厂100家以上” is that of green.national as well." in problems(
        plan, "green.all"
    )


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("新增融资规模超3000亿元", ""),
        ("新增融资规模超3000亿元。", ""),
        ("新增融资规模达3000亿元", "does not stand in the document"),
    ],
)
def test_a_quotation_against_the_document(plan: Plan, quote: str, said: str) -> None:
    Citation.objects.filter(section__code="finance").update(quote=quote)
    expected = [f"The quotation “{quote}” {said}."] if said else []
    assert problems(plan, "finance.new") == expected


def test_a_quotation_under_another_heading(plan: Plan) -> None:
    Citation.objects.filter(quote="其中国家级35家").update(section=Section.objects.get(code="finance"))
    (message,) = problems(plan, "green.national")
    assert message.endswith("does not stand under its heading, but elsewhere.")


def test_a_heading_that_is_not_in_the_document(plan: Plan) -> None:
    Section.objects.filter(code="finance").update(name="资金")
    assert problems(plan, "finance") == ["The heading “资金” does not stand in the document."]


def test_without_the_text_it_says_so_and_finds_no_fault(plan: Plan) -> None:
    Document.objects.update(text="")
    Citation.objects.filter(section__code="finance").update(quote="别的话3000亿元")
    (note,) = [remark for remark in check_plan(Plan.objects.get(), DAY) if remark.severity == Severity.NOTE]
    assert "is not stored" in note.message
    assert problems(plan, "finance.new") == []


# The command


def test_every_plan_is_looked_at(capsys: pytest.CaptureFixture[str], plan: Plan) -> None:
    Plan.objects.update(baseline_date="2015-12-31", deadline="2020-12-31")
    load()
    opened(Plan.objects.get(code="532"))
    with pytest.raises(CommandError, match="Problems: 3"):
        # the small plan's targets have no rules; the draft has no quotations, which is none
        call_command("check_targets")
    lines = capsys.readouterr().out.splitlines()
    assert "Plan 155: 96 targets, 0 milestones, 0 quotations. It is a draft." in lines
    assert "Plan 532: 96 targets, 22 milestones, 119 quotations." in lines
    Target.objects.filter(plan__code="155", code="green.factories_national").update(value=10_000)
    with pytest.raises(CommandError, match="Problems: 1"):
        call_command("check_targets", "--plan", "155")
    assert "green.factories_national" in capsys.readouterr().out


def test_the_plan_that_we_ship_is_sound(capsys: pytest.CaptureFixture[str], db: None) -> None:
    load()
    call_command("check_targets")
    assert "96 targets, 22 milestones, 119 quotations" in capsys.readouterr().out


def test_problems_end_with_1(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("check_targets")
    assert caught.value.returncode == 1
    assert "problem  small  finance.new  It has no rule" in capsys.readouterr().out


def test_as_json(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("check_targets", format="json", plan="small")
    found = json.loads(capsys.readouterr().out)
    assert found["plans"] == ["small"]
    assert {remark["code"] for remark in found["remarks"] if remark["severity"] == "problem"} == {
        "green.all",
        "green.national",
        "finance.new",
    }


def test_as_csv(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("check_targets", format="csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["code"] for row in rows] == ["finance.new", "green.all", "green.national", ""]


def test_on_a_day(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    a_rule("green.all", at_least=False)
    a_rule("green.national", level="national", at_least=False)
    holder("甲厂", "national", dt.date(2023, 1, 1))
    for day, times in (("2022-12-31", 0), ("2023-01-01", 1)):
        with pytest.raises(CommandError):
            call_command("check_targets", as_of=day)
        assert (
            capsys.readouterr().out.count(f"On {day} the part (1) exceeds its whole green.all (0)") == times
        )


@pytest.mark.parametrize("day", ["yesterday", "2023-02-30"])
def test_what_is_no_day(plan: Plan, day: str) -> None:
    with pytest.raises(CommandError, match="is not a day"):
        call_command("check_targets", as_of=day)


def test_an_unknown_plan(plan: Plan) -> None:
    with pytest.raises(CommandError, match="no such plan"):
        call_command("check_targets", plan="533")


# load_document

FRONT = "---\nlayout: post\ntitle: 题\n---\n"


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        (TEXT.encode(), TEXT),
        (TEXT.encode("utf-8-sig"), TEXT),
        (TEXT.encode("gbk"), TEXT),
        ((FRONT + TEXT).encode(), TEXT),
        (TEXT.replace("\n", "\r\n").encode(), TEXT),
        # a line of dashes further down is a part of the text
        ((TEXT + "---\n" + TEXT + "---\n").encode(), TEXT + "---\n" + TEXT + "---\n"),
    ],
    ids=["utf-8", "bom", "gbk", "front matter", "windows", "dashes"],
)
def test_load_document(
    plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, stored: str
) -> None:
    Document.objects.update(text="")
    (tmp_path / "paper.txt").write_bytes(content)
    call_command("load_document", tmp_path / "paper.txt")
    assert Document.objects.get().text == stored
    assert "of 4 quotations found at their place" in capsys.readouterr().out


def test_load_document_counts_what_is_not_at_its_place(
    plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "paper.txt").write_text(TEXT.replace("3000", "4000"), encoding="utf-8")
    call_command("load_document", tmp_path / "paper.txt")
    out = capsys.readouterr().out
    assert "3 of 4 quotations" in out
    assert "check_targets" in out


def test_load_document_into_a_named_one(plan: Plan, tmp_path: Path) -> None:
    Document.objects.create(code="other", title="另一文件")
    (tmp_path / "paper.txt").write_text("正文", encoding="utf-8")
    with pytest.raises(CommandError, match="--document"):
        call_command("load_document", tmp_path / "paper.txt")
    with pytest.raises(CommandError, match="no document third"):
        call_command("load_document", tmp_path / "paper.txt", document="third")
    call_command("load_document", tmp_path / "paper.txt", document="other")
    assert dict(Document.objects.values_list("code", "text")) == {"paper": TEXT, "other": "正文"}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "holds no text"), (FRONT.encode(), "holds no text"), (b"\xff\xff\xff", "neither UTF-8 nor GBK")],
)
def test_load_document_refuses(plan: Plan, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "paper.txt").write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("load_document", tmp_path / "paper.txt")
    assert Document.objects.get().text == TEXT


def test_load_document_without_a_file(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_document", tmp_path / "nothing.txt")
