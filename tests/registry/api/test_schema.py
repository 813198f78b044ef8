"""The contract: warning-free, complete, and open to people who are signed in."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from czindustry.api import router
from tests.registry.api.conftest import Get

# fields that DESIGN section 5 promises
READING = [
    "code",
    "value",
    "unit",
    "target",
    "comparator",
    "completion",
    "expected",
    "lead",
    "state",
    "as_of",
    "data_date",
    "official",
    "difference",
    "by_district",
]
TARGET = [
    "code",
    "name",
    "section",
    "subsection",
    "quote",
    "comparator",
    "value",
    "value_max",
    "unit",
    "hedge",
    "parent",
    "baseline_date",
    "deadline",
    "baseline_value",
    "baseline_source",
    "feed",
    "rule_text",
]
RESOURCES = [
    "districts",
    "clusters",
    "industries",
    "schemes",
    "enterprises",
    "designations",
    "annual-figures",
    "statistics",
    "rosters",
    "targets",
    "milestones",
    "progress",
    "differences",
    "overlaps",
    "sums",
]


def test_the_schema_has_no_warning(tmp_path: Path) -> None:
    file = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    text = file.read_text()
    assert text.startswith("openapi: 3.1.0")


@pytest.mark.django_db
def test_the_schema_promises_the_fields_that_others_rely_on(brain: Get) -> None:
    schema = brain("schema/?format=json")
    parts = schema["components"]["schemas"]
    assert set(READING) <= set(parts["Reading"]["properties"])
    assert set(TARGET) <= set(parts["Target"]["properties"])
    example = schema["paths"]["/api/v1/progress/"]["get"]["responses"]["200"]["content"]["application/json"]
    shown = next(iter(example["examples"].values()))["value"]["results"][0]
    assert set(shown) == set(parts["Reading"]["properties"])


@pytest.mark.django_db
def test_every_resource_is_there(brain: Get) -> None:
    assert set(RESOURCES) <= {prefix for prefix, _view, _name in router.registry}
    assert set(RESOURCES) <= set(brain(""))


@pytest.mark.django_db
def test_the_pages_of_the_api_need_no_foreign_server(brain: Get) -> None:
    page = brain.client.get(reverse("api-docs"))  # type: ignore[attr-defined]
    assert page.status_code == 200
    assert "//cdn" not in page.content.decode()
