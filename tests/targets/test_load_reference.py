"""What the site ships comes in once, and never undoes what staff have done."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import models

from registry.models import Cluster, District, Scheme, SchemeLevel, Statistic
from targets.management.commands.load_reference import IDENTITY, load
from targets.models import Citation, Document, Milestone, Plan, Rule, RuleScheme, Target

pytestmark = pytest.mark.django_db

GREEN = "green.factories_provincial_plus"


@pytest.fixture(autouse=True)
def loaded(db: None) -> None:
    load()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    return {
        label: list(apps.get_model(label)._default_manager.order_by("pk").values_list()) for label in IDENTITY
    }


def events() -> int:
    found = [apps.get_model(label)._meta.get_field("events").related_model for label in IDENTITY]
    return sum(model._default_manager.count() for model in found if isinstance(model, type))


def shipped() -> int:
    files = (Path(settings.BASE_DIR) / "fixtures").glob("*.json")
    return sum(len(json.loads(file.read_text(encoding="utf-8"))) for file in files)


def test_everything_comes_in() -> None:
    assert sum(map(len, everything().values())) == shipped()


def test_a_second_time_changes_nothing_and_writes_no_history() -> None:
    before, written = everything(), events()
    done = load()
    assert (done.created, done.updated, done.kept, done.left_out) == (0, 0, shipped(), [])
    assert everything() == before
    assert events() == written


def test_an_update_of_what_nobody_changed_changes_nothing() -> None:
    before, written = everything(), events()
    assert load(update=True).updated == 0
    assert everything() == before
    assert events() == written


def test_nothing_to_do_takes_a_statement_a_model(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(len(IDENTITY) + 2):
        load()


def test_the_history_says_why() -> None:
    event = Target.events.rel.related_model.objects.filter(code=GREEN).select_related("pgh_context").get()
    assert event.pgh_label == "insert"
    assert event.pgh_context.metadata["reason"]


# What staff do survives


def change_a_value() -> models.Model:
    target = Target.objects.get(code=GREEN)
    target.value = 120
    target.save()
    return target


def change_a_term() -> models.Model:
    scheme = Scheme.objects.get(code="specialized_sme")
    scheme.grace_months = 6
    scheme.save()
    return scheme


def rename_a_code() -> models.Model:
    """Its levels and rules hang on it by number, not by code."""
    scheme = Scheme.objects.get(code="green_factory")
    scheme.code = "green_plant"
    scheme.save()
    return scheme


def mend_a_quotation() -> models.Model:
    """The quotation is a part of the key."""
    citation = Citation.objects.get(target__code="scale.industrial_output")
    citation.quote = "工业规模总量超2.5万亿元"
    citation.save()
    return citation


def make_a_figure_preliminary() -> models.Model:
    """So is whether it is final."""
    statistic = Statistic.objects.get(series__code="scale.industrial_output")
    statistic.finality = "preliminary"
    statistic.save()
    return statistic


def move_a_town() -> models.Model:
    district = District.objects.get(code="320412")
    district.towns = [*district.towns, "新镇"]
    district.save()
    return district


EDITS = [
    change_a_value,
    change_a_term,
    rename_a_code,
    mend_a_quotation,
    make_a_figure_preliminary,
    move_a_town,
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_survives(edit: Any) -> None:
    edit()
    before = everything()
    done = load()
    assert (done.created, done.updated, done.left_out) == (0, 0, [])
    assert everything() == before


@pytest.mark.parametrize("edit", EDITS)
def test_update_sets_an_edit_back(edit: Any) -> None:
    original = without_versions(everything())
    edit()
    done = load(update=True)
    assert (done.created, done.updated) == (0, 1)
    assert without_versions(everything()) == original


def without_versions(rows: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for label, tuples in rows.items():
        columns = [column.attname for column in apps.get_model(label)._meta.concrete_fields]
        found[label] = [
            {name: value for name, value in zip(columns, row, strict=True) if name != "version"}
            for row in tuples
        ]
    return found


def test_what_staff_removed_stays_removed() -> None:
    RuleScheme.objects.get(rule__target__code=GREEN).delete()
    SchemeLevel.objects.get(scheme__code="green_factory", level="municipal").delete()
    done = load()
    assert done.created == 0
    assert sorted(done.left_out) == [
        "registry.schemelevel green_factory municipal",
        f"targets.rulescheme 532 {GREEN} green_factory",
    ]


def test_what_hangs_on_a_removed_row_stays_away_with_it() -> None:
    target = Target.objects.get(code="quality.madrid")
    target.delete()
    done = load()
    assert not Target.objects.filter(code="quality.madrid").exists()
    assert [row.split()[0] for row in done.left_out] == [
        "targets.target",
        "targets.citation",
        "targets.rule",
    ]


def test_update_brings_back_what_was_removed() -> None:
    Target.objects.get(code="quality.madrid").delete()
    done = load(update=True)
    assert (done.created, done.left_out) == (3, [])
    assert Rule.objects.get(target__code="quality.madrid").series.code == "quality.madrid"


def test_what_staff_added_is_left_alone_even_by_update() -> None:
    rule = Rule.objects.get(target__code=GREEN)
    RuleScheme.objects.create(rule=rule, scheme=Scheme.objects.get(code="green_park"))
    Cluster.objects.create(code="chain.new", name="低空经济", kind="chain")
    load(update=True)
    assert rule.schemes.count() == 2
    assert Cluster.objects.filter(code="chain.new").exists()


def test_update_leaves_what_only_the_office_knows() -> None:
    """The state of a milestone, the stored text, a baseline, a retired row: no fixture knows better."""
    Milestone.objects.filter(code="milestone.longcheng_lab").update(
        state="reached", reached_on="2022-01-01", evidence="挂牌"
    )
    Document.objects.update(text="全文")
    Rule.objects.filter(target__code="finance.listed_double").update(
        baseline_value=70, baseline_source="年报"
    )
    Scheme.objects.filter(code="tech_sme").update(retired_on="2026-01-01")
    before = everything()
    load(update=True)
    assert everything() == before


def test_a_second_plan_is_none_of_its_business() -> None:
    plan = Plan.objects.create(
        code="next", name="下一规划", baseline_date="2025-12-31", deadline="2030-12-31"
    )
    before = everything()
    load()
    assert everything() == before
    assert plan.targets.count() == 0


def test_a_new_row_of_a_new_version_comes_in_later() -> None:
    """As if an older version had shipped less: a row that was never here is no removal."""
    scheme = Scheme.objects.create(code="later", name="以后的类别")
    scheme.delete()
    history = Scheme.events.rel.related_model
    Statistic.objects.filter(series__code="brand.gazelles").delete()
    Statistic.events.rel.related_model.objects.all().delete()
    assert history.objects.filter(code="later").exists()
    assert load().created == 1
    assert Statistic.objects.get(series__code="brand.gazelles").value == 201


# The command


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    Target.objects.get(code="quality.madrid").delete()
    call_command("load_reference", verbosity=2)
    out = capsys.readouterr().out
    assert str(shipped() - 3) in out
    assert "targets.target 532 quality.madrid" in out


def test_the_command_can_be_silent(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_reference", verbosity=0)
    assert capsys.readouterr().out == ""


def test_a_broken_fixture_is_named(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "reference.json").write_text("[", encoding="utf-8")
    with pytest.raises(CommandError, match=r"reference\.json"):
        load()


def test_every_model_of_a_fixture_has_an_identity() -> None:
    """A fixture of a model that is not listed would be passed over without a word: list it in IDENTITY."""
    files = (Path(settings.BASE_DIR) / "fixtures").glob("*.json")
    used = {row["model"] for file in files for row in json.loads(file.read_text(encoding="utf-8"))}
    assert used == set(IDENTITY)
