"""The contract: warning-free, complete, and open to people who are signed in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.urls import reverse

from czindustry.api import router
from registry.choices import Scope
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


COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


def test_the_schema_has_no_warning_and_is_the_one_that_is_committed(tmp_path: Path) -> None:
    """Whoever changes what others rely on sees it in the diff."""
    file = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    text = file.read_text()
    assert text.startswith("openapi: 3.1.0")
    assert text == COMMITTED.read_text(), (
        "the API differs from docs/openapi.yaml: if you mean it, run manage.py spectacular --file docs/openapi.yaml"
    )


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in yaml.safe_load(COMMITTED.read_text())["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_every_operation_tells_its_problems_and_who_may_ask() -> None:
    parts = yaml.safe_load(COMMITTED.read_text())["components"]
    assert parts["securitySchemes"]["token"]["scheme"] == "bearer"
    assert set(parts["securitySchemes"]) == {"token", "cookieAuth"}
    scopes = set()
    for name, operation in operations():
        assert {"400", "401", "403", "404", "429", "default"} <= set(operation["responses"]), name
        ways = {way: needs for one in operation["security"] for way, needs in one.items()}
        assert set(ways) == {"token", "cookieAuth"}, name
        scopes |= set(ways["token"])
    # contacts are no operation of their own
    assert scopes | {Scope.READ_CONTACTS} == set(Scope)
    content = parts["responses"]["Problem400"]["content"]
    assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_every_operation_shows_what_it_takes_and_answers() -> None:
    schemas = yaml.safe_load(COMMITTED.read_text())["components"]["schemas"]

    def shows(content: dict[str, Any]) -> bool:
        if "examples" in content:
            return True
        schema = content["schema"]
        name = (schema.get("items") or schema)["$ref"].rpartition("/")[2]
        rows = schemas[name].get("properties", {}).get("results", {}).get("items", {}).get("$ref", name)
        return "examples" in schemas[rows.rpartition("/")[2]]

    for name, operation in operations():
        answers = [answer for status, answer in operation["responses"].items() if status in ("200", "201")]
        for told in (*answers, operation.get("requestBody", {})):
            content = told.get("content", {}).get("application/json")
            assert content is None or shows(content), name


def test_examples_of_rows_have_the_fields_that_rows_have() -> None:
    schemas = yaml.safe_load(COMMITTED.read_text())["components"]["schemas"]
    with_examples = {name: schema for name, schema in schemas.items() if "examples" in schema}
    assert {"Enterprise", "Target"} <= with_examples.keys()
    # what comes along only where it is asked for
    along = {"designations", "annual_figures", "holder"}
    for name, schema in with_examples.items():
        (example,) = schema["examples"]
        assert set(example) == set(schema["properties"]) - along, name


def test_no_field_is_promised_where_a_request_may_leave_it_out() -> None:
    schemas = yaml.safe_load(COMMITTED.read_text())["components"]["schemas"]
    # what comes with every answer of its kind is promised all the same
    assert "required" in schemas["Membership"]
    partial = {
        name for name, schema in schemas.items() if "properties" in schema and "required" not in schema
    }
    assert {"Enterprise", "Designation", "Statistic", "District", "Target", "Quota", "Publication"} <= partial


@pytest.mark.django_db
def test_a_problem_has_the_members_that_the_schema_promises(brain: Get) -> None:
    promised = yaml.safe_load(COMMITTED.read_text())["components"]["schemas"]["Problem"]
    problem = brain("enterprises/", status=400, distrct="1")
    assert set(problem) == set(promised["properties"]) == set(promised["required"])
    assert set(problem["errors"][0]) == set(promised["properties"]["errors"]["items"]["required"])
    assert problem["code"] in promised["properties"]["code"]["enum"]


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
    client = brain.client  # type: ignore[attr-defined]
    page = client.get(reverse("api-docs")).content.decode()
    assert "//" not in re.sub(r"<!--.*?-->", "", page), "something is loaded from another host"
    # a strict content policy is possible: no script and no style within the page
    assert "<style" not in page
    assert " style=" not in page
    assert all(" src=" in script for script in re.findall("<script[^>]*>", page))
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(files) == 4
    assert all(finders.find(name) for name in files), "not all of it is among our static files"
    script = client.get(reverse("api-docs") + "?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert reverse("api-schema") in script.content.decode().replace("\\u002D", "-")
