"""What must stay true of the whole: layers, history, messages, the one place that aggregates."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from registry import names
from registry.migrations import _functions
from registry.models.base import Fact

ROOT = Path(settings.BASE_DIR)
MAY_IMPORT = {
    "registry": {"registry"},
    "targets": {"registry", "targets"},
    "czindustry": {"registry", "targets", "czindustry"},
}
# no facts: what was done, and by whom; what waits to be done
LOGS = {
    # a grant that never changes; its steps and their people stand in its own row
    "ApiToken",
    # where the history of this database cluster begins
    "FeedEpoch",
    # what a request came to, told again for a day
    "IdempotentRequest",
    # derived from names, anew at any time
    "NameInitials",
    "Merge",
    "PartChange",
    # frozen by triggers, so that there is no history to keep
    "Publication",
    "PublicationDocument",
    "PublishedRecord",
    "RememberedColumns",
    "Roster",
    "RosterRow",
    "RosterUpload",
    "RosterUploadRow",
    "TokenUse",
    # what was sent to other systems, and how far
    "WebhookDelivery",
    "WebhookProgress",
    "User",
}


def sources(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    ours = set(MAY_IMPORT)
    for path in sources(package):
        wrong = {name for name in imported(path) if name.split(".")[0] in ours - MAY_IMPORT[package]}
        assert not wrong, (
            f"{path.relative_to(ROOT)} imports {wrong}: {package} may only use {MAY_IMPORT[package]}"
        )


def test_relations_go_one_way() -> None:
    """String foreign keys escape the linter: look at the models themselves."""
    for model in apps.get_app_config("registry").get_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model:
                label = field.related_model._meta.app_label
                assert label != "targets", f"{model.__name__}.{field.name} leads from the registry to targets"


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in ("registry", "targets")]


def test_every_fact_has_a_history_with_all_its_columns() -> None:
    for model in own_models():
        if issubclass(model, Fact):
            (events,) = set(model.pgh_event_models.values())  # type: ignore[attr-defined]
            kept = {field.name for field in events._meta.fields}
            facts = {field.name for field in model._meta.concrete_fields if not field.generated}
            assert facts <= kept, f"the history of {model.__name__} does not keep {facts - kept}"
            assert set(model.pgh_event_models) == {"insert", "update", "delete"}  # type: ignore[attr-defined]


def test_every_model_is_a_fact_or_a_log() -> None:
    for model in own_models():
        if not hasattr(model, "pgh_tracked_model"):
            known = issubclass(model, Fact) or model.__name__ in LOGS
            assert known, (
                f"{model.__name__} keeps no history: derive it from Fact and decorate it with history.track()"
            )


def test_every_model_says_what_it_is_in_chinese() -> None:
    for model in own_models():
        if not hasattr(model, "pgh_tracked_model"):
            terms = [
                model._meta.verbose_name,
                *(field.verbose_name for field in model._meta.fields if not field.primary_key),
            ]
            plain = [term for term in terms if str(term).isascii() and str(term) not in PLAIN_TERMS]
            assert not plain or model.__name__ == "User", f"{model.__name__}: no Chinese term for {plain}"
            assert model.__doc__
            assert not model.__doc__.startswith(f"{model.__name__}("), f"{model.__name__} has no docstring"


PLAIN_TERMS = {"SHA-256"}


def test_every_constraint_has_words_for_a_clerk() -> None:
    for model in own_models():
        for constraint in model._meta.constraints:
            if not hasattr(model, "pgh_tracked_model"):
                words = str(constraint.violation_error_message)
                assert not words.isascii(), f"{constraint.name} refuses without a message in Chinese"


def test_the_database_and_python_ignore_the_same_characters_in_names() -> None:
    assert names.IGNORED == _functions.IGNORED, "write a migration that makes registry_name_key anew"


def test_only_measuring_aggregates() -> None:
    """One place turns facts into numbers; a page or a command that adds up by itself would come to differ."""
    for path in sources("targets"):
        text = path.read_text()
        if "measure" not in path.parts and "migrations" not in path.parts:
            for sign in (".aggregate(", "Sum(", "GROUP BY"):
                assert sign not in text, f"{path.relative_to(ROOT)} uses {sign}: ask targets.measure"


def test_nothing_below_the_edges_reads_the_clock() -> None:
    edges = {"admin", "api", "reports", "commands", "signin.py", "tasks.py", "demo"}
    for package in ("registry", "targets"):
        for path in sources(package):
            if not edges & set(path.parts):
                for sign in ("localdate(", "date.today(", "timezone.now(", "datetime.now("):
                    assert sign not in path.read_text(), (
                        f"{path.relative_to(ROOT)} reads the clock: pass the day in"
                    )
